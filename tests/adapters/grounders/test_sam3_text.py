"""The real Sam3VideoModel, tiny and with random weights that find something, asked by phrases."""

import numpy as np
import pytest

from sama_bench.metrics import rle
from sama_bench.run.registry import make_adapter
from sama_bench.types import Expression, Key, Question

pytest.importorskip("torchvision")
torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers", minversion="5.0")

from sama_bench.adapters.grounders.sam3_text import Sam3TextGrounder  # noqa: E402

SIDE, GRID, WIDE = 112, 8, 128


def _tokenizer():
    import tokenizers

    bpe = tokenizers.Tokenizer(tokenizers.models.BPE(unk_token="<|endoftext|>"))
    bpe.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=300, special_tokens=["<|startoftext|>", "<|endoftext|>"], show_progress=False,
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    bpe.train_from_iterator(["a red kite"], trainer)
    bpe.post_processor = tokenizers.processors.TemplateProcessing(
        single="<|startoftext|> $A <|endoftext|>", special_tokens=[("<|startoftext|>", 0), ("<|endoftext|>", 1)]
    )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token="<|startoftext|>", eos_token="<|endoftext|>", pad_token="<|endoftext|>"
    )


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A folder with the model and its processor."""
    folder = tmp_path_factory.mktemp("sam3")
    sizes = [[4 * GRID] * 2, [2 * GRID] * 2, [GRID] * 2]
    vit = {
        "model_type": "sam3_vit_model", "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2,
        "num_attention_heads": 2, "image_size": SIDE, "patch_size": 14, "window_size": 4, "global_attn_indexes": [1],
        "pretrain_image_size": SIDE,
    }  # fmt: skip
    vision = {
        "model_type": "sam3_vision_model", "backbone_config": vit, "fpn_hidden_size": WIDE,
        "backbone_feature_sizes": sizes,
    }  # fmt: skip
    small = {"hidden_size": WIDE, "num_layers": 1, "intermediate_size": 32, "num_attention_heads": 2}
    detector = {
        "vision_config": vision,
        "text_config": {
            "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
            "projection_dim": 32, "vocab_size": 300, "max_position_embeddings": 32,
        },
        "geometry_encoder_config": small, "detr_encoder_config": small,
        "detr_decoder_config": {**small, "num_queries": 5},
        "mask_decoder_config": {"hidden_size": WIDE, "num_attention_heads": 2},
    }  # fmt: skip
    tracker = {
        "vision_config": vision,
        "prompt_encoder_config": {"hidden_size": WIDE, "image_size": SIDE, "patch_size": 14},
        "mask_decoder_config": {"hidden_size": WIDE, "mlp_dim": 32, "iou_head_hidden_dim": 32},
        "image_size": SIDE, "memory_attention_hidden_size": WIDE, "memory_attention_num_layers": 1,
        "memory_attention_feed_forward_hidden_size": 32, "memory_attention_rope_feat_sizes": [GRID, GRID],
        "memory_encoder_hidden_size": WIDE, "memory_encoder_output_channels": 64,
        "mask_downsampler_embed_dim": WIDE, "memory_fuser_embed_dim": WIDE, "memory_fuser_intermediate_dim": 32,
    }  # fmt: skip
    config = transformers.Sam3VideoConfig(
        detector_config=detector, tracker_config=tracker, low_res_mask_size=4 * GRID, score_threshold_detection=0.0,
        new_det_thresh=0.0, hotstart_delay=0, initializer_range=0.3,
    )  # fmt: skip
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = transformers.Sam3VideoModel(config)
    size = {"height": SIDE, "width": SIDE}
    images = transformers.Sam3ImageProcessor(size=size, mask_size={"height": 4 * GRID, "width": 4 * GRID})
    videos = transformers.Sam2VideoVideoProcessor(size=size)
    model.save_pretrained(folder)
    transformers.Sam3VideoProcessor(images, videos, _tokenizer()).save_pretrained(folder)
    return folder


@pytest.fixture
def clip(video):
    rng = np.random.default_rng(0)
    return video([rng.integers(0, 256, (48, 80, 3), dtype=np.uint8) for _ in range(4)])


def test_phrases_have_tracks_of_their_own_and_a_second_question_encodes_nothing(tiny, clip):
    grounder, passes = Sam3TextGrounder(str(tiny)), []
    grounder._concepts._model.detector_model.vision_encoder.register_forward_hook(lambda *_: passes.append(1))
    grounder.open(clip)
    first = grounder.phrase_tracks(clip, ["a red kite", "dog"])
    assert all(len(rle.check_track(list(track), 4, (48, 80))) == 4 for track in first)
    assert any(mask is not None for track in first for mask in track)
    assert len(passes) == 4
    assert grounder.phrase_tracks(clip, ["a red kite", "dog"]) == first  # nothing of the question before is left
    assert len(passes) == 4
    grounder.close()


def test_a_long_phrase_is_cut_and_that_is_told(tiny, clip):
    grounder = Sam3TextGrounder(str(tiny))
    grounder.open(clip)
    grounder.phrase_tracks(clip, ["the small person who walks behind the red kite and the dog to the left"])
    assert list(grounder.notes()) == ["1 phrases were cut at 32 tokens, as SAM 3 reads no more"]


def test_the_signature_says_which_objects_and_which_kernels(tiny):
    asking = Sam3TextGrounder(str(tiny), objects="best").asking
    assert asking["objects"] == "best"
    assert asking["kernels"] in {"missing", "cv-utils"}


def test_as_a_model_it_is_given_the_bare_expression_and_answers_no_other_question(tiny, clip):
    model = make_adapter("sam3-text", {"checkpoint": str(tiny)})
    expression = Expression("The red kite.", "mevis")
    question = Question(Key("mevis", "1"), clip, "Please segment The red kite.", expects="track", expression=expression)
    model.open(clip)
    answer = model.predict(question)
    assert answer.text in {"", "[SEG]"}
    assert len(answer.tracks) == answer.text.count("[SEG]")
    with pytest.raises(ValueError, match="asks for words"):
        model.predict(Question(Key("g", "1"), clip, "What is there?"))
    model.close()
