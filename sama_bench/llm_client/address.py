"""The address of a server, and the key for it: the key from the environment, and nowhere else."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from sama_bench.errors import UserError

OPENAI = "https://api.openai.com/v1"
USUAL_KEY = "OPENAI_API_KEY"
# Servers that people start themselves take any key.
NO_KEY = "none"


def address(base_url: str | None) -> str:
    """The base URL: as given, or $OPENAI_BASE_URL, or OpenAI's own.

    Raises UserError where it is no URL of a server, or holds a user, a password, or anything behind the path, which
    would be written down with the run (it is not repeated in the message).
    """
    url = base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI
    try:
        parts = urlsplit(url)
        secret = bool(parts.username or parts.password or parts.query or parts.fragment)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        secret, usable = False, False
    if secret:
        raise UserError("base_url holds a user, a password or a query: keys belong into the environment (key_env=NAME)")
    if not usable:
        raise UserError(f"base_url {url!r} is not the address of a server: expected http(s)://HOST[:PORT]/v1")
    return url.rstrip("/")


def key_of(url: str, key_env: str) -> str:
    """The key for the server at `url`, from the environment's variable `key_env`.

    Raises UserError where it is not set; only a server of one's own (not OpenAI's, and no variable named) needs none.
    """
    key = os.environ.get(key_env, "").strip()
    if key:
        if not (key.isascii() and key.isprintable()):
            raise UserError(f"the key in ${key_env} holds characters that no key has; set it again")
        return key
    if key_env == USUAL_KEY and url != OPENAI:
        return NO_KEY
    raise UserError(f"the key for {url} is not set: export {key_env}=… (it is never stored)")
