"""Errors arrive as the classes that callers of the SDK already handle."""

import openai
import pytest

import world

MESSAGES = [{"role": "user", "content": "Where to?"}]


def ask(client, model, **more):
    return client.chat.completions.create(model=model, messages=MESSAGES, **more)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_wrong_key_is_an_authentication_error(client, stream):
    with pytest.raises(openai.AuthenticationError) as raised:
        ask(client.with_options(api_key="sk-wrong"), "chat-openai", stream=stream)

    assert raised.value.status_code == 401
    assert "sk-wrong" not in str(raised.value)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_an_unknown_model_is_not_found(client, stream):
    with pytest.raises(openai.NotFoundError) as raised:
        ask(client, "no-such-model", stream=stream)

    assert raised.value.code == "model_not_found"
    assert "no-such-model" in raised.value.message


def test_what_the_provider_refuses_is_a_bad_request_and_not_tried_again(client, sims):
    with pytest.raises(openai.BadRequestError) as raised:
        ask(client, "refuses")

    assert raised.value.status_code == 400
    assert sims.counts("refuses")["started"] == 1


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("model", ["short-openai", "short-anthropic"])
def test_a_prompt_that_is_too_long_has_the_code_for_it(client, model, stream):
    with pytest.raises(openai.BadRequestError) as raised:
        ask(client, model, stream=stream)

    assert raised.value.code == "context_length_exceeded"


def test_when_all_are_out_of_quota_it_is_a_rate_limit_error(client, sims):
    with pytest.raises(openai.RateLimitError) as raised:
        ask(client, "exhausted")

    assert raised.value.status_code == 429
    # The gateway has tried, so that the SDK need not.
    assert sims.counts("exhausted")["started"] >= 2
    assert raised.value.response.headers["x-should-retry"] == "false"
    shown = str(raised.value) + str(raised.value.response.headers)
    assert world.UPSTREAM_KEY not in shown
    assert sims.urls["exhausted"] not in shown
