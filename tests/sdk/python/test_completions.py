"""The old completions, answered by providers who only chat."""

import openai
import pytest

import world

MODELS = ["chat-openai", "chat-anthropic"]


@pytest.mark.parametrize("model", MODELS)
def test_a_prompt_goes_on(client, model):
    answer = client.completions.create(model=model, prompt="Where to? ", max_tokens=64)

    assert answer.object == "text_completion"
    [choice] = answer.choices
    assert (choice.text, choice.index, choice.finish_reason) == (world.TEXT, 0, "stop")
    assert answer.usage.prompt_tokens == world.USAGE["input"]
    assert answer.usage.completion_tokens == world.USAGE["output"]


@pytest.mark.parametrize("model", MODELS)
def test_a_prompt_goes_on_piece_by_piece(client, model):
    stream = client.completions.create(
        model=model,
        prompt=["Where to? "],
        echo=True,
        stream=True,
        stream_options={"include_usage": True},
    )
    *chunks, last = list(stream)

    texts = [choice.text for chunk in chunks for choice in chunk.choices]
    assert len(texts) > 3
    assert "".join(texts) == "Where to? " + world.TEXT
    reasons = [choice.finish_reason for chunk in chunks for choice in chunk.choices]
    assert [reason for reason in reasons if reason] == ["stop"]
    assert last.choices == []
    assert last.usage.total_tokens == sum(world.USAGE.values())


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"prompt": ["a", "b"]}, "prompt"),
        ({"prompt": [1, 2, 3]}, "prompt"),
        ({"prompt": "a", "suffix": "b"}, "suffix"),
        ({"prompt": "a", "best_of": 2}, "best_of"),
    ],
    ids=["prompts", "tokens", "suffix", "best_of"],
)
def test_what_a_chat_has_no_place_for_is_refused_by_its_name(client, more, param):
    with pytest.raises(openai.BadRequestError) as raised:
        client.completions.create(model="chat-anthropic", **more)

    assert (raised.value.param, raised.value.code) == (param, "unsupported_parameter")
