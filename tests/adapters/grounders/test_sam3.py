"""The real Sam3TrackerVideoModel, tiny and with random weights, behind the same session as SAM 2's."""

import numpy as np
import pytest

from sama_bench.errors import UserError
from sama_bench.metrics import rle
from sama_bench.types import Box

pytest.importorskip("torchvision")
torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers", minversion="5.0")

from sama_bench.adapters.grounders.sam3 import Sam3Grounder  # noqa: E402


@pytest.fixture(scope="module")
def tiny_sam3(tmp_path_factory):
    """A folder with the model and its processor; frames are 56 x 56 to it."""
    folder, side, wide = tmp_path_factory.mktemp("sam3"), 56, 128
    vit = {
        "model_type": "sam3_vit_model", "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2,
        "num_attention_heads": 2, "image_size": side, "patch_size": 14, "window_size": 2, "global_attn_indexes": [1],
        "pretrain_image_size": side,
    }  # fmt: skip
    config = transformers.Sam3TrackerVideoConfig(
        vision_config={
            "model_type": "sam3_vision_model", "backbone_config": vit, "fpn_hidden_size": wide,
            "backbone_feature_sizes": [[16, 16], [8, 8], [4, 4]],
        },
        prompt_encoder_config={"hidden_size": wide, "image_size": side, "patch_size": 14},
        mask_decoder_config={"hidden_size": wide, "mlp_dim": 32, "iou_head_hidden_dim": 32},
        image_size=side, memory_attention_hidden_size=wide, memory_attention_num_layers=1,
        memory_attention_feed_forward_hidden_size=32, memory_encoder_hidden_size=wide,
        mask_downsampler_embed_dim=wide, memory_fuser_embed_dim=wide, memory_fuser_intermediate_dim=32,
    )  # fmt: skip
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = transformers.Sam3TrackerVideoModel(config)
    torch.nn.init.constant_(model.mask_decoder.pred_obj_score_head.proj_out.bias, 10.0)  # every object is seen
    size = {"height": side, "width": side}
    images = transformers.Sam3ImageProcessor(size=size, mask_size={"height": 16, "width": 16})
    videos = transformers.Sam2VideoVideoProcessor(size=size)
    model.save_pretrained(folder)
    transformers.Sam3TrackerVideoProcessor(images, videos).save_pretrained(folder)
    return folder


def test_boxes_become_tracks_and_a_second_question_encodes_nothing(tiny_sam3, video):
    rng = np.random.default_rng(0)
    clip = video([rng.integers(0, 256, (48, 80, 3), dtype=np.uint8) for _ in range(10)])
    grounder, passes = Sam3Grounder(str(tiny_sam3)), []
    grounder._model.vision_encoder.register_forward_hook(lambda *_: passes.append(1))
    grounder.open(clip)
    one, two = Box(4, 10, 10, 30, 30), Box(9, 40, 20, 60, 40)
    both = grounder.tracks(clip, [[one], [two]])
    assert len(passes) == 10
    assert all(len(rle.check_track(track, 10, (48, 80))) == 10 and any(track) for track in both)
    assert [grounder.tracks(clip, [[box]])[0] for box in (one, two)] == both
    assert len(passes) == 10


def test_a_checkpoint_of_sam2_is_refused(tiny_sam2):
    with pytest.raises(UserError, match=r"grounder_checkpoint .*: is a model of type sam2_video, expected sam3"):
        Sam3Grounder(str(tiny_sam2))
