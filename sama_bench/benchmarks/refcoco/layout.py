"""What lies where in the folder of RefCOCO/+/g, and which splits a reference belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Part:
    """One split of one set; `key` is its task's. `pooled` is one that is made of others."""

    dataset: str
    split: str
    key: str
    alias: str
    pooled: bool = False

    def has(self, split: str) -> bool:
        """Whether a reference of this split text belongs to it, as refer's API has it.

        "testAB" belongs to both; whoever asks for "test" gets all in whose name it stands.
        """
        if self.pooled:
            return self.split in split
        if self.split in {"testA", "testB"}:
            return split.startswith("test") and self.split[-1] in split[4:]
        return split == self.split


UNC, UMD = "refs(unc).p", "refs(umd).p"
REFS = {"refcoco": UNC, "refcoco+": UNC, "refcocog": UMD}
INSTANCES = "instances.json"
PARTS = (
    *(
        Part(name, split, f"{key}-{split.lower()}", f"{title} {split}")
        for name, key, title in (("refcoco", "refcoco", "RefCOCO"), ("refcoco+", "refcoco-plus", "RefCOCO+"))
        for split in ("val", "testA", "testB")
    ),
    *(Part("refcocog", split, f"refcocog-{split}", f"RefCOCOg {split}") for split in ("val", "test")),
    Part("refcoco", "test", "refcoco-test", "RefCOCO testA and testB", pooled=True),
    Part("refcoco+", "test", "refcoco-plus-test", "RefCOCO+ testA and testB", pooled=True),
)
IMAGES = ("images/mscoco/images/train2014", "images/train2014", "coco2014/train2014", "train2014")
EXPECTED = (
    f"a folder for each of {', '.join(REFS)} with {INSTANCES} and {UNC} (refcocog: {UMD}), and COCO's images in "
    f"{IMAGES[0]} or train2014"
)


def datasets(root: Path, refs: Mapping[str, str] = REFS) -> list[str]:
    """The sets whose references are there, in order; `refs` has the file of each."""
    return [name for name, file in refs.items() if (root / name / file).is_file()]


def image_folder(root: Path) -> str:
    """The folder of the images below the root; the usual one where none is there."""
    return next((name for name in IMAGES if (root / name).is_dir()), IMAGES[0])
