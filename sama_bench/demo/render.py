"""Where the demos are rendered to: a folder that the user names, or the cache."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from sama_bench import __version__
from sama_bench.cache import cache_folder
from sama_bench.demo import follow_ups, referring_trees, stories_land, stories_sky, stories_water, tree
from sama_bench.demo.script import Scene
from sama_bench.errors import UserError
from sama_bench.files.temporary import scratch

SCENES: tuple[Scene, ...] = (*stories_water.SCENES, *stories_land.SCENES, *stories_sky.SCENES)


def render(out: Path) -> None:
    """Write the demo benchmark to the folder `out`, whole or not at all.

    `out` may be absent, empty, or hold an earlier demo, which is replaced. Raises UserError where it holds
    anything else, or cannot be written to.
    """
    _check_free(out)
    _replace(out, _fill)


def demo_root() -> Path:
    """The folder of the demo benchmark in the cache; rendered there on first use, safe among processes.

    Where the cache folder cannot be used, a temporary one that goes with the process.
    """
    return _kept("demo", _fill)


def dialogue_root() -> Path:
    """The same for the demo of dialogues."""
    return _kept("demo-dialogue", _fill_dialogue)


def refvos_root() -> Path:
    """The same for the demo of expressions for videos."""
    return _kept("demo-refvos", _fill_refvos)


def refimage_root() -> Path:
    """The same for the demo of expressions for images."""
    return _kept("demo-refimage", _fill_refimage)


def _kept(name: str, fill: Callable[[Path], None]) -> Path:
    target = cache_folder() / f"{name}-{__version__}-{_definition()}"
    if not target.is_dir():
        _render_once(target, fill)
    elif not all((target / file).is_file() for file in _demo_files(target) or {tree.MARKER}):
        _check_free(target)
        _replace(target, fill)
    return target


def _replace(out: Path, fill: Callable[[Path], None]) -> None:
    """Render to `out`, in the place of what is there."""
    try:
        target = out.resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        with scratch(target) as fresh, scratch(target) as old:
            fill(fresh / "demo")
            if target.exists():
                target.rename(old / "demo")
            (fresh / "demo").rename(target)
    except OSError as problem:
        raise _unwritable(out, problem) from problem


def _render_once(target: Path, fill: Callable[[Path], None]) -> None:
    """Render to `target` unless another process does so first."""
    try:
        with scratch(target) as fresh:
            fill(fresh / "demo")
            (fresh / "demo").rename(target)
    except OSError as problem:
        if not target.is_dir():
            raise _unwritable(target, problem) from problem


def _about(what: str) -> dict[str, str]:
    return {"about": f"The {what} of sama-bench, rendered by the program.", "version": __version__}


def _fill(root: Path) -> None:
    root.mkdir()
    tree.write(root, SCENES, _about("demo benchmark"))


def _fill_dialogue(root: Path) -> None:
    root.mkdir()
    tree.write(root, follow_ups.with_follow_ups(SCENES), _about("demo of dialogues"))


def _fill_refvos(root: Path) -> None:
    root.mkdir()
    referring_trees.write_videos(root, {scene.name: scene for scene in SCENES}, _about("demo of video expressions"))


def _fill_refimage(root: Path) -> None:
    root.mkdir()
    referring_trees.write_images(root, {scene.name: scene for scene in SCENES}, _about("demo of image expressions"))


@lru_cache(maxsize=1)
def _definition() -> str:
    """A digest of what defines the demo: the sources of this package and the versions of what draws with it."""
    import cv2
    import numpy as np
    import PIL

    digest = hashlib.sha256(f"{cv2.__version__} {np.__version__} {PIL.__version__}".encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _unwritable(out: Path, problem: OSError) -> UserError:
    reason = problem.strerror or problem
    return UserError(f"{out}: the demo benchmark cannot be written there ({reason}); choose another folder")


def _check_free(out: Path) -> None:
    """Raise UserError unless `out` is absent, an empty folder, or holds nothing but an earlier demo."""
    if not os.path.lexists(out):
        return
    if not out.is_dir():
        raise UserError(f"{out}: this is not a folder; name a new one for the demo benchmark")
    strangers = sorted(_files(out) - _demo_files(out))
    if strangers:
        raise UserError(
            f"{out}: this folder holds {len(strangers)} files that are not of a demo benchmark "
            f"(such as {strangers[0]}); name a new or an empty folder"
        )


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()}


def _demo_files(folder: Path) -> set[str]:
    try:
        files = json.loads((folder / tree.MARKER).read_bytes())["files"]
        return {tree.MARKER, *files}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
