import pytest

from sama_bench.errors import UserError
from sama_bench.llm_client import Server
from sama_bench.llm_client.connection import CERTIFICATES, PROXIES, through


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    for name in (*PROXIES, *CERTIFICATES, "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ALL_PROXY", "socks://127.0.0.1:1080", "the kind socks:// is not known"),
        ("https_proxy", "ftp://127.0.0.1:1080", "the kind ftp:// is not known"),
        ("HTTP_PROXY", "http://host:port", "is not the address of a proxy"),
        ("HTTP_PROXY", "http://", "is not the address of a proxy"),
        ("ALL_PROXY", "http://[::1", "is not the address of a proxy"),
        ("SSL_CERT_FILE", "/nonexistent/ca.pem", "no such file of certificates"),
        ("SSL_CERT_DIR", "/nonexistent", "no such folder of certificates"),
    ],
)
def test_what_the_environment_says_wrongly_is_told_in_a_line_before_anything_is_asked(monkeypatch, name, value, words):
    monkeypatch.setenv(name, value)
    with pytest.raises(UserError) as refusal:
        Server("http://localhost:9/v1")
    (line,) = refusal.value.lines()
    assert line.startswith(f"{name}={value}: ")
    assert words in line


def test_a_socks_proxy_without_its_package_is_told_without_its_password(monkeypatch):
    pytest.importorskip("openai")
    monkeypatch.setenv("ALL_PROXY", "socks5://me:secret@127.0.0.1:1080")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(UserError, match="needs the package socksio") as refusal:
        Server("http://localhost:9/v1")
    assert "secret" not in str(refusal.value)


def test_a_file_that_holds_no_certificates_is_told(monkeypatch, tmp_path):
    (tmp_path / "ca.pem").write_text("nothing")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with pytest.raises(UserError, match=r"SSL_CERT_FILE=.*ca\.pem"):
        Server("http://localhost:9/v1")


def test_the_proxy_that_was_asked_is_named_without_its_password(monkeypatch):
    assert through("https://host/v1") == ""
    monkeypatch.setenv("https_proxy", "http://me:secret@127.0.0.1:3128")
    assert through("https://host/v1") == "It was asked through the proxy http://127.0.0.1:3128. "
    monkeypatch.setenv("no_proxy", "host")
    assert through("https://host/v1") == ""
