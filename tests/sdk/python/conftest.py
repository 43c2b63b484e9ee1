"""What the tests share: the sims, one gateway in front of them, and a client of it."""

import os

import anthropic
import openai
import pytest

import world
from harness import PATIENCE, Gateway, SimServer
from recorded import Recorded


@pytest.fixture(scope="session")
def sims():
    server = SimServer(os.environ["SIM_SERVER_BIN"], world.SIMS)
    yield server
    server.close()


@pytest.fixture(scope="session")
def recorded():
    provider = Recorded()
    yield provider
    provider.close()


@pytest.fixture(scope="session")
def gateway(sims, recorded, tmp_path_factory):
    home = tmp_path_factory.mktemp("gateway")
    config = home / "config.yaml"
    urls = sims.urls | {"recorded": recorded.url}
    config.write_text(world.config(urls))
    env = os.environ | {"UPSTREAM_KEY": world.UPSTREAM_KEY}
    binary = os.environ["STEEPLECHASE_BIN"]
    gateway = Gateway(binary, config, env, others=urls.values())
    yield gateway
    gateway.close()


@pytest.fixture(autouse=True)
def log(gateway):
    """Has pytest show what the gateway said meanwhile, if the test fails."""
    start = len(gateway.log)
    yield
    print("".join(gateway.log[start:]))


@pytest.fixture(scope="session")
def client(gateway):
    """Without retries of its own, which would hide those of the gateway."""
    with openai.OpenAI(
        base_url=gateway.url + "/v1",
        api_key=world.MASTER_KEY,
        max_retries=0,
        timeout=PATIENCE,
    ) as client:
        yield client


@pytest.fixture(scope="session")
def claude(gateway):
    """A client of Anthropic's, also without retries of its own."""
    with anthropic.Anthropic(
        base_url=gateway.url,
        api_key=world.MASTER_KEY,
        max_retries=0,
        timeout=PATIENCE,
    ) as client:
        yield client
