from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sama_bench.demo import tree
from sama_bench.demo.facts import SceneFacts
from sama_bench.demo.render import demo_root, render
from sama_bench.demo.script import Scene

RENDER = "sama_bench.demo.render"


def _digest(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="session")
def digest() -> Callable[[Path], dict[str, str]]:
    """Gives the SHA-256 of every file below a folder."""
    return _digest


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, warm_cache: Callable[[Path], Path]) -> Iterator[Path]:
    """The whole demo, as `demo_root` rendered it into the cache folder of some test of the session."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAMA_BENCH_CACHE", str(warm_cache(tmp_path_factory.mktemp("cache") / "cache")))
        yield demo_root()


@pytest.fixture(scope="session")
def scenes() -> tuple[Scene, ...]:
    from sama_bench.demo.render import SCENES

    return SCENES


@pytest.fixture(scope="session")
def again(tmp_path_factory: pytest.TempPathFactory, scenes: tuple[Scene, ...]) -> tuple[Path, dict[str, SceneFacts]]:
    """A second rendering of the whole demo, and what was measured in it."""
    root = tmp_path_factory.mktemp("again")
    return root, tree.write(root, scenes, {})


@pytest.fixture
def one_scene(monkeypatch: pytest.MonkeyPatch, scenes: tuple[Scene, ...]) -> Scene:
    """Makes the demo a single short scene, for tests of where it is written to."""
    import importlib

    one = min(scenes, key=lambda scene: scene.frames * scene.size[0])
    monkeypatch.setattr(importlib.import_module(RENDER), "SCENES", (one,))
    return one


@pytest.fixture
def rendered(one_scene: Scene, tmp_path: Path) -> Path:
    render(tmp_path / "demo")
    return tmp_path / "demo"
