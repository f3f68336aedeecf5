"""The files of documents that our tasks' YAMLs name: each task's attribute here is its `dataset_kwargs`.

They are made when lmms-eval loads a task, so that they are of the benchmark that $SAMA_BENCH_ROOT names then.
"""

from __future__ import annotations

import json
from glob import escape
from hashlib import sha256

from sama_bench.cache import cache_folder
from sama_bench.errors import UserError
from sama_bench.files import atomic
from sama_bench.lmms.documents import is_ours, rows
from sama_bench.lmms.exit_error import UserExit

SPLIT = "test"


def __getattr__(name: str) -> dict[str, dict[str, str]]:
    """The `dataset_kwargs` of our task `name`. Raises UserExit where it has no questions."""
    if not is_ours(name):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return {"data_files": {SPLIT: escape(_file(name))}}
    except UserError as problem:
        raise UserExit(problem) from None


def _file(name: str) -> str:
    content = "".join(f"{json.dumps(row)}\n" for row in rows(name)).encode()
    path = cache_folder() / f"{name}-{sha256(content).hexdigest()[:16]}.jsonl"
    if not path.is_file():
        atomic.write_bytes(path, content)
    return str(path)
