import subprocess
import sys

import pytest
from click.testing import CliRunner

from sama_bench.leaderboard.submission.command import leaderboard

pytestmark = pytest.mark.slow


@pytest.fixture
def shell():
    """Calls `sama-bench` as a user does."""

    def called(*given):
        code = "from sama_bench.cli.main import main; main()"
        return subprocess.run([sys.executable, "-c", code, *given], check=False, capture_output=True, text=True)

    return called


def test_pack_prints_what_it_publishes(run, tmp_path):
    done = CliRunner().invoke(leaderboard, ["pack", str(run), "--out", str(tmp_path / "run.zip"), "--name", "Mine"])
    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == [
        "name: Mine", "link: none", "argument api_key: kept back", "argument checkpoint: Org/Name-7B",
        "argument repo: kept back", "asked frames: 8 even full", "asked prompt: dialogue@0123abcd",
        "asked template: kept back", "version plug-in: kept back", "version python: 3.11",
        f"packed: {tmp_path / 'run.zip'} (0.0 MB)",
    ]  # fmt: skip


def test_pack_names_the_file_after_the_run(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(leaderboard, ["pack", str(run)]).exit_code == 0
    assert [one.name for one in tmp_path.iterdir()] == ["still.zip"]


def test_a_hostile_file_ends_with_a_line_and_status_2(shell, forged, empty, craft):
    before = craft.snapshot(empty)
    path = forged(lambda card: card | {"name": "\x1b[31m", "link": "javascript:alert(1)"})
    done = shell("leaderboard", "add", str(path), "--bench", "demo", "--to", str(empty))
    assert done.returncode == 2
    assert done.stdout == ""
    first, second = done.stderr.splitlines()
    assert first.startswith(f"error: {path}: manifest.json: name is '\\x1b[31m', expected a line of at most 100")
    assert second.startswith(f"error: {path}: manifest.json: link is 'javascript:alert(1)', expected")
    assert craft.snapshot(empty) == before


def test_build_names_its_files_and_what_to_add_again(own, tmp_path):
    path = own / "entries" / "still-made-odd.json"
    path.write_text(path.read_text().replace('"meteor": "1.5"', '"meteor": "1.4"'))
    done = CliRunner().invoke(leaderboard, ["build", str(own), "--out", str(tmp_path / "site")])
    assert done.exit_code == 0, done.output
    assert "was scored in another way (meteor 1.4, now 1.5); to add it again: sama-bench leaderboard add" in done.stderr
    assert done.stdout.splitlines()[-1] == str(tmp_path / "site" / "index.html")


def test_help_imports_nothing_heavy(shell):
    code = (
        "import sys; from sama_bench.leaderboard.submission.command import leaderboard; "
        "print([one for one in ('numpy', 'cv2', 'pandas', 'rich', 'matplotlib', 'yaml') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
