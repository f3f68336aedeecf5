"""The demos of referring expressions on disk: videos in MeViS' form, images in RefCOCO's."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sama_bench.demo.expressions import OF_IMAGES, OF_VIDEOS, Expression
from sama_bench.demo.scene import Shot, shoot
from sama_bench.demo.script import Scene
from sama_bench.demo.tree import MARKER
from sama_bench.metrics import rle

MEVIS_SPLIT = "valid_u"
SET, SPLIT = "refdemo", "val"
FEWEST_POINTS = 3


def write_videos(root: Path, scenes: Mapping[str, Scene], about: Mapping[str, object]) -> None:
    """Render the scenes that have expressions into the empty folder `root`. Raises OSError."""
    masks: dict[str, rle.Checked] = {}
    videos: dict[str, Any] = {}
    for number, (name, expressions) in enumerate(OF_VIDEOS.items()):
        shots = list(shoot(scenes[name]))
        frames = [f"{index:05d}" for index in range(len(shots))]
        for frame, shot in zip(frames, shots, strict=True):
            _save(root / MEVIS_SPLIT / "JPEGImages" / name / f"{frame}.jpg", shot)
        ids: dict[str, int] = {}
        for label, actor in enumerate(scenes[name].cast, 1):
            ids[actor.name] = len(masks)
            masks[str(len(masks))] = rle.encode_track(np.stack([shot.labels == label for shot in shots]))
        listed = {str(n): _expression(expression, ids) for n, expression in enumerate(expressions)}
        videos[name] = {"expressions": listed, "vid_id": number, "frames": frames}
    _write(root / MEVIS_SPLIT / "mask_dict.json", masks)
    _write(root / MEVIS_SPLIT / "meta_expressions.json", {"videos": videos})
    _mark(root, about)


def write_images(root: Path, scenes: Mapping[str, Scene], about: Mapping[str, object]) -> None:
    """Render the frames that have sentences into the empty folder `root`. Raises OSError."""
    instances: dict[str, list[dict[str, Any]]] = {"images": [], "annotations": []}
    refs: list[dict[str, Any]] = []
    for number, picture in enumerate(OF_IMAGES, 1):
        scene = scenes[picture.scene]
        (shot,) = shoot(scene, [picture.frame])
        file = f"COCO_train2014_{number:012d}.jpg"
        _save(root / "train2014" / file, shot)
        width, height = scene.size
        instances["images"].append({"id": number, "file_name": file, "height": height, "width": width})
        _refer(number, picture.sentences, _masks(scene, shot), instances["annotations"], refs)
    _write(root / SET / "instances.json", instances)
    (root / SET / "refs(unc).p").write_bytes(pickle.dumps(refs, 2))
    _mark(root, about)


def _masks(scene: Scene, shot: Shot) -> dict[str, NDArray[np.bool_]]:
    """The mask of each actor of a scene, by its name."""
    return {actor.name: shot.labels == label for label, actor in enumerate(scene.cast, 1)}


def _refer(
    image: int,
    meant: Sequence[tuple[str, Sequence[str]]],
    masks: Mapping[str, NDArray[np.bool_]],
    annotations: list[dict[str, Any]],
    refs: list[dict[str, Any]],
) -> None:
    """Add the actors of an image that have sentences to the annotations, and their sentences to the references."""
    for actor, sentences in meant:
        number = len(annotations) + 1
        annotations.append({"id": number, "image_id": image, "category_id": 1, **_outlines(masks[actor])})
        first = sum(len(ref["sentences"]) for ref in refs)
        entries = [
            {"sent_id": first + place, "sent": words, "raw": words, "tokens": words.split()}
            for place, words in enumerate(sentences)
        ]
        refs.append(
            {
                "ref_id": number,
                "ann_id": number,
                "image_id": image,
                "category_id": 1,
                "split": SPLIT,
                "file_name": f"COCO_train2014_{image:012d}_{number}.jpg",
                "sent_ids": [sentence["sent_id"] for sentence in entries],
                "sentences": entries,
            }
        )


def _outlines(mask: NDArray[np.bool_]) -> dict[str, Any]:
    """The polygons around the parts of a mask, and its box, as COCO has them."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    polygons = [contour[:, 0].ravel().tolist() for contour in contours if len(contour) >= FEWEST_POINTS]
    ys, xs = np.nonzero(mask)
    x, y = int(xs.min()), int(ys.min())
    box = [x, y, int(xs.max()) + 1 - x, int(ys.max()) + 1 - y]
    return {"segmentation": sorted(polygons), "bbox": box, "area": int(mask.sum()), "iscrowd": 0}


def _expression(expression: Expression, ids: Mapping[str, int]) -> dict[str, Any]:
    objects = [ids[actor] for actor in expression.actors]
    return {"exp": expression.words, "obj_id": objects, "anno_id": objects}


def _save(path: Path, shot: Shot) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(shot.picture).save(path, "JPEG", quality=90, subsampling=2, optimize=False)


def _mark(root: Path, about: Mapping[str, object]) -> None:
    """Write, last of all, the file by which a folder is known for the program's own; it lists all others."""
    files: Sequence[str] = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    _write(root / MARKER, {**about, "files": files})


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{json.dumps(content)}\n", encoding="utf-8", newline="\n")
