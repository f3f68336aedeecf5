"""What may import what: the core no adapter, no model another one, and what is shared none of those that share it."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOM = "sama_bench.adapters"


def imported(folder):
    """(file, module) for every import below a folder, also those inside functions."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                yield from ((path, f"{node.module}.{alias.name}") for alias in node.names)
            elif isinstance(node, ast.Import):
                yield from ((path, alias.name) for alias in node.names)


def test_the_core_imports_no_adapter():
    core = [
        (path, name)
        for folder in ("sama_bench", "metrics", "leaderboard")
        for path, name in imported(folder)
        if "adapters" not in path.relative_to(ROOT).parts  # it may be linked into the package
    ]
    assert len(core) > 1000
    assert [one for one in core if f"{one[1]}.".startswith(f"{ROOM}.")] == []


@pytest.mark.parametrize(
    ("folder", "never"),
    [
        ("shared", ("models", "baselines", "grounders")),
        ("grounders", ("models", "baselines")),
        ("baselines", ("models", "grounders")),
        ("models", ("baselines", "grounders")),
    ],
)
def test_folders_of_adapters_share_through_shared_alone(folder, never):
    names = list(imported(f"adapters/{folder}"))
    assert names
    assert [one for one in names if one[1].startswith(tuple(f"{ROOM}.{other}." for other in never))] == []


BUILT_ON = {
    "sa2va": "sama",  # SAMA is Sa2VA with parts of its own
    "pixelrefer": "videorefer",  # the second generation's successor, of the same build
}


def test_no_model_imports_another_but_the_one_it_is_built_on():
    wrong = []
    for path, name in imported("adapters/models"):
        model = path.relative_to(ROOT / "adapters" / "models").parts[0].removesuffix(".py")
        if name.startswith(f"{ROOM}.models.") and name.split(".")[3] not in {model, BUILT_ON.get(model)}:
            wrong.append((path, name))
    assert wrong == []
