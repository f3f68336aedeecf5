"""A prompt template: what a general model is shown and told, as a YAML file says."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from sama_bench.errors import UserError, each
from sama_bench.files.json_files import ContentError
from sama_bench.files.json_shapes import short
from sama_bench.files.opening import open_regular
from sama_bench.files.yaml_files import parse_yaml
from sama_bench.prompting import frame_choice, marks
from sama_bench.prompting.conventions import CONVENTIONS
from sama_bench.prompting.families import labelled
from sama_bench.suggestions import nearest

REFERENTS = (*marks.FORMS, "coordinates", "none")
ANSWERS = ("json", "text")
FITS = ("longest", "square")
GIVES = ("boxes", "timed-boxes", "points", "phrases")
STAMPS = ("numbers", "seconds")
MOST_FRAMES, MOST_PIXELS = 512, 8192
LARGEST = 1 << 20
TEXTS = ("dialogue", "ungrounded", "description")
OPENING = "opening"
# The values that texts are filled in with, by way of example: a text that cannot be filled in is told before a run.
EXAMPLE: Mapping[str, object] = {
    "question": "What is it?", "names": ["it"], "frames": 8, "asked": 1, "marked": [1], "seconds": [0.0],
    "referents": "outline", "key": "bbox_2d", "convention": "in pixels", "track": True,
}  # fmt: skip


@dataclass(frozen=True)
class Template:
    """The content of a template file.

    `frames` frames are shown, chosen as `choose` says, their longer side (`fit` longest) or both sides (square)
    `size` pixels; None leaves them as they are. `line` is the width of the marks' lines in pixels of the frame
    before it is made smaller; None draws them afterwards, in proportion. With `first_frame` the marks are on the first
    frame, as that referent is there; else each is on the first frame that shows its referent. `boxes` is None where the
    family decides. `answers` is what is asked for and read: boxes on one frame, boxes or points with time stamps, or
    phrases alone. `stamps` is how frames that are shown as pictures are counted in those: by numbers from 1, or by
    seconds from 0, one a frame, as frames of a video always are. `label` stands before a picture in place of the
    family's (`{}` is its number from 1, `{seconds}` its seconds). `wording` names the words of expressions that go
    with it.
    """

    name: str
    digest: str
    texts: Mapping[str, str]
    system: str = ""
    frames: int = 8
    choose: str = "uniform"
    size: int | None = 448
    fit: str = "longest"
    referents: str = "outline"
    line: int | None = None
    first_frame: bool = False
    boxes: str | None = None
    answers: str = "boxes"
    label: str | None = None
    stamps: str = "numbers"
    wording: str = ""

    def render(self, text: str, values: Mapping[str, object]) -> str:
        """One of TEXTS, the opening before it, with the values filled in (EXAMPLE has all that there are).

        Raises UserError where it names another, or is no Jinja2.
        """
        try:
            source = self.texts.get(OPENING, "") + self.texts[text]
            return _environment().from_string(source).render(values).strip()
        except Exception as problem:  # a template may do anything
            raise UserError(f"prompt {self.name}: {text} cannot be filled in ({str(problem)[:200]})") from problem

    def changed(self, options: Mapping[str, str]) -> Template:
        """The template with a user's options: frames, size, referents, boxes. Raises UserError with all problems."""
        return _checked(f"prompt {self.name}", replace(self, **_option_values(options)))


def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
    )


def names() -> list[str]:
    """The templates that come with the package, sorted."""
    folder = files("sama_bench.tasks").joinpath("prompts")
    return sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml"))


