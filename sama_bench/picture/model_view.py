"""What a model was shown for a question: the frames of its prompt, or the video with the regions."""

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
class Shown:
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


def shown(question: Question, run: Manifest | None, count: int) -> Shown:
    """What the model of `run` was shown, thinned to about `count` frames; without a run, the regions."""
    asking = (run.asking if run is not None else None) or {}
    if "prompt" in asking:
        assert run is not None
        try:
            return _thinned(_prompted(question, asking, run.settings.model_args), question, count)
        except (UserError, ValueError) as problem:
            return replace(_regions(question, count), note=f"how it was asked cannot be shown: {problem}")
    how = asking.get("marks", "")
    return _marked(question, how, count) if how in marks.FORMS else _regions(question, count)


def _prompted(question: Question, asking: Mapping[str, str], args: Mapping[str, str]) -> Shown:
    """The prompt made again; raises UserError where the template is gone or another one by now."""
    made = prompting_of(asking, args).prompt(question)
    asked = made.asked if wants_grounding(question) else None
    return Shown(made.indices, made.frames, "\n".join(filter(None, [made.system, made.text])), asked)


def prompting_of(asking: Mapping[str, str], args: Mapping[str, str]) -> Prompting:
    """The prompting whose `asking` a run noted; `args` are the model's arguments, which name a user's own template.

    Raises UserError where it cannot be made again, or comes out as another one.
    """
    name = args.get("prompt") or asking["prompt"].partition("@")[0]
    again = Prompting.load(name, "general", **_options(asking))
    changed = [one for one, value in again.asking.items() if asking.get(one) != value]
    if changed:
        raise UserError(f"prompt {name} is not what it was in the run (it differs in: {', '.join(changed)})")
    return again


def _options(asking: Mapping[str, str]) -> dict[str, str]:
    words = asking.get("frames", "").split() or [""]  # such as: 8 uniform 448
    given = {
        "frames": words[0],
        "size": words[-1],
        "referents": asking.get("referents", ""),
        "boxes": asking.get("boxes", ""),
    }
    return {one: value for one, value in given.items() if value}


def _thinned(whole: Shown, question: Question, count: int) -> Shown:
    """`count` of the frames, always with those that carry a mark and the one that boxes were asked on."""
    assert whole.pictures is not None
    wanted = {place for place, index in enumerate(whole.indices) if index in {*_firsts(question), whole.asked}}
    places = frame_choice.choose(len(whole.indices), count, "uniform", wanted)
    indices = tuple(whole.indices[place] for place in places)
    pictures = tuple(whole.pictures[place] for place in places)
    left = len(whole.indices) - len(places)
    note = f"{len(places)} of the {len(whole.indices)} frames that the model was shown" if left else ""
    return replace(whole, indices=indices, pictures=pictures, note=note, places=places)


def _marked(question: Question, how: str, count: int) -> Shown:
    plain = _regions(question, count)
    text, frame = marks.marked(question, how)
    return replace(plain, pictures=tuple(map(frame, plain.indices)), words=text)


def _regions(question: Question, count: int) -> Shown:
    return Shown(frame_choice.choose(len(question.video), count, "uniform", _firsts(question)))


def _firsts(question: Question) -> set[int]:
    """The first frame that shows each region, where one does."""
    return {region.visible[0] for region in question.regions if region.visible}
