"""Messages, as Anthropic's SDK sends and reads them, whichever dialect the provider speaks."""

import json
import urllib.error
import urllib.request

import anthropic
import pytest

import recorded as thinker
import world

MODELS = ["chat-openai", "chat-anthropic"]
MESSAGES = [{"role": "user", "content": "Where to?"}]


def tool(name, *fields):
    properties = {field: {"type": "string"} for field in fields}
    schema = {"type": "object", "properties": properties, "required": list(fields)}
    return {"name": name, "description": f"Says {name}.", "input_schema": schema}


TOOLS = [tool("get_weather", "city", "unit"), tool("get_time", "city")]


def ask(claude, model, **more):
    fields = {"max_tokens": 100, "messages": MESSAGES} | more
    return claude.messages.create(model=model, **fields)


@pytest.mark.parametrize("model", MODELS)
def test_a_whole_answer_has_text_a_reason_and_usage(claude, model):
    message = ask(claude, model, system="You are a horse.")

    assert (message.type, message.role) == ("message", "assistant")
    assert message.id.startswith("msg_")
    [block] = message.content
    assert (block.type, block.text) == ("text", world.TEXT)
    assert (message.stop_reason, message.stop_sequence) == ("end_turn", None)
    assert message.usage.input_tokens == world.USAGE["input"]
    assert message.usage.output_tokens == world.USAGE["output"]


@pytest.mark.parametrize("model", MODELS)
def test_a_stream_is_put_together_by_the_sdk(claude, model):
    with claude.messages.stream(model=model, max_tokens=100, messages=MESSAGES) as stream:
        pieces = list(stream.text_stream)
        message = stream.get_final_message()

    assert len(pieces) > 1
    assert "".join(pieces) == world.TEXT
    assert [block.text for block in message.content] == [world.TEXT]
    assert message.stop_reason == "end_turn"
    assert message.usage.input_tokens == world.USAGE["input"]
    assert message.usage.output_tokens == world.USAGE["output"]


@pytest.mark.parametrize("model", MODELS)
def test_the_events_of_a_stream_are_in_order(claude, model):
    events = list(ask(claude, model, stream=True))

    kinds = [event.type for event in events]
    assert kinds[:2] == ["message_start", "content_block_start"]
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert set(kinds[2:-3]) == {"content_block_delta"}
    assert {event.index for event in events if hasattr(event, "index")} == {0}


@pytest.mark.parametrize(("model", "sim"), list(zip(MODELS, ["openai", "anthropic"])))
def test_a_system_text_in_blocks_and_a_picture_get_to_the_provider(claude, sims, model, sim):
    system = [
        {"type": "text", "text": "One."},
        {"type": "text", "text": "Two.", "cache_control": {"type": "ephemeral"}},
    ]
    source = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    content = [{"type": "image", "source": source}, {"type": "text", "text": "What is it?"}]
    message = ask(
        claude,
        model,
        system=system,
        messages=[{"role": "user", "content": content}],
        stop_sequences=["END"],
    )

    assert message.content[0].text == world.TEXT
    request = sims.requests(sim)[-1]
    assert world.MASTER_KEY not in " ".join(request["headers"].values())
    body = request["body"]
    if sim == "anthropic":
        assert body["model"] == "claude-sim"
        assert (body["system"], body["messages"][0]["content"]) == (system, content)
        assert body["stop_sequences"] == ["END"]
    else:
        first, user = body["messages"]
        assert [part["text"] for part in first["content"]] == ["One.", "Two."]
        url = user["content"][0]["image_url"]["url"]
        assert url == "data:image/png;base64,iVBORw0KGgo="
        assert body["stop"] == ["END"]


