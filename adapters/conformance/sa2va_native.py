"""Sa2VA and Sa2VA-i by the adapter `sa2va`, which has none of their code, against that code in another interpreter."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar
from unittest.mock import patch

import numpy as np

from sama_bench.adapters.conformance.recipe import Finding, Loaded, Recipe
from sama_bench.adapters.conformance.sa2va_family import SAM2
from sama_bench.adapters.conformance.sa2va_released import Sa2vaIReleasedRecipe, Sa2vaReleasedRecipe, questions
from sama_bench.errors import UserError
from sama_bench.metrics.rle import decode_track
from sama_bench.types import Masks, Prediction, Question, Track, Video

CLOSE, FEW = 1e-5, 1e-4
"""How far embeddings may be apart (transformers computes in another order than that code), and the part of all pixels
that may differ, as memory is rounded to bfloat16."""
TENSORS = ("ids", "rows", "masks")
Numbers = Mapping[str, Loaded]
"""Of one question: ids (n) of the prompt, its embeddings `rows` (n, d), `text`, and `masks` (objects, T, H, W) bool."""


class Sa2vaRecipe(Recipe):
    """Compares prompts, what is seen of frames, answers and masks with those of the released code."""

    adapter: ClassVar[str] = "sa2va"
    released: ClassVar[type[Sa2vaReleasedRecipe]] = Sa2vaReleasedRecipe
    commit: ClassVar[str] = released.commit
    script: ClassVar[str] = released.script
    environment: ClassVar[str] = "sa2va-released"
    two_decoders: ClassVar[bool] = False

    def findings(self, repo: Path, folder: Path) -> Iterator[Finding]:
        """Compare the numbers of each question: ids and text as they are, the others within bounds."""
        from sama_bench.adapters.models.sa2va import Sa2VA
        from sama_bench.adapters.models.sa2va.tiny import make
        from sama_bench.adapters.models.sama.config import Sizes

        released = self.released()
        released.check(repo)
        checkpoint = folder / released.checkpoint
        make(checkpoint, sizes=Sizes(sam2=SAM2), two_decoders=self.two_decoders, speaking=True)
        adapter = Sa2VA(str(checkpoint), device="cpu")
        ours = {str(question.key): _numbers(adapter, question) for question, _ in questions(released.ask)}
        theirs = self._asked_elsewhere(repo, checkpoint, folder)
        for name, numbers in ours.items():
            yield Finding(name, len(TENSORS), tuple(differences(numbers, theirs[name])))

    def _asked_elsewhere(self, repo: Path, checkpoint: Path, folder: Path) -> Mapping[str, Numbers]:
        """The numbers of the released code, by question. Raises UserError where it fails."""
        assert self.python is not None, "the command asks for it"
        name, out = self.released.adapter, folder / "theirs.npz"
        program = "sama_bench.adapters.conformance.sa2va_elsewhere"
        command = [str(self.python), "-m", program, name, str(repo), str(checkpoint), str(out)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no word of why"])[-1]
            raise UserError(f"python={self.python}: the released code could not be asked ({last})")
        with np.load(out, allow_pickle=False) as file:
            names = json.loads(str(file["questions"]))
            return {
                key: {what: file[f"{number} {what}"] for what in (*TENSORS, "text")} for number, key in enumerate(names)
            }


class Sa2vaIRecipe(Sa2vaRecipe):
    """The same of Sa2VA-i: frames that are spread evenly, objects found on them one by one, a second mask decoder."""

    adapter: ClassVar[str] = "sa2va-i"
    released: ClassVar[type[Sa2vaReleasedRecipe]] = Sa2vaIReleasedRecipe
    commit: ClassVar[str] = released.commit
    script: ClassVar[str] = released.script
    environment: ClassVar[str] = "sa2va-i-released"
    two_decoders: ClassVar[bool] = True


def differences(ours: Numbers, theirs: Numbers) -> Iterator[str]:
    """What differs between the numbers of a question, each in a line."""
    if list(ours["ids"]) != list(theirs["ids"]):
        yield f"ids: {len(ours['ids'])} tokens, theirs {len(theirs['ids'])}, or other ones"
    if str(ours["text"]) != str(theirs["text"]):
        yield f"text: {str(ours['text'])!r:.60}, theirs {str(theirs['text'])!r:.60}"
    for name, bound, apart in (("rows", CLOSE, _furthest), ("masks", FEW, _share)):
        left, right = np.asarray(ours[name]), np.asarray(theirs[name])
        if left.shape != right.shape:
            yield f"{name}: {left.shape}, theirs {right.shape}"
        elif (distance := apart(left, right)) > bound:
            yield f"{name}: {distance:.2g} apart, expected {bound:g} at most"


def _furthest(left: Loaded, right: Loaded) -> float:
    return float(np.abs(left - right).max(initial=0))


def _share(left: Loaded, right: Loaded) -> float:
    return float((left != right).mean()) if left.size else 0.0


def _numbers(adapter: Loaded, question: Question) -> Numbers:
    with _prompts_seen() as prompts:
        (prediction,) = adapter.predict_all([question])
    assert isinstance(prediction, Prediction)
    (prompt,) = prompts
    tracks = [_pixels(track, question.video) for track in prediction.tracks]
    masks = np.stack(tracks) if tracks else np.zeros((0, len(question.video), *question.video.size), np.bool_)
    return {"ids": np.array(prompt.ids), "rows": prompt.rows.numpy(), "text": prediction.text, "masks": masks}


def _pixels(track: Masks | Track, video: Video) -> Masks:
    return track.astype(np.bool_) if isinstance(track, np.ndarray) else decode_track(track, video.size)


@contextmanager
def _prompts_seen() -> Iterator[list[Loaded]]:
    """The prompts that the adapter makes while the context is open."""
    from sama_bench.adapters.models.sa2va import answering

    made, real = [], answering.prompt

    def prompt(*args: Loaded) -> Loaded:
        made.append(real(*args))
        return made[-1]

    with patch.object(answering, "prompt", prompt):
        yield made
