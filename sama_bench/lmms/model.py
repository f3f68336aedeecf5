"""Our adapters as a model of lmms-eval: `--model sama_bench --model_args adapter=NAME,…`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lmms_eval.api.model import lmms
from lmms_eval.utils import simple_parse_args_string

from sama_bench.adapter import Adapter
from sama_bench.errors import UserError
from sama_bench.lmms import answer_text
from sama_bench.lmms.adapter_args import NAME, adapter_of
from sama_bench.lmms.documents import benchmark, is_ours, key_of
from sama_bench.lmms.exit_error import UserExit
from sama_bench.lmms.plain_questions import plain_question
from sama_bench.lmms.plain_support import check_plain
from sama_bench.run.predictions import FAILURES, StoredPrediction, reason
from sama_bench.run.progress import Progress, Silence
from sama_bench.run.runner import ask, askable
from sama_bench.types import Key

# How an answer begins that is none: the form in which lmms-eval's own clients of servers say so.
FAILED = "[LMMS_EVAL_REQUEST_FAILED]"
NO_REGIONS = StoredPrediction("", error="not asked: the model takes no regions")

# Of the arguments of a request: words, how to generate, what is shown, and which document of which task it is.
Request = tuple[str, Mapping[str, Any], Any, int, str, str]


class SamaBench(lmms):  # type: ignore[misc]  # lmms-eval has no types
    """An adapter of ours, asked our tasks as the runner asks it, and others in plain words and pictures."""

    is_simple = True

    def __init__(self, adapter: Adapter, name: str = "") -> None:
        super().__init__()
        self.adapter, self._name = adapter, name or type(adapter).__name__
        self._take_part()

    @classmethod
    def around(cls, adapter: Adapter) -> SamaBench:
        """The model that asks an adapter which is made already."""
        return cls(adapter)

    @classmethod
    def create_from_arg_string(cls, arg_string: str, additional_config: Mapping[str, Any] | None = None) -> SamaBench:
        """Make the adapter that `adapter=NAME` of the arguments names, with the others as they were written.

        Raises UserExit where there is no such adapter, or it refuses them.
        """
        try:
            adapter = adapter_of(arg_string, (additional_config or {}).get("device"))
        except UserError as problem:
            raise UserExit(problem) from None
        return cls(adapter, simple_parse_args_string(arg_string)[NAME])

    def generate_until(self, requests: Sequence[Any]) -> list[str]:
        """An answer for each request, in order. An error is an answer that says so, and no task takes it for one."""
        arguments = [request.args for request in requests]
        our_documents = {
            number: self._document(request) for number, request in enumerate(arguments) if is_ours(request[4])
        }
        plain = {number: request for number, request in enumerate(arguments) if number not in our_documents}
        try:
            if plain:
                check_plain(self._name, self.adapter.can)
            answers = {**self._of_ours(our_documents), **self._in_words(plain)}
        except UserError as problem:
            raise UserExit(problem) from None
        for number, request in enumerate(arguments):
            self.cache_hook.add_partial("generate_until", (request[0], request[1]), answers[number])
        return [answers[number] for number in range(len(arguments))]

    def loglikelihood(self, requests: Sequence[Any]) -> list[tuple[float, bool]]:  # noqa: ARG002 - lmms-eval's
        """Nothing: our adapters answer in words and give no probabilities."""
        raise UserExit(
            UserError("sama_bench gives no likelihoods: tasks of output_type loglikelihood cannot be asked of it")
        )

    def generate_until_multi_round(self, requests: Sequence[Any]) -> list[str]:  # noqa: ARG002 - lmms-eval's
        """Nothing: our adapters are asked each question on its own."""
        raise UserExit(
            UserError("sama_bench takes no rounds: tasks of generate_until_multi_round cannot be asked of it")
        )

    def _document(self, request: Request) -> Mapping[str, Any]:
        document: Mapping[str, Any] = self.task_dict[request[4]][request[5]][request[3]]
        return document

    def _of_ours(self, documents: Mapping[int, Mapping[str, Any]]) -> dict[int, str]:
        numbers_by_key: dict[Key, list[int]] = {}
        for number, document in documents.items():
            numbers_by_key.setdefault(key_of(document), []).append(number)
        answers = dict(self._answers(frozenset(numbers_by_key)))
        written = {key: answer_text.written(answers.get(key, NO_REGIONS), self.adapter.can) for key in numbers_by_key}
        return {number: written[key] for key, numbers in numbers_by_key.items() for number in numbers}

    def _answers(self, keys: frozenset[Key]) -> Iterator[tuple[Key, StoredPrediction]]:
        if not keys:
            return
        selected = benchmark().only(keys)
        todo = askable(selected, [(entry, list(entry.keys)) for entry in selected.entries], self.adapter)
        with _bar(sum(len(keys_of_entry) for _, keys_of_entry in todo), self.rank) as bar:
            for _, answers in ask(selected, self.adapter, todo, bar):
                yield from answers

    def _in_words(self, plain: Mapping[int, Request]) -> dict[int, str]:
        with _bar(len(plain), self.rank) as bar:
            return {number: self._in_word(request, bar) for number, request in plain.items()}

    def _in_word(self, request: Request, bar: Progress) -> str:
        words, options, visuals_of, number, task, split = request
        if not callable(visuals_of):
            raise UserError(f"task {task}: lmms-eval's --cache_requests leaves out what is shown; start without it")
        try:
            visuals = visuals_of(self.task_dict[task][split][number])
            text = _a_text(self.adapter.answer(plain_question(words, options, visuals)))
        except UserError:
            raise
        except FAILURES as problem:
            text = f"{FAILED} {reason(problem)}"
        bar.question_done()
        return _until(text, options.get("until"))

    def _take_part(self) -> None:
        """Of several processes each asks its own share of the questions."""
        from accelerate import Accelerator

        accelerator = Accelerator()
        if accelerator.num_processes > 1:
            self.accelerator = accelerator
            self._rank, self._world_size = accelerator.process_index, accelerator.num_processes


def _a_text(answer: object) -> str:
    if not isinstance(answer, str):
        raise TypeError(f"answer() gave {type(answer).__name__}, expected a text")
    return answer


def _until(text: str, ends: object) -> str:
    """The text before the first of the strings that end an answer."""
    end_strings = [ends] if isinstance(ends, str) else ends if isinstance(ends, (list, tuple)) else []
    for end in end_strings:
        if isinstance(end, str) and end:
            text = text.partition(end)[0]
    return text


def _bar(total: int, rank: int) -> _Bar:
    return _Bar(total, silent=rank != 0)


class _Bar(Silence):
    """tqdm's bar, as the other models of lmms-eval have it."""

    def __init__(self, total: int, *, silent: bool) -> None:
        from tqdm import tqdm

        self._bar = tqdm(total=total, disable=silent or not total, desc="Model Responding")

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def question_done(self, error: str | None = None) -> None:  # noqa: ARG002 - they are told apart
        """One more."""
        self._bar.update(1)

    def warn(self, line: str) -> None:
        """A line above the bar."""
        self._bar.write(f"sama-bench: {line}", file=sys.stderr)
