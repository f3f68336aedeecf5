import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from sama_bench.adapters.baselines.motion import Motion
from sama_bench.errors import MissingExtra, UserError
from sama_bench.run.registry import adapter_class, adapters, arguments, make_adapter

HEAD = "from sama_bench.adapter import Adapter, Need\n"
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


def test_arguments_without_annotation_are_passed_as_strings(plug_in):
    plug_in("good", "good-plug", GOOD)
    assert make_adapter("good", {"path": "x", "size": 7, "other": "y"}).size == 7
    assert make_adapter("good", {"path": "x", "size": "7", "other": "y"}).size == 7
    assert [str(one) for one in arguments(adapter_class("good"))] == ["path", "size=3"]


TYPED = (
    "from pathlib import Path\n"
    "from typing import Literal\n"
    "class Good(Adapter):\n"
    "    def __init__(self, path: Path, size: int = 3, form: Literal['box', 'mask'] = 'box',\n"
    "                 rate: float | None = None, deep: bool = False): self.made = path, size, form, rate, deep\n"
    "    def predict(self, question): ...\n"
)


def test_arguments_are_made_what_their_annotations_say(plug_in):
    plug_in("good", "good-plug", TYPED)
    texts = {"path": "a/b", "size": "7", "form": "mask", "rate": "0.5", "deep": "yes"}
    values = {"path": Path("a/b"), "size": 7, "form": "mask", "rate": 0.5, "deep": True}
    for args in (texts, values):
        assert make_adapter("good", args).made == tuple(values.values())
    assert make_adapter("good", {"path": "x"}).made == (Path("x"), 3, "box", None, False)


def test_all_that_is_wrong_with_arguments_is_told_at_once_from_either_side(plug_in):
    plug_in("good", "good-plug", TYPED)
    for args in (
        {"size": "abc", "form": "boxx", "rat": "1", "deep": "maybe"},
        {"size": 2.5, "form": "boxx", "rat": 1, "deep": 7},
    ):
        with pytest.raises(UserError) as caught:
            make_adapter("good", args)
        size, form, rat, deep, path = caught.value.problems
        assert size == f"--model-arg size={args['size']}: expected a whole number (int)"
        assert form == "--model-arg form=boxx: expected box or mask, did you mean box?"
        assert rat.startswith("adapter good has no model argument 'rat', did you mean rate?; it takes path, size=3,")
        assert deep == f"--model-arg deep={args['deep']}: expected true or false (bool)"
        assert path.startswith("adapter good must be given the model argument 'path'")


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


BOXED = """from sama_bench.adapter import Abilities
from sama_bench.types import Prediction
class Good(Adapter):
    can = Abilities(boxes=True)
    def __init__(self, path='x', budget='0', trust_remote_code=False, **rest):
        self.path, self.budget, self.trusted, self.rest = path, budget, trust_remote_code, rest
        if path == 'bad': raise ValueError('it is bad')
        if path == 'text': self.can = Abilities(masks=False)
    def predict(self, question): return Prediction('')
"""
TRACKER = """
from sama_bench.grounder import Grounder
class Tracker(Grounder):
    needs = (Need('{module}', 'tracker[all]'),)
    def __init__(self, weights, steps: int = 2):
        self.asking = {{'weights': weights}}
        if steps == 0: raise ValueError('no step is none')
    def tracks(self, video, objects): return []
"""


@pytest.fixture
def tracker(tmp_path, plug_in):
    """Lays an adapter `good` that gives boxes, and a grounder `tracker`, into the import path."""

    def install(source=BOXED, module="json"):
        plug_in("good", "good-plug", source + TRACKER.format(module=module))
        entries = tmp_path / "good_plug-1.0.dist-info" / "entry_points.txt"
        entries.write_text(entries.read_text() + "[sama_bench.grounders]\ntracker = good_plug:Tracker\n")

    return install


