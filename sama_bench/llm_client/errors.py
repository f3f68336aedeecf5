"""The meaning of a server's error: try again, another parameter, this request's failure, or the end of it all.

A refusal of one request (HTTP 400, 403, 404 …) is that request's failure: many servers refuse single prompts so. What
it means where the first ones all come back so, `request_loop` decides.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from sama_bench.llm_client.exchange import ErrorInside, TooLarge
from sama_bench.llm_client.redaction import redacted

Kind = Literal["again", "too much", "no connection", "parameter", "failure", "refused", "end"]
FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0
# Other names that servers know a parameter by.
RENAMED = {"max_tokens": "max_completion_tokens"}
# How servers say that they do not take a parameter, and how they say that a request is larger than they take, which is
# no reason to leave a parameter out of all others.
NOT_TAKEN = re.compile(
    r"unsupported|not support|unrecognized|unknown|not permitted|unexpected|unavailable|invalid|must be one of"
)
TOO_LARGE = re.compile(r"too (large|long|many|big|high)|context.(length|window|size)|at most|maximum|exceed|less than")


UNKNOWN_MODEL = re.compile(r"\bmodel\b.{0,120}\b(not (be )?found|not exist|unknown|not a valid)|no such model")
WRONG_KEY = re.compile(r"api.?key|credential|authenticat|unauthori[sz]ed|unregistered caller|invalid.{0,20}token")
TOO_MUCH = re.compile(r"rate.?limit|too many requests|quota|overloaded|slow down")


@dataclass(frozen=True)
class Trouble:
    """The trouble with one try: `wait` are seconds the server asks for, `parameter` what it does not take.

    `refused` is the failure of this request, and perhaps of all others.
    """

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
        body_content = problem.body
        body = (
            body_content
            if isinstance(body_content, dict)
            else {"message": body_content}
            if _is_line(body_content)
            else {}
        )
        headers = dict(problem.response.headers)
        return _status(_ServerError(problem.status_code, body, headers, key), parameters)
    if isinstance(problem, ErrorInside):
        return _status(_ServerError(_status_of(problem.body), problem.body, {}, key), parameters)
    if isinstance(problem, openai.APIConnectionError):
        return _no_connection(problem.__cause__)
    if isinstance(problem, TooLarge):
        return Trouble("failure", "the answer is larger than any answer")
    return Trouble("again", "the answer is not what a chat server sends")


def _is_line(body: object) -> bool:
    """True if a body is words for people, and no web page."""
    return isinstance(body, str) and "<" not in body


def _no_connection(cause: BaseException | None) -> Trouble:
    # The classes are the HTTP package's, which openai has changed before; their names have stayed.
    kind = type(cause).__name__
    if "CERTIFICATE_VERIFY_FAILED" in str(cause):
        reason = str(cause).partition("CERTIFICATE_VERIFY_FAILED]")[2].partition(" (")[0].strip()
        return Trouble("end", f"its certificate is not trusted ({reason}): is $SSL_CERT_FILE right?")
    if kind == "ProxyError":
        return Trouble("no connection", f"the proxy makes no connection ({redacted('', str(cause), 80)})")
    if kind == "ConnectError":
        return Trouble("no connection", "no connection could be made")
    if kind == "UnsupportedProtocol":
        return Trouble("end", "the address is none of a server")
    return Trouble("again", "the connection failed")


@dataclass(frozen=True)
class _ServerError:
    """A server's words about an error: its status, the body's JSON, its headers. `key` is what nobody may read."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    key: str

    @property
    def words(self) -> str:
        """The server's own words, cut."""
        return redacted(self.key, self.body.get("message")) or redacted(self.key, self.body.get("detail"))

    @property
    def reason(self) -> str:
        """Status and words."""
        return f"HTTP {self.status}: {self.words}" if self.words else f"HTTP {self.status}"

    @property
    def code(self) -> str:
        """The name that the server gives the error."""
        return str(self.body.get("code") or self.body.get("type") or "")

    @property
    def to(self) -> str:
        """The target of a redirect, without what may be secret in it."""
        place = {name.lower(): value for name, value in self.headers.items()}.get("location", "")
        return redacted(self.key, re.sub(r"//[^/@]*@", "//", place.partition("?")[0]))


