"""Task files as the installed lmms-eval itself reads them."""

from __future__ import annotations

from importlib.util import find_spec

from sama_bench.lmms.task_files import Reading, TaskFile


def refused(reading: Reading) -> list[str]:
    """The objections of lmms-eval to the files, a line each; none where it is not installed. No data are loaded."""
    if find_spec("lmms_eval") is None:
        return []
    return [problem for file in reading.found if (problem := _problem(file)) is not None]


def names() -> frozenset[str]:
    """The tasks, groups and tags that the installed lmms-eval brings; none where it is not installed."""
    if find_spec("lmms_eval") is None:
        return frozenset()
    from lmms_eval.tasks import TaskManager

    return frozenset(TaskManager("ERROR").task_index)


def _problem(file: TaskFile) -> str | None:
    from lmms_eval.api.group import GroupConfig
    from lmms_eval.api.task import TaskConfig
    from lmms_eval.utils import load_yaml_config

    try:
        content = load_yaml_config(str(file.path), mode="full")
        if "class" not in content:
            (GroupConfig if file.group else TaskConfig)(**content)
    except (Exception, SystemExit) as problem:
        return f"{file.path}: lmms-eval refuses it ({type(problem).__name__}: {problem})"
    return None
