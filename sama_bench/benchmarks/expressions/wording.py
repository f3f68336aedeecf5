"""The words in which an expression is asked for: a template, whose name and texts stand in the task's definition."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Wording:
    """A template by its name: `expression` for what names something, `question` for what holds a question mark."""

    name: str
    expression: str
    question: str

    def question_for(self, text: str) -> str:
        """The question's text for an expression; the expression itself is not changed."""
        return (self.question if is_question(text) else self.expression).replace("{exp}", text).strip()

    def to_json(self) -> dict[str, str]:
        """As it stands in a task's definition."""
        return asdict(self)


def is_question(text: str) -> bool:
    """Whether SAMA and Sa2VA take an expression for a question."""
    return "?" in text


# As SAMA's evaluation asks (commit 7c75e44): a question goes alone, without a request for a mask.
SAMA = Wording("sama", "Please segment {exp}.", "{exp}")
SA2VA_VIDEO = Wording("sa2va-video", "Please segment {exp}.", "{exp} Please respond with a segmentation mask.")
SA2VA_IMAGE = Wording("sa2va-image", "Please segment {exp} in this image.", "Please segment {exp} in this image.")

# As GroundMoRe's authors ask (dengandong/GroundMoRe 290613e).
MORA = Wording("mora", "{exp} Please respond with masks.", "{exp} Please respond with masks.")


def reference(expression: str) -> str:
    """The reference answer, whose one `[SEG]` is what the expression means."""
    return f"<p> {expression} </p> [SEG]"
