"""A provider of two dialects that thinks before it speaks, and always the same."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

THOUGHT = "The hedge is high."
SEAL = "EqQBSealed"
TEXT = "Take it at speed."
USAGE = {"input": 30, "cached": 20, "output": 12, "reasoning": 6}


def _openai_usage():
    return {
        "prompt_tokens": USAGE["input"],
        "completion_tokens": USAGE["output"],
        "total_tokens": USAGE["input"] + USAGE["output"],
        "prompt_tokens_details": {"cached_tokens": USAGE["cached"]},
        "completion_tokens_details": {"reasoning_tokens": USAGE["reasoning"]},
    }


def _anthropic_usage():
    return {
        "input_tokens": USAGE["input"] - USAGE["cached"],
        "cache_read_input_tokens": USAGE["cached"],
        "cache_creation_input_tokens": 0,
        "output_tokens": USAGE["output"],
        "output_tokens_details": {"thinking_tokens": USAGE["reasoning"]},
    }


def _openai(stream):
    if not stream:
        message = {"role": "assistant", "content": TEXT, "reasoning_content": THOUGHT}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return {"id": "chatcmpl-rec", "choices": [choice], "usage": _openai_usage()}
    deltas = [{"role": "assistant", "content": ""}]
    deltas += [{"reasoning_content": piece} for piece in THOUGHT.partition(" ")]
    deltas += [{"content": piece} for piece in TEXT.partition(" ")]
    chunks = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    chunks.append({"index": 0, "delta": {}, "finish_reason": "stop"})
    events = [{"id": "chatcmpl-rec", "choices": [chunk]} for chunk in chunks]
    events.append({"id": "chatcmpl-rec", "choices": [], "usage": _openai_usage()})
    lines = [f"data: {json.dumps(event)}\n\n" for event in events]
    return "".join(lines) + "data: [DONE]\n\n"


def _anthropic(stream):
    thought = {"type": "thinking", "thinking": THOUGHT, "signature": SEAL}
    message = {
        "id": "msg_rec",
        "type": "message",
        "role": "assistant",
        "model": "claude-rec",
        "content": [thought, {"type": "text", "text": TEXT}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": _anthropic_usage(),
    }
    if not stream:
        return message

    def block(index, start, *deltas):
        yield {"type": "content_block_start", "index": index, "content_block": start}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}

    thoughts = [{"type": "thinking_delta", "thinking": piece} for piece in THOUGHT.partition(" ")]
    thoughts.append({"type": "signature_delta", "signature": SEAL})
    words = [{"type": "text_delta", "text": piece} for piece in TEXT.partition(" ")]
    events = [
        {"type": "message_start", "message": message | {"content": [], "stop_reason": None}},
        {"type": "ping"},
        *block(0, {"type": "thinking", "thinking": "", "signature": ""}, *thoughts),
        *block(1, {"type": "text", "text": ""}, *words),
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": _anthropic_usage(),
        },
        {"type": "message_stop"},
    ]
    return "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)


class Recorded:
    """The provider, on a port of its own. It keeps what it was asked."""

    def __init__(self):
        recorded = self
        self.requests = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                recorded.requests.append({"headers": dict(self.headers), "body": body})
                answer = _anthropic if self.path.endswith("/messages") else _openai
                answer = answer(body.get("stream", False))
                kind = "text/event-stream" if isinstance(answer, str) else "application/json"
                data = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
                self.send_response(200)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(data)))
                self.send_header("request-id", "req_rec")
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
