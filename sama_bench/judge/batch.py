"""Asking by OpenAI's Batch API: hours instead of minutes, at half the price, and resumable at any moment."""

from __future__ import annotations

import json
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sama_bench.errors import UserError
from sama_bench.judge.batch_state import FILE, BatchState, Sent
from sama_bench.llm_client import BudgetSpent, Failure, Prices, Reply, Request, ResponseCache, Server
from sama_bench.llm_client.connection import sync_client
from sama_bench.llm_client.errors import trouble_of
from sama_bench.llm_client.exchange import ErrorInside, read
from sama_bench.llm_client.prices import Price
from sama_bench.llm_client.redaction import redacted, without

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types import Batch

LINES, BYTES = 50_000, 200_000_000
ENDPOINT: Final = "/v1/chat/completions"
WINDOW: Final = "24h"
TAG = "sama_bench"
ENDED = {"completed", "failed", "expired", "cancelled"}
SECONDS_BETWEEN = 20.0
Found = dict[str, "Reply | Failure"]


def halved(prices: Prices) -> Prices:
    """The prices of tokens in a batch."""
    return Prices({name: Price(price.tokens_in / 2, price.tokens_out / 2) for name, price in prices.table.items()})


class BatchServer(Server):
    """A server whose `ask_all` sends what is not in the cache as batches, and waits for their end.

    The file `state` knows the batches under way: killed at any moment, the same requests are not sent twice. Failures
    of single requests are given as such, and are sent anew by a later call. `tell` gets a line for each step.
    """

    def __init__(
        self,
        base_url: str | None,
        state: Path,
        cache: ResponseCache,
        *,
        budget: float | None = None,
        prices: Prices | None = None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        super().__init__(base_url, cache=cache, budget=budget, prices=halved(prices or Prices.load()))
        self._state, self._kept, self._tell = state, cache, tell
        self._where = sha256(self.base_url.encode()).hexdigest()[:16]

    def ask_all(self, requests: Iterable[Request]) -> Iterator[tuple[int, Reply | Failure]]:
        """Give (place in `requests`, what came): first what is in the cache, then batch by batch.

        Raises UserError where the server cannot be asked, and BudgetSpent after all that the budget allowed.
        """
        with closing(self._kept):
            yield from self._answered(requests)

    def _answered(self, requests: Iterable[Request]) -> Iterator[tuple[int, Reply | Failure]]:
        places: dict[str, list[int]] = {}
        requests_by_key: dict[str, Request] = {}
        for place, request in enumerate(requests):
            known = self._kept.get(request)
            if known is not None:
                self.bill.add(known, request)
                yield place, known
                continue
            requests_by_key.setdefault(request.key, request)
            places.setdefault(request.key, []).append(place)
        for results_by_key in self._results(requests_by_key) if requests_by_key else ():
            yield from ((place, result) for key, result in results_by_key.items() for place in places[key])

    def _results(self, requests_by_key: Mapping[str, Request]) -> Iterator[Found]:
        state = BatchState.load(self._state)
        with _server_errors(self.base_url, self._key), self._batches() as client:
            self._recognise(client, state)
            sent_keys = {key for batch in self._mine(state) for key in batch.keys}
            spent = self._submit(
                client, state, [request for key, request in requests_by_key.items() if key not in sent_keys]
            )
            yield from self._collect(client, state, requests_by_key)
        if spent is not None:
            raise spent

    def _batches(self) -> OpenAI:
        return sync_client(self.base_url, self._key, self._timeout, self.tries)

    def _mine(self, state: BatchState) -> list[Sent]:
        return [batch for batch in state.sent if batch.server == self._where]

    def _recognise(self, client: OpenAI, state: BatchState) -> None:
        """Find the batches that were sent when the process ended before their id could be noted."""
        unknown = {batch.tag: batch for batch in self._mine(state) if not batch.id}
        if not unknown:
            return
        for batch in client.batches.list(limit=100):
            match = unknown.pop((batch.metadata or {}).get(TAG, ""), None)
            if match is not None:
                match.id = batch.id
            if not unknown:
                break
        state.sent = [batch for batch in state.sent if batch.tag not in unknown]
        state.save()

    def _submit(self, client: OpenAI, state: BatchState, requests: Sequence[Request]) -> BudgetSpent | None:
        affordable, spent = self._affordable(requests)
        for keys, content in parts((request.key, self._line(request)) for request in affordable):
            sent_batch = Sent(uuid.uuid4().hex, self._where, keys)
            state.sent.append(sent_batch)
            state.save()
            file = client.files.create(file=("requests.jsonl", content), purpose="batch")
            # Tried once: a second try could be a second batch. What was lost on the way is found by its tag.
            batch = client.with_options(max_retries=0).batches.create(
                input_file_id=file.id, endpoint=ENDPOINT, completion_window=WINDOW, metadata={TAG: sent_batch.tag}
            )
            sent_batch.id = batch.id
            state.save()
            self._tell(
                f"batch {redacted(self._key, batch.id)}: {len(keys)} requests sent; stopped, the same command goes on"
            )
        return spent

    def _affordable(self, requests: Sequence[Request]) -> tuple[list[Request], BudgetSpent | None]:
        affordable: list[Request] = []
        for request in requests:
            try:
                if self.budget is not None:
                    self.budget.begin(request)
            except BudgetSpent as spent:
                return affordable, spent
            affordable.append(request)
        return affordable, None

    def _line(self, request: Request) -> bytes:
        line = {"custom_id": request.key, "method": "POST", "url": ENDPOINT, "body": self.sent(request)}
        return json.dumps(line, separators=(",", ":")).encode() + b"\n"

    def _collect(self, client: OpenAI, state: BatchState, requests_by_key: Mapping[str, Request]) -> Iterator[Found]:
        waiting = [batch for batch in self._mine(state) if not requests_by_key.keys().isdisjoint(batch.keys)]
        while waiting:
            still_waiting = []
            for sent_batch in waiting:
                batch = client.batches.retrieve(sent_batch.id)
                if batch.status not in ENDED:
                    still_waiting.append(sent_batch)
                    continue
                yield self._taken(client, state, sent_batch, batch, requests_by_key)
            waiting = still_waiting
            if waiting:
                time.sleep(SECONDS_BETWEEN)

    def _taken(
        self, client: OpenAI, state: BatchState, sent_batch: Sent, batch: Batch, requests_by_key: Mapping[str, Request]
    ) -> Found:
        """Keep the replies of a batch that has ended; each request that has none is a failure."""
        results_by_key, left_out = results(_lines(client, batch), self._key)
        keys = [key for key in sent_batch.keys if key in requests_by_key]
        status, name = redacted(self._key, batch.status), redacted(self._key, batch.id)
        failure = Failure(redacted(self._key, f"the batch is {status}{_errors(batch)}"), 1)
        requested = {key: results_by_key.get(key, failure) for key in keys}
        if unknown := len(results_by_key.keys() - set(sent_batch.keys)):
            left_out["results of requests that were not sent"] += unknown
        for reason, count in left_out.items():
            self._tell(f"batch {name}: left out: {count} {reason}")
        for key, result in requested.items():
            if isinstance(result, Reply):
                self._kept.put(requests_by_key[key], result)
                self.bill.add(result, requests_by_key[key])
            else:
                self.bill.failed += 1
            if self.budget is not None:
                self.budget.end(requests_by_key[key])
        state.take(sent_batch, keys)
        self._tell(f"batch {name}: {status}")
        return requested


def parts(lines: Iterable[tuple[str, bytes]]) -> Iterator[tuple[list[str], bytes]]:
    """Put lines with their keys together to as few files as the API's limits allow."""
    keys: list[str] = []
    content: list[bytes] = []
    size = 0
    for key, line in lines:
        if keys and (len(keys) == LINES or size + len(line) > BYTES):
            yield keys, b"".join(content)
            keys, content, size = [], [], 0
        keys.append(key)
        content.append(line)
        size += len(line)
    if keys:
        yield keys, b"".join(content)


def results(lines: Iterable[bytes], key: str) -> tuple[Found, Counter[str]]:
    """The result of each request, by its id, and counts of lines that are left out; `key` is the server's.

    A line that is no result leaves its request without one. Of two results of one request that are not alike neither
    can be trusted: it has failed.
    """
    results_by_id: Found = {}
    left_out: Counter[str] = Counter()
    for line in lines:
        try:
            parsed = json.loads(without(key, line.decode()))
            id_ = parsed["custom_id"]
            if not isinstance(id_, str):
                raise TypeError("no id")
        except (ValueError, KeyError, TypeError, RecursionError):
            left_out["lines that are no result"] += 1
            continue
        result = _result(parsed, key)
        if id_ in results_by_id and results_by_id[id_] != result:
            left_out["requests with two results that differ"] += 1
            result = Failure("the batch has two results of it that differ", 1)
        results_by_id[id_] = result
    return results_by_id, left_out


def _lines(client: OpenAI, batch: Batch) -> Iterator[bytes]:
    for file in filter(None, (batch.output_file_id, batch.error_file_id)):
        yield from (line for line in client.files.content(file).content.split(b"\n") if line.strip())


def _result(line: Mapping[str, Any], key: str) -> Reply | Failure:
    response = _mapping(line.get("response"))
    body = _mapping(response.get("body"))
    error = _mapping(line.get("error"))
    status = response.get("status_code")
    if status == 200 and not error:
        try:
            return read(body, key)
        except ErrorInside as inside:
            error = inside.body
        except (ValueError, TypeError, AttributeError) as problem:
            return Failure(f"the batch's reply is {problem}", 1)
    error = error or _mapping(body.get("error"))
    words = redacted(key, error.get("message")) or redacted(key, error.get("code")) or "no reason"
    return Failure(f"HTTP {status if isinstance(status, int) else '-'}: {words}", 1)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _errors(batch: Batch) -> str:
    messages = [error.message or error.code or "" for error in (batch.errors.data or [] if batch.errors else [])]
    return f": {messages[0]}" if messages else ""


@contextmanager
def _server_errors(server: str, key: str) -> Iterator[None]:
    """Raise what the server does not do for us as one line."""
    import openai

    try:
        yield
    except openai.NotFoundError as problem:
        raise UserError(
            f"{server}: the server knows a batch of this run, or batches at all, no more (HTTP 404): move {FILE} in "
            "the run's folder away and give the same command again, or leave out --batch"
        ) from problem
    except openai.APIStatusError as problem:
        trouble = trouble_of(problem, frozenset(), key)
        advice = "" if trouble.kind == "end" else " from its batches; give the same command again to go on"
        raise UserError(f"{server}: {trouble.reason}{advice}") from problem
    except openai.OpenAIError as problem:
        raise UserError(f"{server}: no answer ({type(problem).__name__}); give the same command again") from problem
