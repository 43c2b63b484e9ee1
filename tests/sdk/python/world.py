"""The simulated providers that config.yaml is about, and what each of them does."""

import json
from pathlib import Path
from string import Template

CONFIG = Path(__file__).parent / "config.yaml"

MASTER_KEY = "sk-1234"
UPSTREAM_KEY = "sk-upstream"

TEXT = "Over the hedge and far away."
USAGE = {"input": 11, "output": 7}

# Two calls at once. The sims make them in answer to a user, and answer their results in text.
CALLS = [
    {"name": "get_weather", "arguments": {"city": "Aintree", "unit": "celsius"}},
    {"name": "get_time", "arguments": {"city": "Pardubice"}},
]
TOOL_TEXT = "It rains in Aintree."

# An answer that is asked for by a schema.
PLACE = {"country": "Norway", "rain": True}

_TOOLS = {"key": UPSTREAM_KEY, "always": {"tool_calls": CALLS, "text": TOOL_TEXT}}
_CHAT = {"key": UPSTREAM_KEY, "always": {"text": TEXT, "usage": USAGE}}
_JSON = {"always": {"text": json.dumps(PLACE)}}
_ENDLESS = {"always": {"tokens": 100_000, "token_gap_ms": 10}}
_CUT = {"always": {"text": TEXT, "cut_after_tokens": 3}}


def _too_long(body):
    return {"always": {"error": 400, "body": body}}


def _fails_late(code):
    """An error in the place of the first token, when 200 OK has long been said."""
    event = {"error_event": {"after_tokens": 0, "code": code}}
    return {"script": [event], "always": {"text": TEXT}}


SIMS = {
    "openai": _CHAT,
    "anthropic": _CHAT,
    "tools_openai": _TOOLS,
    "tools_anthropic": _TOOLS,
    "json_openai": _JSON,
    "json_anthropic": _JSON,
    "refuses": {"always": {"error": 400}},
    "short_openai": _too_long(
        {
            "error": {
                "message": "This model's maximum context length is 8192 tokens.",
                "type": "invalid_request_error",
                "param": "messages",
                "code": "context_length_exceeded",
            }
        }
    ),
    "short_anthropic": _too_long(
        {
            "type": "error",
            "error": {
                "type": "invalid_request_error",
                "message": "prompt is too long: 210000 tokens > 200000 maximum",
            },
        }
    ),
    "exhausted": {"always": {"error": 429}},
    "flaky": {"script": [{"error": 500}, {"error": 500}], "always": {"text": TEXT}},
    "fails_late_openai": _fails_late("server_error"),
    "fails_late_anthropic": _fails_late("overloaded_error"),
    "fails_late_responses": _fails_late("overloaded_error"),
    "late_openai": _fails_late("server_error"),
    "late_anthropic": _fails_late("overloaded_error"),
    "cut_openai": _CUT,
    "cut_anthropic": _CUT,
    "primary": {"always": {"error": 503}},
    "backup": {"always": {"text": TEXT}},
    "quick": {"always": {"text": TEXT, "held": True}},
    "slow": {"always": {"first_token_after_ms": 60_000}},
    "endless_openai": _ENDLESS,
    "endless_anthropic": _ENDLESS,
}


def config(urls):
    """The configuration, with the URLs of the sims in their places."""
    return Template(CONFIG.read_text()).substitute(urls)


def models(config=CONFIG):
    """The names of all models, in the order of the configuration."""
    lines = config.read_text().splitlines()
    mark = "- model_name: "
    names = [line.split(mark)[1] for line in lines if mark in line]
    return list(dict.fromkeys(names))
