"""Small trees of the sets of the field, and what the released code makes of predictions for them (tests/golden)."""

import gzip
import json
import pickle
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import sama_bench as sb
from sama_bench.metrics import rle

GOLDEN = Path(__file__).parents[1] / "golden" / "grounding"
REFS = {"refcoco": "refs(unc).p", "refcoco+": "refs(unc).p", "refcocog": "refs(umd).p"}


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SAMA_BENCH_CACHE", str(tmp_path / "cache"))


def golden(name):
    return json.loads(gzip.decompress((GOLDEN / f"{name}.json.gz").read_bytes()))


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def picture(path, size, value=90):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full(size, value, np.uint8)).save(path)


def write_davis(root, content):
    """Masks as bytes, as the pickle has them; label images with nothing but void."""
    write(root / "meta_expressions/valid/meta_expressions.json", content["meta"])
    masks = {
        name: [one and {**one, "counts": one["counts"].encode()} for one in track]
        for name, track in content["masks"].items()
    }
    for video, size in content["sizes"].items():
        for frame, void in zip(content["meta"]["videos"][video]["frames"], content["void"][video], strict=True):
            picture(root / f"valid/JPEGImages/{video}/{frame}.jpg", size)
            label = root / f"valid/Annotations/{video}/{frame}.png"
            label.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rle.decode(void, tuple(size)).astype(np.uint8) * 255).save(label)
    (root / "valid/mask_dict.pkl").write_bytes(pickle.dumps(masks, 4))
    return root


def write_revos(root, content, images="JPEGImages"):
    write(root / "meta_expressions_valid_.json", content["meta"])
    write(root / "mask_dict.json", content["masks"])
    write(root / "mask_dict_foreground.json", content["foreground"])
    for video, about in content["meta"]["videos"].items():
        for frame in about["frames"]:
            picture(root / images / video / f"{frame}.jpg", (about["height"], about["width"]))
    return root


def write_ref_sav(root, content):
    write(root / "meta_expressions_valid.json", content["meta"])
    write(root / "mask_dict.json", content["masks"])
    for video, about in content["meta"]["videos"].items():
        for frame in about["frames"]:
            picture(root / "videos" / video / f"{frame}.jpg", (about["height"], about["width"]))
    return root


def write_reasonvos(root, content):
    write(root / "meta_expressions.json", content["meta"])
    for video, about in content["meta"]["videos"].items():
        size = tuple(content["sizes"][video])
        for frame in about["frames"]:
            picture(root / "JPEGImages" / video / f"{frame}.jpg", size)
        for number in {one["obj_id"] for one in about["expressions"]}:
            folder = f"{about['source']}_{video}_{number}"
            (root / "Annotations" / folder).mkdir(parents=True)
            for frame, mask in zip(about["frames"], content["masks"][folder], strict=True):
                pixels = rle.decode(mask, size).astype(np.uint8) * 255
                Image.fromarray(pixels).save(root / "Annotations" / folder / f"{frame}.png")
    return root


def write_refcoco(root, sets):
    for name, content in sets.items():
        write(root / name / "instances.json", content["instances"])
        (root / name / REFS[name]).write_bytes(pickle.dumps(content["refs"], 2))
        for image in content["instances"]["images"]:
            picture(root / "train2014" / image["file_name"], (image["height"], image["width"]))
    return root


def answer(*tracks):
    return {"text": " ".join(["[SEG]"] * len(tracks)), "tracks": list(tracks)}


def scored(bench, answers):
    scores = sb.score(bench, answers, phrases="words", processes=1, tell=lambda _: None)
    return SimpleNamespace(mean=scores.mean, block=scores.kept.block, statistics=scores.kept.statistics)


@pytest.fixture
def sets():
    """The functions that a test of one of the sets needs."""
    return SimpleNamespace(
        golden=golden,
        write_davis=write_davis,
        write_revos=write_revos,
        write_ref_sav=write_ref_sav,
        write_reasonvos=write_reasonvos,
        write_refcoco=write_refcoco,
        answer=answer,
        picture=picture,
        write=write,
        scored=scored,
    )
