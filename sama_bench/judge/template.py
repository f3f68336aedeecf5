"""A judge's template: a Jinja2 file whose head declares its scores and what they come to.

docs/judge.md describes the form. The files of `tasks/judges/` go by their names; any other file by its path.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sama_bench.benchmark.installed import tasks
from sama_bench.errors import UserError
from sama_bench.files.opening import open_regular
from sama_bench.judge import prompt_guard
from sama_bench.judge.judge_input import JudgeInput
from sama_bench.judge.template_header import Head, Unusable, parted
from sama_bench.suggestions import nearest
from sama_bench.types import Key

if TYPE_CHECKING:
    import jinja2

SUFFIX = ".jinja"
SHOWN = {"plain": prompt_guard.plain, "marked": prompt_guard.marked}
CORNERS_TRIED = 12
SHOWN_LETTERS = 200
LARGEST = 1 << 20  # bytes of a file


@dataclass(frozen=True)
class Template:
    """A judge's template. `digest` is the SHA-256 of the file, head included, in hexadecimal."""

    name: str
    head: Head
    body: str
    digest: str

    @classmethod
    def load(cls, name_or_path: str) -> Template:
        """Read the template of that name, or the file of that path.

        Raises UserError where there is none, where its head is not right, or where it does not show the candidate.
        """
        source, content = _read(name_or_path)
        try:
            head, body = parted(content)
            name = re.sub(r"[^\w.+-]", "_", Path(name_or_path).name.removesuffix(SUFFIX))
            template = cls(name, head, body, sha256(content.encode()).hexdigest())
            template.check()
        except Unusable as problem:
            raise UserError(f"{source}: {problem}") from problem
        return template

    @property
    def label(self) -> str:
        """Name and digest for a signature, `dialogue@1a2b3c4d`."""
        return f"{self.name}@{self.digest[:8]}"

    def messages(self, case: JudgeInput) -> list[dict[str, str]]:
        """The judge's messages, the same for the same texts: a system message where the template has one, the user's.

        Raises UserError where the template's text cannot be filled in for this one.
        """
        try:
            return self._rendered(case.key, self.shown_texts(case))
        except Unusable as problem:
            raise UserError(f"template {self.name}, question {case.key}: {problem}") from problem

    def shown_texts(self, case: JudgeInput) -> dict[str, str]:
        """Question, reference and candidate as the judge sees them."""
        cut = SHOWN[self.head.texts]
        return {
            "question": prompt_guard.harmless(prompt_guard.marked(case.question)),
            "reference": prompt_guard.harmless(cut(case.reference)),
            "candidate": prompt_guard.harmless(cut(case.candidate)),
        }

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of a reply."""
        numbers = {
            name: {"type": "integer", "minimum": 0, "maximum": highest} for name, highest in self.head.scores.items()
        }
        if self.head.evidence:
            quoted = {
                name: _object({"evidence": {"type": "string"}, "score": number}) for name, number in numbers.items()
            }
            return _object({**quoted, "reason": {"type": "string"}})
        return _object({"reason": {"type": "string"}, **numbers})

    def overall(self, scores: Mapping[str, float]) -> float:
        """The overall score, in 0…1. Raises ValueError where the template's formula gives no such number."""
        from sama_bench.judge.jinja_sandbox import within_bounds

        formula = self.head.overall[:SHOWN_LETTERS]
        try:
            with within_bounds():
                value = float(self._formula(**scores))
        except Exception as problem:  # a stranger's formula may raise anything
            raise ValueError(f"overall: {formula} has no value ({_short(problem)})") from problem
        if not 0 <= value <= 1:
            raise ValueError(f"overall: {formula} is {value:g}, expected 0 to 1")
        return value

    def check(self) -> None:
        """Try the formula where scores are lowest and highest, and the text on a sample of each task."""
        try:
            corners = product(*((0, highest) for highest in self.head.scores.values()))
            for corner, _ in zip(corners, range(2**CORNERS_TRIED), strict=False):
                self.overall(dict(zip(self.head.scores, corner, strict=True)))
        except ValueError as problem:
            raise Unusable(str(problem)) from problem
        for task in (task.key for task in tasks() if any(protocol.judged for protocol in task.scoring)):
            sample = {"question": "what <mask>", "reference": "this one", "candidate": "that one"}
            if not any("that one" in message["content"] for message in self._rendered(Key(task, ""), sample)):
                raise Unusable("the candidate is not shown; write {{ candidate }} where it is to stand")

    def _rendered(self, key: Key, texts: Mapping[str, str]) -> list[dict[str, str]]:

        from sama_bench.judge.jinja_sandbox import together, within_bounds

        mark = prompt_guard.mark_of(texts.values())
        variables = {
            "task": key.task,
            "mark": mark,
            "fenced": lambda name, text: prompt_guard.fenced(name, text, mark),
            **texts,
        }
        try:
            with within_bounds():
                context = self._compiled.new_context(variables)
                blocks = {name: together(block(context)).strip() for name, block in self._compiled.blocks.items()}
                whole = "" if "user" in blocks else together(self._compiled.root_render_func(context)).strip()
        except Exception as problem:  # a stranger's template may raise anything
            raise Unusable(f"cannot be filled in ({_short(problem)})") from problem
        parts = [("system", blocks.get("system", "")), ("user", blocks.get("user", whole))]
        return [{"role": role, "content": text} for role, text in parts if text]

    @cached_property
    def _compiled(self) -> jinja2.Template:
        import jinja2

        from sama_bench.judge.jinja_sandbox import BoundedEnvironment

        try:
            return BoundedEnvironment().from_string(self.body)
        except jinja2.TemplateSyntaxError as problem:
            raise Unusable(f"line {problem.lineno} of the text below the head: {_short(problem)}") from problem
        except (RecursionError, MemoryError, SyntaxError, ValueError, jinja2.TemplateError) as problem:
            raise Unusable(f"the text below the head is no template ({_short(problem)})") from problem

    @cached_property
    def _formula(self) -> Any:  # noqa: ANN401 - jinja2's own
        import jinja2

        from sama_bench.judge.jinja_sandbox import BoundedEnvironment

        formula = self.head.overall[:SHOWN_LETTERS]
        try:
            return BoundedEnvironment().compile_expression(self.head.overall, undefined_to_none=False)
        except jinja2.TemplateSyntaxError as problem:
            raise Unusable(f"overall: {formula} is no expression ({_short(problem)})") from problem
        except (RecursionError, MemoryError, SyntaxError, ValueError, jinja2.TemplateError) as problem:
            raise Unusable(f"overall: {formula} is no expression ({_short(problem)})") from problem


def template_names() -> list[str]:
    """The names of the templates that are installed."""
    return sorted(file.name.removesuffix(SUFFIX) for file in _folder().iterdir() if file.name.endswith(SUFFIX))


def _folder() -> Any:  # noqa: ANN401 - importlib's Traversable moved between versions
    return files("sama_bench.tasks") / "judges"


def _read(name: str) -> tuple[str, str]:
    path = _folder() / f"{name}{SUFFIX}" if name in template_names() else Path(name)
    try:
        content = path.read_bytes() if name in template_names() else _of_file(Path(name))
        return str(path), content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except (OSError, ValueError) as problem:
        reason = "it is not UTF-8" if isinstance(problem, UnicodeDecodeError) else getattr(problem, "strerror", None)
        reason, hint = reason or str(problem), nearest(name, template_names())
        raise UserError(
            f"--template {name}: cannot be read ({reason}){hint}; "
            f"expected a file, or one of: {', '.join(template_names())}"
        ) from problem


def _short(problem: BaseException) -> str:
    return " ".join(str(getattr(problem, "message", None) or problem).split())[:SHOWN_LETTERS]


def _of_file(path: Path) -> bytes:
    with open_regular(path) as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST >> 20} MB")
    return content


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
