"""Documents in the order of their relevance, as Cohere's SDK asks for it."""

import cohere
import pytest

import world
from harness import PATIENCE

DOCUMENTS = ["A hedge is high.", "A horse jumps over a hedge.", "It rains in Aintree."]


@pytest.fixture(scope="module")
def ranker(gateway):
    return cohere.ClientV2(api_key=world.MASTER_KEY, base_url=gateway.url, timeout=PATIENCE)


def test_documents_are_ranked(ranker, sims):
    answer = ranker.rerank(model="rerank", query="Who jumps?", documents=DOCUMENTS, top_n=2)

    scores = [result.relevance_score for result in answer.results]
    assert len(scores) == 2 and scores == sorted(scores, reverse=True)
    assert {result.index for result in answer.results} < set(range(len(DOCUMENTS)))
    assert answer.meta.billed_units.search_units == 1
    [request] = sims.requests("rerank")
    assert request["path"] == "/v2/rerank"
    assert request["body"] == {
        "model": "rerank-v3.5",
        "query": "Who jumps?",
        "documents": DOCUMENTS,
        "top_n": 2,
    }


def test_a_wrong_key_and_an_unknown_model_are_told_as_cohere_tells_them(gateway, ranker):
    stranger = cohere.ClientV2(api_key="sk-wrong", base_url=gateway.url, timeout=PATIENCE)
    with pytest.raises(cohere.errors.UnauthorizedError):
        stranger.rerank(model="rerank", query="Who jumps?", documents=DOCUMENTS)
    with pytest.raises(cohere.errors.NotFoundError):
        ranker.rerank(model="no-such-model", query="Who jumps?", documents=DOCUMENTS)
