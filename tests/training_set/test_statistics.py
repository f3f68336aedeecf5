import json

from click.testing import CliRunner

from sama_bench.cli.data import data
from sama_bench.training_set.statistics import Distribution, count
from sama_bench.training_set.statistics_page import bins


def test_counts_are_those_of_the_samples(training):
    statistics = count(training.write())
    assert list(statistics.sources) == ["mevis", "lvvis", "ref_youtube_vos", "VidSTG", "sav", "all"]
    every = statistics.all.to_json()
    assert (every["videos"], every["rounds"], every["kept"], every["descriptions"]) == (5, 13, 8, 7)
    assert every["dropped"] == {
        "not human then gpt": 0,
        "<mask> count differs from obj_masks": 1,
        "[SEG] count differs from groundtruth": 2,
        "no [SEG] in its group of four": 2,
    }
    measures = every["measures"]
    assert measures["objects"] == {"count": 5, "mean": 1.4, "median": 1, "p95": 2, "least": 1, "most": 2}
    assert measures["frames"]["count"] == 5
    assert measures["mask_area"]["mean"] == round(1000 * 96 / (32 * 48))
    assert statistics.sources["sav"].measures["frames"].counts == {6: 1}
    assert statistics.notes == []


def test_visible_is_the_share_of_frames_with_a_pixel(training):
    training.masks["sav"]["100"][:3] = [None] * 3
    assert count(training.write()).sources["sav"].measures["visible"].counts == {50: 1}


def test_a_pair_in_another_video_is_counted(training):
    training.vidstg["conversation"][:2] = training.sav["conversation"]
    assert count(training.write()).all.pairs_elsewhere == 1


def test_what_cannot_be_counted_is_noted(training):
    training.sav["anno_map"] = "none"
    root = training.write()
    (root / "lvvis_train_mask_dict.json").unlink()
    file = root / "sama239k_train_final.json"
    file.write_bytes(file.read_bytes()[:-3])
    notes = " ".join(count(root).notes)
    for words in (
        "counted up to where it can be read",
        "1 samples are not of the form",
        "no masks of lvvis are counted",
    ):
        assert words in notes


def test_an_empty_set_has_a_page(training, tmp_path):
    training.samples.clear()
    result = CliRunner().invoke(data, ["stats", str(training.write()), "--page", str(tmp_path / "page.html")])
    assert result.exit_code == 0
    assert "<svg" not in (tmp_path / "page.html").read_text()


def test_the_page_needs_nothing_else_and_escapes_what_a_stranger_wrote(training, tmp_path):
    root = training.write()
    hostile = root.with_name("<script>alert(1)")
    root.rename(hostile)
    result = CliRunner().invoke(data, ["stats", str(hostile), "--page", str(tmp_path / "page.html"), "--json", "-"])
    assert json.loads(result.stdout)["sources"]["all"]["rounds"] == 13
    page = (tmp_path / "page.html").read_text()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "&lt;mask&gt; count differs from obj_masks" in page
    assert 'src="' not in page
    assert "default-src 'none'" in page
    assert page.count("<svg") == 10


def test_bars_hold_every_value():
    distribution = Distribution()
    for value in [*range(100)] * 3 + [10_000]:
        distribution.add(value)
    bars = bins(distribution)
    assert sum(height for _, height in bars) == 301
    assert len(bars) <= 24
    assert bars[-1][0].endswith("and more")
    one = Distribution()
    one.add(7)
    assert bins(one) == [("7", 1)]