def _status_of(body: Mapping[str, Any]) -> int:
    """The status that an error in a reply of status 200 would have; 502 where nobody can say."""
    for code in (body.get("code"), body.get("status"), body.get("status_code")):
        if isinstance(code, int | str) and str(code).isdecimal() and 400 <= int(str(code)[:9]) < 600:
            return int(code)
    words = f"{body.get('code')} {body.get('type')} {body.get('message')}"[:2000].lower()
    return 429 if TOO_MUCH.search(words) else 502


def _status(error: _ServerError, parameters: frozenset[str]) -> Trouble:
    status, reason, words = error.status, error.reason, error.words.lower()
    if (end_reason := _end(error)) is not None:
        return Trouble("end", end_reason)
    if status in {429, 503}:
        return Trouble("too much", f"HTTP {status}", wait=asked_wait(dict(error.headers)))
    if status >= 500 or status in {408, 409, 425}:
        return Trouble("again", f"HTTP {status}")
    if status in {403, 404, 405}:
        return Trouble("refused", reason)
    parameter = _refused_parameter(error, words, parameters)
    return Trouble("parameter", reason, parameter=parameter) if parameter else Trouble("refused", reason)


def _end(error: _ServerError) -> str | None:
    """The reason why no request can be answered by now; None where others may be."""
    if error.status == 402 or (error.status == 429 and "insufficient_quota" in error.code):
        return f"the account has no credit left ({error.reason})"
    if 300 <= error.status < 400:
        target = f" to {error.to}" if error.to else ""
        return f"HTTP {error.status}, a redirect{target}: it is not followed; is base_url right?"
    if error.status == 401:
        return f"the server does not accept the key ({error.reason})"
    return None


def meaning(reason: str) -> str | None:
    """The fault of all requests where a server refuses one for this reason; None where it may be its alone."""
    lowered = reason.lower()
    if UNKNOWN_MODEL.search(lowered):
        return "the server knows no such model"
    if lowered.startswith("http 403") and WRONG_KEY.search(lowered):
        return "the server does not accept the key"
    return None


def _refused_parameter(error: _ServerError, words: str, parameters: frozenset[str]) -> str | None:
    """The parameter that a server says it does not take, if it is one that was sent."""
    lowered = (words or json.dumps(dict(error.body), default=str)[:2000]).lower()
    if TOO_LARGE.search(lowered):
        return None
    param = str(error.body.get("param")).partition(".")[0]
    if param in parameters:
        return param
    if not NOT_TAKEN.search(lowered):
        return None
    longest_first = sorted(parameters, key=len, reverse=True)
    return next((name for name in longest_first if re.search(rf"\b{re.escape(name)}\b", lowered)), None)


def asked_wait(headers: dict[str, str]) -> float | None:
    """The seconds that `Retry-After` (or OpenAI's `retry-after-ms`) asks to wait; None where it says nothing usable."""
    by_name = {name.lower(): value for name, value in headers.items()}
    try:
        if "retry-after-ms" in by_name:
            return max(0.0, float(by_name["retry-after-ms"]) / 1000)
        return max(0.0, float(by_name["retry-after"]))
    except KeyError:
        return None
    except ValueError:
        return _until(by_name.get("retry-after", ""))


def _until(date: str) -> float | None:
    try:
        return max(0.0, (parsedate_to_datetime(date) - datetime.now(timezone.utc)).total_seconds())
    except (TypeError, ValueError):
        return None


def wait_before(attempt: int) -> float:
    """Seconds before try `attempt` + 1 (from 1), doubling, between half and the whole of it by chance."""
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (attempt - 1)) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
