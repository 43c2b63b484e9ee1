"""What the tests share: the sims, one gateway in front of them, and a client of it."""

import os

import openai
import pytest

import world
from harness import PATIENCE, Gateway, SimServer


@pytest.fixture(scope="session")
def sims():
    server = SimServer(os.environ["SIM_SERVER_BIN"], world.SIMS)
    yield server
    server.close()


@pytest.fixture(scope="session")
def gateway(sims, tmp_path_factory):
    home = tmp_path_factory.mktemp("gateway")
    config = home / "config.yaml"
    config.write_text(world.config(sims.urls))
    env = os.environ | {"UPSTREAM_KEY": world.UPSTREAM_KEY}
    binary = os.environ["STEEPLECHASE_BIN"]
    gateway = Gateway(binary, config, env, others=sims.urls.values())
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
