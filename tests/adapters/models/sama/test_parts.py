import numpy as np
import pytest
from PIL import Image

from sama_bench.adapters.models.sama.grounded_adapter import LONGEST
from sama_bench.adapters.shared.split_batches import in_parts
from sama_bench.types import Key, Question, Turn

SHORT = 6


@pytest.fixture
def opened(parts, films, torch):
    from sama_bench.adapters.models.sama.video import OpenVideo

    with torch.inference_mode():
        return OpenVideo(parts, films(12), 32)


@pytest.fixture
def dialogue(cases, films):
    """The turns of a question about the film of 12 frames."""
    from sama_bench.adapters.models.sama.prompts import turns

    def make(text, *regions, history=(), opened):
        case = cases.Case("x", "qwen2", 12, text, regions)
        asked = cases.asked(case, films(12))
        question = Question(Key("g", "1"), asked.video, text, asked.regions, history)
        return turns(question, opened.sample, every=False, seed="0")

    return make


def test_questions_together_are_answered_as_each_alone(parts, opened, dialogue, cases, torch, monkeypatch):
    from sama_bench.adapters.models.sama.answering import answers

    asked = [
        dialogue(text, *regions, opened=opened)
        for text, regions in ((cases.TWO, (cases.LEFT, cases.RIGHT)), (cases.NONE, ()), (cases.LONG, (cases.LEFT,)))
    ]
    with torch.inference_mode():
        alone = [answers(parts, opened, [one], SHORT)[0] for one in asked]
        common = alone[0].ids[1]
        monkeypatch.setattr(parts.language, "seg", common)
        alone = [answers(parts, opened, [one], SHORT)[0] for one in asked]
        together = answers(parts, opened, asked, SHORT)
    assert [one.ids for one in together] == [one.ids for one in alone]
    assert sum(len(one.segs) for one in alone)
    for one, other in zip(together, alone, strict=True):
        assert torch.allclose(one.segs, other.segs, atol=1e-5)


def test_a_prefix_that_is_kept_changes_nothing(parts, opened, dialogue, cases, torch):
    from sama_bench.adapters.models.sama.answering import answers, prompts

    asked = dialogue(cases.NONE, opened=opened)
    with torch.inference_mode():
        (prompt,) = prompts(parts, opened.looked, [asked])
        (whole,) = parts.language.answer(None, [prompt.rows], SHORT)
        (first,) = answers(parts, opened, [asked], SHORT)
        kept = opened.prefix
        (second,) = answers(parts, opened, [asked], SHORT)
    assert whole.ids == first.ids == second.ids
    assert opened.prefix is kept
    assert 5 * 256 < len(kept) < len(prompt.ids)


def test_earlier_turns_have_their_own_context_and_only_the_first_the_frames(parts, opened, dialogue, cases, torch):
    from sama_bench.adapters.models.sama.answering import answers, prompts

    said = (Turn(f"Is it white?{cases.SUFFIX}", "<p>It</p> [SEG]"), Turn("And now?", "No."))
    asked = dialogue(cases.ONE, cases.LEFT, history=said, opened=opened)
    with torch.inference_mode():
        (prompt,) = prompts(parts, opened.looked, [asked])
        (answer,) = answers(parts, opened, [asked], SHORT)
    frames = len(opened.sample)
    assert [turn.words.count("<img>") for turn in asked] == [5, 0, 0]
    assert prompt.ids.count(parts.place) == 5 * 256 + 3 * frames + 2
    assert len(answer.ids)


def test_a_seg_that_is_the_last_token_has_no_vector(parts, opened, dialogue, cases, torch, monkeypatch):
    from sama_bench.adapters.models.sama.answering import answers

    asked = dialogue(cases.NONE, opened=opened)
    with torch.inference_mode():
        (answer,) = answers(parts, opened, [asked], 3)
        monkeypatch.setattr(parts.language, "seg", answer.ids[-1])
        (cut,) = answers(parts, opened, [asked], 3)
    assert cut.cut
    assert len(cut.segs) == cut.ids[:-1].count(answer.ids[-1])


