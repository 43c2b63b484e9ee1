"""The providers that conversations are held with: how each is simulated, configured and read."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from string import Template

import heard

KEY = "sk-upstream"
GOOGLE_TOKEN = "ya29.upstream"
AWS = {"access_key": "AKIDSIM", "secret_key": "aws-secret", "region": "eu-west-1"}

_PLACE = "$url/v1/projects/horses/locations/europe-west4"


@dataclass(frozen=True)
class Upstream:
    name: str
    # What it lets in.
    admits: dict
    # `litellm_params`. $url is where it is, and $google whose tokens Google has.
    params: dict
    # Reads what it was told.
    heard: Callable
    # What it thinks before calls, unasked.
    plan: str = ""
    # Who can ask for it, if not everybody.
    callers: tuple = ("chat", "responses", "messages")

    def sim(self, script):
        return self.admits | {"script": script}

    def entry(self, model, **places):
        """The entry of `model_list`."""
        params = Template(json.dumps(self.params)).substitute(places)
        return {"model_name": model, "litellm_params": json.loads(params)}


def _vertex(model):
    return {"model": f"vertex_ai/{model}", "api_base": _PLACE, "vertex_credentials": "$google"}


UPSTREAMS = [
    Upstream(
        "openai",
        {"key": KEY},
        {
            "model": "openai/gpt-4.1",
            "api_base": "$url/v1",
            "api_key": KEY,
            "use_chat_completions_api": True,
        },
        heard.openai,
    ),
    Upstream(
        "responses",
        {"key": KEY},
        {"model": "openai/gpt-4.1", "api_base": "$url/v1", "api_key": KEY},
        heard.responses,
        callers=("responses",),
    ),
    Upstream(
        "anthropic",
        {"key": KEY},
        {"model": "anthropic/claude-sonnet-4-5", "api_base": "$url", "api_key": KEY},
        heard.anthropic,
    ),
    # Which wants its own signatures back.
    Upstream(
        "gemini",
        {"key": KEY},
        {"model": "gemini/gemini-3-pro-preview", "api_base": "$url/v1beta", "api_key": KEY},
        heard.gemini,
    ),
    Upstream(
        "vertex-gemini",
        {"vertex": GOOGLE_TOKEN},
        _vertex("gemini-2.5-flash"),
        heard.gemini,
    ),
    Upstream(
        "vertex-claude",
        {"vertex": GOOGLE_TOKEN},
        _vertex("claude-sonnet-4-5@20250929"),
        heard.anthropic,
    ),
    Upstream(
        "bedrock",
        {"aws": AWS},
        {
            "model": "bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0",
            "aws_access_key_id": AWS["access_key"],
            "aws_secret_access_key": AWS["secret_key"],
            "aws_region_name": AWS["region"],
            "aws_bedrock_runtime_endpoint": "$url",
        },
        heard.bedrock,
    ),
    Upstream(
        "azure",
        {"key": KEY},
        {
            "model": "azure/horses",
            "base_model": "azure/gpt-4.1",
            "api_base": "$url",
            "api_version": "2024-10-21",
            "api_key": KEY,
        },
        heard.azure,
    ),
    Upstream(
        "cohere",
        {"key": KEY},
        {"model": "cohere/command-a-03-2025", "api_base": "$url", "api_key": KEY},
        heard.cohere,
        plan="I will look it up.",
    ),
]