def load(name: str) -> Template:
    """A template of `tasks/prompts/` by its name, or the user's own by the path of its file.

    Raises UserError where there is none, or the file says something else.
    """
    if "/" in name or name.endswith((".yaml", ".yml")):
        try:
            with open_regular(Path(name)) as file:
                content = file.read(LARGEST + 1)
        except OSError as problem:
            raise UserError(f"prompt {name}: cannot be read ({problem.strerror or problem})") from problem
        if len(content) > LARGEST:
            raise UserError(f"prompt {name}: is larger than {LARGEST >> 20} MB")
        return _parsed(name, Path(name).stem, content)
    if name not in names():
        hint = nearest(name, names())
        raise UserError(f"there is no prompt {name!r}{hint}; there are {', '.join(names())}, or give a file's path")
    file_of = files("sama_bench.tasks").joinpath("prompts", f"{name}.yaml")
    return _parsed(str(file_of), name, file_of.read_bytes())


def _parsed(source: str, name: str, content: bytes) -> Template:
    try:
        fields = parse_yaml(content)
    except ContentError as problem:
        raise UserError(f"prompt {source}: {problem}") from problem
    known = set(Template.__dataclass_fields__) - {"name", "digest", "texts"}
    if not isinstance(fields, dict) or not isinstance(fields.get("texts"), dict):
        raise UserError(f"prompt {source}: expected a mapping with `texts`: {', '.join(TEXTS)}")
    texts = fields.pop("texts")
    problems = [
        f"prompt {source}: knows no {short(key)}; it takes {', '.join(sorted(known))}"
        for key in fields
        if key not in known
    ]
    problems += [f"prompt {source}: texts has no {text_name!r}" for text_name in TEXTS if text_name not in texts]
    problems += [
        f"prompt {source}: texts takes no {short(text_name)}"
        for text_name in texts
        if text_name not in {*TEXTS, OPENING}
    ]
    problems += [
        f"prompt {source}: {short(key)} of texts is no text" for key, text in texts.items() if not isinstance(text, str)
    ]
    if problems:
        raise UserError(problems)
    loaded = _checked(f"prompt {source}", Template(name, hashlib.sha256(content).hexdigest(), texts, **fields))
    each(lambda text: loaded.render(text, EXAMPLE), TEXTS)
    return loaded


def _checked(place: str, candidate: Template) -> Template:
    allowed = {
        "frames": (_whole(candidate.frames, 1, MOST_FRAMES), f"a whole number from 1 to {MOST_FRAMES}"),
        "size": (
            candidate.size is None or _whole(candidate.size, 32, MOST_PIXELS),
            f"full, or pixels from 32 to {MOST_PIXELS}",
        ),
        "choose": (candidate.choose in frame_choice.HOW, ", ".join(frame_choice.HOW)),
        "fit": (candidate.fit in FITS, " or ".join(FITS)),
        "referents": (candidate.referents in REFERENTS, ", ".join(REFERENTS)),
        "boxes": (candidate.boxes is None or candidate.boxes in tuple(CONVENTIONS), ", ".join(CONVENTIONS)),
        "answers": (candidate.answers in GIVES, ", ".join(GIVES)),
        "stamps": (candidate.stamps in STAMPS, " or ".join(STAMPS)),
        "label": (candidate.label is None or _label(candidate.label), "a text, with {} or {seconds} for its number"),
        "wording": (isinstance(candidate.wording, str), "the name of words for expressions"),
        "line": (candidate.line is None or _whole(candidate.line, 1, 100), "a line's width, 1 to 100 pixels"),
        "first_frame": (isinstance(candidate.first_frame, bool), "true or false"),
        "system": (isinstance(candidate.system, str), "a text"),
    }
    wrong = {key: expected for key, (right, expected) in allowed.items() if not right}
    if wrong:
        raise UserError(
            [f"{place}: {key}={short(getattr(candidate, key))}, expected {expected}" for key, expected in wrong.items()]
        )
    return candidate


def _label(value: object) -> bool:
    try:
        return isinstance(value, str) and isinstance(labelled(value, 1), str)
    except (IndexError, KeyError, ValueError, AttributeError):
        return False


def _whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _option_values(options: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in options.items():
        if key in {"frames", "size"} and value.isdecimal() and len(value) < 6:
            values[key] = int(value)
        else:
            values[key] = None if (key, value) == ("size", "full") else value
    return values
