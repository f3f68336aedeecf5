"""A model's view of a question: the frames of its prompt, or the video with the regions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sama_bench.errors import UserError
from sama_bench.frames import Frame
from sama_bench.prompting import Prompting, frame_choice, marks
from sama_bench.prompting.grounding_request import wants_grounding
from sama_bench.types import Question

if TYPE_CHECKING:
    from sama_bench.run.manifest import Manifest


@dataclass(frozen=True)
class ModelView:
    """Frames of a row with their places in the video, and what is to be said of them.

    `pictures` are what the model saw, marks and all; None where it was given the regions themselves. `words` are
    those it was asked with, where they are known and not simply the question's. `asked` is the frame on which boxes
    were asked for. `places` are the frames' places among those that the model was shown, where it was not shown all.
    """

    indices: tuple[int, ...]
    pictures: tuple[Frame, ...] | None = None
    words: str = ""
    asked: int | None = None
    note: str = ""
    places: tuple[int, ...] = ()


def view_of(question: Question, run: Manifest | None, count: int) -> ModelView:
    """The view of the model of `run`, thinned to about `count` frames; without a run, the regions."""
    asking = (run.asking if run is not None else None) or {}
    if "prompt" in asking:
        assert run is not None
        try:
            return _thinned(_prompted(question, asking, run.settings.model_args), question, count)
        except (UserError, ValueError) as problem:
            return replace(_regions(question, count), note=f"how it was asked cannot be shown: {problem}")
    marks_form = asking.get("marks", "")
    return _marked(question, marks_form, count) if marks_form in marks.FORMS else _regions(question, count)


def _prompted(question: Question, asking: Mapping[str, str], args: Mapping[str, str]) -> ModelView:
    """The prompt made again; raises UserError where the template is gone or another one by now."""
    prompt = prompting_of(asking, args).prompt(question)
    asked_frame = prompt.asked if wants_grounding(question) else None
    return ModelView(prompt.indices, prompt.frames, "\n".join(filter(None, [prompt.system, prompt.text])), asked_frame)


def prompting_of(asking: Mapping[str, str], args: Mapping[str, str]) -> Prompting:
    """The prompting whose `asking` a run noted; `args` are the model's arguments, which name a user's own template.

    Raises UserError where it cannot be made again, or comes out as another one.
    """
    name = args.get("prompt") or asking["prompt"].partition("@")[0]
    prompting = Prompting.load(name, "general", **_options(asking))
    changed = [part for part, value in prompting.asking.items() if asking.get(part) != value]
    if changed:
        raise UserError(f"prompt {name} is not what it was in the run (it differs in: {', '.join(changed)})")
    return prompting


def _options(asking: Mapping[str, str]) -> dict[str, str]:
    words = asking.get("frames", "").split() or [""]  # such as: 8 uniform 448
    options = {
        "frames": words[0],
        "size": words[-1],
        "referents": asking.get("referents", ""),
        "boxes": asking.get("boxes", ""),
    }
    return {option: value for option, value in options.items() if value}


def _thinned(whole: ModelView, question: Question, count: int) -> ModelView:
    """`count` of the frames, always with those that carry a mark and the one that boxes were asked on."""
    assert whole.pictures is not None
    needed = {place for place, index in enumerate(whole.indices) if index in {*_firsts(question), whole.asked}}
    places = frame_choice.choose(len(whole.indices), count, "uniform", needed)
    indices = tuple(whole.indices[place] for place in places)
    pictures = tuple(whole.pictures[place] for place in places)
    left = len(whole.indices) - len(places)
    note = f"{len(places)} of the {len(whole.indices)} frames that the model was shown" if left else ""
    return replace(whole, indices=indices, pictures=pictures, note=note, places=places)


def _marked(question: Question, marks_form: str, count: int) -> ModelView:
    plain = _regions(question, count)
    text, frame = marks.marked(question, marks_form)
    return replace(plain, pictures=tuple(map(frame, plain.indices)), words=text)


def _regions(question: Question, count: int) -> ModelView:
    return ModelView(frame_choice.choose(len(question.video), count, "uniform", _firsts(question)))


def _firsts(question: Question) -> set[int]:
    """The first frame that shows each region, where one does."""
    return {region.visible[0] for region in question.regions if region.visible}
