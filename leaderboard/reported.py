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
    """The source of a number: a page at `url`, or the table `table` of the paper `arxiv`. `date` may be ''."""

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
    rows = [entry for entries in each(_read, paths) for entry in entries]
    keys = [(row.model, row.task, row.protocol, row.source) for row in rows]
    twice = [key for n, key in enumerate(keys) if key in keys[:n]]
    if twice:
        raise UserError(
            f"{model}: reported twice for {task}, {protocol}, from {source.text}"
            for model, task, protocol, source in twice
        )
    return rows


def _read(path: Path) -> list[Reported]:
    content = read_yaml(path)
    entries = content.get("entries") if isinstance(content, Mapping) and set(content) == {"entries"} else None
    if not isinstance(entries, list) or not entries:
        raise UserError(f"{path}: expected a mapping with nothing but `entries`, a list of one entry or more")
    return each(
        lambda numbered_entry: _entry(f"{path}: entry {numbered_entry[0]}", numbered_entry[1]), enumerate(entries, 1)
    )


def _entry(place: str, entry: object) -> Reported:
    if not isinstance(entry, Mapping):
        raise UserError(f"{place}: is {short(entry)}, expected a mapping with {', '.join(ENTRY)}")
    place = f"{place} ({_one_line(entry['model'])})" if _is_text(entry.get("model")) else place
    if problems := list(_problems(entry)):
        raise UserError(f"{place}: {problem}" for problem in problems)
    values = {name: value / 100 for name, value in entry["values"].items()}
    source = {name: _one_line(str(value)) for name, value in entry["source"].items()}
    dated = Source(**source, date=str(entry.get("date", "")))
    return Reported(_one_line(entry["model"]), entry["task"], entry["protocol"], values, dated)


def _problems(entry: Mapping[Any, Any]) -> Iterator[str]:
    yield from _keys(entry, ENTRY)
    if "model" in entry and not _is_text(entry["model"]):
        yield f"model is {short(entry['model'])}, expected a name"
    yield from _kind(entry)
    if "source" in entry:
        yield from _source(entry["source"])
    if "date" in entry and not _is_date(entry["date"]):
        yield f"date is {short(entry['date'])}, expected YYYY, YYYY-MM or YYYY-MM-DD"


def _keys(mapping: Mapping[Any, Any], known: Mapping[str, bool], within: str = "") -> Iterator[str]:
    """Yield the keys that are missing, and those that are unknown."""
    for name, needed in known.items():
        if needed and name not in mapping:
            yield f"{within}{name} is missing"
    unknown = [short(name) for name in mapping if name not in known]
    if unknown:
        yield f"{within or 'entry '}knows no {', '.join(unknown)}; expected {', '.join(known)}"


def _kind(entry: Mapping[Any, Any]) -> Iterator[str]:
    """Task, protocol and values, each of which needs the one before."""
    task = entry.get("task")
    if not isinstance(task, str) or not is_task(task):
        if "task" in entry:
            yield f"task is {short(task)}, expected {' or '.join(task_keys())}"
        return
    known_task = load_task(task)
    protocol = entry.get("protocol")
    if not isinstance(protocol, str) or protocol not in known_task.protocols:
        if "protocol" in entry:
            yield f"protocol is {short(protocol)}, expected {' or '.join(known_task.protocols)}"
        return
    if "values" in entry:
        yield from _values(entry["values"], known_task.columns(protocol))


def _values(values: object, metrics: Sequence[Metric]) -> Iterator[str]:
    bounds = {metric.name: metric.bounds for metric in metrics}
    if not isinstance(values, Mapping) or not values:
        yield f"values is {short(values)}, expected percent by metric, such as {{{next(iter(bounds))}: 51.2}}"
        return
    for name, value in values.items():
        if name not in bounds:
            close_matches = get_close_matches(str(name), bounds, n=1)
            hint = f", did you mean {close_matches[0]}?" if close_matches else ""
            yield f"no metric {short(name)} in this task and protocol{hint}; there are {', '.join(bounds)}"
            continue
        lowest, most = (100 * bound for bound in bounds[name])
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not lowest <= value <= most:
            yield f"{name} is {short(value)}, expected percent, a number from {lowest:g} to {most:g}"


def _source(source: object) -> Iterator[str]:
    if not isinstance(source, Mapping):
        yield f"source is {short(source)}, expected a mapping with {', '.join(SOURCE)}"
        return
    yield from _keys(source, SOURCE, "source ")
    if "title" in source and not _is_text(source["title"]):
        yield f"source title is {short(source['title'])}, expected a title"
    if ("url" in source) == ("arxiv" in source):
        yield "source expected either url, or arxiv with table"
    if "url" in source and not _is_address(source["url"]):
        yield f"source url is {short(source['url'])}, expected an address that begins with http:// or https://"
    if "arxiv" in source and not (isinstance(source["arxiv"], str) and ARXIV.fullmatch(source["arxiv"])):
        yield f"source arxiv is {short(source['arxiv'])}, expected an id in quotes, such as '2401.01234'"
    if "arxiv" in source and "table" not in source:
        yield "source table is missing: which of the paper's tables is it?"
    if "table" in source and not (_is_text(source["table"]) or type(source["table"]) is int):
        yield f"source table is {short(source['table'])}, expected its number"


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
