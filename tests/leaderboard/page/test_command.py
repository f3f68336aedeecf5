import pytest
from click.testing import CliRunner

from sama_bench.errors import UserError
from sama_bench.leaderboard.command import report as command

ENTRY = """
entries:
  - model: nobody
    task: g
    protocol: strict
    values: {{J&F: {value}}}
    source: {{title: {title}, url: https://example.org}}
"""


@pytest.fixture
def run(report, tmp_path):
    """Calls the command on two runs, with files of reported numbers."""

    def called(*contents):
        options = []
        for number, content in enumerate(contents):
            file = tmp_path / f"{number}.yaml"
            file.write_text(content)
            options += ["--reported", str(file)]
        arguments = [*map(str, report.runs), "--out", str(tmp_path / "out"), "--samples", "0", *options]
        return CliRunner().invoke(command, arguments, env={"COLUMNS": "100"})

    return called


def test_reported_numbers_of_several_files_are_in_every_format(run, tmp_path):
    done = run(ENTRY.format(value=99.25, title="First"), ENTRY.format(value=98.75, title="Second"))
    assert done.exit_code == 0, done.output
    assert "nobody §: reported in Second, https://example.org" in done.output
    for name in ("report.md", "report.tex"):
        text = (tmp_path / "out" / name).read_text()
        assert "99.25" in text
        assert "98.75" in text
    assert done.output.splitlines()[-1].endswith("out/index.html")
    assert "report.tex" in done.output
    assert "0.9925" in (tmp_path / "out/page/board.js").read_text()


def test_a_bad_file_stops_it_before_anything_is_written(run, tmp_path):
    done = run(ENTRY.format(value=101, title="First"), "entries: 1")
    assert isinstance(done.exception, UserError)
    first, second = done.exception.problems
    assert first.endswith("0.yaml: entry 1 (nobody): J&F is 101, expected percent, a number from 0 to 100")
    assert second.startswith(f"{tmp_path}/1.yaml: expected a mapping")
    assert not (tmp_path / "out").exists()
