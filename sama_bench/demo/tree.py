"""The demo benchmark on disk, in the layout of the released one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from sama_bench.benchmarks.sama.layout import SOURCES, Source, folder_of, source_of
from sama_bench.demo.facts import SceneFacts, measure
from sama_bench.demo.scene import Shot, shoot
from sama_bench.demo.script import Round, Scene
from sama_bench.metrics import rle
from sama_bench.metrics.rle import RLE

MARKER = "demo.json"
"""The file by which `render` knows a folder for its own; it lists all others."""
STRIDE = 4
"""VidSTG keeps every 4th frame and names it by its index."""


@dataclass
class Tree:
    """Data collected from scene to scene until the files of the root are written."""

    root: Path
    splits: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    masks: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, scene: Scene, number: int) -> SceneFacts:
        """Render a scene: its frames go to disk, its tracks and its dialogue to the files of the root."""
        source = source_of(scene.video)
        assert source is not None, scene.video
        shots = list(shoot(scene))
        self._frames(scene, shots)
        ids = self._tracks(scene, source, shots)
        facts = measure(scene, shots)
        self.splits.setdefault(scene.split, []).append(_entry(scene, number, ids, facts))
        return facts

    def _frames(self, scene: Scene, shots: Sequence[Shot]) -> None:
        folder = self.root / folder_of(scene.video)
        folder.mkdir(parents=True)
        for index, shot in enumerate(shots):
            path = folder / f"{_frame_name(scene, index)}.jpg"
            Image.fromarray(shot.picture).save(path, "JPEG", quality=90, subsampling=2, optimize=False)

    def _tracks(self, scene: Scene, source: Source, shots: Sequence[Shot]) -> dict[str, int]:
        """Store the tracks of all annotated actors; gives their annotation ids."""
        known = self.masks.setdefault(source.masks, {})
        ids: dict[str, int] = {}
        for number, actor in enumerate(scene.cast, 1):
            if actor.about:
                ids[actor.name] = len(known)
                masks = np.stack([shot.labels == number for shot in shots])
                track = _clipped(rle.encode_track(masks)) if scene.clipped else rle.encode_track(masks)
                known[str(ids[actor.name])] = {"segmentations": track} if source.name == "lvvis" else track
        return ids

    def write(self, about: Mapping[str, Any]) -> None:
        """Write the split files, the mask dictionaries and, last of all, the marker with `about` in it."""
        for name, content in {**self.splits, **self.masks}.items():
            _write(self.root / name, content)
        files = sorted(path.relative_to(self.root).as_posix() for path in self.root.rglob("*") if path.is_file())
        _write(self.root / MARKER, {**about, "files": files})


def write(root: Path, scenes: Sequence[Scene], about: Mapping[str, Any]) -> dict[str, SceneFacts]:
    """Render all scenes into the empty folder `root`; gives what was measured in them, by the name of the scene.

    Raises OSError where the folder cannot be written to.
    """
    tree = Tree(root)
    order = [split for source in SOURCES for split in source.splits]
    in_order = sorted(scenes, key=lambda scene: order.index(scene.split))
    facts = {scene.name: tree.add(scene, number) for number, scene in enumerate(in_order)}
    tree.write(about)
    return facts


def _clipped(track: Sequence[RLE | None]) -> list[RLE | None]:
    last = max(index for index, mask in enumerate(track) if mask is not None)
    return list(track[: last + 1])


def _frame_name(scene: Scene, index: int) -> str:
    return scene.frame_name.format(index * STRIDE if "VidSTG" in scene.video else index)


def _frame_entry(scene: Scene, index: int) -> str | dict[str, Any]:
    name = _frame_name(scene, index)
    return {"raw_filename": f"{name}.jpg", "frame_id": index * STRIDE} if "VidSTG" in scene.video else name


def _entry(scene: Scene, number: int, ids: Mapping[str, int], facts: SceneFacts) -> dict[str, Any]:
    """The entry of one video in the split file."""

    def listed(names: Sequence[str]) -> list[int | str]:
        return [str(ids[name]) if scene.text_ids else ids[name] for name in names]

    described = {f"<obj{n}>": actor for n, actor in enumerate(scene.cast) if actor.about}
    nothing: int | str = "-1" if scene.text_ids else -1
    return {
        "video": scene.video,
        "video_id": number,
        "height": scene.size[1],
        "width": scene.size[0],
        "frames": [_frame_entry(scene, index) for index in range(scene.frames)],
        "anno_map": [listed([actor.name])[0] if actor.about else nothing for actor in scene.cast],
        "obj_masks": [listed(round_.ask) for round_ in scene.rounds],
        "groundtruth": [[listed(group) for group in round_.seg] for round_ in scene.rounds],
        "conversation": [
            message
            for turn, round_ in enumerate(scene.rounds)
            for message in _messages(round_, f"demo-g-{number}-{turn}", facts)
        ],
        "description": {key: actor.about for key, actor in described.items()},
        "description_id": {key: f"demo-c-{number}-{key[4:-1]}" for key in described},
    }


def _messages(round_: Round, question_id: str, facts: SceneFacts) -> list[dict[str, str]]:
    return [
        {"from": "human", "value": round_.question, "question_id": question_id},
        {"from": "gpt", "value": round_.answer.format_map(facts.actors)},
    ]


def _write(path: Path, content: object) -> None:
    text = json.dumps(content, ensure_ascii=False, separators=(", ", ": "))
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
