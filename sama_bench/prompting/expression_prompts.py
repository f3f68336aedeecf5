"""How published models ask for what an expression means: templates by name, `tasks/prompts/expressions/*.yaml`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from sama_bench.errors import UserError
from sama_bench.files.json_files import ContentError
from sama_bench.files.yaml_files import parse_yaml
from sama_bench.suggestions import nearest
from sama_bench.types import Expression

FOLDER = ("prompts", "expressions")
KEYS = ("source", "lower", "spaces", "asks", "forced", "video", "image", "sets")
ENDS = "ends with a question mark"
HOLDS = "holds a question mark"
FORMS = ("expression", "question", "sentence")
ARTICLES = ("the ", "a ", "an ")
LARGEST = 1 << 16  # bytes


@dataclass(frozen=True)
class ExpressionPrompt:
    """A template: texts by the form of an expression, for videos, for images, and for single sets.

    `{exp}` stands for the expression, `{q}` for it without final stops, its first letter small, its article cut.
    `lower` puts it in lower case, `spaces` makes each run of white space one space. `asks` says what a question is.
    `forced` is the answer that the model's own code makes it give, '' where its answer is free.
    """

    name: str
    digest: str
    source: str = ""
    lower: bool = False
    spaces: bool = False
    asks: str = HOLDS
    forced: str = ""
    video: Mapping[str, str] = field(default_factory=dict)
    image: Mapping[str, str] = field(default_factory=dict)
    sets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def question_for(self, expression: Expression) -> str:
        """The words of the question for an expression. Of a medium that the template has none for: the other's."""
        texts = self.sets.get(expression.of) or (self.image if expression.image else self.video)
        texts = texts or self.video or self.image
        words = expression.words.lower() if self.lower else expression.words
        words = " ".join(words.split()) if self.spaces else words.strip()
        text = texts.get(self._form(expression, texts), texts["expression"])
        return text.replace("{q}", _plain(words)).replace("{exp}", words)

    def _form(self, expression: Expression, texts: Mapping[str, str]) -> str:
        if expression.sentence and "sentence" in texts:
            return "sentence"
        words = expression.words.strip()
        question = words.endswith("?") if self.asks == ENDS else "?" in words
        return "question" if question or expression.sentence else "expression"

    @cached_property
    def asking(self) -> dict[str, str]:
        """What the signature says of it. Where the model's own code forces the answer: that it is free here."""
        free = {"answer": "free"} if self.forced else {}
        return {"wording": f"{self.name}@{self.digest[:8]}", **free}


def of_run(asking: Mapping[str, str]) -> ExpressionPrompt | None:
    """The template that a run was asked with; None where it noted none, or where it is not here any more as it was."""
    name, _, digest = asking.get("wording", "").partition("@")
    prompt = load(name) if name in names() else None
    return prompt if prompt is not None and prompt.digest.startswith(digest) else None


def names() -> list[str]:
    """The templates that come with the package."""
    folder = files("sama_bench.tasks").joinpath(*FOLDER)
    return sorted(path.name.removesuffix(".yaml") for path in folder.iterdir())


def load(name: str) -> ExpressionPrompt:
    """A template by its name, or the user's own by the path of its file, which ends in `.yaml`.

    Raises UserError with all that is wrong with it, or with the names where there is none of this one.
    """
    path = Path(name)
    if name in names():
        content = files("sama_bench.tasks").joinpath(*FOLDER, f"{name}.yaml").read_bytes()
    elif path.suffix in {".yaml", ".yml"}:
        content = _read(path)
    else:
        there_are = f"there are {', '.join(names())}, or give the path of a file.yaml"
        raise UserError(f"there is no prompt {name!r} for expressions{nearest(name, names())}; {there_are}")
    try:
        value = parse_yaml(content)
    except ContentError as problem:
        raise UserError(f"{name}: {problem}") from problem
    if problems := [f"{name}: {problem}" for problem in _problems(value)]:
        raise UserError(problems)
    assert isinstance(value, dict)
    return ExpressionPrompt(path.stem, hashlib.sha256(content).hexdigest(), **value)


def _read(path: Path) -> bytes:
    from sama_bench.files.opening import open_regular

    try:
        with open_regular(path) as file:
            return file.read(LARGEST)
    except (OSError, ValueError) as problem:
        raise UserError(f"{path}: cannot be read ({getattr(problem, 'strerror', None) or problem})") from problem


def _problems(value: object) -> list[str]:
    if not isinstance(value, dict):
        return [f"is {type(value).__name__}, expected keys of {', '.join(KEYS)}"]
    problems = [f"has the key {key!r:.40}, expected {', '.join(KEYS)}" for key in value if key not in KEYS]
    problems += [
        f"{key} is {value[key]!r:.40}, expected {expected}"
        for kind, expected, keys in ((bool, "true or false", ("lower", "spaces")), (str, "text", ("source", "forced")))
        for key in keys
        if key in value and not isinstance(value[key], kind)
    ]
    if value.get("asks", HOLDS) not in (HOLDS, ENDS):
        problems.append(f"asks is {value['asks']!r:.40}, expected {HOLDS!r} or {ENDS!r}")
    sets = value.get("sets", {})
    groups: dict[str, Any] = {key: value[key] for key in ("video", "image") if key in value}
    if not groups:
        problems.append("has neither video nor image, expected texts for one of them")
    if isinstance(sets, dict):
        groups |= {f"sets.{key}": texts for key, texts in sets.items()}
    else:
        problems.append(f"sets is {sets!r:.40}, expected texts by the name of a benchmark")
    return problems + [problem for key, texts in groups.items() for problem in _of_texts(key, texts)]


def _of_texts(key: str, texts: object) -> list[str]:
    if not isinstance(texts, dict) or "expression" not in texts:
        return [f"{key} has no text for an expression, expected expression and, if you like, question, sentence"]
    wrong = [form for form in texts if form not in FORMS]
    problems = [f"{key} has the form {form!r:.40}, expected {', '.join(FORMS)}" for form in wrong]
    return problems + [
        f"{key}.{form} is {text!r:.60}, expected text with {{exp}} or {{q}}"
        for form, text in texts.items()
        if not isinstance(text, str) or not ("{exp}" in text or "{q}" in text)
    ]


def _plain(words: str) -> str:
    """As UniPixel has it: without final stops, the first letter small, the article cut."""
    words = words.rstrip(".").strip()
    words = words[:1].lower() + words[1:]
    return next((words[len(article) :] for article in ARTICLES if words.startswith(article)), words)
