"""One conversation, of every caller with every provider: whoever asks, and whoever answers.

    caller's SDK ─► gateway ─► simulated provider, which refuses what the real one would
                                    └─► what it was told, in its own shape
"""

import base64
import json
import os
from itertools import product

import anthropic
import openai
import pytest

import world
from callers import CALLERS
from google_tokens import GoogleTokens
from harness import PATIENCE, Gateway, SimServer
from upstreams import GOOGLE_TOKEN, UPSTREAMS

SYSTEM = "You are a horse."
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def _tool(name, *fields):
    properties = {field: {"type": "string"} for field in fields}
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(fields),
        "additionalProperties": False,
    }
    return {"name": name, "description": f"Says {name}.", "parameters": schema}


TOOLS = [
    _tool("get_weather", "city", "unit"),
    _tool("get_time", "city"),
]
# What is asked, which tools are called for it, and what is answered in the end.
TURNS = [
    ("Where is this, and how is it there?", world.CALLS, "It rains in Aintree."),
    (
        "And now?",
        [{"name": "get_weather", "arguments": {"city": "Chepstow", "unit": "kelvin"}}],
        "It is dry in Chepstow.",
    ),
]
SCRIPT = [
    behaviour | {"usage": world.USAGE}
    for _, calls, text in TURNS
    for behaviour in ({"tool_calls": calls}, {"text": text})
]

TRIPS = {
    f"{upstream.name}-{caller.name}-{'streamed' if streamed else 'whole'}": (
        upstream,
        caller,
        streamed,
    )
    for upstream, caller, streamed in product(UPSTREAMS, CALLERS, [False, True])
    if caller.name in upstream.callers
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A provider for each trip, so that each has its own script, and one gateway in front of all."""
    home = tmp_path_factory.mktemp("trips")
    tokens = GoogleTokens(GOOGLE_TOKEN)
    google = tokens.account(home)
    sims = {name: upstream.sim(SCRIPT) for name, (upstream, *_) in TRIPS.items()}
    server = SimServer(os.environ["SIM_SERVER_BIN"], sims)
    entries = [
        upstream.entry(name, url=server.urls[name], google=google)
        for name, (upstream, *_) in TRIPS.items()
    ]
    settings = {"general_settings": {"master_key": world.MASTER_KEY}, "model_list": entries}
    config = home / "config.yaml"
    # Which is YAML as well.
    config.write_text(json.dumps(settings, indent=2))
    others = [*server.urls.values(), tokens.url]
    gateway = Gateway(os.environ["STEEPLECHASE_BIN"], config, os.environ, others)
    yield server, gateway
    gateway.close()
    server.close()
    tokens.close()


@pytest.fixture(scope="module")
def clients(stage):
    _, gateway = stage
    common = {"api_key": world.MASTER_KEY, "max_retries": 0, "timeout": PATIENCE}
    with (
        openai.OpenAI(base_url=gateway.url + "/v1", **common) as client,
        anthropic.Anthropic(base_url=gateway.url, **common) as claude,
    ):
        yield client, claude


@pytest.mark.parametrize("trip", TRIPS)
def test_a_conversation_with_a_picture_and_parallel_calls_is_the_same_for_both(
    stage, clients, trip
):
    sims, gateway = stage
    upstream, caller, streamed = TRIPS[trip]
    start = len(gateway.log)
    told = hold(caller(*clients, trip, streamed, SYSTEM), upstream)
    print("".join(gateway.log[start:]))

    requests = sims.requests(trip)
    assert len(requests) == len(SCRIPT), "nothing was asked twice"
    so_far = []
    for request, new in zip(requests, told):
        so_far += new
        assert nameless(upstream.heard(request["body"])) == so_far
        assert world.MASTER_KEY not in " ".join(request["headers"].values())


def hold(caller, upstream):
    """Holds the conversation. Returns what the provider has to be told, request by request."""
    caller.tools(TOOLS)
    told, new = [], [("system", SYSTEM)]
    image = PICTURE
    for turn, (question, calls, text) in enumerate(TURNS):
        caller.user(question, image)
        new += [("user", question)] + ([("image", image)] if image else [])
        told.append(new)

        answer = caller.ask()
        assert [{"name": c.name, "arguments": c.arguments} for c in answer.calls] == calls
        assert len({call.id for call in answer.calls}) == len(calls)
        assert (answer.text, answer.thought, answer.finish) == ("", upstream.plan, caller.CALLS)
        assert answer.usage == (world.USAGE["input"], world.USAGE["output"])

        results = [{"of": call["name"], "turn": turn} for call in calls]
        caller.results(zip(answer.calls, map(json.dumps, results)))
        new = [("assistant", upstream.plan)] if upstream.plan else []
        new += [("call", *call.values()) for call in calls]
        new += [("result", call["name"], result) for call, result in zip(calls, results)]
        told.append(new)

        answer = caller.ask()
        assert (answer.text, answer.finish, answer.calls) == (text, caller.DONE, [])
        assert answer.usage == (world.USAGE["input"], world.USAGE["output"])
        new, image = [("assistant", text)], None
    return told


def nameless(said):
    """The same, with the name of the call in the place of its id."""
    names, result = {}, []
    for kind, *rest in said:
        if kind == "call":
            id, name, arguments = rest
            assert id not in names or id == name, "no two calls have the same id"
            names[id] = name
            rest = [name, arguments]
        elif kind == "result":
            id, value = rest
            rest = [names[id], value]
        result.append((kind, *rest))
    return result
