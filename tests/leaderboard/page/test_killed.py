"""A report that is killed at any file event, and a full disk: the old page stays as it was, or the new one is there."""

import os
import shutil
from functools import partial
from itertools import count, islice

import pytest

from sama_bench.errors import UserError
from sama_bench.leaderboard.load import load
from sama_bench.leaderboard.page import clip, plots
from sama_bench.leaderboard.write import write_report

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def drawn(runs, boards, folder, prefix=""):
    """A plot that takes no time: what is drawn is tried elsewhere, where it is written is the same."""
    (folder / "scores-0.svg").write_text("<svg/>")
    return [{"file": "scores-0.svg", "title": "Scores", "told": "one", "tasks": ["g"]}]


@pytest.fixture
def reports(report, tmp_path, monkeypatch):
    """The folders of an earlier report, of one run, and of the new one; and what writes the new one."""
    monkeypatch.setattr(plots, "write", drawn)
    some = partial(lambda frames, video, sharp: islice(frames(video, sharp[:1]), 2), clip.frames)
    monkeypatch.setattr(clip, "frames", some)
    scored = [load(run) for run in report.runs]
    write_report(scored[:1], [], tmp_path / "old", 0)
    write_report(scored, [], tmp_path / "new", 1)
    return tmp_path / "old", tmp_path / "new", lambda folder: write_report(scored, [], folder, 1)


def files(folder):
    return {one.relative_to(folder).as_posix(): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def part(tree, *names):
    return {name: content for name, content in tree.items() if name.startswith(names)}


@needs_fork
@pytest.mark.slow
@pytest.mark.parametrize("over", [True, False])
def test_a_killed_report_leaves_a_whole_page_and_the_next_one_is_as_ever(killing, reports, tmp_path, over):
    old, new, write = reports
    before, after = files(old) if over else {}, files(new)
    numbers = count()

    def make():
        folder = tmp_path / f"trial-{next(numbers)}"
        if over:
            shutil.copytree(old, folder)
        return folder

    def check(folder, *, killed):
        there = files(folder)
        if not killed:
            assert there == after
            shutil.rmtree(folder)
            return
        page = part(there, "page/")
        assert page in (part(before, "page/"), part(after, "page/"))
        assert over <= ("index.html" in there)  # it is the same in both
        for name in part(after, "report."):
            assert there.get(name) in (before.get(name), after[name])

    # Without a report that is there there is less to lose: a third of the events will do.
    assert killing.kill_at_every_event(make, write, check, step=1 if over else 3) > 40


def test_what_version_0_1_0_was_writing_when_it_was_killed_is_replaced(reports, tmp_path):
    _, new, write = reports
    after = files(new)
    names = sorted(part(after, "page/"))
    for number in range(0, len(names), 5):
        folder = tmp_path / f"trial-{number}"
        shutil.copytree(new, folder)
        for name in ("page/assets/page.css", *names[:number]):
            (folder / name).unlink(missing_ok=True)
        (folder / "page/assets/.page.css.f6ont8i9").write_text("part")
        (folder / ".report.md.dv5gdovw").write_text("part")
        if number % 2:
            (folder / "index.html").unlink()
        write(folder)
        assert files(folder) == after


@pytest.mark.parametrize(
    "name", ["page/notes.txt", "page/assets/photo.jpg", "page/frames-1/readme.md", "index.html", "page/page.css"]
)
def test_a_stranger_s_file_is_told_and_nothing_changes(reports, tmp_path, name):
    _, _, write = reports
    path = tmp_path / "mine" / name
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    with pytest.raises(UserError, match="is not of an earlier report and would be replaced; give --out another"):
        write(tmp_path / "mine")
    assert files(tmp_path / "mine") == {name: b"mine"}


def test_a_stranger_s_index_beside_our_page_is_told(reports, tmp_path):
    old, _, write = reports
    (old / "index.html").write_text("mine")
    before = files(old)
    with pytest.raises(UserError, match=r"index.html: is not of an earlier report"):
        write(old)
    assert files(old) == before


def test_files_of_strangers_with_like_names_stay(reports):
    old, _, write = reports
    for name in (".report.md.swp", ".report.md.original", ".page.mine", ".index.html.bak"):
        (old / name).write_text("mine")
    write(old)
    assert [one.read_text() for one in old.glob(".*")] == ["mine"] * 4


@needs_fork
@pytest.mark.slow
def test_where_the_disk_is_full_the_old_report_is_untouched(killing, reports):
    old, new, write = reports
    before = files(old)
    sizes = sorted({len(content) for content in files(new).values()})

    resource = pytest.importorskip("resource")

    def limited(largest):
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
        with pytest.raises(UserError, match="cannot be written"):
            write(old)

    for size in sizes[-8:]:
        assert killing.in_child(limited, size - 1) == 0
        assert files(old) == before
