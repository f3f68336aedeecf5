"""The files of documents that our tasks' YAMLs name: each task's attribute here is its `dataset_kwargs`.

They are made when lmms-eval loads a task, so that they are of the benchmark that $SAMA_BENCH_ROOT names then.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import NoReturn

from sama_bench import atomic
from sama_bench.cache import cache_folder
from sama_bench.errors import UserError
from sama_bench.lmms.documents import is_ours, rows

SPLIT = "test"


class NoData(SystemExit):
    """A task has no documents; ends the process with one line for each reason.

    lmms-eval shows other exceptions that come while a task loads as the traceback of a failed import, or tries five
    times and shows none.
    """


def __getattr__(name: str) -> dict[str, dict[str, str]]:
    """The `dataset_kwargs` of our task `name`. Raises NoData where it has no questions."""
    if not is_ours(name):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return {"data_files": {SPLIT: _file(name)}}
    except UserError as problem:
        _no_data(problem)


def _file(name: str) -> str:
    content = "".join(f"{json.dumps(row)}\n" for row in rows(name)).encode()
    path = cache_folder() / f"{name}-{sha256(content).hexdigest()[:16]}.jsonl"
    if not path.is_file():
        atomic.write_bytes(path, content)
    return str(path)


def _no_data(problem: UserError) -> NoReturn:
    raise NoData("\n".join(f"sama-bench: {line}" for line in problem.problems)) from None
