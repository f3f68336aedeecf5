"""Task files as lmms-eval 0.7 reads them: what it would not take, found without it.

A file that is neither a task nor a group is none of its business, as there. What a task's functions do, and whether its
data are there, is seen when it runs.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import yaml

from sama_bench.files.json_shapes import short
from sama_bench.files.opening import open_regular
from sama_bench.files.yaml_files import BAD_YAML
from sama_bench.lmms.documents import is_ours
from sama_bench.lmms_yaml import TaskLoader

# The fields of lmms_eval.api.task.TaskConfig, version 0.7; `class` makes a task of Python.
TASK_KEYS = frozenset(
    [
        "task",
        "task_alias",
        "tag",
        "group",
        "group_alias",
        "dataset_path",
        "dataset_name",
        "dataset_kwargs",
        "training_split",
        "validation_split",
        "test_split",
        "fewshot_split",
        "full_docs",
        "process_results_use_image",
        "process_docs",
        "doc_to_visual",
        "doc_to_text",
        "doc_to_target",
        "doc_to_choice",
        "doc_to_messages",
        "process_results",
        "use_prompt",
        "description",
        "target_delimiter",
        "fewshot_delimiter",
        "fewshot_config",
        "num_fewshot",
        "metric_list",
        "output_type",
        "generation_kwargs",
        "repeats",
        "filter_list",
        "should_decontaminate",
        "doc_to_decontamination_query",
        "cluster_key",
        "score_key",
        "metadata",
        "lmms_eval_specific_kwargs",
        "model_specific_generation_kwargs",
        "model_specific_target_kwargs",
        "reasoning_tags",
        "auto_strip_thinking",
        "class",
    ]
)
OUTPUT_TYPES = (
    "loglikelihood",
    "multiple_choice",
    "generate_until",
    "generate_until_multi_round",
    "generate_until_agentic",
    "generate_visual_cot",
)
# lmms-eval's aggregations by name; of another it warns, and fails when all is answered.
AGGREGATIONS = frozenset(
    [
        "bits_per_byte",
        "bleu",
        "brier_score",
        "bypass",
        "chrf",
        "f1",
        "matthews_corrcoef",
        "mean",
        "median",
        "perplexity",
        "ter",
        "weighted_perplexity",
    ]
)
MADE_LATER = "sama_bench.lmms.data"  # its attributes are made of the benchmark, which is no matter of a file


class TaskFile(NamedTuple):
    """A file that is a task or a group: its name, which of both it is, what it says, and the file."""

    name: str
    group: bool
    content: Mapping[str, Any]
    path: Path


class Reading(NamedTuple):
    """The tasks and groups of some files, and what is wrong with them, a line each."""

    found: list[TaskFile]
    problems: list[str]


class Function(NamedTuple):
    """A name after `!function`, and the folder of the file that it stands in."""

    name: str
    folder: Path


class _Loader(TaskLoader):
    """Reads `!function` as a `Function`; the stream has to be a file."""


def _function(loader: yaml.Loader, node: yaml.Node) -> Function:
    return Function(str(node.value), Path(loader.name).parent)


_Loader.add_constructor("!function", _function)


class BadFile(ValueError):
    """A file that lmms-eval could not load; the message says why."""


def files_of(path: Path) -> list[Path]:
    """The task files below a folder, or the one file."""
    return sorted(file for file in path.rglob("*.yaml") if file.is_file()) if path.is_dir() else [path]


def read(files: Iterable[Path]) -> Reading:
    """Read task files. Never raises for what a file holds."""
    task_files: list[TaskFile] = []
    problems: list[str] = []
    for file in files:
        try:
            content = _content(file, ())
            list(_functions(content))  # does not end where an alias stands within its own anchor
        except BadFile as problem:
            problems.append(f"{file}: {problem}")
            continue
        except RecursionError:
            problems.append(f"{file}: it holds itself (an alias within its own anchor), or is nested too deep")
            continue
        if (task_file := _known(content, file)) is not None:
            task_files.append(task_file)
    return Reading(task_files, problems)


def joined(readings: Iterable[Reading]) -> Reading:
    """The files and problems of several readings; a file that is in more than one of them counts once."""
    parts = list(readings)
    by_path = {file.path: file for part in parts for file in part.found}
    return Reading(list(by_path.values()), list(dict.fromkeys(problem for part in parts for problem in part.problems)))


def strangers(reading: Reading) -> set[str]:
    """The names that groups hold and that are in none of the files."""
    in_groups = {task for file in reading.found if file.group for task in file.content["task"] if isinstance(task, str)}
    return in_groups - {file.name for file in reading.found}


def problems_of(reading: Reading, others: Collection[str] = ()) -> list[str]:
    """All that is wrong with what was read, a line each, with the file and what was expected.

    `others` are tasks and groups that lmms-eval has besides, which groups may hold.
    """
    twice = Counter(file.name for file in reading.found)
    problems = list(reading.problems)
    for file in reading.found:
        if twice[file.name] > 1:
            problems.append(
                f"{file.path}: {twice[file.name]} files here are called {file.name!r}; lmms-eval takes any of them"
            )
        file_problems = _of_group(file, {*twice, *others}) if file.group else _of_task(file.content)
        problems += [f"{file.path}: {problem}" for problem in file_problems]
    return problems


def _content(file: Path, above: tuple[Path, ...]) -> object:
    """The content of a file, with what it includes below it."""
    try:
        resolved = file.resolve()
    except (OSError, ValueError, RuntimeError) as problem:  # a null character, half a character, links in a circle
        raise BadFile(f"it includes {short(str(file))}, which is no path") from problem
    if resolved in above:
        raise BadFile(f"it includes itself through {file}")
    try:
        with open_regular(file) as stream:
            content = yaml.load(stream, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except OSError as problem:
        raise BadFile(f"{file} cannot be read ({problem.strerror or problem})") from problem
    except BAD_YAML as problem:
        raise BadFile(f"{file} is not YAML ({' '.join(str(problem).split())})") from problem
    if not isinstance(content, dict) or "include" not in content:
        return content
    names = content.pop("include")
    merged: dict[str, Any] = {}
    for name in reversed(names if isinstance(names, list) else [names]):
        below = _content(file.parent / str(name), (*above, resolved))
        if not isinstance(below, dict):
            raise BadFile(f"it includes {name}, which is not a mapping")
        merged |= below
    return merged | content


def _known(content: object, file: Path) -> TaskFile | None:
    if not isinstance(content, dict) or "task" not in content:
        return None
    if isinstance(content["task"], list):
        return TaskFile(str(content.get("group")), True, content, file)
    return TaskFile(str(content["task"]), False, content, file)


def _of_group(file: TaskFile, known: set[str]) -> Iterator[str]:
    if not isinstance(file.content.get("group"), str):
        yield "`task` is a list, so this is a group: expected its name under `group`"
    for task in file.content["task"]:
        if isinstance(task, str) and task not in known:
            yield f"its task {task!r} is in none of these files, nor known to lmms-eval, if that is installed"
        elif task == file.name:
            yield "it holds itself"
        elif not isinstance(task, (str, dict)):
            yield f"its task {task!r} is neither a name nor a mapping"


def _of_task(content: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(content["task"], str):
        yield f"`task` is {content['task']!r}, expected the task's name"
    for key in sorted(set(map(str, content)) - TASK_KEYS):
        yield f"lmms-eval 0.7 knows no key {key!r}; what is not its own stands under `metadata`"
    kind = content.get("output_type", "generate_until")
    if kind not in OUTPUT_TYPES:
        yield f"`output_type` is {kind!r}, expected one of {', '.join(OUTPUT_TYPES)}"
    if content.get("generation_kwargs") is not None and "generate_until" not in str(kind):
        yield f"`generation_kwargs` go with generate_until, `output_type` is {kind!r}"
    if not {"class", "test_split", "validation_split"} & set(content):
        yield "neither `test_split` nor `validation_split`: lmms-eval would not know what to ask"
    if not {"class", "dataset_path"} & set(content):
        yield "no `dataset_path`"
    yield from _of_metrics(content.get("metric_list"), "process_results" in content)
    yield from _of_functions(content)


def _of_metrics(metrics: object, processes_results: bool) -> Iterator[str]:
    if metrics is None:
        return
    if not isinstance(metrics, list):
        yield f"`metric_list` is {type(metrics).__name__}, expected a list"
        return
    for number, metric in enumerate(metrics):
        where = f"metric_list[{number}]"
        if not isinstance(metric, dict) or "metric" not in metric:
            yield f"{where} has no `metric`"
            continue
        for key in ("aggregation", "higher_is_better") if processes_results else ():
            if key not in metric:
                yield f"{where}, {metric['metric']}: no `{key}`, and lmms-eval has none for a metric of ours"
        aggregation = metric.get("aggregation")
        if isinstance(aggregation, str) and aggregation not in AGGREGATIONS:
            reason = f"lmms-eval has no `aggregation` {aggregation!r}, and one of your own is !function MODULE.NAME"
            yield f"{where}, {metric['metric']}: {reason}"
        direction = metric.get("higher_is_better", True)
        if not isinstance(direction, bool):
            yield f"{where}, {metric['metric']}: `higher_is_better` is {direction!r}, expected true or false"


def _of_functions(content: Mapping[str, Any]) -> Iterator[str]:
    for function in dict.fromkeys(_functions(content)):
        if (problem := _missing(function)) is not None:
            yield f"!function {function.name}: {problem}"


def _functions(value: object) -> Iterator[Function]:
    """The functions that stand after `!function`, wherever they do."""
    if isinstance(value, Function):
        yield value
        return
    for below in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _functions(below)


def _missing(function: Function) -> str | None:
    """The reason why lmms-eval would not find what is named; None where it would."""
    module, _, attribute = function.name.rpartition(".")
    if not module:
        return "expected module.function"
    if module == MADE_LATER:
        return None if is_ours(attribute) else f"there is no task {attribute}"
    try:
        loaded = _module(module, function.folder / f"{module}.py")
    except (Exception, SystemExit) as problem:  # it is a stranger's code that runs here
        return f"the module does not load ({type(problem).__name__}: {problem})"
    return None if hasattr(loaded, attribute) else f"{module} has no {attribute}"


def _module(name: str, beside: Path) -> ModuleType:
    """The module beside the task's file, where there is one, as lmms-eval looks for it; else the installed one."""
    if not beside.is_file():
        return importlib.import_module(name)
    spec = importlib.util.spec_from_file_location(name, beside)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
