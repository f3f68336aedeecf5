"""Questions of the demo as entries of VideoRefer-Bench, which the evaluation scripts of several models read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sama_bench.adapters.conformance.demo_questions import demo_questions, first_of_each
from sama_bench.adapters.shared.first_visible import first_seen
from sama_bench.prompting.grounding_request import without_request
from sama_bench.types import Key, Question, Video

CHOOSE = "{} . Answer with the option's letter from the given choices directly."
KINDS = {("c", 1, "first"), ("c", 1, "later"), ("g", 1, "first"), ("g", 1, "later"), ("g", 2, "first")}
"""One question of each is compared: its task, its number of regions, and the frame on which they are seen first."""


def questions(describe: str, choose: str = CHOOSE) -> Iterator[Question]:
    """Descriptions and questions about the demo's videos, in a script's own words; `{}` in `choose` is the question.

    Of several regions all are seen first on one frame, as such an entry has one frame.
    """
    for question in first_of_each(demo_questions(), _kind, KINDS):
        words = describe if question.key.task == "c" else choose.format(without_request(question.text))
        yield replace(question, key=Key(*question.key), text=words)


def _kind(question: Question) -> tuple[str, int, str]:
    frames = {seen and seen.frame for seen in first_seen(question.regions)}
    begins = "nowhere" if len(frames) != 1 or None in frames else "first" if frames == {0} else "later"
    return question.key.task, len(question.regions), begins


def line(question: Question, name: str, choose: str = CHOOSE, *, all_frames: bool = False) -> dict[str, object]:
    """The question about the video in the folder `name` as an entry; with `all_frames` it names every frame.

    A region's mask is there on the first frame that shows it, and on no other.
    """
    from sama_bench.metrics.rle import encode

    annotations, frame = [], 0
    for region in first_seen(question.regions):
        assert region is not None, "questions without a visible region are left out"
        mask = encode(region.mask)
        assert mask is not None, "it has a pixel, as it is visible"
        frame = region.frame
        others = range(len(question.video)) if all_frames else ()
        annotation: dict[str, dict[str, object]] = {str(place): {"segmentation": None} for place in others}
        annotations.append({**annotation, str(frame): {"segmentation": dict(mask)}})
    words = question.text.removesuffix(choose.format("")).replace("<mask>", "<region>")
    return {
        "video": name, "frame_idx": str(frame), "caption": "", "Answer": "(A)", "type": "", "options": [],
        "Question": words, "annotation": annotations,
    }  # fmt: skip


def written(video: Video, folder: Path, ending: str = "png") -> str:
    """The name of a folder with the video's frames, without loss: two decoders of JPEG may differ.

    They are PNG whatever the `ending` of their names, as some scripts look at files of one ending alone.
    """
    from PIL import Image

    out = folder / video.id.replace("/", "-")
    if not out.is_dir():
        out.mkdir(parents=True)
        for index in range(len(video)):
            Image.fromarray(video.frame(index)).save(out / f"{index:05d}.{ending}", "PNG", compress_level=1)
    return out.name
