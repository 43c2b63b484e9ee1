"""The Responses API, answered by a provider who has it, and by two who do not."""

import json

import openai
import pydantic
import pytest

import recorded as thinker
import world

TRANSLATED = ["by-chat", "chat-anthropic"]
MODELS = ["chat-openai", *TRANSLATED]
TOOL_MODELS = ["tools-openai", "tools-by-chat", "tools-anthropic"]


def tool(name, *fields):
    properties = {field: {"type": "string"} for field in fields}
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(fields),
        "additionalProperties": False,
    }
    return {"type": "function", "name": name, "parameters": schema, "strict": True}


TOOLS = [tool("get_weather", "city", "unit"), tool("get_time", "city")]


@pytest.mark.parametrize("model", MODELS)
def test_a_response_has_text_usage_and_all_that_its_type_demands(client, model):
    response = client.responses.create(
        model=model, instructions="You are a horse.", input="Where to?", user="horse-7"
    )

    assert response.output_text == world.TEXT
    assert (response.object, response.status) == ("response", "completed")
    assert response.error is None and response.incomplete_details is None
    assert response.usage.input_tokens == world.USAGE["input"]
    assert response.usage.output_tokens == world.USAGE["output"]
    assert response.usage.total_tokens == sum(world.USAGE.values())
    assert response.instructions == "You are a horse."
    if model in TRANSLATED:
        assert (response.user, response.store) == ("horse-7", False)
    # Not only as far as it is looked at: the SDK builds without looking.
    strictly(response)


@pytest.mark.parametrize("model", MODELS)
def test_a_stream_tells_each_item_from_its_start_to_its_end(client, model):
    stream = client.responses.create(model=model, input="Where to?", stream=True)
    events = list(stream)

    assert [event.sequence_number for event in events] == list(range(len(events)))
    types = [event.type.removeprefix("response.") for event in events]
    deltas = types.count("output_text.delta")
    assert deltas > 1
    assert types == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        *["output_text.delta"] * deltas,
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    pieces = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(pieces) == world.TEXT
    last = events[-1].response
    assert last.output_text == world.TEXT
    assert last.usage.total_tokens == sum(world.USAGE.values())
    assert len({events[0].response.id, last.id}) == 1
    for event in events:
        strictly(event)


@pytest.mark.parametrize("model", MODELS)
def test_the_helper_that_puts_a_stream_together_is_content(client, model):
    with client.responses.stream(model=model, input="Where to?") as stream:
        seen = [event.type for event in stream]
        response = stream.get_final_response()

    assert response.output_text == world.TEXT
    assert seen[-1] == "response.completed"


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("model", TOOL_MODELS)
def test_a_conversation_without_names_of_items_calls_tools(client, model, streamed):
    """As agents have it: what was answered is sent again, with the results."""
    items = [{"role": "user", "content": "What is it like in Aintree?"}]

    response = ask(client, streamed, model=model, input=items, tools=TOOLS)
    calls = [item for item in response.output if item.type == "function_call"]
    made = [{"name": c.name, "arguments": json.loads(c.arguments)} for c in calls]
    assert made == world.CALLS
    assert len({call.call_id for call in calls}) == len(calls)

    items += [item.model_dump(exclude={"id", "status"}, exclude_none=True) for item in response.output]
    for call in calls:
        output = json.dumps({"of": call.name})
        items.append({"type": "function_call_output", "call_id": call.call_id, "output": output})
    response = ask(client, streamed, model=model, input=items, tools=TOOLS)
    assert response.output_text == world.TOOL_TEXT
    assert {item.type for item in response.output} == {"message"}


