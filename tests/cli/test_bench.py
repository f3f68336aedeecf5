import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sama_bench.cli.bench import bench
from sama_bench.errors import UserError


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("SAMA_BENCH_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def real():
    root = Path(__file__).parents[3] / "shared" / "real" / "sama_bench"
    if not root.is_dir():
        pytest.skip("the real clips are not beside this checkout")
    return root


@pytest.fixture
def copied(real, tmp_path):
    """A copy of the real clips that a test may spoil."""
    for path in real.rglob("*"):
        if path.is_file():
            copy = tmp_path / "copy" / path.relative_to(real)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return tmp_path / "copy"


def check(*arguments):
    done = CliRunner().invoke(bench, ["check", *map(str, arguments)])
    if isinstance(done.exception, UserError):
        raise done.exception
    return done


def cells(output, label):
    line = next(line for line in output.splitlines() if line.strip().startswith(label))
    return line.split()[len(label.split()) :]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_a_report_that_finds_no_room_is_told_with_its_name(real):
    with pytest.raises(UserError, match="/dev/full: cannot be written"):
        check(real, "--json", "/dev/full")


def test_the_folder_of_the_report_is_looked_for_before_the_tree_is_read(tmp_path):
    with pytest.raises(UserError, match="there is no folder"):
        check(tmp_path / "nowhere", "--json", tmp_path / "absent" / "report.json")


def test_the_real_clips_are_sound(real, tmp_path):
    done = check(real, "--json", tmp_path / "report.json")
    assert done.exit_code == 0, done.output
    assert cells(done.output, "videos") == ["1", "1", "1", "1", "4"]
    assert cells(done.output, "G questions") == ["4", "2", "3", "1", "10"]
    assert cells(done.output, "C questions") == ["1", "2", "2", "1", "6"]
    assert cells(done.output, "dropped") == ["-", "1", "-", "1", "2"]
    assert "4 of 522 videos and 16 of 5,067 questions" in done.output
    assert "9 of 13 split files absent: lvvis_1.json" in done.output
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["videos"], report["questions"], report["broken"], report["problems"]) == (4, 16, False, [])
    assert report["sources"][1]["dropped"] == {"<mask> count differs from obj_masks": 1}
    assert sum(len(row["missing_splits"]) for row in report["sources"]) == 9


def test_all_that_is_broken_is_named(copied, tmp_path):
    chair = copied / "mevis/val_u/JPEGImages/chair"
    (chair / "frame_000003.jpg").unlink()
    cut = chair / "frame_000004.jpg"
    cut.write_bytes(cut.read_bytes()[:500])
    small = copied / "VidSTG/val/2400171624/frame_4.jpg"
    small.write_bytes((copied / "lvvis/val/JPEGImages/00007/00000.jpg").read_bytes())
    (copied / "lvvis_1.json").write_text("[")
    masks = json.loads((copied / "RefYoutube_mask_dict_val.json").read_text())
    (copied / "RefYoutube_mask_dict_val.json").write_text(json.dumps({**masks, "spare": [{"size": [1, 1]}]}))
    done = check(copied, "--json", tmp_path / "report.json")
    assert done.exit_code == 1
    assert cells(done.output, "of another size") == ["-", "-", "-", "1", "1"]
    assert cells(done.output, "broken") == ["1", "-", "-", "-", "1"]
    assert cells(done.output, "missing or unreadable") == ["-", "-", "1", "-", "1"]
    named = [line for line in done.output.splitlines() if line.startswith("broken: ")]
    assert len(named) == 5
    for part in ("frame_000003.jpg", "frame_000004.jpg", "frame_4.jpg", "lvvis_1.json", "annotation 'spare'"):
        assert sum(part in line for line in named) == 1
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["broken"] is True
    assert {problem["kind"] for problem in report["problems"]} == {
        "frame missing",
        "frame broken",
        "frame size",
        "split",
        "mask",
    }
    assert "5 problems" in done.output


def test_more_problems_than_errors_usually_show_are_all_named(copied):
    for path in (copied / "mevis/val_u/JPEGImages/chair").iterdir():
        path.write_bytes(b"")
    assert check(copied).output.count("broken: ") == 60


def test_what_is_no_benchmark_is_no_report(tmp_path):
    with pytest.raises(UserError, match="not a benchmark") as caught:
        check(tmp_path, "--json", tmp_path / "report.json")
    assert caught.value.status == 2
    assert not (tmp_path / "report.json").exists()


def test_no_colour_where_none_is_wanted(real, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in check(real).output


def write_demo(out):
    done = CliRunner().invoke(bench, ["demo", str(out)])
    if isinstance(done.exception, UserError):
        raise done.exception
    return done


def render(out):
    out.mkdir()
    (out / "mevis.json").write_text("[]")


@pytest.fixture
def rendering(monkeypatch):
    import sama_bench.demo.render

    monkeypatch.setattr(sama_bench.demo.render, "render", render)
    return monkeypatch


@pytest.mark.parametrize("there", [True, False])
def test_the_demo_is_written_to_a_new_or_empty_folder(tmp_path, rendering, there):
    out = tmp_path / "demo"
    if there:
        out.mkdir()
    assert write_demo(out).exit_code == 0
    assert [path.name for path in out.iterdir()] == ["mevis.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_the_demo_overwrites_nothing(tmp_path, rendering):
    (tmp_path / "mine").write_text("mine")
    for out in (tmp_path, tmp_path / "mine"):
        with pytest.raises(UserError, match="already there"):
            write_demo(out)
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_told(tmp_path, rendering):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        write_demo(tmp_path / "file" / "demo")


def test_a_rendering_that_fails_leaves_nothing(tmp_path, rendering):
    import sama_bench.demo.render

    def fail(out):
        render(out)
        raise UserError("the disk is full")

    rendering.setattr(sama_bench.demo.render, "render", fail)
    with pytest.raises(UserError, match="full"):
        write_demo(tmp_path / "demo")
    assert list(tmp_path.iterdir()) == []
