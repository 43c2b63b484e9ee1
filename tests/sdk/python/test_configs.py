"""Configurations as users of LiteLLM write them: each is started as it is, and all its models answer."""

import os
from pathlib import Path
from string import Template

import openai
import pytest

import world
from google_tokens import GoogleTokens
from harness import PATIENCE, Gateway, SimServer
from upstreams import AWS, GOOGLE_TOKEN, KEY

CONFIGS = Path(__file__).parent / "configs"

# What may be said of a setting that is known, and does not do all that it does in LiteLLM.
KNOWN = (
    ": a setting of LiteLLM that is not acted on yet",
    ": this is a share of the calls so far, and not a limit",
)

_ANSWER = {"always": {"text": world.TEXT}}
_ADMITS = {"bedrock": {"aws": AWS}, "vertex_ai": {"vertex": GOOGLE_TOKEN}}

# The environment of each. $url is where its provider is, and $google whose tokens Google has.
ENVIRONMENTS = {
    "anthropic": {"ANTHROPIC_API_BASE": "$url", "ANTHROPIC_API_KEY": KEY},
    "azure": {"AZURE_API_BASE": "$url", "AZURE_API_KEY": KEY},
    "bedrock": {
        "AWS_BEDROCK_RUNTIME_ENDPOINT": "$url",
        **{
            prefix + name: value
            for prefix in ("", "CUSTOM_")
            for name, value in {
                "AWS_ACCESS_KEY_ID": AWS["access_key"],
                "AWS_SECRET_ACCESS_KEY": AWS["secret_key"],
                "AWS_REGION_NAME": AWS["region"],
            }.items()
        },
    },
    "cohere": {"COHERE_API_BASE": "$url", "COHERE_API_KEY": KEY},
    "deepseek": {"DEEPSEEK_API_BASE": "$url/beta", "DEEPSEEK_API_KEY": KEY},
    "gemini": {"GEMINI_API_BASE": "$url/v1beta", "GEMINI_API_KEY": KEY},
    "groq": {"GROQ_API_BASE": "$url/openai/v1", "GROQ_API_KEY": KEY},
    "mistral": {"MISTRAL_API_BASE": "$url/v1", "MISTRAL_API_KEY": KEY},
    "openai": {"OPENAI_BASE_URL": "$url/v1", "OPENAI_API_KEY": KEY},
    "openrouter": {"OPENROUTER_API_BASE": "$url/api/v1", "OPENROUTER_API_KEY": KEY},
    "several": {
        "ANTHROPIC_API_BASE": "$url",
        "ANTHROPIC_API_KEY": KEY,
        "AZURE_API_BASE": "$url",
        "AZURE_API_KEY": KEY,
        "LITELLM_MASTER_KEY": world.MASTER_KEY,
        "OPENAI_BASE_URL": "$url/v1",
        "OPENAI_API_KEY": KEY,
    },
    "vertex_ai": {
        "VERTEXAI_API_BASE": "$url/v1/projects/horses/locations/us-central1",
        "VERTEX_PROJECT": "horses",
        "VERTEX_LOCATION": "us-central1",
        "VERTEX_CREDENTIALS": "$google",
        "GOOGLE_APPLICATION_CREDENTIALS": "$google",
    },
    "xai": {"XAI_API_BASE": "$url/v1", "XAI_API_KEY": KEY},
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    tokens = GoogleTokens(GOOGLE_TOKEN)
    sims = {name: _ADMITS.get(name, {"key": KEY}) | _ANSWER for name in ENVIRONMENTS}
    server = SimServer(os.environ["SIM_SERVER_BIN"], sims)
    yield server, tokens
    server.close()
    tokens.close()


def test_each_configuration_has_an_environment():
    assert {path.stem for path in CONFIGS.iterdir()} == set(ENVIRONMENTS)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_configuration_is_taken_as_it_is(stage, tmp_path, name):
    sims, tokens = stage
    config = CONFIGS / f"{name}.yaml"
    places = {"url": sims.urls[name], "google": tokens.account(tmp_path)}
    # And nothing else, so that none of it can come from where the tests run.
    env = {key: Template(value).substitute(places) for key, value in ENVIRONMENTS[name].items()}
    others = [*sims.urls.values(), tokens.url]
    gateway = Gateway(os.environ["STEEPLECHASE_BIN"], config, env, others)
    try:
        with openai.OpenAI(
            base_url=gateway.url + "/v1", api_key=world.MASTER_KEY, max_retries=0, timeout=PATIENCE
        ) as client:
            models = world.models(config)
            for model in models:
                ask(client, model.replace("*", "some-model"))
    finally:
        gateway.close()
        log = "".join(gateway.log)
        print(log)

    assert len(sims.requests(name)) == len(models)
    warnings = [line.strip() for line in gateway.log if " WARN " in line or " ERROR " in line]
    assert [line for line in warnings if not line.endswith(KNOWN)] == []


def ask(client, model):
    if "embedding" in model:
        assert client.embeddings.create(model=model, input="a horse").data[0].embedding
        return
    messages = [{"role": "user", "content": "Where to?"}]
    answer = client.chat.completions.create(model=model, messages=messages)
    assert answer.choices[0].message.content == world.TEXT