def test_the_grounder_gets_its_own_arguments_and_the_adapter_the_others(tracker):
    tracker()
    made = make_adapter("good", {"path": "y", "grounder": "tracker", "grounder_weights": "w", "more": "1"})
    assert (made.adapter.path, made.adapter.rest) == ("y", {"more": "1"})
    assert made.asking == {"grounder": "tracker", "grounder_weights": "w"}


def test_arguments_of_the_grounder_are_typed_too(tracker):
    tracker()
    with pytest.raises(UserError) as caught:
        make_adapter("good", {"grounder": "tracker", "grounder_weights": "w", "grounder_steps": "two"})
    assert list(caught.value.problems) == ["--model-arg grounder_steps=two: expected a whole number (int)"]


def test_without_a_word_about_it_each_box_is_its_own_mask(tracker):
    tracker()
    made = make_adapter("good", {})
    assert made.asking["grounder"] == "box"
    assert made.can.masks


def test_all_that_is_wrong_with_adapter_and_grounder_is_told_at_once(tracker):
    tracker(BOXED.replace(", **rest", "").replace(", rest\n", ", 0\n"))
    with pytest.raises(UserError) as caught:
        make_adapter("good", {"pth": "y", "grounder": "tracker", "grounder_weigths": "w"})
    assert [problem.split(";")[0] for problem in caught.value.problems] == [
        "adapter good has no model argument 'pth', did you mean path?",
        "grounder tracker has no model argument 'grounder_weigths', did you mean grounder_weights?",
        "grounder tracker must be given the model argument 'grounder_weights': --model-arg grounder_weights=…",
    ]
    with pytest.raises(UserError, match=r"'pth'.*no grounder 'traker', did you mean tracker\?; there are .*tracker"):
        make_adapter("good", {"pth": "y", "grounder": "traker"})


def test_what_both_constructors_refuse_is_told_at_once(tracker):
    tracker()
    arguments = {"path": "bad", "grounder": "tracker", "grounder_weights": "w", "grounder_steps": "0"}
    with pytest.raises(UserError) as caught:
        make_adapter("good", arguments)
    assert list(caught.value.problems) == [
        "grounder tracker refuses grounder_weights=w grounder_steps=0: no step is none",
        "adapter good refuses path=bad: it is bad",
    ]


def test_what_the_grounder_needs_comes_with_its_pip_line(tracker):
    tracker(module="no_such_module")
    with pytest.raises(MissingExtra, match=r"good with grounder tracker needs no_such_module .*'tracker\[all\]'"):
        make_adapter("good", {"grounder": "tracker", "grounder_weights": "w"})


def test_an_adapter_that_gives_no_boxes_takes_no_grounder(tracker):
    tracker()
    with pytest.raises(UserError, match="adapter motion has no model argument 'grounder'"):
        make_adapter("motion", {"grounder": "box"})
    assert not make_adapter("good", {"path": "text"}).can.masks
    with pytest.raises(UserError, match="adapter good gives no boxes with these arguments: leave out grounder=box"):
        make_adapter("good", {"path": "text", "grounder": "box"})


def test_trust_is_given_by_its_flag_alone_and_only_where_it_means_something(tracker):
    tracker()
    assert make_adapter("good", {}, trust=True).adapter.trusted is True
    assert make_adapter("good", {}).adapter.trusted is False
    assert isinstance(make_adapter("motion", {}, trust=True), Motion)
    assert [str(one) for one in arguments(adapter_class("good"))] == ["path=x", "budget=0"]
    with pytest.raises(UserError, match=r"no model argument 'trust_remote_code' \(.*--trust-remote-code"):
        make_adapter("good", {"trust_remote_code": "yes"})


def test_a_budget_is_given_to_who_spends(tracker):
    tracker()
    assert make_adapter("good", {}, budget="1.5").adapter.budget == "1.5"
    with pytest.raises(UserError, match="adapter motion spends nothing that is counted: leave out --budget 2"):
        make_adapter("motion", {}, budget="2")
    with pytest.raises(UserError, match=r"given twice, as 1 \(--model-arg\) and 2 \(--budget\)"):
        make_adapter("good", {"budget": "1"}, budget="2")


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
