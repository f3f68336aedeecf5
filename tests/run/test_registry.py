import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from sama_bench.adapters.motion import Motion
from sama_bench.errors import MissingExtra, UserError
from sama_bench.run.registry import adapter_class, adapters, arguments, make_adapter

HEAD = "from sama_bench.adapters.base import Adapter, Need\n"
GOOD = (
    "class Good(Adapter):\n"
    "    def __init__(self, path, size='3', **rest): self.size = int(size)\n"
    "    def predict(self, question): ...\n"
)


@pytest.fixture
def plug_in(tmp_path, monkeypatch):
    """Lays a distribution with one adapter into the import path, as pip would."""

    def install(name, distribution, source):
        module = distribution.replace("-", "_")
        monkeypatch.delitem(sys.modules, module, raising=False)
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[sama_bench.adapters]\n{name} = {module}:Good\n")
        (tmp_path / f"{module}.py").write_text(HEAD + source)
        monkeypatch.syspath_prepend(str(tmp_path))

    return install


def test_the_built_ins_come_by_entry_points():
    assert {"motion", "oracle", "still"} <= set(adapters())
    assert adapter_class("motion") is Motion
    assert isinstance(make_adapter("motion", {}), Motion)


def test_an_unknown_name_tells_the_nearest_and_all():
    with pytest.raises(UserError, match=r"no adapter 'montion', did you mean motion\?; there are .*oracle.*still"):
        make_adapter("montion", {})


def test_arguments_are_passed_as_strings(plug_in):
    plug_in("good", "good-plug", GOOD)
    assert make_adapter("good", {"path": "x", "size": "7", "other": "y"}).size == 7
    assert [str(one) for one in arguments(adapter_class("good"))] == ["path", "size=3"]


def test_all_wrong_arguments_are_told_at_once():
    with pytest.raises(UserError) as caught:
        make_adapter("still", {"a": "1", "b": "2"})
    assert [problem.split(";")[0] for problem in caught.value.problems] == [
        "adapter still has no model argument 'a'",
        "adapter still has no model argument 'b'",
    ]


def test_a_missing_and_a_mistyped_argument(plug_in):
    plug_in("good", "good-plug", GOOD.replace(", **rest", ""))
    with pytest.raises(UserError) as caught:
        make_adapter("good", {"sise": "7"})
    mistyped, missing = caught.value.problems
    assert "'sise', did you mean size?; it takes path, size=3" in mistyped
    assert "must be given the model argument 'path'" in missing


def test_a_refused_argument_is_a_line(plug_in):
    plug_in("good", "good-plug", GOOD)
    with pytest.raises(UserError, match=r"adapter good refuses path=x size=much: invalid literal"):
        make_adapter("good", {"path": "x", "size": "much"})


def test_what_is_not_installed_comes_with_its_pip_line(plug_in):
    needs = "    needs = (Need('json', 'json'), Need('no_such_module', 'sama-bench[nothing]'))\n"
    plug_in("good", "good-plug", GOOD + needs)
    with pytest.raises(
        MissingExtra, match=r"needs no_such_module \(not installed\): pip install 'sama-bench\[nothing\]'"
    ):
        make_adapter("good", {"path": "x"})


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import no_such_module\n", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("raise SystemError('two\\nlines')\n", "SystemError: two lines"),
        ("Other = 1\n", "AttributeError"),
        ("Good = 1\n", "is not a class derived from"),
        ("class Good(Adapter): ...\n", "does not define predict"),
    ],
)
def test_a_broken_plug_in_is_named_with_its_reason_and_harms_no_other(plug_in, source, reason):
    plug_in("good", "bad-plug", source)
    with pytest.raises(UserError) as caught:
        adapter_class("good")
    (line,) = caught.value.lines()
    assert "adapter good of bad-plug 1.0" in line
    assert reason in line
    assert adapter_class("motion") is Motion


def test_a_name_that_two_distributions_claim_names_both_and_harms_no_other(plug_in):
    plug_in("good", "one-plug", GOOD)
    plug_in("good", "two-plug", GOOD)
    for call in (adapters, lambda: adapter_class("good")):
        with pytest.raises(UserError, match=r"good is claimed by one-plug 1\.0 .* and two-plug 1\.0"):
            call()
    assert adapter_class("motion") is Motion


@pytest.mark.skipif(
    int(version("setuptools").split(".")[0]) < 71, reason="setuptools from 71 on builds wheels on its own"
)
def test_an_installed_plug_in_is_found_by_a_fresh_process(tmp_path):
    source = tmp_path / "source"
    shutil.copytree(Path(__file__).parent.parent / "plugin", source)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    bare = ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(tmp_path / "site")]
    subprocess.run([*pip, *bare, str(source)], check=True, capture_output=True)
    checkout = str(Path(__file__).parents[2])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), checkout])}
    code = "from sama_bench.cli.main import main; main()"
    done = subprocess.run([sys.executable, "-c", code, "models", "--json"], env=env, check=True, capture_output=True)
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert rows["example"]["distribution"] == "sama-bench-example 1.2.3"
    assert rows["example"]["arguments"] == ["sentence=It is there."]
    assert "this plug-in was written for another version" in rows["example-broken"]["problem"]
    assert rows["motion"]["problem"] is None
