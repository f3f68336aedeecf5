"""A prompt's frames as the file of a video, for models and servers that take one."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sama_bench.prompting import Prompt

LOSSLESS, MP4 = "FFV1", "mp4v"


def film(prompt: Prompt, path: Path, codec: str = LOSSLESS) -> Path:
    """Write the frames into `path`, one a second; a single one twice, as models take pairs.

    `codec` is LOSSLESS (.avi) or MP4 (.mp4, MPEG-4 part 2, which every server decodes). Videos have even sides: the
    last row and column of an odd one are there twice. Raises OSError where that fails.
    """
    import cv2

    frames = prompt.frames if len(prompt.frames) > 1 else prompt.frames * 2
    height, width = (side + side % 2 for side in frames[0].shape[:2])
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), 1.0, (width, height))
    for frame in frames:
        even = np.pad(frame, ((0, height - frame.shape[0]), (0, width - frame.shape[1]), (0, 0)), "edge")
        writer.write(np.ascontiguousarray(even[..., ::-1]))  # OpenCV counts blue, green, red
    writer.release()
    if not path.is_file():
        raise OSError(f"{path}: the video of the frames could not be written")
    return path
