"""Those who hold a conversation: how each of them asks, with which SDK, and sends results back."""

import base64
import json
from dataclasses import dataclass


@dataclass
class Call:
    id: str
    name: str
    arguments: dict


@dataclass
class Answer:
    thought: str
    text: str
    calls: list
    finish: str
    usage: tuple


class Chat:
    """Chat completions, by OpenAI's SDK."""

    name = "chat"
    DONE, CALLS = "stop", "tool_calls"

    def __init__(self, client, claude, model, streamed, system):
        self._completions = client.chat.completions
        self._streamed = streamed
        self._fields = {"model": model}
        self._messages = [{"role": "system", "content": system}]

    def tools(self, tools):
        functions = [dict(tool, strict=True) for tool in tools]
        self._fields["tools"] = [{"type": "function", "function": f} for f in functions]

    def user(self, text, image=None):
        content = text
        if image:
            picture = {"type": "image_url", "image_url": {"url": _data_url(image)}}
            content = [{"type": "text", "text": text}, picture]
        self._messages.append({"role": "user", "content": content})

    def results(self, results):
        for call, text in results:
            self._messages.append({"role": "tool", "tool_call_id": call.id, "content": text})

    def ask(self):
        fields = self._fields | {"messages": self._messages}
        if self._streamed:
            options = {"include_usage": True}
            with self._completions.stream(**fields, stream_options=options) as stream:
                completion = stream.get_final_completion()
        else:
            completion = self._completions.create(**fields)

        [choice] = completion.choices
        self._messages.append(choice.message.model_dump(exclude_none=True, exclude={"parsed"}))
        made = choice.message.tool_calls or []
        calls = [Call(c.id, c.function.name, json.loads(c.function.arguments)) for c in made]
        usage = (completion.usage.prompt_tokens, completion.usage.completion_tokens)
        thought = getattr(choice.message, "reasoning_content", None) or ""
        return Answer(thought, choice.message.content or "", calls, choice.finish_reason, usage)


class Responses:
    """The Responses API, by OpenAI's SDK. Nothing is kept by the provider."""

    name = "responses"
    DONE = CALLS = "completed"

    def __init__(self, client, claude, model, streamed, system):
        self._responses = client.responses
        self._streamed = streamed
        include = ["reasoning.encrypted_content"]
        self._fields = {"model": model, "instructions": system, "store": False, "include": include}
        self._items = []

    def tools(self, tools):
        self._fields["tools"] = [dict(tool, type="function", strict=True) for tool in tools]

    def user(self, text, image=None):
        content = text
        if image:
            picture = {"type": "input_image", "image_url": _data_url(image), "detail": "auto"}
            content = [{"type": "input_text", "text": text}, picture]
        self._items.append({"role": "user", "content": content})

    def results(self, results):
        for call, text in results:
            output = {"type": "function_call_output", "call_id": call.id, "output": text}
            self._items.append(output)

    def ask(self):
        fields = self._fields | {"input": self._items}
        if self._streamed:
            with self._responses.stream(**fields) as stream:
                response = stream.until_done().get_final_response()
        else:
            response = self._responses.create(**fields)

        self._items += response.output
        made = [item for item in response.output if item.type == "function_call"]
        calls = [Call(c.call_id, c.name, json.loads(c.arguments)) for c in made]
        usage = (response.usage.input_tokens, response.usage.output_tokens)
        thoughts = [item for item in response.output if item.type == "reasoning"]
        thought = "".join(part.text for item in thoughts for part in item.summary)
        return Answer(thought, response.output_text, calls, response.status, usage)


class Messages:
    """Messages, by Anthropic's SDK."""

    name = "messages"
    DONE, CALLS = "end_turn", "tool_use"

    def __init__(self, client, claude, model, streamed, system):
        self._api = claude.messages
        self._streamed = streamed
        self._fields = {"model": model, "max_tokens": 500, "system": system}
        self._messages = []

    def tools(self, tools):
        self._fields["tools"] = [
            {
                "name": tool["name"],
                "description": tool["description"],
                "input_schema": tool["parameters"],
            }
            for tool in tools
        ]

    def user(self, text, image=None):
        content = text
        if image:
            data = base64.b64encode(image).decode()
            source = {"type": "base64", "media_type": "image/png", "data": data}
            content = [{"type": "text", "text": text}, {"type": "image", "source": source}]
        self._messages.append({"role": "user", "content": content})

    def results(self, results):
        content = [
            {"type": "tool_result", "tool_use_id": call.id, "content": text}
            for call, text in results
        ]
        self._messages.append({"role": "user", "content": content})

    def ask(self):
        fields = self._fields | {"messages": self._messages}
        if self._streamed:
            with self._api.stream(**fields) as stream:
                message = stream.get_final_message()
        else:
            message = self._api.create(**fields)

        self._messages.append({"role": "assistant", "content": message.content})
        thought = "".join(b.thinking for b in message.content if b.type == "thinking")
        text = "".join(b.text for b in message.content if b.type == "text")
        made = [block for block in message.content if block.type == "tool_use"]
        calls = [Call(block.id, block.name, block.input) for block in made]
        usage = (message.usage.input_tokens, message.usage.output_tokens)
        return Answer(thought, text, calls, message.stop_reason, usage)


CALLERS = [Chat, Responses, Messages]


def _data_url(image):
    return "data:image/png;base64," + base64.b64encode(image).decode()
