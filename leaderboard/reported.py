"""Numbers that others reported, from a YAML file that says where each stands. Nobody measured them here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from reprlib import repr as short
from typing import Any
from urllib.parse import urlsplit

from sama_bench.benchmark.installed import is_task, load_task, task_keys
from sama_bench.errors import UserError, each
from sama_bench.files.yaml_files import read_yaml
from sama_bench.metric import Metric
from sama_bench.types import TaskName

ENTRY = {"model": True, "task": True, "protocol": True, "values": True, "source": True, "date": False}
SOURCE = {"title": True, "url": False, "arxiv": False, "table": False}
ARXIV = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?/\d{7})(v\d+)?")
DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


@dataclass(frozen=True)
class Source:
    """Where a number stands: a page at `url`, or the table `table` of the paper `arxiv`. `date` is '' if not given."""

    title: str
    url: str = ""
    arxiv: str = ""
    table: str = ""
    date: str = ""

    @property
    def link(self) -> str:
        """The address of the page or the paper, http or https."""
        return self.url or f"https://arxiv.org/abs/{self.arxiv}"

    @property
    def text(self) -> str:
        """The source in one line, as a footnote."""
        where = f"arXiv:{self.arxiv}" if self.arxiv else self.url
        parts = [self.title, where, f"table {self.table}" if self.table else "", self.date]
        return ", ".join(filter(None, parts))


@dataclass(frozen=True)
class Reported:
    """One model's numbers of one task and protocol, metric name to fraction, as the source has them."""

    model: str
    task: TaskName
    protocol: str
    values: Mapping[str, float]
    source: Source


def read_reported(paths: Iterable[Path]) -> list[Reported]:
    """Read files of entries, in order. Raises UserError with all problems of all files, each with its entry."""
    found = [one for entries in each(_read, paths) for one in entries]
    keys = [(one.model, one.task, one.protocol, one.source) for one in found]
    twice = [key for n, key in enumerate(keys) if key in keys[:n]]
    if twice:
        raise UserError(
            f"{model}: reported twice for {task}, {protocol}, from {source.text}"
            for model, task, protocol, source in twice
        )
    return found


def _read(path: Path) -> list[Reported]:
    content = read_yaml(path)
    entries = content.get("entries") if isinstance(content, Mapping) and set(content) == {"entries"} else None
    if not isinstance(entries, list) or not entries:
        raise UserError(f"{path}: expected a mapping with nothing but `entries`, a list of one entry or more")
    return each(lambda one: _entry(f"{path}: entry {one[0]}", one[1]), enumerate(entries, 1))


def _entry(where: str, given: object) -> Reported:
    if not isinstance(given, Mapping):
        raise UserError(f"{where}: is {short(given)}, expected a mapping with {', '.join(ENTRY)}")
    where = f"{where} ({_one_line(given['model'])})" if _is_text(given.get("model")) else where
    if problems := list(_problems(given)):
        raise UserError(f"{where}: {problem}" for problem in problems)
    values = {name: value / 100 for name, value in given["values"].items()}
    source = {name: _one_line(str(value)) for name, value in given["source"].items()}
    dated = Source(**source, date=str(given.get("date", "")))
    return Reported(_one_line(given["model"]), given["task"], given["protocol"], values, dated)


def _problems(given: Mapping[Any, Any]) -> Iterator[str]:
    yield from _keys(given, ENTRY)
    if "model" in given and not _is_text(given["model"]):
        yield f"model is {short(given['model'])}, expected a name"
    yield from _kind(given)
    if "source" in given:
        yield from _source(given["source"])
    if "date" in given and not _is_date(given["date"]):
        yield f"date is {short(given['date'])}, expected YYYY, YYYY-MM or YYYY-MM-DD"


def _keys(given: Mapping[Any, Any], known: Mapping[str, bool], within: str = "") -> Iterator[str]:
    """What is missing of the keys that are needed, and what nobody knows."""
    for name, needed in known.items():
        if needed and name not in given:
            yield f"{within}{name} is missing"
    unknown = [short(name) for name in given if name not in known]
    if unknown:
        yield f"{within or 'entry '}knows no {', '.join(unknown)}; expected {', '.join(known)}"


def _kind(given: Mapping[Any, Any]) -> Iterator[str]:
    """Task, protocol and values, each of which needs the one before."""
    task = given.get("task")
    if not isinstance(task, str) or not is_task(task):
        if "task" in given:
            yield f"task is {short(task)}, expected {' or '.join(task_keys())}"
        return
    known = load_task(task)
    protocol = given.get("protocol")
    if not isinstance(protocol, str) or protocol not in known.protocols:
        if "protocol" in given:
            yield f"protocol is {short(protocol)}, expected {' or '.join(known.protocols)}"
        return
    if "values" in given:
        yield from _values(given["values"], known.columns(protocol))


def _values(values: object, metrics: Sequence[Metric]) -> Iterator[str]:
    bounds = {metric.name: metric.bounds for metric in metrics}
    if not isinstance(values, Mapping) or not values:
        yield f"values is {short(values)}, expected percent by metric, such as {{{next(iter(bounds))}: 51.2}}"
        return
    for name, value in values.items():
        if name not in bounds:
            near = get_close_matches(str(name), bounds, n=1)
            hint = f", did you mean {near[0]}?" if near else ""
            yield f"no metric {short(name)} in this task and protocol{hint}; there are {', '.join(bounds)}"
            continue
        least, most = (100 * bound for bound in bounds[name])
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
            yield f"{name} is {short(value)}, expected percent, a number from {least:g} to {most:g}"


def _source(given: object) -> Iterator[str]:
    if not isinstance(given, Mapping):
        yield f"source is {short(given)}, expected a mapping with {', '.join(SOURCE)}"
        return
    yield from _keys(given, SOURCE, "source ")
    if "title" in given and not _is_text(given["title"]):
        yield f"source title is {short(given['title'])}, expected a title"
    if ("url" in given) == ("arxiv" in given):
        yield "source expected either url, or arxiv with table"
    if "url" in given and not _is_address(given["url"]):
        yield f"source url is {short(given['url'])}, expected an address that begins with http:// or https://"
    if "arxiv" in given and not (isinstance(given["arxiv"], str) and ARXIV.fullmatch(given["arxiv"])):
        yield f"source arxiv is {short(given['arxiv'])}, expected an id in quotes, such as '2401.01234'"
    if "arxiv" in given and "table" not in given:
        yield "source table is missing: which of the paper's tables is it?"
    if "table" in given and not (_is_text(given["table"]) or type(given["table"]) is int):
        yield f"source table is {short(given['table'])}, expected its number"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_address(value: object) -> bool:
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or " " in value:
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _is_date(value: object) -> bool:
    if type(value) not in {str, int, date} or not DATE.fullmatch(str(value)):
        return False
    try:
        date.fromisoformat(f"{value}-01-01"[:10])
    except ValueError:
        return False
    return True


def _one_line(text: str) -> str:
    return " ".join(text.split())