def ask(client, streamed, **call):
    if not streamed:
        return client.responses.create(**call)
    *_, last = client.responses.create(stream=True, **call)
    assert last.type == "response.completed"
    return last.response


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("model", ["thinks-by-chat", "thinks-anthropic"])
def test_thoughts_are_an_item_that_can_be_sent_back(client, recorded, model, streamed):
    call = {"model": model, "reasoning": {"effort": "low", "summary": "auto"}, "store": False}
    call["include"] = ["reasoning.encrypted_content"]
    items = [{"role": "user", "content": "How is the hedge?"}]

    response = ask(client, streamed, input=items, **call)
    thought, message = response.output
    assert [part.text for part in thought.summary] == [thinker.THOUGHT]
    assert message.content[0].text == thinker.TEXT
    usage = response.usage
    assert usage.input_tokens == thinker.USAGE["input"]
    assert usage.input_tokens_details.cached_tokens == thinker.USAGE["cached"]
    assert usage.output_tokens == thinker.USAGE["output"]
    assert usage.output_tokens_details.reasoning_tokens == thinker.USAGE["reasoning"]

    # Agents leave out the names of the items.
    items += [item.model_dump(exclude={"id", "status"}, exclude_none=True) for item in response.output]
    items.append({"role": "user", "content": "And now?"})
    ask(client, streamed, input=items, **call)
    said = recorded.requests[-1]["body"]["messages"][1]
    if model == "thinks-anthropic":
        assert said["content"][0] == {
            "type": "thinking",
            "thinking": thinker.THOUGHT,
            "signature": thinker.SEAL,
        }
    else:
        assert thought.encrypted_content is None, "nobody has sealed it"
        assert said["content"] == thinker.TEXT


class Place(pydantic.BaseModel):
    country: str
    rain: bool


@pytest.mark.parametrize("model", ["json-by-chat", "json-anthropic"])
def test_an_answer_that_conforms_to_a_schema_is_parsed(client, sims, model):
    response = client.responses.parse(model=model, input="Where is Bergen?", text_format=Place)

    assert response.output_parsed == Place(**world.PLACE)
    assert response.text.format.type == "json_schema"


@pytest.mark.parametrize("model", TRANSLATED)
def test_a_limit_of_tokens_makes_a_response_incomplete(client, model):
    response = client.responses.create(model=model, input="Where to?", max_output_tokens=2)

    assert response.status == "incomplete"
    assert response.incomplete_details.reason == "max_output_tokens"
    assert response.output_text.split() == world.TEXT.split()[:2]
    *_, last = client.responses.create(
        model=model, input="Where to?", max_output_tokens=2, stream=True
    )
    assert last.type == "response.incomplete"
    assert last.response.incomplete_details.reason == "max_output_tokens"


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"background": True}, "background"),
        ({"tools": [{"type": "file_search", "vector_store_ids": ["vs"]}]}, "tools[0].type"),
    ],
    ids=["response", "conversation", "background", "tool"],
)
@pytest.mark.parametrize("model", TRANSLATED)
def test_what_only_openai_keeps_or_runs_is_refused_by_its_name(client, model, more, param):
    with pytest.raises(openai.BadRequestError) as raised:
        client.responses.create(model=model, input="Where to?", **more)

    assert (raised.value.param, raised.value.code) == (param, "unsupported_parameter")


@pytest.mark.parametrize("model", ["short-openai", "short-by-chat", "short-anthropic"])
def test_a_prompt_that_is_too_long_is_told_as_openai_tells_it(client, model):
    with pytest.raises(openai.BadRequestError) as raised:
        client.responses.create(model=model, input="Where to?")

    assert raised.value.code == "context_length_exceeded"


@pytest.mark.parametrize("model", ["cut-openai", "cut-by-chat", "cut-anthropic"])
def test_a_stream_that_breaks_off_raises_and_never_looks_finished(client, model):
    seen = []
    with pytest.raises(openai.APIError) as raised:
        for event in client.responses.create(model=model, input="Where to?", stream=True):
            seen.append(event.type)

    # In the stream itself, and not by closing the connection.
    assert type(raised.value) is openai.APIError
    assert "response.output_text.delta" in seen
    assert "response.completed" not in seen


def test_an_error_after_200_ok_gives_one_clean_stream_from_the_next(client):
    events = list(
        client.responses.create(model="fails-late-responses", input="Where to?", stream=True)
    )

    assert [event.type for event in events].count("response.created") == 1
    assert events[-1].response.output_text == world.TEXT


def strictly(value):
    """Has pydantic check what the SDK has taken on trust."""
    type(value).model_validate(json.loads(value.model_dump_json(by_alias=True)), strict=False)
