import json

import pytest

from sama_bench.errors import UserError
from sama_bench.leaderboard.write import write_report


def test_runs_that_are_not_at_hand_have_every_file_and_a_page_without_questions(fixed, others, tmp_path):
    files = write_report(fixed, others, tmp_path / "out")
    assert [file.name for file in files] == ["report.md", "report.tex", "report.csv", "report.json", "index.html"]
    assert all(file.stat().st_size for file in files)
    text = (tmp_path / "out/page/board.js").read_text()
    board = json.loads(text.removeprefix("sama.put(...").removesuffix(");\n"))[1]
    assert ([bench["runs"] for bench in board["benches"]], board["notes"]) == ([[]], [])
    assert [len(table["reported"]) for bench in board["benches"] for table in bench["tables"]] == [2, 1]
    assert (tmp_path / "out/page/scores-0.svg").exists()


def test_nobody_at_all_gives_a_report_as_well(tmp_path):
    assert len(write_report([], [], tmp_path / "out")) == 5


def test_what_others_reported_is_in_no_plot(fixed, others, tmp_path):
    write_report(fixed, others, tmp_path)
    plots = [file.read_text() for file in (tmp_path / "page").glob("*.svg")]
    assert plots
    assert not any("Nobody" in plot for plot in plots)


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="the report cannot be written"):
        write_report([], [], tmp_path / "file" / "out")