@pytest.mark.parametrize("model", MODELS)
def test_a_limit_of_tokens_is_kept_and_said(claude, model):
    message = ask(claude, model, max_tokens=2)

    assert message.content[0].text.split() == world.TEXT.split()[:2]
    assert message.stop_reason == "max_tokens"


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("model", ["tools-openai", "tools-anthropic"])
def test_a_conversation_of_three_turns_calls_tools_in_parallel(claude, model, streamed):
    def turn(messages):
        fields = {"model": model, "max_tokens": 500, "tools": TOOLS, "messages": messages}
        if not streamed:
            return claude.messages.create(**fields)
        with claude.messages.stream(**fields) as stream:
            partial = [event.partial_json for event in stream if event.type == "input_json"]
            message = stream.get_final_message()
        calls = [block for block in message.content if block.type == "tool_use"]
        assert len(partial) > len(calls) or not calls, "arguments come as they are made"
        return message

    messages = [{"role": "user", "content": "What is it like in Aintree?"}]
    message = turn(messages)
    calls = check_calls(message)

    results = [
        {
            "type": "tool_result",
            "tool_use_id": call.id,
            "content": [{"type": "text", "text": json.dumps({"of": call.name})}],
        }
        for call in calls
    ]
    messages += [
        {"role": "assistant", "content": message.content},
        {"role": "user", "content": results},
    ]
    message = turn(messages)
    assert message.stop_reason == "end_turn"
    assert [block.text for block in message.content] == [world.TOOL_TEXT]

    messages += [
        {"role": "assistant", "content": message.content},
        {"role": "user", "content": "And now?"},
    ]
    check_calls(turn(messages))


def check_calls(message):
    assert message.stop_reason == "tool_use"
    calls = [block for block in message.content if block.type == "tool_use"]
    assert len({call.id for call in calls}) == len(calls)
    made = [{"name": call.name, "arguments": call.input} for call in calls]
    assert made == world.CALLS
    return calls


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("model", ["thinks-openai", "thinks-anthropic"])
def test_thoughts_come_before_words(claude, recorded, model, streamed):
    fields = {
        "model": model,
        "max_tokens": 500,
        "messages": MESSAGES,
        "thinking": {"type": "adaptive"},
        "output_config": {"effort": "low"},
        "extra_headers": {"anthropic-beta": "some-beta-1"},
    }
    if streamed:
        with claude.messages.stream(**fields) as stream:
            thoughts = [event.thinking for event in stream if event.type == "thinking"]
            message = stream.get_final_message()
        assert "".join(thoughts) == thinker.THOUGHT and len(thoughts) > 1
    else:
        message = claude.messages.create(**fields)

    thought, words = message.content
    assert (thought.type, thought.thinking) == ("thinking", thinker.THOUGHT)
    assert (words.type, words.text) == ("text", thinker.TEXT)
    fresh = thinker.USAGE["input"] - thinker.USAGE["cached"]
    assert message.usage.input_tokens == fresh
    assert message.usage.cache_read_input_tokens == thinker.USAGE["cached"]
    assert message.usage.output_tokens == thinker.USAGE["output"]

    request = recorded.requests[-1]
    headers = {name.lower(): value for name, value in request["headers"].items()}
    if model == "thinks-anthropic":
        assert thought.signature == thinker.SEAL
        assert request["body"]["thinking"] == {"type": "adaptive"}
        assert headers["anthropic-beta"] == "some-beta-1"
    else:
        assert thought.signature == "", "nobody has sealed it"
        assert request["body"]["reasoning_effort"] == "low"
        assert "anthropic-beta" not in headers


@pytest.mark.parametrize("model", ["thinks-openai", "thinks-anthropic"])
def test_thoughts_can_be_sent_back(claude, recorded, model):
    message = ask(claude, model)
    messages = [*MESSAGES, {"role": "assistant", "content": message.content}, *MESSAGES]
    ask(claude, model, messages=messages)

    said = recorded.requests[-1]["body"]["messages"][1]
    if model == "thinks-anthropic":
        assert said["content"][0] == {
            "type": "thinking",
            "thinking": thinker.THOUGHT,
            "signature": thinker.SEAL,
        }
    else:
        assert said == {"role": "assistant", "content": thinker.TEXT}


def test_the_name_of_the_request_is_that_of_the_provider(claude):
    assert ask(claude, "thinks-anthropic")._request_id == "req_rec"


