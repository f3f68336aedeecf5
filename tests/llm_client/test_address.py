import pytest

from sama_bench.errors import UserError
from sama_bench.llm_client.address import NO_KEY, OPENAI, address, key_of


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "MY_KEY"):
        monkeypatch.delenv(name, raising=False)


def test_the_address_is_as_given_or_the_environments_or_openais(monkeypatch):
    assert address(None) == OPENAI
    monkeypatch.setenv("OPENAI_BASE_URL", "https://gateway.example/v1/")
    assert address(None) == "https://gateway.example/v1"
    assert address("http://127.0.0.1:8000/v1") == "http://127.0.0.1:8000/v1"


@pytest.mark.parametrize("given", ["host", "ftp://host/v1", "http://", "http://host:port/v1", "http://[::1/v1"])
def test_what_is_no_address_is_told(given):
    with pytest.raises(UserError, match="is not the address of a server"):
        address(given)


def test_a_key_comes_from_the_environment_only(monkeypatch):
    monkeypatch.setenv("MY_KEY", " sk-1 \n")
    assert key_of("https://host/v1", "MY_KEY") == "sk-1"


def test_a_server_of_ones_own_needs_no_key_and_openais_does():
    assert key_of("http://localhost:8000/v1", "OPENAI_API_KEY") == NO_KEY
    with pytest.raises(UserError, match="export OPENAI_API_KEY"):
        key_of(OPENAI, "OPENAI_API_KEY")
    with pytest.raises(UserError, match="export MY_KEY"):
        key_of("http://localhost:8000/v1", "MY_KEY")


def test_a_key_that_none_is_is_refused_without_repeating_it(monkeypatch):
    monkeypatch.setenv("MY_KEY", "sk-ö\x01")
    with pytest.raises(UserError) as refusal:
        key_of("https://host/v1", "MY_KEY")
    assert "sk-" not in str(refusal.value)
