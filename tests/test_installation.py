"""The pip lines that errors name: they work while the package is on no registry."""

import json
from importlib.metadata import requires
from types import SimpleNamespace

import pytest

import sama_bench
from sama_bench import installation
from sama_bench.errors import MissingExtra
from sama_bench.installation import package_source, pip_line


def test_an_extra_is_written_out_as_its_packages_and_never_by_this_packages_name():
    extras = {line.partition('extra == "')[2].rstrip('"') for line in requires("sama-bench") if "extra ==" in line}
    assert {"sama", "bert", "lmms", "ray"} <= extras
    for extra in extras:
        line = pip_line(f"sama-bench[{extra}]")
        assert line.startswith("pip install ")
        assert "sama-bench" not in line


def test_several_extras_packages_and_commands_become_one_line():
    line = pip_line("sama-bench[bert,ray]", "sama-bench[bert]", "av", "pip install --no-deps x==1")
    assert line == "pip install 'torch>=2.6' 'transformers>=4.48' 'ray>=2.30' av && pip install --no-deps x==1"


def test_an_extra_that_is_not_known_stays_as_it_is():
    assert pip_line("sama-bench[nothing]") == "pip install 'sama-bench[nothing]'"
    assert "(not installed): pip install 'ray>=2.30'" in str(MissingExtra("--ray", ["ray"], "sama-bench[ray]"))


@pytest.mark.parametrize(
    ("record", "source"),
    [
        (
            {"url": "https://x.org/a.git", "vcs_info": {"vcs": "git", "commit_id": "ab12"}},
            "git+https://x.org/a.git@ab12",
        ),
        ({"url": "https://x.org/sama_bench.whl", "archive_info": {}}, "https://x.org/sama_bench.whl"),
        ({"url": "file:///no/such/folder", "dir_info": {}}, None),
        ({}, None),
        ("no json", None),
    ],
)
def test_the_package_is_named_by_where_it_came_from(record, source, monkeypatch, tmp_path):
    text = record if isinstance(record, str) else json.dumps(record)
    monkeypatch.setattr(installation, "distribution", lambda _: SimpleNamespace(read_text=lambda _: text))
    monkeypatch.setattr(sama_bench, "__file__", str(tmp_path / "sama_bench" / "__init__.py"))
    assert package_source() == (source or f"sama-bench=={sama_bench.__version__}")


def test_a_folder_that_is_still_there_is_named(monkeypatch, tmp_path):
    folder = tmp_path / "a checkout"
    folder.mkdir()
    text = json.dumps({"url": folder.as_uri(), "dir_info": {}})
    monkeypatch.setattr(installation, "distribution", lambda _: SimpleNamespace(read_text=lambda _: text))
    monkeypatch.setattr(sama_bench, "__file__", str(tmp_path / "sama_bench" / "__init__.py"))
    assert package_source() == str(folder)
