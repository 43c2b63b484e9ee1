"""Chat completions, whole and streamed, whichever dialect the provider speaks."""

import base64

import pytest

import world

MODELS = ["chat-openai", "chat-anthropic"]
MESSAGES = [
    {"role": "system", "content": "You are a horse."},
    {"role": "user", "content": "Where to?"},
]

# One pixel.
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)


@pytest.mark.parametrize("model", MODELS)
def test_a_whole_answer_has_text_finish_reason_and_usage(client, model):
    answer = client.chat.completions.create(model=model, messages=MESSAGES)

    assert answer.object == "chat.completion"
    [choice] = answer.choices
    assert choice.message.role == "assistant"
    assert choice.message.content == world.TEXT
    assert choice.finish_reason == "stop"
    assert answer.usage.prompt_tokens == world.USAGE["input"]
    assert answer.usage.completion_tokens == world.USAGE["output"]
    assert answer.usage.total_tokens == sum(world.USAGE.values())


@pytest.mark.parametrize("model", MODELS)
def test_a_stream_has_one_role_the_text_in_pieces_and_one_finish_reason(client, model):
    stream = client.chat.completions.create(model=model, messages=MESSAGES, stream=True)
    chunks = list(stream)

    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk.id for chunk in chunks}) == 1
    choices = [choice for chunk in chunks for choice in chunk.choices]
    assert [c.delta.role for c in choices if c.delta.role] == ["assistant"]
    pieces = [c.delta.content for c in choices if c.delta.content]
    assert len(pieces) > 1
    assert "".join(pieces) == world.TEXT
    assert [c.finish_reason for c in choices if c.finish_reason] == ["stop"]
    assert all(chunk.usage is None for chunk in chunks), "nobody asked for usage"


@pytest.mark.parametrize("model", MODELS)
def test_a_stream_ends_with_the_usage_if_asked_for(client, model):
    stream = client.chat.completions.create(
        model=model,
        messages=MESSAGES,
        stream=True,
        stream_options={"include_usage": True},
    )
    *others, last = list(stream)

    assert last.choices == []
    assert last.usage.prompt_tokens == world.USAGE["input"]
    assert last.usage.completion_tokens == world.USAGE["output"]
    assert last.usage.total_tokens == sum(world.USAGE.values())
    assert all(chunk.usage is None for chunk in others)
    assert all(chunk.choices for chunk in others)


@pytest.mark.parametrize("model", MODELS)
def test_a_limit_of_tokens_is_kept_and_said(client, model):
    answer = client.chat.completions.create(model=model, messages=MESSAGES, max_tokens=2)

    assert answer.choices[0].message.content.split() == world.TEXT.split()[:2]
    assert answer.choices[0].finish_reason == "length"


@pytest.mark.parametrize(("model", "sim"), list(zip(MODELS, ["openai", "anthropic"])))
def test_the_provider_gets_its_own_model_and_key_and_not_the_callers(client, sims, model, sim):
    client.chat.completions.create(model=model, messages=MESSAGES)

    request = sims.requests(sim)[-1]
    assert request["body"]["model"] in ("gpt-sim", "claude-sim")
    assert world.MASTER_KEY not in " ".join(request["headers"].values())


def test_an_image_gets_to_a_provider_that_has_another_form_for_it(client, sims):
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    content = [{"type": "text", "text": "What is this?"}, image]
    answer = client.chat.completions.create(
        model="chat-anthropic", messages=[{"role": "user", "content": content}]
    )

    assert answer.choices[0].message.content == world.TEXT
    [message] = sims.requests("anthropic")[-1]["body"]["messages"]
    text, image = message["content"]
    assert text["text"] == "What is this?"
    assert image["type"] == "image"
    assert image["source"]["type"] == "base64"
    assert image["source"]["media_type"] == "image/png"
    assert base64.b64decode(image["source"]["data"]) == base64.b64decode(PNG)
