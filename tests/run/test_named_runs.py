import json
from dataclasses import replace

import pytest

from sama_bench.errors import UserError
from sama_bench.run.manifest import Manifest, RunSettings, Session, check_name
from sama_bench.run.store import Store

SETTINGS = RunSettings("mine", {}, "ab" * 32, ("g",), None, None, {})


@pytest.fixture
def begun(tmp_path):
    """A run that was begun once, without a name."""
    with Store.create(tmp_path / "run", Manifest(SETTINGS, "demo", "demo")) as store:
        store.begin(Session("2026-01-31T00:00:00+00:00", {}), store.can, {})
    return tmp_path / "run"


def test_a_name_stands_in_the_session_and_changes_no_setting(begun):
    before = json.loads((begun / "manifest.json").read_text())
    assert "name" not in before["sessions"][0]
    with Store.create(begun, Manifest(SETTINGS, "demo", "demo")) as store:
        store.rename("The best")
    after = json.loads((begun / "manifest.json").read_text())
    assert after["sessions"][0].pop("name") == "The best"
    assert after == before
    assert Manifest.read(begun / "manifest.json").name == "The best"


def test_the_last_name_counts_and_a_session_without_one_keeps_it(begun):
    manifest = Manifest.read(begun / "manifest.json")
    assert manifest.name == ""
    session = manifest.sessions[0]
    named = manifest.started(replace(session, name="first")).started(replace(session, name="second")).started(session)
    assert named.name == "second"


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_a_name_that_no_table_can_show_is_refused(name):
    with pytest.raises(UserError, match="--name"):
        check_name(name)
