"""Where the demo is written to: whole or not at all, and never over somebody's files."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sama_bench.benchmarks.sama.layout import folder_of
from sama_bench.demo import tree
from sama_bench.demo.render import demo_root, render
from sama_bench.errors import UserError


def test_an_absent_and_an_empty_folder_are_filled(rendered, one_scene, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    render(empty)
    assert sorted(path.name for path in empty.iterdir()) == sorted(path.name for path in rendered.iterdir())
    assert len(list((rendered / folder_of(one_scene.video)).iterdir())) == one_scene.frames
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo", "empty"]


def test_missing_parents_are_made(one_scene, tmp_path):
    render(tmp_path / "some" / "where")
    assert (tmp_path / "some" / "where" / tree.MARKER).is_file()


def test_an_earlier_demo_is_replaced(rendered, digest):
    before = digest(rendered)
    next(rendered.rglob("*.jpg")).unlink()
    render(rendered)
    assert digest(rendered) == before
    assert [path.name for path in rendered.parent.iterdir()] == ["demo"]


@pytest.mark.parametrize("name", ["notes.txt", "mevis/val_u/own.jpg"])
def test_a_folder_with_other_files_is_refused(rendered, name, digest):
    (rendered / name).parent.mkdir(parents=True, exist_ok=True)
    (rendered / name).write_text("mine")
    before = digest(rendered)
    with pytest.raises(UserError, match=name):
        render(rendered)
    assert digest(rendered) == before


@pytest.mark.parametrize("marker", ["", "[]", '{"files": 3}', "\x00"])
def test_a_folder_that_only_looks_like_a_demo_is_refused(tmp_path, marker):
    (tmp_path / tree.MARKER).write_text(marker)
    (tmp_path / "mevis.json").write_text("[]")
    with pytest.raises(UserError, match="not of a demo benchmark"):
        render(tmp_path)
    assert (tmp_path / "mevis.json").read_text() == "[]"


def test_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UserError, match="not a folder"):
        render(tmp_path / "file")
    with pytest.raises(UserError, match="cannot be written"):
        render(tmp_path / "file" / "below")


def test_a_full_disk_leaves_nothing_behind(rendered, monkeypatch, digest):
    before = digest(rendered)

    def full(root: Path, *_: object) -> None:
        (root / "mevis.json").write_text("[")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tree, "write", full)
    for out in (rendered, rendered.parent / "new"):
        with pytest.raises(UserError, match="No space left on device"):
            render(out)
    assert digest(rendered) == before
    assert [path.name for path in rendered.parent.iterdir()] == ["demo"]


def test_the_cache_is_used_once_filled(one_scene, tmp_path, monkeypatch):
    monkeypatch.setenv("SAMA_BENCH_CACHE", str(tmp_path))
    root = demo_root()
    assert root.parent == tmp_path
    monkeypatch.setattr(tree, "write", None)
    assert demo_root() == root


def test_many_at_once_agree(one_scene, tmp_path, monkeypatch, digest):
    monkeypatch.setenv("SAMA_BENCH_CACHE", str(tmp_path))
    with ThreadPoolExecutor(4) as pool:
        roots = {future.result() for future in [pool.submit(demo_root) for _ in range(4)]}
    assert len(roots) == 1
    assert [path.name for path in tmp_path.iterdir()] == [roots.pop().name]


def test_a_cached_demo_that_lost_files_is_rendered_again(one_scene, tmp_path, monkeypatch, digest):
    monkeypatch.setenv("SAMA_BENCH_CACHE", str(tmp_path))
    before = digest(demo_root())
    next(demo_root().rglob("*.jpg")).unlink()
    assert digest(demo_root()) == before
    (demo_root() / tree.MARKER).unlink()
    with pytest.raises(UserError, match="not of a demo benchmark"):
        demo_root()


@pytest.mark.skipif(os.name != "posix", reason="/dev/null is a file that nothing lies below")
def test_an_unusable_cache_folder_means_a_temporary_one(one_scene, monkeypatch):
    monkeypatch.setenv("SAMA_BENCH_CACHE", "/dev/null/cache")
    assert (demo_root() / tree.MARKER).is_file()
