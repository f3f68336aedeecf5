import json

from click.testing import CliRunner

from sama_bench.cli.env import env, environments
from sama_bench.errors import UserError


def run(*arguments):
    return CliRunner().invoke(env, arguments)


def test_the_commands_of_an_environment_are_printed():
    result = run("pixelrefer")
    assert result.exit_code == 0
    assert "git clone https://github.com/alibaba-damo-academy/PixelRefer" in result.output
    assert "python3.10 -m venv envs/pixelrefer" in result.output
    assert "transformers==4.46.3" in result.output
    assert json.loads(run("pixelrefer", "--json").output)["python"] == "3.10"


def test_a_models_pin_stands_for_what_a_worker_wants_without_one():
    for environment in environments().values():
        names = [spec.partition("=")[0].partition("<")[0] for spec in environment.everything]
        assert len(names) == len(set(names))
        assert {"numpy", "pillow"} <= set(names)


def test_all_are_listed_with_what_was_tried():
    assert set(json.loads(run("--json").output)) == set(environments())


def test_what_cannot_be_made_is_told(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    for arguments, told in (
        (["pixelrefr"], "did you mean pixelrefer?"),
        (["pixelrefer", "--make", str(tmp_path / "full")], "is there already; expected a new folder"),
    ):
        result = run(*arguments)
        assert isinstance(result.exception, UserError)
        assert told in str(result.exception)


def test_this_package_is_taken_from_where_it_was_installed_from(monkeypatch):
    monkeypatch.setattr("sama_bench.cli.env.package_source", lambda: "/home/me/a checkout")
    assert "envs/sam2/bin/pip install --no-deps '/home/me/a checkout'" in run("sam2").output


def test_what_a_command_of_ours_needs_there_is_installed():
    assert "click" in environments()["videorefer"].light