def test_objects_together_are_followed_as_each_alone(parts, opened, torch):
    vectors = torch.randn(3, 128, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        follow = parts.tracker.logits
        together = [one for _, one in follow(vectors, opened.features, 12, 5)]
        alone = [[one for _, one in follow(vectors[[place]], opened.features, 12, 5)] for place in range(3)]
    for place in range(3):
        for one, other in zip(together, alone[place], strict=True):
            assert torch.allclose(one[place], other[0], atol=1e-3)


def test_masks_of_objects_that_seem_absent_are_kept(parts, opened, torch, monkeypatch):
    head = parts.tracker._sam2.mask_decoder.pred_obj_score_head.proj_out
    vectors = torch.randn(1, 128, generator=torch.Generator().manual_seed(1))
    found = []
    with torch.inference_mode():
        for bias in (100.0, -100.0):
            monkeypatch.setattr(head, "forward", lambda hidden, bias=bias: torch.full_like(hidden[..., :1], bias))
            found.append([one for _, one in parts.tracker.logits(vectors, opened.features, 7, 5)])
    assert torch.equal(found[0][0], found[1][0])
    assert not torch.equal(found[0][6], found[1][6])  # the pointer is another one
    assert found[1][6].min() > -1000


def test_features_are_made_once_and_again_only_where_there_is_no_room(torch):
    from sama_bench.adapters.models.sama.frame_features import FrameFeatures

    def made(index):
        return (torch.full((4,), float(index)),)

    features = FrameFeatures(made, main_room=40)
    for _ in range(2):
        assert [int(features(index)[0][0]) for index in range(4)] == [0, 1, 2, 3]
    assert features.counts == {"encoded": 2 + 2 * 2, "offloaded": 0}


def test_work_is_halved_where_memory_is_short_and_goes_on():
    tried = []

    def work(some):
        tried.append(len(some))
        if len(some) > 2:
            raise MemoryError
        return [one * 10 for one in some]

    assert in_parts(work, [1, 2, 3, 4, 5], 5) == [10, 20, 30, 40, 50]
    assert tried == [5, 2, 2, 1]
    with pytest.raises(MemoryError):
        in_parts(lambda _: (_ for _ in ()).throw(MemoryError), [1], 4)
    with pytest.raises(ValueError, match="no matter"):
        in_parts(lambda _: (_ for _ in ()).throw(ValueError("no matter")), [1, 2], 2)


@pytest.mark.parametrize(("size", "tiles"), [((448, 448), 1), ((896, 448), 3), ((100, 30), 4), ((448, 1345), 4)])
def test_images_are_cut_into_tiles_of_their_form(size, tiles, torch):
    from sama_bench.adapters.models.sama.pixels import tiles as cut

    assert len(cut(Image.new("RGB", size))) == tiles


def test_pixels_are_those_of_torchvision_to_the_bit(torch):
    pytest.importorskip("torchvision")
    from torchvision import transforms

    from sama_bench.adapters.models.sama import pixels

    picture = Image.fromarray(np.random.default_rng(1).integers(0, 256, (90, 130, 3), np.uint8))
    resized = transforms.Resize((448, 448), interpolation=transforms.InterpolationMode.BICUBIC)
    steps = [resized, transforms.ToTensor(), transforms.Normalize(pixels.MEAN, pixels.DEVIATION)]
    assert torch.equal(pixels.for_vision([picture])[0], transforms.Compose(steps)(picture))


def test_the_longest_answer_is_the_released_codes():
    assert LONGEST == 2048


def test_words_are_not_made_by_cudnn_which_plans_for_each_length(torch):
    from sama_bench.adapters.models.sama.generation import kernels_without_plans

    before = torch.backends.cuda.cudnn_sdp_enabled()
    with kernels_without_plans(torch.device("cuda")):
        assert not torch.backends.cuda.cudnn_sdp_enabled()
        assert torch.backends.cuda.mem_efficient_sdp_enabled()
    assert torch.backends.cuda.cudnn_sdp_enabled() == before
    with kernels_without_plans(torch.device("cpu")):
        assert torch.backends.cuda.cudnn_sdp_enabled() == before
