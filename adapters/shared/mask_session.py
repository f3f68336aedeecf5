"""One video in a tracker of transformers (SAM 2, SAM 3): boxes, points or a mask in, masks of all frames out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from sama_bench.adapters.shared.feature_cache import Features
from sama_bench.adapters.shared.prepared_frames import PreparedFrames
from sama_bench.metrics.rle import encode
from sama_bench.types import RLE, Box, Mask, Masks, Point, Track, Video

Loaded: TypeAlias = Any
"""What transformers loaded (a model, a processor) or computed; its types are not to be had where it is absent."""
Boxed: TypeAlias = Sequence[Sequence[Box | Point]]
"""Objects, each the boxes or points that it is marked by, at most one a frame."""


class Session:
    """A video that `model` (Sam2VideoModel, Sam3TrackerVideoModel) follows objects in, question after question.

    A frame is decoded, prepared and encoded once, when it is first come to, and its features are kept. What was
    tracked for one question is forgotten before the next: answers do not depend on the order of questions.
    """

    def __init__(self, model: Loaded, processor: Loaded, video: Video) -> None:
        self._model, self._processor, self._video = model, processor, video
        # large results of tracking lie in main memory, as the features do; what is at work is on the device
        self._session = processor.init_video_session(
            inference_device=model.device, inference_state_device="cpu", dtype=model.dtype
        )
        self._session.video_height, self._session.video_width = video.size
        self._session.processed_frames = PreparedFrames(processor, video, model.dtype)
        self._session.cache = Features(model.device)

    def tracks(self, objects: Boxed) -> list[Track]:
        """One track per object, each with at least one box or point: an RLE or None for every frame.

        Objects that are marked on the same frames, in the same way, are followed together. Raises UserError where a
        frame cannot be read.
        """
        tracks: list[list[RLE | None]] = [[None] * len(self._video) for _ in objects]
        together: dict[tuple[tuple[int, type], ...], list[int]] = {}
        for number, boxes in enumerate(objects):
            marked = sorted(((box.frame, type(box)) for box in boxes), key=lambda pair: pair[0])
            together.setdefault(tuple(marked), []).append(number)
        for marks, numbers in together.items():
            frames = [frame for frame, _ in marks]
            for index, masks in self._followed(frames, [objects[number] for number in numbers]):
                for number, mask in zip(numbers, masks, strict=True):
                    tracks[number][index] = encode(mask)
        return list(tracks)

    def carried(self, index: int, mask: Mask) -> Iterator[tuple[int, Mask]]:
        """Each frame from `index` to the last, with the mask there of what `mask`, (H, W) bool, is on `index`."""
        import torch

        self._session.reset_tracking_data()
        with torch.inference_mode():
            self._processor.add_inputs_to_inference_session(
                self._session, frame_idx=index, obj_ids=[0], input_masks=[mask]
            )
            self._model(self._session, frame_idx=index)
            for frame in range(index, len(self._video)):
                yield frame, np.asarray(self._step(frame, index)[0], bool)
        self._session.reset_tracking_data()

    def _followed(self, frames: Sequence[int], objects: Boxed) -> Iterator[tuple[int, Masks]]:
        """Each frame's index and masks, (objects, H, W) bool; all objects are marked on all of `frames`."""
        import torch

        self._session.reset_tracking_data()
        with torch.inference_mode():
            for index in frames:
                self._mark(index, objects)
                self._model(self._session, frame_idx=index)
            first = frames[0]
            for index in [*range(first, len(self._video)), *range(first - 1, -1, -1)]:
                yield index, self._step(index, first)
        self._session.reset_tracking_data()

    def _mark(self, index: int, objects: Boxed) -> None:
        """Give the session the boxes, or the points, of all objects on one frame, in pixels of the video."""
        here = [box for boxes in objects for box in boxes if box.frame == index]
        numbers = [[float(side) for side in box[1:]] for box in here]
        cues: dict[str, Any] = {"input_boxes": [numbers]}
        if isinstance(here[0], Point):  # one positive click for each object
            cues = {"input_points": [[[number] for number in numbers]], "input_labels": [[[1] for _ in numbers]]}
        self._processor.add_inputs_to_inference_session(
            self._session, frame_idx=index, obj_ids=list(range(len(objects))), **cues
        )

    def _step(self, index: int, first: int) -> Masks:
        """The masks of one frame, (objects, H, W), which is the next one away from `first` in either direction."""
        back = index < first
        outputs = self._model(self._session, frame_idx=index, reverse=back)
        masks = self._processor.post_process_masks([outputs.pred_masks.float()], [list(self._video.size)])[0]
        reach = self._model.config.num_maskmem
        self._drop(index, "high_res_masks")  # 4 MB an object and frame, and nothing looks at it again
        forgotten = index + reach if back else index - reach
        if abs(forgotten - first) >= reach:  # those near `first` are remembered in the other direction too
            self._drop(forgotten, "maskmem_features", "maskmem_pos_enc")
        return np.asarray(masks.cpu().numpy()[:, 0], bool)

    def _drop(self, index: int, *names: str) -> None:
        """Forget what the session holds under these names for one frame of all objects, unless it is marked there."""
        for kinds in self._session.output_dict_per_obj.values():
            for name in names:
                kinds["non_cond_frame_outputs"].get(index, {}).pop(name, None)
