"""What a provider was told, read from its own shape into one for all.

A conversation is a list, in the order in which it was said:

    ("system", text) ("user", text) ("image", bytes) ("assistant", text)
    ("call", id, name, arguments) ("result", id, value)

Where a provider's calls have no ids, they are known by their names.
"""

import base64
import json


def openai(body):
    for message in body["messages"]:
        role = message["role"]
        if role == "tool":
            yield "result", message["tool_call_id"], json.loads(_text(message["content"]))
            continue
        # What is said beside calls has another place at Cohere.
        for part in _parts(message.get("content") or message.get("tool_plan")):
            if part["type"] == "text":
                yield role, part["text"]
            else:
                assert (role, part["type"]) == ("user", "image_url")
                yield "image", _image(part["image_url"]["url"])
        for call in message.get("tool_calls") or []:
            assert call["type"] == "function"
            function = call["function"]
            yield "call", call["id"], function["name"], json.loads(function["arguments"])


cohere = openai


def responses(body):
    yield "system", body["instructions"]
    for item in body["input"]:
        match item.get("type", "message"):
            case "message":
                for part in _parts(item["content"]):
                    if part["type"] == "input_image":
                        yield "image", _image(part["image_url"])
                    else:
                        yield item["role"], part["text"]
            case "function_call":
                yield "call", item["call_id"], item["name"], json.loads(item["arguments"])
            case "function_call_output":
                yield "result", item["call_id"], json.loads(item["output"])
            case other:
                assert other == "reasoning"


def azure(body):
    """Azure has OpenAI's Responses as it has its chats."""
    return responses(body) if "input" in body else openai(body)


def anthropic(body):
    yield "system", _text(body["system"])
    for message in body["messages"]:
        for block in _parts(message["content"]):
            match block["type"]:
                case "text":
                    yield message["role"], block["text"]
                case "image":
                    assert block["source"]["type"] == "base64"
                    assert block["source"]["media_type"] == "image/png"
                    yield "image", base64.b64decode(block["source"]["data"])
                case "tool_use":
                    yield "call", block["id"], block["name"], block["input"]
                case "tool_result":
                    result = json.loads(_text(block["content"]))
                    yield "result", block["tool_use_id"], result
                case other:
                    raise AssertionError(other)


def gemini(body):
    yield "system", _text(body["systemInstruction"]["parts"])
    roles = {"user": "user", "model": "assistant"}
    for content in body["contents"]:
        for part in content["parts"]:
            # What stands for a seal that is lost. None is: each comes back.
            assert part.get("thoughtSignature") != "skip_thought_signature_validator"
            if call := part.get("functionCall"):
                yield "call", call.get("id", call["name"]), call["name"], call["args"]
            elif result := part.get("functionResponse"):
                yield "result", result.get("id", result["name"]), result["response"]
            elif data := part.get("inlineData"):
                assert data["mimeType"] == "image/png"
                yield "image", base64.b64decode(data["data"])
            else:
                yield roles[content["role"]], part["text"]


def bedrock(body):
    yield "system", _text(body["system"])
    for message in body["messages"]:
        for block in message["content"]:
            if call := block.get("toolUse"):
                yield "call", call["toolUseId"], call["name"], call["input"]
            elif result := block.get("toolResult"):
                [content] = result["content"]
                value = content["json"] if "json" in content else json.loads(content["text"])
                yield "result", result["toolUseId"], value
            elif image := block.get("image"):
                assert image["format"] == "png"
                yield "image", base64.b64decode(image["source"]["bytes"])
            else:
                yield message["role"], block["text"]


def _parts(content):
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return content or []


def _text(content):
    return "".join(part["text"] for part in _parts(content))


def _image(url):
    start, data = url.split(",")
    assert start == "data:image/png;base64"
    return base64.b64decode(data)
