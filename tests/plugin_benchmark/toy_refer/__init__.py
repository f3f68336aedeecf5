"""A benchmark as a stranger would write it: images, expressions, and one object that each expression means.

`toyseg` wants a mask, and has cIoU (a ratio of sums over all questions) and gIoU (a mean of single IoUs). `toybox`
wants a box: the mask that a model gives is taken for its bounding box. One metric each is enough to see the ways.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from sama_bench.benchmark import BenchmarkDefinition, Listed, Opened, Reader, not_here, open_frames
from sama_bench.metric import Metric, Sums
from sama_bench.metrics import rle
from sama_bench.protocol import QuestionProtocol
from sama_bench.statistics import QuestionStatistics
from sama_bench.task import Answer, Task
from sama_bench.types import Key, Question, TaskName, Track, Truth, Video

FILE = "toy_refer.json"


class ToyReader(Reader):
    """`toy_refer.json`: a list of images, each with its file and expressions: id, text, kind, box (x0, y0, x1, y1)."""

    def __init__(self, root: Path) -> None:
        if not (root / FILE).is_file():
            raise not_here(root, f"a folder with {FILE}")
        content = (root / FILE).read_bytes()
        self.root = root
        self.fingerprint = hashlib.sha256(content).hexdigest()
        self._images = {image["id"]: image for image in json.loads(content)}

    def listed(self) -> Iterator[Listed]:
        for image in self._images.values():
            keys = (Key(task, one["id"]) for task in ("toyseg", "toybox") for one in image["expressions"])
            yield Listed(image["id"], tuple(keys))

    def open(self, ids: Sequence[str]) -> Opened:
        return open_frames(self.root, ((id_, "toy", ".", [self._images[id_]["file"]]) for id_ in ids))

    def questions(self, video: Video, keys: Collection[Key]) -> list[Question]:
        asked = ((key, expression["text"]) for key, expression in self._asked(video.id, keys))
        return [Question(key, video, f"Please segment {text}.", expects="track") for key, text in asked]

    def truths(self, video: Video, keys: Collection[Key]) -> dict[Key, Truth]:
        return {
            key: Truth(
                key,
                video.id,
                f"<p> {expression['text']} </p> [SEG]",
                (_filled(expression["box"], video.size),),
                labels={"kind": expression["kind"]},
            )
            for key, expression in self._asked(video.id, keys)
        }

    def wordings(self, video_id: str, keys: Collection[Key]) -> dict[Key, tuple[str, str]]:
        asked = self._asked(video_id, keys)
        return {key: (f"Please segment {one['text']}.", f"<p> {one['text']} </p> [SEG]") for key, one in asked}

    def _asked(self, video_id: str, keys: Collection[Key]) -> Iterator[tuple[Key, dict[str, str]]]:
        for task in ("toyseg", "toybox"):
            for expression in self._images[video_id]["expressions"]:
                if Key(task, expression["id"]) in keys:
                    yield Key(task, expression["id"]), expression


def _filled(box: Sequence[int], size: tuple[int, int]) -> Track:
    mask = np.zeros(size, bool)
    x0, y0, x1, y1 = box
    mask[y0:y1, x0:x1] = True
    return [rle.encode(mask)]


def _mask(track: Track | None, size: tuple[int, int]) -> np.ndarray:
    return np.zeros(size, bool) if track is None else rle.decode(track[0], size)


def measure_mask(truth: Truth, answer: Answer) -> Mapping[str, float]:
    """Pixels of the intersection and of the union of the true mask and of all that were answered."""
    true = _mask(truth.strict_tracks[0], answer.video.size)
    said = np.zeros(answer.video.size, bool)
    for track in answer.tracks:
        said |= _mask(track, answer.video.size)
    return {"intersection": float((true & said).sum()), "union": float((true | said).sum())}


def measure_box(truth: Truth, answer: Answer) -> Mapping[str, float]:
    """The IoU of the bounding boxes of the true mask and of the first that was answered; 0 without one."""
    boxes = [_corners(_mask(track, answer.video.size)) for track in (*truth.strict_tracks, *answer.tracks[:1])]
    if len(boxes) < 2 or None in boxes:
        return {"box_iou": 0.0}
    (a, b), area = boxes, lambda box: max(0, box[2] - box[0]) * max(0, box[3] - box[1])
    inner = (max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3]))
    shared = area(inner)
    return {"box_iou": shared / (area(a) + area(b) - shared)}


def _corners(mask: np.ndarray) -> tuple[int, int, int, int] | None:
    ys, xs = np.nonzero(mask)
    return (int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1) if xs.size else None


def ciou_sums(question: QuestionStatistics) -> Sums:
    return Sums(question.measures["intersection"], question.measures["union"])


def giou(question: QuestionStatistics) -> float:
    return question.measures["intersection"] / question.measures["union"]


def box_accuracy(question: QuestionStatistics) -> float:
    return float(question.measures["box_iou"] >= 0.5)


def task(key: TaskName, alias: str, metrics: Sequence[Metric], orders_by: str, measure: object) -> Task:
    return Task(
        key=key,
        name=f"toy_refer_{key}",
        alias=alias,
        answer="track",
        scoring=(QuestionProtocol("strict", metrics),),
        definition={"version": 1, "key": key},
        orders_by=orders_by,
        measure=measure,
    )


SHOWN = {"headline": True, "by_part": True, "plotted": True, "needs": ("masks",)}
SEG = task(
    "toyseg",
    "Toy-Refer, masks",
    (
        Metric("strict", "cIoU", "cIoU", sums=ciou_sums, **SHOWN),
        Metric("strict", "gIoU", "gIoU", question=giou, **SHOWN),
    ),
    "gIoU",
    measure_mask,
)
BOX = task(
    "toybox",
    "Toy-Refer, boxes",
    (Metric("strict", "box_acc", "Acc@0.5 of boxes", question=box_accuracy, **SHOWN),),
    "box_acc",
    measure_box,
)

TOY_REFER = BenchmarkDefinition(
    name="toy-refer",
    title="coloured rectangles and what is said of them",
    tasks=(SEG, BOX),
    read=ToyReader,
    expects=f"{FILE} and its images",
    recognise=lambda folder: (folder / FILE).is_file(),
)
