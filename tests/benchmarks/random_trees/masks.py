"""Random masks, tracks, and expressions, with what scorers find hard among them."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image
from pycocotools import mask as coco

SIZES = ((17, 23), (40, 31), (9, 64), (33, 33), (61, 20))


def mask(draw, size):
    """Nothing, everything, a pixel, a border, a box, noise or a few ellipses: bool of `size`."""
    height, width = size
    kind = draw.choice(["nothing", "all", "pixel", "border", "box", "noise", "ellipses", "ellipses", "ellipses"])
    out = np.zeros(size, bool)
    if kind == "all":
        out[...] = True
    elif kind == "pixel":
        out[draw.integers(height), draw.integers(width)] = True
    elif kind == "border":
        out[[0, -1], :] = out[:, [0, -1]] = True
    elif kind == "box":
        (top, bottom), (left, right) = (np.sort(draw.choice(side + 1, 2, replace=False)) for side in size)
        out[top:bottom, left:right] = True
    elif kind == "noise":
        out[...] = draw.random(size) < draw.random()
    elif kind == "ellipses":
        rows, columns = np.ogrid[:height, :width]
        for _ in range(draw.integers(1, 3)):
            y, x = draw.uniform(0, 1, 2) * size
            a, b = draw.uniform(1, 10, 2)
            out |= ((rows - y) / a) ** 2 + ((columns - x) / b) ** 2 <= 1
    return out


def track(draw, size, length):
    """Masks (length, H, W) that stay much the same from frame to frame."""
    masks = [mask(draw, size)]
    while len(masks) < length:
        last = masks[-1]
        moved = np.roll(last, tuple(draw.integers(-2, 3, 2)), (0, 1))
        masks.append(draw.choice([moved, last, mask(draw, size)], p=[0.7, 0.1, 0.2]))
    return np.array(masks)


def near(draw, masks):
    """What a model may have answered: much the same, something else, nothing."""
    kind = draw.choice(["near", "near", "other", "nothing", "same"])
    if kind == "near":
        return np.roll(masks, tuple(draw.integers(-3, 4, 2)), (1, 2)) ^ (draw.random(masks.shape) < 0.01)
    if kind == "other":
        return track(draw, masks.shape[1:], len(masks))
    return masks if kind == "same" else np.zeros_like(masks)


def packed(masks):
    """COCO RLEs with counts as text, null where a mask is empty."""
    out = []
    for one in masks:
        rle = coco.encode(np.asfortranarray(one.astype(np.uint8)))
        out.append({"size": rle["size"], "counts": rle["counts"].decode()} if one.any() else None)
    return out


@dataclass
class Clip:
    """A video: its frames' names as a file lists them, tracks of objects, expressions by number and answers to them.

    An expression is the ids of its objects and its type. An answer is a track in the order of `frames`; it is absent
    where there is none, and a frame of it may be left out of the files.
    """

    name: str
    size: tuple[int, int]
    frames: list[str]
    objects: dict[int, np.ndarray]
    expressions: dict[str, tuple[list[int], int]]
    answers: dict[str, np.ndarray] = field(default_factory=dict)
    lacking: dict[str, list[str]] = field(default_factory=dict)

    @property
    def length(self):
        return len(self.frames)

    def added(self, number):
        """The sum of the masks of an expression's objects, uint8 (frames, H, W), as the released scorers make it."""
        total = np.zeros((self.length, *self.size), np.uint8)
        for id_ in self.expressions[number][0]:
            total += self.objects[id_]
        return total


def clip(draw, name, first_object, *, types=(0,), empty=True, twice=True):
    """A clip with 0 to 12 expressions, some of several objects, some of one twice, some of none."""
    size = SIZES[draw.integers(len(SIZES))]
    length = int(draw.integers(1, 6))
    step, begin = int(draw.choice([1, 5])), int(draw.choice([0, 0, 0, 5]))
    frames = [f"{begin + step * n:05d}" for n in range(length)]
    if draw.random() < 0.3:
        draw.shuffle(frames)
    objects = {first_object + n: track(draw, size, length) for n in range(draw.integers(1, 4))}
    expressions = {}
    for number in range(draw.choice([0, 1, 2, 3, 12])):
        ids = draw.choice([*objects], draw.integers(0 if empty else 1, len(objects) + 1), replace=False).tolist()
        if twice and ids and draw.random() < 0.2:
            ids.append(ids[0])
        expressions[str(number)] = (ids, int(draw.choice(types)))
    found = Clip(name, size, frames, objects, expressions)
    found.answers = {number: near(draw, found.added(number) > 0) for number in expressions}
    return found


def spoil(draw, clips):
    """Take out what people's folders lack: whole videos, expressions, and single frames."""
    for one in clips:
        kind = draw.choice(["whole", "whole", "video", "parts", "parts"])
        if kind == "video":
            one.answers.clear()
        if kind == "parts":
            for number in list(one.answers):
                fate = draw.choice(["whole", "absent", "frame", "all frames"], p=[0.55, 0.25, 0.15, 0.05])
                if fate == "absent":
                    del one.answers[number]
                elif fate == "frame":
                    one.lacking[number] = [str(draw.choice(one.frames))]
                elif fate == "all frames":
                    one.lacking[number] = list(one.frames)


def write_pictures(root: Path, folder, names, masks, lacking=(), value=255):
    """One PNG for each frame but those that are lacking."""
    (root / folder).mkdir(parents=True, exist_ok=True)
    for name, one in zip(names, masks, strict=True):
        if name not in lacking:
            Image.fromarray(one.astype(np.uint8) * value).save(root / folder / f"{name}.png")


def write_answers(root: Path, clips, value=255):
    """`VIDEO/EXPRESSION/FRAME.png`, and beside them what nobody asked for."""
    root.mkdir(parents=True)
    for one in clips:
        for number, masks in one.answers.items():
            write_pictures(root, f"{one.name}/{number}", one.frames, masks, one.lacking.get(number, ()), value)
    write_pictures(root, "elsewhere/0", ["00000"], [np.ones((4, 4), bool)], value=value)
    answered = next((one for one in clips if one.answers), None)
    if answered is not None:
        write_pictures(root, f"{answered.name}/777", ["00000"], [np.ones((4, 4), bool)], value=value)
    return root
