"""J and F of expressions at MeViS valid_u's size: ours against a scorer of the released kind, in the same run.

`python -m benchmarks.expressions OUT [--share 0.1]` makes the imitation in the new folder OUT and measures on it.
"""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco

from benchmarks import dense
from sama_bench.metrics import rle

VIDEOS, EXPRESSIONS, SIZE = 50, 793, (480, 854)
FRAMES = (40, 110)
OBJECTS = 6  # tracks of a video, of which an expression means one or two
SEED = 5
MEASURED = """
import json, sys, time
from pathlib import Path
import sama_bench as sb
began, clock = time.process_time(), time.perf_counter()
scores = sb.score(sys.argv[1], sys.argv[2], tasks="mevis", processes=1, tell=print)
block = scores.kept.protocols["released"]["mevis"]
used, wall = time.process_time() - began, time.perf_counter() - clock
peak = next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
print(json.dumps({"seconds": used, "wall": wall, "peak": int(peak) * 1024,
    "values": {id_: [one["J"], one["F"]] for id_, one in block.per_expression.items()}}))
"""


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--share", default=1.0, show_default=True, help="How much of the videos is made.")
@click.option("--peer", default=0.02, show_default=True, help="How much of the expressions the peer scores.")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the result to this file too.")
def main(out: Path, share: float, peer: float, path: Path | None) -> None:
    """Make the imitation and measure on it; the peer's seconds are of a part, scaled by its masks."""
    made = make(out, share)
    result: dict[str, Any] = {"videos": made["videos"], "expressions": made["expressions"], "masks": made["masks"]}
    for name in ("Annotations", "results.json"):
        ours = _ours(out, name)
        theirs = _released(out, name, peer)
        for id_, pair in theirs.pop("values").items():
            np.testing.assert_allclose(ours["values"][id_], pair, rtol=0, atol=1e-9)
        result[name] = {
            "our_seconds": ours["seconds"], "our_wall_seconds": ours["wall"], "peer_seconds": theirs["seconds"],
            "ratio": theirs["seconds"] / ours["seconds"], "our_peak_MB": ours["peak"] / 1e6, "peer": theirs,
        }  # fmt: skip
        if name == "Annotations":
            result[name] |= {"unpacking_seconds": _unpacking(out, peer)}
    click.echo(json.dumps(result, indent=1))
    if path is not None:
        path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def make(out: Path, share: float) -> dict[str, int]:
    """Write the tree, `Annotations` and `results.json` to the new folder OUT; equal from one to the next."""
    generator = np.random.default_rng(SEED)
    videos = max(1, round(VIDEOS * share))
    meta: dict[str, Any] = {}
    masks: dict[str, Any] = {}
    results: dict[str, Any] = {}
    count = 0
    for number in range(videos):
        name, length = f"video{number:03d}", int(generator.integers(*FRAMES))
        frames = [f"{frame:05d}" for frame in range(length)]
        _write_frames(out / "mevis/valid_u/JPEGImages" / name, frames)
        tracks = [_track(generator, length) for _ in range(OBJECTS)]
        pictures = [[_picture(one) for one in said] for _, said in tracks]
        ids = range(number * OBJECTS, (number + 1) * OBJECTS)
        masks |= {str(id_): track for id_, (track, _) in zip(ids, tracks, strict=True)}
        expressions = {}
        own = EXPRESSIONS * (number + 1) // VIDEOS - EXPRESSIONS * number // VIDEOS
        results[name] = {}
        for expression in range(own):
            meant = sorted({int(one) for one in generator.integers(0, OBJECTS, 1 + expression % 2)})
            expressions[str(expression)] = {"exp": f"thing {expression}", "anno_id": [ids[one] for one in meant]}
            chosen = meant[0] if expression % 5 else int(generator.integers(0, OBJECTS))
            results[name][str(expression)] = {"prediction_masks": tracks[chosen][1]}
            _write_masks(out / "Annotations" / name / str(expression), frames, pictures[chosen])
            count += length
        meta[name] = {"frames": frames, "expressions": expressions}
    (out / "mevis/valid_u/meta_expressions.json").write_text(json.dumps({"videos": meta}), encoding="utf-8")
    (out / "mevis/valid_u/mask_dict.json").write_text(json.dumps(masks), encoding="utf-8")
    (out / "results.json").write_text(json.dumps(results), encoding="utf-8")
    return {"videos": videos, "expressions": sum(map(len, results.values())), "masks": count}


def _track(generator: np.random.Generator, length: int) -> tuple[list[Any], list[Any]]:
    """A true track, an outline that moves and wobbles, and a predicted one, which is near it; RLE or None each."""
    centre, speed = generator.uniform(0.2, 0.8, 2) * SIZE, generator.uniform(-4, 4, 2)
    radius, waves = generator.uniform(25, 110), generator.uniform(0, 0.25, (2, 6))
    true, said = [], []
    for frame in range(length):
        true.append(_mask(centre + frame * speed, radius, waves[0], frame))
        said.append(_mask(centre + frame * speed + generator.uniform(-4, 4, 2), radius * 0.97, waves[1], frame))
    return true, said


