import sys
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import openai
import pytest

from sama_bench.llm_client.errors import asked_wait, trouble_of, wait_before
from sama_bench.llm_client.exchange import ErrorInside

# The HTTP package that openai is built on, under whatever name.
httpx = sys.modules.get("httpx2") or sys.modules["httpx"]
SENT = frozenset({"temperature", "max_tokens", "response_format", "seed"})


def status(code, message="", *, param=None, headers=None, kind=None):
    request = httpx.Request("POST", "http://host/v1", headers={"Authorization": "Bearer sk-secret"})
    response = httpx.Response(code, headers=headers, request=request)
    body = {"message": message, "param": param, "code": kind}
    return openai.APIStatusError(message, response=response, body=body)


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (status(429), "too much"), (status(503), "too much"), (status(500), "again"), (status(502), "again"),
        (status(408), "again"), (status(401), "end"), (status(403), "refused"), (status(404), "refused"),
        (status(302), "end"), (status(307), "end"),
        (status(429, kind="insufficient_quota"), "end"), (status(400, "too long"), "refused"),
        (status(422, "temperature: extra inputs are not permitted"), "parameter"),
        (status(400, "Unsupported value", param="seed"), "parameter"),
        (status(400, "Unsupported parameter: 'max_tokens'"), "parameter"),
        (status(400, "your images and temperature are lovely"), "refused"),
        (ErrorInside({"message": "Rate limit exceeded", "code": 429}), "too much"),
        (ErrorInside({"message": "no", "code": "rate_limit_exceeded"}), "too much"),
        (ErrorInside({"message": "no", "code": 401}), "end"), (ErrorInside({"message": "oops"}), "again"),
        (ErrorInside({"message": "moderated", "code": "403"}), "refused"),
        (openai.APITimeoutError(httpx.Request("POST", "http://host")), "again"),
        (openai.APIConnectionError(request=httpx.Request("POST", "http://host")), "again"),
        (ValueError("no JSON"), "again"),
    ],
)  # fmt: skip
def test_each_trouble_is_of_its_kind_and_holds_no_key(problem, kind):
    found = trouble_of(problem, SENT)
    assert found.kind == kind
    assert "secret" not in repr(found)


def test_the_longest_name_that_fits_is_the_parameter():
    assert trouble_of(status(400, "response_format is not supported"), SENT).parameter == "response_format"


def test_a_servers_own_words_are_cut():
    assert len(trouble_of(status(400, "x" * 10_000), SENT).reason) < 300


def test_how_long_to_wait_is_read_in_every_form():
    date = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=30), usegmt=True)
    assert asked_wait({"Retry-After": "7"}) == 7
    assert asked_wait({"retry-after-ms": "250"}) == 0.25
    assert 25 < asked_wait({"Retry-After": date}) <= 30
    for useless in ({}, {"Retry-After": "soon"}, {"Retry-After": ""}):
        assert asked_wait(useless) is None
    assert asked_wait({"Retry-After": "-5"}) == 0


def test_waits_double_with_chance_and_end_somewhere():
    assert 0.25 <= wait_before(1) <= 0.5
    assert 2 <= wait_before(4) <= 4
    assert wait_before(50) <= 60
