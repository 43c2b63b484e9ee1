"""What there is beside chat."""

import math

import pytest

import world


def test_embeddings_arrive_in_the_encoding_that_the_sdk_asks_for(client, sims):
    answer = client.embeddings.create(model="embedding", input=["a horse", "a hedge"])

    # The SDK asks for base64 by itself, and decodes it.
    assert sims.requests("openai")[-1]["body"]["encoding_format"] == "base64"
    assert [item.index for item in answer.data] == [0, 1]
    for item in answer.data:
        assert math.hypot(*item.embedding) == pytest.approx(1, abs=1e-5)
    assert answer.data[0].embedding != answer.data[1].embedding
    assert answer.usage.prompt_tokens > 0


def test_embeddings_can_be_plain_numbers(client):
    plain = client.embeddings.create(model="embedding", input="a horse", encoding_format="float")
    packed = client.embeddings.create(model="embedding", input="a horse")

    assert plain.data[0].embedding == pytest.approx(packed.data[0].embedding, abs=1e-6)


def test_the_models_are_those_of_the_configuration(client):
    assert {model.id for model in client.models.list()} == set(world.models())
