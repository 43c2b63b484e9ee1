"""Tools: two calls at once, their results, and more calls, as an agent has them."""

import json

import pytest

import world


def tool(name, *fields):
    properties = {field: {"type": "string"} for field in fields}
    schema = {"type": "object", "properties": properties, "required": list(fields)}
    return {"type": "function", "function": {"name": name, "parameters": schema}}


TOOLS = [tool("get_weather", "city", "unit"), tool("get_time", "city")]


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("model", ["tools-openai", "tools-anthropic"])
def test_a_conversation_of_three_turns_calls_tools_in_parallel(client, model, streamed):
    ask = ask_for_stream if streamed else ask_for_whole
    messages = [{"role": "user", "content": "What is it like in Aintree?"}]

    message, finish = ask(client, model, messages)
    assert finish == "tool_calls"
    assert not message.get("content")
    check_calls(message)

    messages.append(message)
    for call in message["tool_calls"]:
        result = json.dumps({"of": call["function"]["name"]})
        messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
    message, finish = ask(client, model, messages)
    assert finish == "stop"
    assert message["content"] == world.TOOL_TEXT
    assert not message.get("tool_calls")

    messages += [message, {"role": "user", "content": "And now?"}]
    message, finish = ask(client, model, messages)
    assert finish == "tool_calls"
    check_calls(message)


def check_calls(message):
    calls = message["tool_calls"]
    assert len({call["id"] for call in calls}) == len(calls)
    assert {call["type"] for call in calls} == {"function"}
    functions = [call["function"] for call in calls]
    made = [{"name": f["name"], "arguments": json.loads(f["arguments"])} for f in functions]
    assert made == world.CALLS


def ask_for_whole(client, model, messages):
    answer = client.chat.completions.create(model=model, messages=messages, tools=TOOLS)
    [choice] = answer.choices
    return choice.message.model_dump(exclude_none=True), choice.finish_reason


def ask_for_stream(client, model, messages):
    """Puts the message together again as the SDK's documentation says."""
    stream = client.chat.completions.create(
        model=model, messages=messages, tools=TOOLS, stream=True
    )
    content, calls, fragments, finish = "", {}, {}, []
    for chunk in stream:
        for choice in chunk.choices:
            content += choice.delta.content or ""
            finish += [choice.finish_reason] if choice.finish_reason else []
            for part in choice.delta.tool_calls or []:
                if part.id:
                    assert part.index not in calls, "a call starts once"
                    function = {"name": part.function.name, "arguments": ""}
                    calls[part.index] = {"id": part.id, "type": "function", "function": function}
                if part.function.arguments:
                    calls[part.index]["function"]["arguments"] += part.function.arguments
                    fragments[part.index] = fragments.get(part.index, 0) + 1

    assert list(calls) == list(range(len(calls))), "calls are numbered from 0"
    assert all(fragments[index] > 1 for index in calls), "arguments come as they are made"
    [finish] = finish
    message = {"role": "assistant"}
    if content:
        message["content"] = content
    if calls:
        message["tool_calls"] = list(calls.values())
    return message, finish