def _mask(centre: NDArray[Any], radius: float, waves: NDArray[Any], frame: int) -> Any:  # noqa: ANN401 - RLE or None
    angles = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    wobble = sum(size * np.sin(order * angles + frame / 9) for order, size in enumerate(waves, 2))
    points = np.stack(
        [centre[1] + radius * (1 + wobble) * np.cos(angles), centre[0] + radius * (1 + wobble) * np.sin(angles)], 1
    )
    canvas = np.zeros(SIZE, np.uint8)
    cv2.fillPoly(canvas, [points.round().astype(np.int32)], 1)
    return rle.encode(canvas)


def _write_frames(folder: Path, frames: list[str]) -> None:
    folder.mkdir(parents=True)
    content = cv2.imencode(".jpg", np.zeros((*SIZE, 3), np.uint8))[1].tobytes()
    for name in frames:
        (folder / f"{name}.jpg").write_bytes(content)


def _picture(mask: Any) -> bytes:  # noqa: ANN401 - RLE or None
    file = io.BytesIO()
    Image.fromarray(rle.decode(mask, SIZE).astype(np.uint8) * 255).save(file, "PNG", compress_level=1)
    return file.getvalue()


def _write_masks(folder: Path, frames: list[str], pictures: list[bytes]) -> None:
    folder.mkdir(parents=True)
    for name, content in zip(frames, pictures, strict=True):
        (folder / f"{name}.png").write_bytes(content)


def _ours(out: Path, name: str) -> Any:  # noqa: ANN401 - JSON
    """The whole of scoring in one process of its own: its CPU seconds, peak, and values by expression."""
    command = [sys.executable, "-c", MEASURED, f"mevis:{out / 'mevis'}", str(out / name)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def _released(out: Path, name: str, share: float) -> dict[str, Any]:
    """What a script of the released kind does: whole mask file in memory, dense masks, J and F frame by frame.

    Of every n-th expression; seconds are scaled to all by the number of masks, but for reading the files.
    """
    cv2.setNumThreads(1)
    began = time.process_time()
    meta = json.loads((out / "mevis/valid_u/meta_expressions.json").read_text(encoding="utf-8"))["videos"]
    masks = json.loads((out / "mevis/valid_u/mask_dict.json").read_text(encoding="utf-8"))
    results = json.loads((out / name).read_text(encoding="utf-8")) if name.endswith(".json") else None
    reading = time.process_time() - began
    every = [(video, id_) for video, own in meta.items() for id_ in own["expressions"]]
    values, done = {}, 0
    began = time.process_time()
    for video, id_ in every[:: max(1, round(1 / share))]:
        one = meta[video]
        true = _united([masks[str(anno)] for anno in one["expressions"][id_]["anno_id"]])
        if results is None:
            folder = out / name / video / id_
            said = np.stack([cv2.imread(str(folder / f"{frame}.png"), 0) > 0 for frame in one["frames"]])
        else:
            said = _united([results[video][id_]["prediction_masks"]])
        j, f = dense.j_and_f(true, said)
        values[f"{video}_{id_}"] = [float(np.mean(j)), float(np.mean(f))]
        done += len(one["frames"])
    total = sum(len(meta[video]["frames"]) for video, _ in every)
    seconds = reading + (time.process_time() - began) * total / done
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": seconds, "masks_scored": done, "peak_MB": peak / 1e6, "values": values}


def _unpacking(out: Path, share: float) -> dict[str, float]:
    """The least that anyone needs who reads these pictures: seconds of unpacking alone, of a part, scaled to all."""
    files = sorted((out / "Annotations").glob("*/*/*.png"))
    part = files[:: max(1, round(1 / share))]
    seconds = {}
    for name, unpack in (("OpenCV", _by_opencv), ("Pillow", _by_pillow)):
        began = time.process_time()
        for path in part:
            unpack(path)
        seconds[name] = (time.process_time() - began) * len(files) / len(part)
    return seconds


def _by_opencv(path: Path) -> None:
    cv2.imread(str(path), 0)


def _by_pillow(path: Path) -> None:
    Image.open(io.BytesIO(path.read_bytes()), formats=["PNG"]).load()


def _united(tracks: list[list[Any]]) -> NDArray[np.bool_]:
    masks = np.zeros((len(tracks[0]), *SIZE), bool)
    for track in tracks:
        for frame, one in enumerate(track):
            if one is not None:
                masks[frame] |= coco.decode(one).astype(bool)
    return masks


if __name__ == "__main__":
    main()
