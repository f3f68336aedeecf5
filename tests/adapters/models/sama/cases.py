"""What the released code was asked, and natively is: the same questions about the same made-up videos."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from sama_bench.adapters.models.sama.config import Sam2Sizes, Sizes
from sama_bench.metrics import rle
from sama_bench.types import Key, PlainQuestion, Question, Region, Video

# Smaller only where the released code can be made smaller; windows of 7 divide no stage.
SIZES = Sizes(
    width=48, heads=4, feed_forward=96, spatial_layers=4, window=96,
    sam2=Sam2Sizes(
        image=256, hiera_width=16, hiera_heads=1, blocks=(1, 2, 2, 1), global_blocks=(4,), windows=(8, 4, 7, 8)
    ),
)  # fmt: skip
SIZE = (48, 64)
LONGEST = 12
SUFFIX = " Response with interleaved segmentation masks."


@dataclass(frozen=True)
class Case:
    """A question about `frames` frames. `regions` are (left, top, side, first frame, last frame) of squares."""

    name: str
    kind: str
    frames: int
    text: str
    regions: tuple = ()
    task: str = "g"


LEFT, RIGHT, SMALL, LATE = (5, 6, 20, 0, 99), (30, 10, 25, 0, 99), (1, 1, 2, 0, 99), (8, 8, 16, 4, 99)
GONE = (8, 8, 16, 900, 901)
ONE = f"Who is <mask> in the video?{SUFFIX}"
TWO = f"What does <mask> do to <mask>, the black dog?{SUFFIX}"
NONE = f"Is there a dog on the left? Überall!{SUFFIX}"
LONG = f"{'Who walks here and holds the dog of the man? ' * 9}And who is <mask>?{SUFFIX}"
DESCRIBE = "Please describe the region <mask> in the video."
CASES = (
    Case("one frame", "qwen2", 1, ONE, (LEFT,)),
    Case("two frames, two regions", "qwen2", 2, TWO, (LEFT, RIGHT)),
    Case("four frames, none", "qwen2", 4, NONE),
    Case("five frames", "qwen2", 5, ONE, (RIGHT,)),
    Case("nine frames, two regions", "qwen2", 9, TWO, (RIGHT, LATE)),
    Case("lost at 16 x 16", "qwen2", 9, TWO, (SMALL, LEFT)),
    Case("nowhere", "qwen2", 7, ONE, (GONE,)),
    Case("too long", "qwen2", 12, LONG, (LEFT,)),
    Case("sixty frames, a region", "qwen2", 60, ONE, (LATE,)),
    Case("described", "qwen2", 10, DESCRIBE, (LEFT,), "c"),
    Case("InternLM2, two regions", "internlm2", 11, TWO, (LEFT, RIGHT)),
    Case("InternLM2, none", "internlm2", 3, NONE),
    Case("InternLM2, described", "internlm2", 6, DESCRIBE, (RIGHT,), "c"),
    Case("Phi-3, two regions", "phi3", 11, TWO, (LEFT, RIGHT)),
    Case("Phi-3, none", "phi3", 1, NONE),
    Case("Phi-3, described", "phi3", 8, DESCRIBE, (LEFT,), "c"),
)


def film(frames, folder):
    """A video of coarse coloured squares that change, as PNG files in the folder."""
    rng = np.random.default_rng(frames)
    paths = []
    still = rng.integers(0, 256, (6, 8, 3))
    for index in range(frames):
        moving = np.where(rng.random((6, 8, 1)) < 0.2, rng.integers(0, 256, (6, 8, 3)), still)
        picture = np.kron(moving, np.ones((8, 8, 1))).astype(np.uint8)
        paths.append(folder / f"{frames}_{index}.png")
        Image.fromarray(picture).save(paths[-1])
    return Video(f"film{frames}", "mevis", SIZE, tuple(paths))


def asked(case, video, number="1"):
    """The question of a case about its video."""
    tracks = []
    for left, top, side, first, last in case.regions:
        masks = np.zeros((case.frames, *SIZE), bool)
        masks[first : last + 1, top : top + side, left : left + side] = True
        tracks.append(Region(rle.encode_track(masks), SIZE))
    expects = "text" if case.task == "c" else "phrases"
    return Question(Key(case.task, number), video, case.text, tuple(tracks), expects=expects)


def plain():
    """Plain questions by name: images of one tile and of several, a video, words alone."""
    rng = np.random.default_rng(5)
    pictures = {size: np.kron(rng.integers(0, 256, (*size, 3)), np.ones((8, 8, 1))).astype(np.uint8) for size in
                ((6, 6), (6, 11))}  # fmt: skip
    frames = tuple(np.kron(rng.integers(0, 256, (10, 6, 8, 3)), np.ones((1, 8, 8, 1))).astype(np.uint8))
    return [
        ("an image", PlainQuestion("<image>\nWhat is it?\nA. dog B. cat", (pictures[6, 6],))),
        ("a wide image", PlainQuestion("What is it?", (pictures[6, 11],))),
        ("a video", PlainQuestion("What do they do?", frames, video=True)),
        ("words", PlainQuestion("Who are you?")),
    ]


def summary(ids, rows, tokens, vectors, logits, tracks):
    """What is kept of a case: everything small, and every so many-th number of what is large.

    `rows` (n, d) are embeddings of the prompt, `vectors` (S, 256), `logits` a list of (T, h, w), `tracks` of (T, H, W).
    """
    return {
        "ids": np.asarray(ids, np.int32),
        "rows": np.asarray(rows, np.float32)[::-1][:60],
        "cells": np.asarray(rows, np.float32)[::101],
        "tokens": np.asarray(tokens, np.int32),
        "vectors": np.asarray(vectors, np.float32).reshape(-1, 256),
        "logits": np.stack([one[:, ::16, ::16] for one in logits]).astype(np.float32) if logits else np.zeros((0,)),
        "masks": np.packbits(np.stack(tracks)) if tracks else np.zeros(0, np.uint8),
    }
