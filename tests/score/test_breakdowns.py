import dataclasses
import io

import pytest
from rich.console import Console

from sama_bench.errors import UserError
from sama_bench.metrics.bleu import BleuStatistics
from sama_bench.score import paper, strict
from sama_bench.score.breakdown_table import print_breakdowns
from sama_bench.score.breakdowns import DIMENSIONS, breakdowns
from sama_bench.statistics import Facts, Grounding, Pair, QuestionStatistics, TextStatistics
from sama_bench.types import Key

SOURCES = ("mevis", "VidSTG")
TEXT = TextStatistics("a b", "a c", BleuStatistics(2, 2, (2, 1, 0, 0), (1, 0, 0, 0)), 0.5, "1 2 3")


def question(number, state="answered"):
    """Question `number` of 24: in video number % 6, with 0, 1 or 2 objects, of which one is found."""
    video, objects, quality = number % 6, number % 3, (number + 1) / 25
    ious = [[quality] + [0.0] * (objects - 1)] if objects else [[]]
    phrases = ["a"] * objects
    pairs = [Pair(0, 0, quality, quality)] if objects else []
    grounding = Grounding(objects, 1, ious, list(range(objects)), phrases, ["a"], phrases, ["a"], pairs)
    share, visibility = (0.004 * 10**objects, ("always", "returns")[number % 2]) if objects else (None, None)
    facts = Facts(f"v{video}", SOURCES[video // 3], 10 + 20 * video, objects, share, visibility)
    return QuestionStatistics(Key("g", str(number)), state, grounding, TEXT, facts)


def meteor(groups):
    """In place of Java: the number of texts, which tells what was put together."""
    return [(len(group) / 100, [0.0] * len(group)) for group in groups]


@pytest.fixture
def found():
    return breakdowns({one.key: one for one in map(question, range(24))}, meteor)


def test_the_parts_of_each_dimension_hold_each_question_once(found):
    for protocol in (paper.NAME, strict.NAME):
        assert list(found[protocol]["g"]) == [dimension.name for dimension in DIMENSIONS]
        for parts in found[protocol]["g"].values():
            assert sum(part.questions for part in parts) == 24


def test_labels_and_counts(found):
    said = {
        name: [(part.part, part.questions, part.videos) for part in parts]
        for name, parts in found["strict"]["g"].items()
    }
    assert said["source"] == [("mevis", 12, 3), ("VidSTG", 12, 3)]
    assert said["objects"] == [("no object", 8, 2), ("1 object", 8, 2), ("2 objects", 8, 2)]
    assert said["size"] == [("no object", 8, 2), ("1–5 % of frame", 8, 2), (">= 20 % of frame", 8, 2)]
    assert [count for _, *count in said["length"]] == [[4, 1], [8, 2], [4, 1], [8, 2]]
    assert [label for label, *_ in said["length"]] == [
        "< 30 frames", "30–60 frames", "60–90 frames", ">= 90 frames",
    ]  # fmt: skip
    assert [one[0] for one in said["visibility"]] == ["no object", "always in view", "leaves, returns"]


def test_a_part_is_scored_as_the_whole_is(found):
    own = [question(number) for number in range(24) if number % 6 < 3]
    videos = {f"v{video}": [one for one in own if one.facts.video == f"v{video}"] for video in range(3)}
    expected = strict.by_video(videos, None, meteor, [TEXT.reference])
    defined = [values["miou"] for values in expected.values() if "miou" in values]
    part = found["strict"]["g"]["source"][0]
    assert part.mean["miou"] == pytest.approx(sum(defined) / len(defined))
    assert part.mean["METEOR"] == pytest.approx(0.04)
    low, high = part.interval["miou"]
    assert min(defined) <= low <= part.mean["miou"] <= high <= max(defined)


def test_what_is_undefined_or_of_one_video_is_absent(found):
    nothing = found["strict"]["g"]["objects"][0]
    assert set(nothing.mean) == {"f1_iou", "METEOR"}
    one_video = found["strict"]["g"]["length"][0]
    assert one_video.interval == {}
    assert set(found["paper"]["g"]["source"][0].mean) == {"miou", "METEOR"}


def test_a_task_without_a_question_is_absent_and_old_statistics_are_refused(found):
    assert list(found["strict"]) == ["g"]
    old = dataclasses.replace(question(1), facts=None)
    with pytest.raises(UserError, match="score again"):
        breakdowns({old.key: old}, meteor)


def test_the_table_is_readable_at_80_columns(found):
    console = Console(file=io.StringIO(), width=80, color_system=None)
    print_breakdowns(found, console)
    shown = console.file.getvalue()
    assert max(map(len, shown.splitlines())) <= 80
    assert "…" not in shown
    for said in ("mevis", "12/3", "leaves, returns", "±", "SAMA-Bench-G, strict protocol"):
        assert said in shown
