"""HTTP clients as the environment wants them, proxies and certificates included; redirects are never followed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from sama_bench.errors import UserError

if TYPE_CHECKING:
    import openai

PROXIES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY")
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
SCHEMES = ("http", "https", "socks5", "socks5h")
Made = TypeVar("Made")


def async_client(base_url: str, key: str, seconds: float) -> openai.AsyncOpenAI:
    """A client of the openai package that tries once; for one event loop. Raises as `check_environment` does."""
    import openai

    with _environment_errors():
        http_client = openai.DefaultAsyncHttpxClient(follow_redirects=False)
    return openai.AsyncOpenAI(api_key=key, base_url=base_url, timeout=seconds, max_retries=0, http_client=http_client)


def sync_client(base_url: str, key: str, seconds: float, tries: int) -> openai.OpenAI:
    """A client that tries several times. Raises as `check_environment` does."""
    import openai

    with _environment_errors():
        http_client = openai.DefaultHttpxClient(follow_redirects=False)
    return openai.OpenAI(api_key=key, base_url=base_url, timeout=seconds, max_retries=tries, http_client=http_client)


def check_environment() -> None:
    """Raise UserError where no client can be made, as proxies or certificates of the environment are not right."""
    import openai

    if problems := [*_proxies(), *_certificates()]:
        raise UserError(problems)
    with _environment_errors():
        openai.DefaultHttpxClient(follow_redirects=False).close()


def through(base_url: str) -> str:
    """The proxy that the environment has for an address, as a sentence; '' where there is none."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(base_url)
    if proxy_bypass(parts.netloc):
        return ""
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    return f"It was asked through the proxy {_plain(proxy)}. " if proxy else ""


@contextmanager
def _environment_errors() -> Iterator[None]:
    """Raise what the HTTP package says of the environment as one line."""
    try:
        yield
    except UserError:
        raise
    except Exception as problem:
        settings = ", ".join(f"{name}={_plain(value)}" for name, value in _set((*PROXIES, "NO_PROXY", *CERTIFICATES)))
        reason = _plain(" ".join(str(problem).split()))[:200]
        raise UserError(
            f"no connection can be made with what the environment says ({settings or 'nothing of proxies'}): "
            f"{type(problem).__name__}: {reason}; set these right, or unset them"
        ) from problem


def _proxies() -> Iterator[str]:
    for name, value in _set(PROXIES):
        if (fault := _wrong_proxy(value)) is not None:
            yield f"{name}={_plain(value)}: {fault}; set it right, or unset it (or name the server in NO_PROXY)"


def _wrong_proxy(value: str) -> str | None:
    """The fault in the address of a proxy; None where there is none."""
    from importlib.util import find_spec

    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        usable = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        return "is not the address of a proxy, expected http://HOST:PORT"
    if parts.scheme.lower() not in SCHEMES:
        return f"a proxy of the kind {parts.scheme}:// is not known, expected {', '.join(SCHEMES)}"
    if parts.scheme.lower().startswith("socks") and find_spec("socksio") is None:
        return "a SOCKS proxy needs the package socksio, which is not installed: pip install socksio"
    return None


def _certificates() -> Iterator[str]:
    for name, value in _set(CERTIFICATES):
        right: Callable[[str], bool] = os.path.isfile if name == "SSL_CERT_FILE" else os.path.isdir
        if not right(value):
            kind = "file" if name == "SSL_CERT_FILE" else "folder"
            yield f"{name}={value}: there is no such {kind} of certificates; set it right, or unset it"


def _set(names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The variables that are set, in either case, with their values."""
    for name in names:
        for spelt in (name.lower(), name):
            if value := os.environ.get(spelt, "").strip():
                yield spelt, value


def _plain(text: str) -> str:
    """An address, or words with one, without user and password."""
    return re.sub(r"(//)[^/@\s]*@|^[^/@\s]*@", r"\1", text)
