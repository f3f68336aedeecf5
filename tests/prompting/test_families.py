import pytest

from sama_bench.errors import UserError
from sama_bench.prompting import family_of
from sama_bench.prompting.families import FAMILIES, known


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("Qwen/Qwen2.5-VL-7B-Instruct", "qwen2.5-vl"),
        ("qwen2_5_vl", "qwen2.5-vl"),
        ("Qwen/Qwen3-VL-8B-Instruct", "qwen3-vl"),
        ("/models/qwen3_vl_moe", "qwen3-vl"),
        ("Qwen/Qwen2-VL-2B", "qwen3-vl"),
        ("OpenGVLab/InternVL3-8B-hf", "internvl"),
        ("allenai/Molmo2-8B", "molmo2"),
        ("models/gemini-2.5-pro", "gemini"),
        ("gpt-4o-2024-08-06", "gpt"),
        ("o3", "gpt"),
        ("llava-onevision", "general"),
        ("", "general"),
    ],
)
def test_a_models_id_tells_its_family(model, family):
    assert family_of(model) == family
    assert family in FAMILIES


def test_an_unknown_family_is_told_with_those_that_there_are():
    with pytest.raises(UserError, match=r"'qwen'.*qwen2\.5-vl, qwen3-vl"):
        known("qwen")
