"""What goes wrong upstream, and what the caller sees of it: if possible, nothing."""

from concurrent.futures import ThreadPoolExecutor

import openai
import pytest

import world
from harness import PATIENCE

MESSAGES = [{"role": "user", "content": "Where to?"}]


def ask(client, model, **more):
    return client.chat.completions.create(model=model, messages=MESSAGES, **more)


def ask_raw(client, model, **more):
    raw = client.chat.completions.with_raw_response
    return raw.create(model=model, messages=MESSAGES, **more)


def text(stream):
    chunks = [choice.delta.content for chunk in stream for choice in chunk.choices]
    return "".join(piece for piece in chunks if piece)


def test_a_provider_that_fails_twice_is_tried_a_third_time(client, sims):
    raw = ask_raw(client, "flaky")

    assert raw.parse().choices[0].message.content == world.TEXT
    assert raw.headers["x-litellm-attempted-retries"] == "2"
    counts = sims.counts("flaky")
    assert (counts["failed"], counts["completed"]) == (2, 1)


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_an_error_after_200_ok_gives_one_clean_stream_from_the_next(client, sims, dialect):
    chunks = list(ask(client, f"fails-late-{dialect}", stream=True))

    choices = [choice for chunk in chunks for choice in chunk.choices]
    assert [c.delta.role for c in choices if c.delta.role] == ["assistant"]
    assert "".join(c.delta.content or "" for c in choices) == world.TEXT
    assert [c.finish_reason for c in choices if c.finish_reason] == ["stop"]
    assert len({chunk.id for chunk in chunks}) == 1, "nothing is left of the first stream"
    first, second = sims.requests(f"fails_late_{dialect}")
    assert first["path"] != second["path"], "the next attempt is at another deployment"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_model_that_is_down_is_replaced_by_its_fallback(client, stream):
    raw = ask_raw(client, "primary", stream=stream)

    answer = raw.parse()
    content = text(answer) if stream else answer.choices[0].message.content
    assert content == world.TEXT
    assert raw.headers["x-litellm-attempted-fallbacks"] == "1"


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_a_stream_that_breaks_off_after_content_raises_and_never_looks_finished(client, dialect):
    seen = []
    with pytest.raises(openai.APIError) as raised:
        for chunk in ask(client, f"cut-{dialect}", stream=True):
            seen += chunk.choices

    # In the stream itself, and not by closing the connection.
    assert type(raised.value) is openai.APIError
    content = "".join(choice.delta.content or "" for choice in seen)
    assert content and world.TEXT.startswith(content)
    assert [choice.finish_reason for choice in seen if choice.finish_reason] == []


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_in_a_race_the_first_answer_wins_and_the_other_call_is_cancelled(client, sims, stream):
    before = {name: sims.counts(name)["started"] for name in ["slow", "quick"]}
    cancelled = sims.counts("slow")["cancelled"]
    body = {"fastest_response": True}
    with ThreadPoolExecutor() as threads:
        asked = threads.submit(ask_raw, client, "slow, quick", stream=stream, extra_body=body)
        for name, count in before.items():
            sims.wait(name, started=count + 1)
        # Both have the call now.
        sims.release("quick")
        raw = asked.result(PATIENCE)

    answer = raw.parse()
    content = text(answer) if stream else answer.choices[0].message.content
    assert content == world.TEXT
    assert raw.headers["x-litellm-fastest_response_batch_completion"] == "true"
    sims.wait("slow", cancelled=cancelled + 1)


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_a_caller_who_leaves_a_stream_cancels_the_call_upstream(client, sims, dialect):
    stream = ask(client, f"endless-{dialect}", stream=True)
    chunks = iter(stream)
    while not any(choice.delta.content for choice in next(chunks).choices):
        pass
    assert sims.counts(f"endless_{dialect}")["in_flight"] == 1
    stream.close()

    counts = sims.wait(f"endless_{dialect}", cancelled=1)
    assert counts["in_flight"] == 0
