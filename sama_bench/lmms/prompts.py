"""How lmms-eval asks a model our questions: marks on frames and words, as `sama_bench.prompting` makes them.

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
from sama_bench.lmms.exit_error import Told
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
    _one: threading.Lock = field(default_factory=threading.Lock)

    def read(self, text: str, question: Question) -> Prediction:
        """What a model's words say; may be called by several threads."""
        found = self.prompting.read(text, self.prompting.words(question), question)
        with self._one:
            return self.grounding.tracked(found, question)


# lmms-eval tells how a model is asked when it asks, and not when it has the answer: kept from the one to the other.
_asked: dict[Key, Way] = {}
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
    if key in _unread and _asked[key] is not way:
        problem = f"two tasks ask question {key} in two ways, and lmms-eval does not tell their answers apart"
        raise Told(UserError(f"{problem}; ask one task, and then the other"))
    _asked[key] = way
    _unread.add(key)


def way_of(key: Key) -> Way:
    """How the question `key` was asked. Raises Told where `words` was not called for it."""
    if key not in _asked:
        problem = f"it is not known how question {key} was asked: lmms-eval's --cache_requests leaves that out"
        raise Told(UserError(f"{problem}; start without it"))
    return _asked[key]


def came(key: Key) -> None:
    """Note that the answer to the question `key` has come: from now on it may be asked in another way."""
    _unread.discard(key)


def _way(options: Options | None) -> Way | None:
    given = options or {}
    if given.get(AS_IT_IS):
        return None
    wanted = {name: value for name, value in given.items() if name in {*PROMPTING, "family"} or _of_grounder(name)}
    return _made(tuple(sorted((name, str(value)) for name, value in wanted.items())))


def _of_grounder(name: str) -> bool:
    return name == "grounder" or name.startswith("grounder_")


@lru_cache
def _made(options: tuple[tuple[str, str], ...]) -> Way:
    from sama_bench.prompting import Prompting
    from sama_bench.run.registry import make_grounding

    given = dict(options)
    own = {name: given[name] for name in PROMPTING if name in given and name != "prompt"}
    prompting = Prompting.load(given.get("prompt"), given.get("family", "general"), **own)
    return Way(prompting, make_grounding({name: value for name, value in given.items() if _of_grounder(name)}))
