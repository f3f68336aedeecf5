"""Prompts for a model of lmms-eval: marks on frames and words, as `sama_bench.prompting` makes them.

The task's `lmms_eval_specific_kwargs` say how, for all models or for one: the options of prompting (prompt, frames,
size, referents, boxes), its `family`, and the `grounder` that makes tracks of boxes with its own arguments
(grounder_X). With `as_it_is` a question is its own words with `<mask>`, for a model that is given the masks themselves.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sama_bench.errors import UserError
from sama_bench.lmms.documents import question_of
from sama_bench.lmms.exit_error import UserExit
from sama_bench.types import Key, Prediction, Question

if TYPE_CHECKING:
    from PIL.Image import Image

    from sama_bench.prompting import Prompting
    from sama_bench.run.grounded_adapter import Grounding

Options = Mapping[str, Any]
AS_IT_IS = "as_it_is"
PROMPTING = ("prompt", "frames", "size", "referents", "boxes")


@dataclass(frozen=True, eq=False)
class Way:
    """A way to ask: how a question is put, and what makes tracks of the boxes of an answer."""

    prompting: Prompting
    grounding: Grounding
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, text: str, question: Question) -> Prediction:
        """The prediction that a model's words state; may be called by several threads."""
        prediction = self.prompting.read(text, self.prompting.words(question), question)
        with self._lock:
            return self.grounding.tracked(prediction, question)


# lmms-eval tells how a model is asked when it asks, and not when it has the answer: kept from the one to the other.
_ways: dict[Key, Way] = {}
_unread: set[Key] = set()


def words(doc: Mapping[str, Any], options: Options | None = None) -> str:
    """lmms-eval's `doc_to_text`: what the model is asked in words."""
    way, question = _way(options), question_of(doc)
    if way is None:
        return question.text
    _keep(question.key, way)
    prompt = way.prompting.words(question)
    return f"{prompt.system}\n\n{prompt.text}" if prompt.system else prompt.text


def pictures(doc: Mapping[str, Any], options: Options | None = None) -> list[Image]:
    """lmms-eval's `doc_to_visual`: the frames that the model is shown, with the marks of the regions."""
    from PIL import Image

    way = _way(options)
    frames = [] if way is None else way.prompting.prompt(question_of(doc)).frames
    return [Image.fromarray(frame) for frame in frames]


def _keep(key: Key, way: Way) -> None:
    if key in _unread and _ways[key] is not way:
        problem = f"two tasks ask question {key} in two ways, and lmms-eval does not tell their answers apart"
        raise UserExit(UserError(f"{problem}; ask one task, and then the other"))
    _ways[key] = way
    _unread.add(key)


def way_of(key: Key) -> Way:
    """The way in which the question `key` was asked. Raises UserExit where `words` was not called for it."""
    if key not in _ways:
        problem = f"it is not known how question {key} was asked: lmms-eval's --cache_requests leaves that out"
        raise UserExit(UserError(f"{problem}; start without it"))
    return _ways[key]


def came(key: Key) -> None:
    """Note that the answer to the question `key` has come: from now on it may be asked in another way."""
    _unread.discard(key)


def _way(options: Options | None) -> Way | None:
    all_options = options or {}
    if all_options.get(AS_IT_IS):
        return None
    used_options = {
        name: value for name, value in all_options.items() if name in {*PROMPTING, "family"} or _of_grounder(name)
    }
    return _make_way(tuple(sorted((name, str(value)) for name, value in used_options.items())))


def _of_grounder(name: str) -> bool:
    return name == "grounder" or name.startswith("grounder_")


@lru_cache
def _make_way(options: tuple[tuple[str, str], ...]) -> Way:
    from sama_bench.prompting import Prompting
    from sama_bench.run.registry import check_takes, make_grounding

    values = dict(options)
    prompting_options = {name: values[name] for name in PROMPTING if name in values and name != "prompt"}
    prompting = Prompting.load(values.get("prompt"), values.get("family", "general"), **prompting_options)
    grounding = make_grounding({name: value for name, value in values.items() if _of_grounder(name)})
    check_takes(prompting.gives, grounding.grounder, values.get("grounder", "box"))
    return Way(prompting, grounding)
