"""Metrics: pure functions of masks and texts.

For other programs, on tracks with one COCO RLE or None per frame:

- `jaccard(truth, predicted, size)`: J of each frame, as DAVIS-2017 defines it
- `boundary_f(truth, predicted, size)`: F of each frame, as DAVIS-2017 defines it
- `volume_iou(truth, predicted)`: IoU of whole tracks
"""

from sama_bench.metrics.boundary import boundary_f
from sama_bench.metrics.iou import jaccard, volume_iou

__all__ = ["boundary_f", "jaccard", "volume_iou"]
