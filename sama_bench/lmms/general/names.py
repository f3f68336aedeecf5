"""The names of lmms-eval's tasks, its own and those of a user's folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sama_bench.errors import UserError, each
from sama_bench.suggestions import nearest


class Names:
    """The tasks, groups and tags that there are; no task is loaded, nothing of a data set is looked at."""

    def __init__(self, manager: Any) -> None:  # noqa: ANN401 - lmms-eval's TaskManager
        self._index: dict[str, dict[str, Any]] = manager.task_index

    def tasks(self, names: Iterable[str]) -> list[str]:
        """The tasks of these names, each once; a group or a tag is the tasks that it holds.

        Raises UserError with all names that there are not, and groups that change the tasks that they hold.
        """
        leaves_by_name = each(lambda name: list(self._leaves(name)), names)
        return list(dict.fromkeys(leaf for leaves in leaves_by_name for leaf in leaves))

    def _leaves(self, name: str, above: tuple[str, ...] = ()) -> Iterator[str]:
        if name in above:
            raise UserError(f"the group {name} of lmms-eval holds itself")
        if name not in self._index:
            hint = nearest(name, list(self._index))
            raise UserError(f"lmms-eval has no task {name!r}{hint}; to list them: lmms-eval tasks list")
        if self._index[name]["type"] in {"task", "python_task"}:
            yield name
            return
        for member in self._held(name):
            if not isinstance(member, str):
                raise UserError(f"the group {name} changes the tasks that it holds: name tasks instead of it")
            yield from self._leaves(member, (*above, name))

    def _held(self, name: str) -> Sequence[object]:
        members = self._index[name]["task"]
        if isinstance(members, list):
            return members
        from lmms_eval.utils import load_yaml_config

        tasks: Sequence[object] = load_yaml_config(self._index[name]["yaml_path"], mode="simple")["task"]
        return tasks


def manager(include: Sequence[Path], model: str) -> Any:  # noqa: ANN401 - lmms-eval's TaskManager
    """lmms-eval's tasks and those in the folders `include`, worded for the model `model` where a task knows it."""
    from lmms_eval.tasks import TaskManager

    return TaskManager("ERROR", include_path=[str(path) for path in include] or None, model_name=model)