def test_tokens_are_counted_by_the_provider_or_else_by_the_gateway(claude, sims):
    count = claude.messages.count_tokens(model="chat-anthropic", messages=MESSAGES)
    assert count.input_tokens > 0
    assert sims.requests("anthropic")[-1]["path"].endswith("/messages/count_tokens")

    raw = claude.messages.with_raw_response.count_tokens(
        model="chat-openai", messages=MESSAGES
    )
    assert raw.parse().input_tokens > 0
    assert raw.headers["x-steeplechase-tokens"].startswith(str(raw.parse().input_tokens))


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_wrong_key_is_an_authentication_error(claude, stream):
    with pytest.raises(anthropic.AuthenticationError) as raised:
        ask(claude.with_options(api_key="sk-wrong"), "chat-openai", stream=stream)

    assert raised.value.type == "authentication_error"
    assert "sk-wrong" not in str(raised.value)


def test_a_key_may_be_a_bearers(gateway):
    with anthropic.Anthropic(
        base_url=gateway.url, auth_token=world.MASTER_KEY, max_retries=0
    ) as claude:
        assert ask(claude, "chat-openai").content[0].text == world.TEXT


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_an_unknown_model_is_not_found(claude, stream):
    with pytest.raises(anthropic.NotFoundError) as raised:
        ask(claude, "no-such-model", stream=stream)

    assert raised.value.type == "not_found_error"
    assert "no-such-model" in raised.value.api_message


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("model", ["short-openai", "short-anthropic"])
def test_a_prompt_that_is_too_long_is_told_in_the_words_for_it(claude, model, stream):
    with pytest.raises(anthropic.BadRequestError) as raised:
        ask(claude, model, stream=stream)

    assert raised.value.type == "invalid_request_error"
    assert "prompt is too long" in raised.value.api_message


def test_what_is_wrong_with_a_call_is_named(claude):
    image = {"type": "image", "source": {"type": "carrier-pigeon"}}
    with pytest.raises(anthropic.BadRequestError) as raised:
        ask(claude, "chat-openai", messages=[{"role": "user", "content": [image]}])

    assert "messages[0].content[0].source.type" in raised.value.api_message


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_an_error_after_200_ok_gives_one_clean_stream_from_the_next(claude, sims, dialect):
    model = f"late-{dialect}"
    with claude.messages.stream(model=model, max_tokens=100, messages=MESSAGES) as stream:
        message = stream.get_final_message()

    assert [block.text for block in message.content] == [world.TEXT]
    assert len(sims.requests(f"late_{dialect}")) == 2


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_a_stream_that_breaks_off_after_content_raises_and_never_looks_finished(claude, dialect):
    seen = []
    with pytest.raises(anthropic.APIStatusError) as raised:
        for event in ask(claude, f"cut-{dialect}", stream=True):
            seen.append(event)

    assert raised.value.type == "api_error"
    words = "".join(e.delta.text for e in seen if e.type == "content_block_delta")
    assert words and world.TEXT.startswith(words)
    assert "message_stop" not in [event.type for event in seen]


def test_fallback_goes_from_one_dialect_to_the_other(claude):
    message = ask(claude, "primary")

    assert message.content[0].text == world.TEXT


def test_the_models_are_those_of_the_configuration(claude):
    assert [model.id for model in claude.models.list()] == world.models()
    model = claude.models.retrieve("chat-openai")
    assert (model.type, model.id, model.display_name) == ("model", "chat-openai", "chat-openai")
    with pytest.raises(anthropic.NotFoundError) as raised:
        claude.models.retrieve("no-such-model")
    assert raised.value.type == "not_found_error"


def test_errors_before_the_call_have_the_shape_too(gateway):
    request = urllib.request.Request(
        gateway.url + "/v1/messages",
        data=b"{}",
        headers={"x-api-key": world.MASTER_KEY, "content-type": "application/json"},
    )
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(request)

    body = json.load(raised.value)
    assert raised.value.code == 400
    assert (body["type"], body["error"]["type"]) == ("error", "invalid_request_error")
    assert "model" in body["error"]["message"]
