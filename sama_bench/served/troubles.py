"""What a server's error means: try again, another parameter, this request's failure, or the end of it all."""

from __future__ import annotations

import asyncio
import json
import random
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Literal

from sama_bench.served.address import without
from sama_bench.served.exchange import TooLarge

if TYPE_CHECKING:
    import openai

Kind = Literal["again", "too much", "no connection", "parameter", "failure", "end"]
FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0
SHOWN = 200
# Other names that servers know a parameter by.
RENAMED = {"max_tokens": "max_completion_tokens"}
# How servers say that they do not take a parameter, and how they say that a request is larger than they take, which is
# no reason to leave a parameter out of all others.
NOT_TAKEN = re.compile(
    r"unsupported|not support|unrecognized|unknown|not permitted|unexpected|unavailable|invalid|must be one of"
)
TOO_LARGE = re.compile(r"too (large|long|many|big|high)|context.(length|window|size)|at most|maximum|exceed|less than")


@dataclass(frozen=True)
class Trouble:
    """What went wrong with one try: `wait` are seconds the server asks for, `parameter` what it does not take."""

    kind: Kind
    reason: str
    wait: float | None = None
    parameter: str | None = None


def trouble_of(problem: Exception, parameters: frozenset[str], key: str = "") -> Trouble:
    """Sort an exception of `exchange`; `parameters` are those that were sent, `key` is what nobody may read.

    Of a server's own words the first 200 characters are kept, without the key; a header never is.
    """
    import openai

    if isinstance(problem, (openai.APITimeoutError, asyncio.TimeoutError)):
        return Trouble("again", "no answer in time")
    if isinstance(problem, openai.APIStatusError):
        return _status(problem, parameters, key)
    if isinstance(problem, openai.APIConnectionError):
        # The class is the HTTP package's, which openai has changed before; its name has stayed.
        if type(problem.__cause__).__name__ == "ConnectError":
            return Trouble("no connection", "no connection could be made")
        return Trouble("again", "the connection failed")
    if isinstance(problem, TooLarge):
        return Trouble("failure", "the answer is larger than any answer")
    return Trouble("again", "the answer is not what a chat server sends")


def _status(problem: openai.APIStatusError, parameters: frozenset[str], key: str) -> Trouble:
    status, words = problem.status_code, _words(problem, key)
    reason = f"HTTP {status}: {words}" if words else f"HTTP {status}"
    if status == 402 or (status == 429 and "insufficient_quota" in str(problem.code)):
        return Trouble("end", f"the account has no credit left ({reason})")
    if status in {429, 503}:
        return Trouble("too much", f"HTTP {status}", wait=asked_wait(dict(problem.response.headers)))
    if status >= 500 or status in {408, 409, 425}:
        return Trouble("again", f"HTTP {status}")
    if status in {401, 403}:
        return Trouble("end", f"the server does not accept the key ({reason})")
    if status in {404, 405}:
        return Trouble("end", f"the server knows no such model or address ({reason})")
    named = _named(problem, words, parameters)
    return Trouble("parameter", reason, parameter=named) if named else Trouble("failure", reason)


def _words(problem: openai.APIStatusError, key: str) -> str:
    body = problem.body
    message = body.get("message") if isinstance(body, dict) else None
    told = message if isinstance(message, str) else ""
    return " ".join(without(key, told).split())[:SHOWN]


def _named(problem: openai.APIStatusError, words: str, parameters: frozenset[str]) -> str | None:
    """The parameter that a server says it does not take, if it is one that was sent."""
    told = (words or json.dumps(problem.body, default=str)[:2000]).lower()
    if TOO_LARGE.search(told):
        return None
    param = str(problem.param).partition(".")[0]
    if param in parameters:
        return param
    if not NOT_TAKEN.search(told):
        return None
    longest_first = sorted(parameters, key=len, reverse=True)
    return next((name for name in longest_first if re.search(rf"\b{re.escape(name)}\b", told)), None)


def asked_wait(headers: dict[str, str]) -> float | None:
    """The seconds that `Retry-After` (or OpenAI's `retry-after-ms`) asks to wait; None where it says nothing usable."""
    told = {name.lower(): value for name, value in headers.items()}
    try:
        if "retry-after-ms" in told:
            return max(0.0, float(told["retry-after-ms"]) / 1000)
        return max(0.0, float(told["retry-after"]))
    except KeyError:
        return None
    except ValueError:
        return _until(told.get("retry-after", ""))


def _until(date: str) -> float | None:
    try:
        return max(0.0, (parsedate_to_datetime(date) - datetime.now(timezone.utc)).total_seconds())
    except (TypeError, ValueError):
        return None


def wait_before(attempt: int) -> float:
    """Seconds before try `attempt` + 1 (from 1), doubling, between half and the whole of it by chance."""
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (attempt - 1)) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
