"""How an expression becomes the text that a model is asked: a template with a name, which is part of the task."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Template:
    """`referring` is for an expression, `question` for one that holds a question mark; `{}` is its place."""

    name: str
    referring: str
    question: str

    def ask(self, expression: str) -> str:
        """The text that a model is asked."""
        form = self.question if "?" in expression else self.referring
        return form.replace("{}", expression).strip()

    def to_json(self) -> dict[str, str]:
        """What enters the definition of a task."""
        return asdict(self)


# SAMA asks a referring expression with the same words, and a question by itself, without asking for a mask.
OF_VIDEOS = Template("sa2va-video", "Please segment {}.", "{} Please respond with a segmentation mask.")
OF_IMAGES = Template("sa2va-image", "Please segment {} in this image.", "Please segment {} in this image.")


def reference(expression: str) -> str:
    """The reference answer, whose one `[SEG]` is what the expression means."""
    return f"<p> {expression} </p> [SEG]"
