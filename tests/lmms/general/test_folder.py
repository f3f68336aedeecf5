from pathlib import Path

import pytest

from sama_bench.errors import UserError
from sama_bench.lmms.general.folder import check, taken, usual
from sama_bench.lmms.general.record import Failed, GeneralSettings, Record
from sama_bench.run.manifest import Manifest, RunSettings

ASKED = GeneralSettings("sama", {"checkpoint": "w"}, None, "0.7.3")


def run_of(folder, **arguments):
    settings = RunSettings("sama", arguments, "f", ["g"], 5, None, {"g": "0"})
    (folder / "manifest.json").write_text(Manifest(settings, "demo", "demo").to_text())


def test_a_models_name_is_the_folders():
    assert usual("lmms:qwen2_5_vl") == Path("runs/lmms_qwen2_5_vl-general")


def test_a_new_folder_has_nothing_and_is_not_made_by_looking(tmp_path):
    assert check(tmp_path / "new", ASKED) == Record(ASKED)
    assert not (tmp_path / "new").exists()


def test_a_folder_goes_on_with_what_it_has(tmp_path):
    made = Record(ASKED, {"a": Failed("x")})
    made.write(tmp_path)
    assert check(tmp_path, ASKED) == made


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (GeneralSettings("sama", {}, None, "0.7.3"), "made with model args checkpoint=w; now asked model args none"),
        (GeneralSettings("sama", {"checkpoint": "w"}, 10, "0.7.3"), "made with limit=none; now asked limit=10"),
        (
            GeneralSettings("chat", {"checkpoint": "w"}, None, "0.7.4"),
            "model=sama, lmms_eval=0.7.3; now asked model=chat",
        ),
    ],
)
def test_with_other_settings_a_folder_does_not_go_on(tmp_path, asked, told):
    Record(ASKED).write(tmp_path)
    with pytest.raises(UserError, match=told):
        check(tmp_path, asked)


def test_free_arguments_decide_nothing(tmp_path):
    settings = GeneralSettings("sama", {"checkpoint": "w", "batch": "2"}, None, "0.7.3")
    Record(settings).write(tmp_path)
    run_of(tmp_path, checkpoint="w", batch="4")
    assert check(tmp_path, ASKED, {"batch"}) == Record(settings)
    with pytest.raises(UserError, match="made with model args batch=4 checkpoint=w; now"):
        check(tmp_path, ASKED)


def test_the_scores_may_lie_in_a_run_of_the_same_model_whatever_its_own_limit(tmp_path):
    run_of(tmp_path, checkpoint="w")
    assert check(tmp_path, ASKED) == Record(ASKED)


def test_a_run_of_another_model_takes_none(tmp_path):
    run_of(tmp_path, checkpoint="other")
    with pytest.raises(UserError, match=r"is a run made with model args checkpoint=other; now asked .* checkpoint=w"):
        check(tmp_path, ASKED)


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(UserError, match="is neither a run nor of `sama-bench general`, and not empty"):
        check(tmp_path, ASKED)
    with pytest.raises(UserError, match="is a file, expected a folder"):
        check(tmp_path / "thesis.tex", ASKED)


def test_two_do_not_write_at_once(tmp_path):
    with taken(tmp_path / "a"), pytest.raises(UserError, match="another process is writing"), taken(tmp_path / "a"):
        pass
    with taken(tmp_path / "a"):
        pass
