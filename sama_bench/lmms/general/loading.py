"""A task with its data set, or why there is none."""

from __future__ import annotations

from typing import Any

LONGEST = 200  # characters of a reason


class NotLoaded(Exception):
    """A task that cannot be asked; the message is one line and says what to do where that is known."""


def load(manager: Any, name: str, form: str) -> Any:  # noqa: ANN401 - of lmms-eval's
    """The task `name` as `manager` makes it, for a model of the form simple or chat. Raises NotLoaded.

    lmms-eval tries to get a data set five times, and then says only that it did.
    """
    try:
        return manager.load_task_or_group([name], form)[name]
    except (Exception, SystemExit) as problem:
        first = root(problem)
        message = f"could not be loaded ({reason(problem)})" if first is problem else _no_data(manager, name, first)
        raise NotLoaded(message) from problem


def reason(problem: BaseException) -> str:
    """A line that says what was raised; what ends a process says it in its own words."""
    text = " ".join(str(problem).split())
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    if isinstance(problem, SystemExit) and isinstance(problem.code, str):
        return text.removeprefix("sama-bench: ")
    return f"{type(problem).__name__}: {text}" if text else type(problem).__name__


def root(problem: BaseException) -> BaseException:
    """The error of the last try, where lmms-eval tried again and again; else the problem itself."""
    attempt = getattr(problem, "last_attempt", None)
    first = attempt.exception() if attempt is not None else None
    return problem if first is None else root(first)


def _no_data(manager: Any, name: str, problem: BaseException) -> str:  # noqa: ANN401 - of lmms-eval's
    from lmms_eval.utils import load_yaml_config

    path = str(load_yaml_config(manager.task_index[name]["yaml_path"], mode="simple").get("dataset_path", "?"))
    message = f"its data set {path} could not be loaded ({reason(problem)})"
    if path.count("/") != 1 or path.startswith((".", "/")):
        return message  # files of the user's, not a data set of the hub
    login = "log in (`hf auth login`), or " if "token" in str(problem).lower() else ""
    # without internet a data set is found that was loaded before, and not what `hf download` brings
    bring = f"`sama-bench general --model lmms:dummy --tasks {name} --limit 2`"
    return f"{message}; {login}bring it into HF_HOME where there is internet: {bring}"
