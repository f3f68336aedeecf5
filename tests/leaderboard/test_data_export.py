import io
import json

import pandas as pd
import pytest

from sama_bench.leaderboard.board import boards
from sama_bench.leaderboard.data_export import COLUMNS, as_csv, as_json

TEXTS = [name for name, kind in COLUMNS.items() if kind == "str"]
COUNTS = ["questions", "videos", "missing", "errors"]


def read(found, **how):
    return pd.read_csv(io.StringIO(as_csv(found)), **how)


def test_every_column_loads_with_its_type(fixed, others):
    own = [*fixed, fixed[0]]
    lines = read(boards(own, others))
    assert list(lines.columns) == list(COLUMNS)
    for name, kind in COLUMNS.items():
        if kind in {"float64", "bool"}:
            assert lines.dtypes[name] == kind, name
    filled = [name for name in TEXTS if name not in {"asked", "differs"}]  # all were asked and made alike
    assert all(isinstance(one, str) for name in filled for one in lines[name].dropna())
    assert all(lines[name].notna().any() for name in filled)


def test_counts_are_integers_unless_they_are_missing_for_what_others_reported(fixed, others):
    measured = read(boards(fixed))
    assert {str(measured.dtypes[name]) for name in COUNTS} == {"int64"}
    assert set(measured["missing"]) == {0, 3}
    lines = read(boards(fixed, others))
    assert {str(lines.dtypes[name]) for name in COUNTS} == {"float64"}
    assert lines.loc[lines["reported"], COUNTS].isna().all(axis=None)
    assert lines.loc[~lines["reported"], COUNTS].notna().all(axis=None)


def test_a_metric_that_a_model_has_not_gives_no_line_and_a_value_without_interval_misses_its_ends(scored):
    lame = scored("a", 0.5, interval={"miou": [0.4, 0.6]})
    del lame.scores.protocols["strict"]["g"].mean["miou"]
    lines = read(boards([lame])).query("task == 'g'").set_index(["protocol", "metric"])
    assert ("strict", "miou") not in lines.index
    assert lines.loc[("paper", "miou"), ["low", "high"]].tolist() == [0.4, 0.6]
    assert lines.loc[("paper", "CIDEr"), ["low", "high"]].isna().all()


def test_reported_lines_have_their_source_and_no_place(fixed, others):
    lines = read(boards(fixed, others)).query("reported")
    assert set(lines["model"]) == {"Nobody-7B_x", "Nobody-13B <b>"}
    assert lines["standing"].isna().all()
    assert not lines["within_best"].any()
    assert lines["signature"].isna().all()
    assert lines.iloc[0]["source"] == (
        "A paper & a half that nobody wrote, arXiv:0000.00000, table 3, 2026-01-31 <https://arxiv.org/abs/0000.00000>"
    )


@pytest.mark.parametrize("name", ["NA", "007", 'a,"b"', "None", "two\nlines", "a=1", "1-2"])
def test_any_name_comes_back_as_docs_tell_to_read_it(scored, name):
    lines = read(boards([scored(name, 0.5)]), dtype=dict.fromkeys(TEXTS, "str"), keep_default_na=False, na_values=[""])
    assert set(lines["model"]) == {name}


FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "＝1",
    "'=1",
    "'quoted'",
    "=cmd|' /C calc'!A0",
]


@pytest.mark.parametrize("name", FORMULAS)
def test_what_a_spreadsheet_would_take_for_a_formula_is_a_text(scored, name):
    how = {"dtype": dict.fromkeys(TEXTS, "str"), "keep_default_na": False, "na_values": [""], "lineterminator": "\n"}
    lines = read(boards([scored(name, 0.5)]), **how)
    assert set(lines["model"]) == {f"'{name}"}
    assert json.loads(as_json(boards([scored(name, 0.5)])))["tables"][0]["rows"][0]["model"] == name


def test_numbers_below_0_stay_numbers(scored):
    lines = read(boards([scored("a", -0.5)]))
    assert (lines["value"] == -0.5).any()


def test_json_keeps_what_others_reported_apart(scored, others):
    tables = json.loads(as_json(boards([scored("a", 0.5), scored("b", 0.4)], others)))["tables"]
    assert [row["model"] for row in tables[0]["rows"]] == ["a", "b"]
    assert tables[0]["rows"][1]["standing"] == {"miou": "second", "CIDEr": "best"}
    (entry,) = tables[0]["reported"]
    assert entry["source"] == {
        "title": "A paper & a half that nobody wrote",
        "arxiv": "0000.00000",
        "table": "3",
        "date": "2026-01-31",
        "link": "https://arxiv.org/abs/0000.00000",
    }
    assert entry["values"]["METEOR"] == pytest.approx(0.2125)


def test_json_says_what_differs_part_by_part(scored):
    other = scored("b", 0.4)
    other.scores.signature["paper"]["g"]["benchmark"] = "another"
    tables = json.loads(as_json(boards([scored("a", 0.5), other])))["tables"]
    assert tables[0]["differs"] == {"bench": {"here": "absent", "there": ["another"]}}
