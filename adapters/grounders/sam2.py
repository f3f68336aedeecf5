"""Boxes and points to tracks by SAM 2. Ravi et al.: SAM 2: Segment Anything in Images and Videos, 2024."""

from __future__ import annotations

from sama_bench.adapter import Need
from sama_bench.adapters.grounders.tracker import TrackerGrounder
from sama_bench.adapters.shared.checkpoint import SINCE

PIP = "sama-bench[sam2]"


class Sam2Grounder(TrackerGrounder):
    """Follows the object in each box, or on each point, with transformers' Sam2VideoModel."""

    summary = "SAM 2 of transformers, such as grounder_checkpoint=facebook/sam2.1-hiera-large"
    needs = (Need("torch", PIP), Need("torchvision", PIP), Need("transformers", PIP))
    model = "Sam2VideoModel"
    since = SINCE
    kinds = frozenset({"sam2_video", "sam2"})
