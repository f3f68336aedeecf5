"""Boxes and points to tracks by SAM 3's tracker. Carion et al.: SAM 3: Segment Anything with Concepts, 2025."""

from __future__ import annotations

from sama_bench.adapter import Need
from sama_bench.adapters.grounders.tracker import TrackerGrounder

PIP = "sama-bench[sam3]"


class Sam3Grounder(TrackerGrounder):
    """Follows the object in each box, or on each point, with transformers' Sam3TrackerVideoModel."""

    summary = "SAM 3's tracker of transformers, such as grounder_checkpoint=facebook/sam3"
    needs = (Need("torch", PIP), Need("torchvision", PIP), Need("transformers", PIP))
    model = "Sam3TrackerVideoModel"
    since = (5, 0)
    kinds = frozenset({"sam3_tracker_video", "sam3_video"})
