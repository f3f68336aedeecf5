"""The manifest of a submission: what a packed file says of itself. All of it is the submitter's word."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from reprlib import repr as short

from sama_bench.adapter import Abilities
from sama_bench.benchmark.installed import is_task
from sama_bench.errors import UserError
from sama_bench.files.json_files import ContentError, parse_json
from sama_bench.types import TaskName

FORMAT, VERSION = "sama-bench submission", 1
# The abilities that decide which metrics a model has (`sama_bench.score.unsupported_metrics`).
CAN = ("regions", "masks", "text")
NAME, VALUE, PAIRS = 100, 200, 100
_digest = re.compile(r"[0-9a-f]{64}")
_link = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[!-~]*)?")


@dataclass(frozen=True)
class Card:
    """The published facts of a run beside its answers.

    `benchmark` is the fingerprint of the questions, `tasks` the digest of each task's definition, `can` says of `CAN`
    what the model can. `model_args` and `asking` have None where a value is kept back. `link` is '' or an address.
    """

    name: str
    link: str
    benchmark: str
    tasks: Mapping[TaskName, str]
    model: str
    model_args: Mapping[str, str | None]
    can: Mapping[str, bool]
    asking: Mapping[str, str | None]
    sees_truth: bool
    versions: Mapping[str, str | None]

    def to_json(self) -> dict[str, object]:
        """The card with JSON's own types, with its format and version."""
        return {"format": FORMAT, "version": VERSION, **asdict(self)}

    @property
    def abilities(self) -> Abilities:
        """The model's abilities, as far as they leave metrics without a value."""
        return Abilities(**self.can)

    @property
    def asked(self) -> dict[str, str]:
        """The settings that the model was asked with, as the signature says them."""
        return {name: "(not published)" if value is None else value for name, value in self.asking.items()}


def read(content: bytes) -> Card:
    """Take a card out of the bytes of its JSON. Raises UserError with all that is wrong with it."""
    try:
        parsed = parse_json(content)
    except ContentError as problem:
        raise UserError(str(problem)) from problem
    return from_json(parsed)


def from_json(content: object) -> Card:
    """Take a card out of its JSON form. Raises UserError with all that is wrong with it."""
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise UserError(f'is not the manifest of a submission (expected "format": "{FORMAT}")')
    version = content.get("version")
    if type(version) is int and version > VERSION:
        raise UserError(
            f"was packed by a newer sama-bench (version {short(version)} of the format, this one knows {VERSION}): "
            "install a newer one"
        )
    if type(version) is not int or version != VERSION:
        raise UserError(f"version of the format is {short(version)}, expected {VERSION}")
    fields = {name: value for name, value in content.items() if name not in {"format", "version"}}
    if problems := list(_problems(fields)):
        raise UserError(problems)
    return Card(**fields)


def _is_line(value: object, longest: int = VALUE) -> bool:
    """Whether it is a text that shows as it is: nothing that has no glyph, or turns the line about."""
    return isinstance(value, str) and len(value) <= longest and value.isprintable()


def _is_name(value: object) -> bool:
    return isinstance(value, str) and _is_line(value, NAME) and value.strip() == value != ""


def _is_link(value: object) -> bool:
    return value == "" or (isinstance(value, str) and len(value) <= VALUE and bool(_link.fullmatch(value)))


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and bool(_digest.fullmatch(value))


def _are_tasks(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(map(is_task, value)) and all(map(_is_digest, value.values()))


def _are_pairs(value: object) -> bool:
    if not isinstance(value, dict) or len(value) > PAIRS:
        return False
    return all(_is_name(name) and (text is None or _is_line(text)) for name, text in value.items())


def _are_abilities(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == set(CAN)
        and all(isinstance(ability, bool) for ability in value.values())
    )


_text = f"a line of at most {NAME} printable characters"
_pairs = f"an object of at most {PAIRS} names with a line of at most {VALUE} printable characters, or null, each"
FIELDS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "name": (_is_name, _text),
    "link": (_is_link, f'"" or an address that begins with http:// or https://, of at most {VALUE} characters'),
    "benchmark": (_is_digest, "a fingerprint of 64 hexadecimal digits"),
    "tasks": (_are_tasks, "one or more tasks with a digest of 64 hexadecimal digits each"),
    "model": (_is_name, _text),
    "model_args": (_are_pairs, _pairs),
    "can": (_are_abilities, f"true or false for each of {', '.join(CAN)}"),
    "asking": (_are_pairs, _pairs),
    "sees_truth": (lambda value: isinstance(value, bool), "true or false"),
    "versions": (_are_pairs, _pairs),
}


def _problems(fields: Mapping[str, object]) -> Iterator[str]:
    yield from (f"{name} is missing" for name in FIELDS if name not in fields)
    yield from (f"knows no {short(name)}; expected {', '.join(FIELDS)}" for name in fields if name not in FIELDS)
    for name, (fits, expected) in FIELDS.items():
        if name in fields and not fits(fields[name]):
            yield f"{name} is {short(fields[name])}, expected {expected}"
