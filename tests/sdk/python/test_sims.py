"""The simulated providers are no strawmen: the providers' own SDKs get along with them."""

import json
import os

import boto3
import botocore.config
import botocore.exceptions
import cohere
import pytest
from google import genai
from google.genai import types

import world
from harness import PATIENCE, SimServer
from upstreams import AWS, KEY

_SCRIPT = [{"tool_calls": world.CALLS}, {"text": world.TEXT}, {"text": world.TEXT}]
SIMS = {
    name: admits | {"script": [step | {"usage": world.USAGE} for step in _SCRIPT]}
    for name, admits in {
        "gemini": {"key": KEY},
        "bedrock": {"aws": AWS},
        "cohere": {"key": KEY},
    }.items()
}
QUESTION = "What is it like in Aintree?"
RESULTS = [{"of": call["name"]} for call in world.CALLS]
FIELDS = {call["name"]: list(call["arguments"]) for call in world.CALLS}
SCHEMAS = {
    name: {
        "type": "object",
        "properties": {field: {"type": "string"} for field in fields},
        "required": fields,
    }
    for name, fields in FIELDS.items()
}


@pytest.fixture(scope="module")
def providers():
    server = SimServer(os.environ["SIM_SERVER_BIN"], SIMS)
    yield server
    server.close()


def made(calls):
    """Calls, as the script has them."""
    return [{"name": name, "arguments": dict(arguments)} for name, arguments in calls]


def test_googles_sdk_calls_functions_and_reads_streams(providers):
    options = types.HttpOptions(base_url=providers.urls["gemini"], timeout=PATIENCE * 1000)
    client = genai.Client(api_key=KEY, http_options=options)
    functions = [
        types.FunctionDeclaration(name=name, description="Says it.", parameters_json_schema=schema)
        for name, schema in SCHEMAS.items()
    ]
    config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=functions)])
    asked = {"model": "gemini-3-pro-preview", "config": config}
    contents = [types.Content(role="user", parts=[types.Part.from_text(text=QUESTION)])]

    answer = client.models.generate_content(contents=contents, **asked)
    calls = answer.function_calls
    assert made((call.name, call.args) for call in calls) == world.CALLS
    assert answer.usage_metadata.prompt_token_count == world.USAGE["input"]

    results = [
        types.FunctionResponse(id=call.id, name=call.name, response=result)
        for call, result in zip(calls, RESULTS)
    ]
    parts = [types.Part(function_response=result) for result in results]
    contents += [answer.candidates[0].content, types.Content(role="user", parts=parts)]
    pieces = list(client.models.generate_content_stream(contents=contents, **asked))
    assert "".join(piece.text or "" for piece in pieces) == world.TEXT
    assert len(pieces) > 1
    assert pieces[-1].candidates[0].finish_reason == types.FinishReason.STOP


def test_amazons_sdk_signs_calls_tools_and_reads_event_streams(providers):
    def connect(secret_key):
        return boto3.client(
            "bedrock-runtime",
            endpoint_url=providers.urls["bedrock"],
            region_name=AWS["region"],
            aws_access_key_id=AWS["access_key"],
            aws_secret_access_key=secret_key,
            config=botocore.config.Config(retries={"max_attempts": 0}, read_timeout=PATIENCE),
        )

    specs = [
        {"name": name, "inputSchema": {"json": schema}} for name, schema in SCHEMAS.items()
    ]
    asked = {
        "modelId": "anthropic.claude-sonnet-4-5-20250929-v1:0",
        "toolConfig": {"tools": [{"toolSpec": spec} for spec in specs]},
    }
    messages = [{"role": "user", "content": [{"text": QUESTION}]}]
    client = connect(AWS["secret_key"])
    answer = client.converse(messages=messages, **asked)
    assert answer["stopReason"] == "tool_use"
    message = answer["output"]["message"]
    calls = [block["toolUse"] for block in message["content"]]
    assert made((call["name"], call["input"]) for call in calls) == world.CALLS
    assert answer["usage"]["inputTokens"] == world.USAGE["input"]

    results = [
        {"toolResult": {"toolUseId": call["toolUseId"], "content": [{"json": result}]}}
        for call, result in zip(calls, RESULTS)
    ]
    messages += [message, {"role": "user", "content": results}]
    events = list(client.converse_stream(messages=messages, **asked)["stream"])
    deltas = [event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event]
    assert "".join(delta["text"] for delta in deltas) == world.TEXT
    assert len(deltas) > 1
    [stop] = [event["messageStop"] for event in events if "messageStop" in event]
    assert stop["stopReason"] == "end_turn"

    with pytest.raises(botocore.exceptions.ClientError) as raised:
        connect("another").converse(messages=messages, **asked)
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_coheres_sdk_calls_tools_and_reads_streams(providers):
    client = cohere.ClientV2(api_key=KEY, base_url=providers.urls["cohere"], timeout=PATIENCE)
    functions = [
        {"name": name, "description": "Says it.", "parameters": schema}
        for name, schema in SCHEMAS.items()
    ]
    tools = [{"type": "function", "function": function} for function in functions]
    asked = {"model": "command-a-03-2025", "tools": tools}
    messages = [{"role": "user", "content": QUESTION}]

    answer = client.chat(messages=messages, **asked)
    assert answer.finish_reason == "TOOL_CALL"
    calls = answer.message.tool_calls
    arguments = [json.loads(call.function.arguments) for call in calls]
    assert made((c.function.name, a) for c, a in zip(calls, arguments)) == world.CALLS
    assert answer.usage.tokens.input_tokens == world.USAGE["input"]

    said = {"tool_calls": calls, "tool_plan": answer.message.tool_plan}
    messages.append({"role": "assistant", **said})
    for call, result in zip(calls, RESULTS):
        content = json.dumps(result)
        messages.append({"role": "tool", "tool_call_id": call.id, "content": content})
    events = list(client.chat_stream(messages=messages, **asked))
    pieces = [e.delta.message.content.text for e in events if e.type == "content-delta"]
    assert "".join(pieces) == world.TEXT
    assert len(pieces) > 1
    [end] = [event for event in events if event.type == "message-end"]
    assert end.delta.finish_reason == "COMPLETE"
