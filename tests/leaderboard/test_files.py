import io
import json

import pandas as pd
import pytest
from rich.console import Console

from sama_bench.leaderboard import data_export
from sama_bench.leaderboard.board import boards
from sama_bench.leaderboard.markdown import escaped, markdown
from sama_bench.leaderboard.terminal import show


@pytest.fixture
def found(scored):
    return boards([scored("motion", 0.51234), scored("still", 0.4, errors=2)])


def test_markdown_has_a_table_with_the_best_in_bold_and_its_signature(found):
    page = markdown(found)
    assert "| model | mIoU ↑ | CIDEr ↑ | unanswered |\n| --- | --: | --: | --- |" in page
    assert "| motion | **51.23** |" in page
    assert "| still | <ins>40.00</ins> |" in page
    assert "2 errors" in page
    assert "Signature: `task:g|phrases:words|questions:10`" in page


def test_what_has_to_be_known_of_a_row_is_in_every_file(scored):
    odd = boards([scored("odd", 0.5, asked="prompt=a|b@1", cannot={"J": "gives no masks"}), scored("still", 0.4)])
    page, out = markdown(odd), io.StringIO()
    assert r"odd: asked prompt=a\|b@1" in page
    assert "odd: without J: it gives no masks" in page
    show(odd, Console(file=out, width=80, no_color=True))
    assert "odd: asked prompt=a|b@1\nodd: without J: it gives no masks\n" in out.getvalue()
    assert set(data_export.frame(odd).query("model == 'odd' and task == 'g'")["asked"]) == {"prompt=a|b@1"}
    first, second = json.loads(data_export.as_json(odd))["tables"][0]["rows"]
    assert (first["asked"], first["cannot"]) == ("prompt=a|b@1", {"J": "gives no masks"})
    assert not {"asked", "cannot"} & second.keys()


def test_a_hostile_name_stays_text(scored):
    page = markdown(boards([scored("<script>|x\ny**", 0.5)]))
    assert "<script>" not in page
    assert escaped("<script>|x\ny**") == r"\<script\>\|x y\*\*"


def test_csv_loads_in_pandas_with_its_types_and_full_precision(found):
    text = data_export.frame(found).to_csv(index=False, lineterminator="\n")
    back = pd.read_csv(io.StringIO(text))
    assert back.dtypes["value"] == "float64"
    assert back.dtypes["higher_is_better"] == "bool"
    line = back.query("model == 'motion' and protocol == 'paper' and metric == 'miou'")
    assert line["value"].item() == pytest.approx(0.51234, abs=1e-15)
    assert ",miou,0.51234," in text
    assert set(back["errors"]) == {0, 2}


def test_no_run_gives_an_empty_table_with_its_columns():
    assert list(data_export.frame([]).columns) == list(data_export.COLUMNS)
    assert data_export.frame([]).empty


def test_json_holds_the_same_numbers(found):
    tables = json.loads(data_export.as_json(found))["tables"]
    assert tables[0]["rows"][0]["values"]["miou"] == 0.51234
    assert tables[0]["rows"][1]["errors"] == 2
    assert tables[1]["columns"][-1] == {
        "name": "false_groundings",
        "label": "False groundings",
        "higher_is_better": False,
    }


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_terminal_shows_every_column_whatever_its_width(found, width):
    out = io.StringIO()
    show(found, Console(file=out, width=width, no_color=True))
    text = out.getvalue()
    for said in ("mIoU ↑", "CIDEr ↑", "groundings ↓", "METEOR ↑", "51.23", "still: 2 errors", "phrases:words"):
        assert said in text
    assert all(len(line) <= width for line in text.splitlines() if not line.startswith("task:"))


@pytest.fixture
def unsure(scored):
    """A run whose mIoU has an interval."""
    return boards([scored("motion", 0.5, interval={"miou": [0.4512, 0.56]}), scored("still", 0.4)])


def test_intervals_are_in_every_file(unsure):
    page = markdown(unsure)
    assert r"| motion | **50.00** \[45.12, 56.00\] | **50.00** |" in page
    assert r"\[low, high\]: 95 % interval over videos" in page
    lines = pd.read_csv(io.StringIO(data_export.frame(unsure).to_csv(index=False)))
    paper = lines.query("protocol == 'paper' and model == 'motion'").set_index("metric")
    assert paper.loc["miou", ["low", "high"]].tolist() == [0.4512, 0.56]
    assert paper.loc["CIDEr", ["low", "high"]].isna().all()
    assert json.loads(data_export.as_json(unsure))["tables"][0]["rows"][0]["intervals"] == {"miou": [0.4512, 0.56]}


def test_the_terminal_shows_half_of_an_interval_beside_its_value(unsure, found):
    out = io.StringIO()
    show(unsure, Console(file=out, width=80, no_color=True))
    lines = out.getvalue().splitlines()
    assert ["mIoU", "↑", "50.00*", "±5.44", "40.00"] in [line.split() for line in lines]
    assert "±: half of the 95 % interval over videos" in lines
    plain = io.StringIO()
    show(found, Console(file=plain, width=80, no_color=True))
    assert "±" not in plain.getvalue()
