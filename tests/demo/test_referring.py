"""The demos of expressions: what they say is so; they are checked, asked, answered and scored without data."""

import json

import numpy as np
import pytest

import sama_bench as sb
from sama_bench.benchmark.address import resolve
from sama_bench.benchmark.check import check
from sama_bench.demo.expressions import OF_IMAGES, OF_VIDEOS
from sama_bench.demo.facts import holds
from sama_bench.demo.render import refimage_root, refvos_root

SEEN = 60  # pixels that somebody who looks for a thing can find


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """Both demos are rendered once for these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAMA_BENCH_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.mark.slow
def test_what_expressions_claim_is_so(again, scenes):
    _, facts = again
    claims = [(name, claim) for name, said in OF_VIDEOS.items() for one in said for claim in one.claims]
    assert len(claims) > 30
    assert [(name, claim) for name, claim in claims if not holds(claim, facts[name])] == []
    casts = {scene.name: {actor.name for actor in scene.cast} for scene in scenes}
    assert all({*one.actors} <= casts[name] for name, said in OF_VIDEOS.items() for one in said)


def test_every_video_has_an_expression_that_means_nothing_and_one_that_means_several():
    for said in OF_VIDEOS.values():
        assert any(not one.actors for one in said)
        assert any(len(one.actors) > 1 for one in said)
        assert len({one.words for one in said}) == len(said)


def test_the_demo_of_images_is_whole_and_shows_what_it_names():
    report = check(resolve("demo-refimage"))
    sentences = sum(len(said) for picture in OF_IMAGES for _, said in picture.sentences)
    assert (report.problems, report.videos, report.questions) == ([], 9, {"demo-refimage": sentences})
    instances = json.loads((refimage_root() / "refdemo/instances.json").read_text())
    assert all(one["area"] >= SEEN and one["segmentation"] for one in instances["annotations"])


def test_baselines_answer_images(tmp_path):
    scores = {
        name: sb.evaluate(name, "demo-refimage", tmp_path / name).scores for name in ("oracle", "still", "motion")
    }
    assert scores["oracle"].mean("demo-refimage", "strict", "cIoU") == 1
    for name in ("still", "motion"):
        assert 0 < scores[name].mean("demo-refimage", "strict", "gIoU") < 0.3


@pytest.mark.slow
def test_the_demo_of_videos_is_whole_and_baselines_answer_it(tmp_path):
    report = check(resolve("demo-refvos"))
    expressions = sum(map(len, OF_VIDEOS.values()))
    assert (report.problems, report.videos, report.questions) == ([], 6, {"demo-refvos": expressions})
    assert str(resolve("demo-refvos")) == "demo-refvos"
    assert resolve("demo-refvos").folder == refvos_root()
    run = sb.evaluate("oracle", "demo-refvos", tmp_path / "oracle")
    assert run.scores.mean("demo-refvos", "strict", "final") == 1
    still = sb.evaluate("still", "demo-refvos", tmp_path / "still", limit=8)
    assert still.scores.mean("demo-refvos", "strict", "target_accuracy") == 1
    assert np.isclose(still.scores.mean("demo-refvos", "strict", "false_area"), 0.25, atol=0.01)


def test_a_damaged_demo_is_rendered_again():
    root = refimage_root()
    (root / "refdemo" / "instances.json").unlink()
    assert (refimage_root() / "refdemo" / "instances.json").is_file()
