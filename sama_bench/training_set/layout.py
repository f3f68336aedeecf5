"""The files of SAMA-239K, and how the paths in them lead to frames."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sama_bench.errors import UserError

SAMPLES = "sama239k_train_final.json"
EXPECTED_VIDEOS, EXPECTED_TEXTS = 15_000, 239_000  # about; the name and README of the data set say no more


@dataclass(frozen=True)
class Source:
    """One of the five sources: the word in `video` that tells it, and the names that its mask file may have."""

    name: str
    masks: tuple[str, ...]

    @property
    def is_video(self) -> bool:
        """Whether its samples name an mp4, of which every 4th frame is read, and not a folder of frames."""
        return self.name == "sav"


SOURCES = (
    Source("mevis", ("mevis_train_mask_dict.json",)),
    Source("lvvis", ("lvvis_train_mask_dict.json",)),
    # The configurations of the 4B and 8B model read the second name.
    Source("ref_youtube_vos", ("ref_youtube_train_mask_dict.pkl", "mask_dict.pkl")),
    Source("VidSTG", ("VidSTG_mask_dict_train_updated.json",)),
    Source("sav", ("SAV_mask_dict_train.json",)),
)
SAV_STEP = 4


def source_of(video: str) -> Source | None:
    """The first source whose word the path holds, as the released loader tells it; None where none is."""
    return next((source for source in SOURCES if source.name in video), None)


def frame_file(frame: str, source: Source) -> str:
    """The file of a frame in its folder; VidSTG names frames with an extension, which is cut off."""
    return f"{frame.rpartition('.')[0] or frame if source.name == 'VidSTG' else frame}.jpg"


def samples_file(path: Path) -> Path:
    """The JSON file that `path` means: itself, or the one in this folder. Raises UserError where there is none."""
    file = path / SAMPLES if path.is_dir() else path
    if not file.exists():
        raise UserError(f"{file}: no such file; expected SAMA-239K's folder, with {SAMPLES} in it, or that file")
    return file


def masks_file(root: Path, source: Source) -> Path | None:
    """The mask file of a source below `root`; None where it is not there."""
    return next((root / name for name in source.masks if (root / name).is_file()), None)
