"""The same numbers as the released codes, on the same weights, from the prompt to the masks (`freeze.py`)."""

import numpy as np
import pytest

from sama_bench.metrics import rle

NAMES = (
    "one frame", "three frames, two regions", "two late regions", "24 frames", "InternLM2", "Qwen3",
    "the large vision tower", "i, one frame", "i, three frames, two regions", "i, two late regions", "i, 24 frames",
    "i, 12 of 24 frames", "i, InternLM2", "i, Phi-3",
)  # fmt: skip
PLAIN = ("an image", "a wide image", "a video", "words")


def test_every_case_is_tried(cases):
    assert [case.name for case in cases.CASES] == list(NAMES)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_prompt_answer_and_masks_are_those_of_the_released_code(torch, cases, released, equal, films, name):
    case = next(case for case in cases.CASES if case.name == name)
    expected = {key.partition("/")[2]: value for key, value in released.items()
                if key.startswith(f"{case.model}: {name}/")}  # fmt: skip
    found = native(equal(case.checkpoint), cases, case, films(case.frames), int(expected["seg"]))
    assert found["length"] == expected["length"]
    for numbers in ("rows", "cells"):
        assert np.abs(found[numbers] - expected[numbers]).max() <= 1e-5, numbers
    assert np.array_equal(found["tokens"], expected["tokens"])
    assert found["text"] == str(expected["text"])
    assert found["vectors"].shape == expected["vectors"].shape
    assert len(found["vectors"])
    assert np.abs(found["vectors"] - expected["vectors"]).max() <= 1e-5
    # what is remembered of a frame is rounded to bfloat16, and may differ by a step
    assert np.abs(found["logits"] - expected["logits"]).max() <= 2e-5 * np.abs(expected["logits"]).max()
    assert np.unpackbits(found["masks"] ^ expected["masks"]).mean() <= 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("model", ["sa2va", "sa2va-i"])
@pytest.mark.parametrize("name", PLAIN)
def test_plain_questions_are_answered_as_by_the_released_code(torch, cases, released, equal, name, model):
    from sama_bench.adapters.models.sa2va.answering import answer_plainly, plain_prompt
    from sama_bench.adapters.shared.shown_frames import ShownFrames

    (asked,) = (asked for called, asked in cases.sama.plain() if called == name)
    expected = {key.partition("/")[2]: value for key, value in released.items()
                if key.startswith(f"{model}: plain: {name}/")}  # fmt: skip
    parts, shown = equal(f"{model}-qwen2"), ShownFrames(spread=model == "sa2va-i")
    with torch.inference_mode():
        prompt = plain_prompt(parts, asked, shown)
        answer = answer_plainly(parts, asked, shown, cases.LONGEST)
    found = cases.sama.summary([], prompt.rows.numpy(), answer.ids, np.zeros((0, 256)), [], [])
    for numbers in ("rows", "cells"):
        assert found[numbers].shape == expected[numbers].shape
        assert np.abs(found[numbers] - expected[numbers]).max() <= 1e-5
    assert np.array_equal(found["tokens"], expected["tokens"])


def test_the_released_answers_try_what_they_are_to(cases, released):
    segs = {case.name: len(released[f"{case.model}: {case.name}/vectors"]) for case in cases.CASES}
    assert min(segs.values())
    assert max(segs.values()) > 1


def native(parts, cases, case, video, seg):
    import torch

    from sama_bench.adapters.models.sa2va.answering import answers, blocks, prompt
    from sama_bench.adapters.models.sa2va.video import OpenVideo
    from sama_bench.adapters.shared.region_marks import marked
    from sama_bench.adapters.shared.shown_frames import ShownFrames

    parts.language.seg = seg
    shown = ShownFrames(case.count, spread=parts.corrected)
    with torch.inference_mode():
        opened = OpenVideo(parts, video, shown)
        question = cases.sama.asked(case.question, video)
        asked = marked(question, "outline", lambda places: shown.places(case.frames, places))
        ((_, cells),) = opened.look([asked])
        whole = prompt(parts, blocks(len(asked.places)), asked.text, cells)
        (answer,) = answers(parts, opened, [asked], cases.LONGEST)
        vectors = parts.seg_vectors(answer.segs)
        arguments = (vectors, opened.features, case.frames, opened._shown)
        follow = parts.tracker
        followed = follow.corrected_logits(*arguments, video.size) if parts.corrected else follow.logits(*arguments)
        logits = list(np.stack([one[:, 0].numpy() for _, one in followed], axis=1))
        tracks = [rle.decode_track(track, video.size) for track in opened.tracks(vectors, 8)]
    found = cases.sama.summary(whole.ids, whole.rows.numpy(), answer.ids, vectors.numpy(), logits, tracks)
    text = parts.tokenizer.decode(answer.ids).strip()
    return {**found, "text": text, "length": len(whole.ids)}
