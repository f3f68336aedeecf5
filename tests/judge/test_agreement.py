import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sama_bench.errors import UserError
from sama_bench.judge.agreement import Ratings, agreement, kendall, krippendorff, spearman
from sama_bench.judge.ratings import load
from sama_bench.types import Key

scores = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=3, max_size=30)


def ratings(values, name="a", per_video=2):
    keys = [Key("g", f"{n:03}") for n in range(len(values))]
    return Ratings(
        name, dict(zip(keys, values, strict=True)), {key: f"v{n // per_video}" for n, key in enumerate(keys)}
    )


def found(a, b):
    return {one.name: one for one in agreement(ratings(a), ratings(b, "b")).measures}


def test_equal_ratings_agree_wholly():
    values = [0.1, 0.5, 0.9, 0.3, 0.2, 0.8]
    measures = found(values, values)
    names = "Spearman", "Kendall", "Krippendorff", "difference"
    assert [measures[name].value for name in names] == pytest.approx([1, 1, 1, 0])


def test_alpha_is_that_of_krippendorffs_own_example():
    # Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", two observers, binary data.
    meg = np.array([0, 1, 0, 0, 0, 0, 0, 0, 1, 0], float)
    owen = np.array([1, 1, 1, 0, 0, 1, 0, 0, 0, 0], float)
    assert krippendorff(meg, owen) == pytest.approx(0.095, abs=0.001)


@given(scores, scores)
def test_alpha_is_the_sum_over_pairs_of_values(one, other):
    x, y = (np.array(values[: min(len(one), len(other))]) for values in (one, other))
    values = np.concatenate([x, y])
    pairs = [(v - w) ** 2 for i, v in enumerate(values) for j, w in enumerate(values) if i != j]
    alpha = krippendorff(x, y)
    if not any(pairs):
        assert math.isnan(alpha)
    else:
        assert alpha == pytest.approx(1 - np.mean((x - y) ** 2) / np.mean(pairs), abs=1e-9)


@pytest.mark.parametrize("measure", [spearman, kendall])
def test_a_rater_that_never_varies_has_no_correlation_and_no_warning(measure):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert math.isnan(measure(np.zeros(5), np.arange(5.0)))


def test_what_is_not_defined_is_a_dash_and_not_a_number():
    measures = found([0.5] * 6, [0.1, 0.5, 0.9, 0.3, 0.2, 0.8])
    assert measures["Spearman"].value is None
    assert measures["difference"].value == pytest.approx(-0.0333, abs=1e-3)


def test_the_interval_holds_the_value_and_is_the_same_each_time():
    random = np.random.default_rng(1)
    one = random.random(60)
    other = np.clip(one + random.normal(0, 0.2, 60), 0, 1)
    first, second = found(one.tolist(), other.tolist()), found(one.tolist(), other.tolist())
    assert first == second
    for measure in first.values():
        low, high = measure.interval
        assert low < measure.value < high


def test_questions_that_only_one_has_are_counted_and_too_few_in_common_is_refused():
    one, other = ratings([0.1, 0.2, 0.3, 0.4]), ratings([0.1, 0.2, 0.3, 0.4, 0.5], "b")
    assert agreement(one, other).only == (0, 1)
    with pytest.raises(UserError, match="2 scored questions in common"):
        agreement(ratings([0.1, 0.2]), other)


@pytest.mark.parametrize(
    "text",
    ["task,question_id,score,video\ng,1,0.5,a\nC,2,1,b\n", ('{"task":"g","question_id":1,"score":0.5,"video":"a"}\n'
     '{"task":"c","question_id":"2","score":1,"video":"b"}\n')],
)  # fmt: skip
def test_peoples_scores_come_as_csv_or_json_lines(tmp_path, text):
    path = tmp_path / "people"
    path.write_text(text)
    got = load(path)
    assert got.scores == {Key("g", "1"): 0.5, Key("c", "2"): 1.0}
    assert got.videos == {Key("g", "1"): "a", Key("c", "2"): "b"}


def lines_of(tmp_path, content):
    path = tmp_path / "people"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UserError) as refusal:
        load(path)
    return refusal.value.lines()


HEADING = "task,question_id,score,note\n"


@pytest.mark.parametrize(
    "text",
    [
        HEADING + "g,1,0.5,fine\nc,2,1,good\n", (HEADING + "g,1,0.5,fine\nc,2,1,good\n").replace("\n", "\r"),
        (HEADING + "g,1,0.5,fine\nc,2,1,good\n").replace("\n", "\r\n"), "\ufeff" + HEADING + "g,1,.5,a\nc,2,1.0,b",
        HEADING + 'g,1,0.5,"' + "x" * 140_000 + '"\nc,2,1,"two\nlines, ""quoted"""\n',
        HEADING + "g,1,0.5,one\u2028two\nc,2,1,one\x0btwo\n",
        '{"task":"g","question_id":"1","score":0.5,"note":"one\u2028two\x85"}\n\n{"task":"c","question_id":2,"score":"1"}',
        '{"task":"g","question_id":"1","score":0.5}\r{"task":"c","question_id":2,"score":1}\r',
    ],
)  # fmt: skip
def test_ends_of_lines_marks_and_long_cells_are_no_matter(tmp_path, text):
    (tmp_path / "people").write_bytes(text.encode())
    assert load(tmp_path / "people").scores == {Key("g", "1"): 0.5, Key("c", "2"): 1.0}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HEADING + 'g,1,0.5,"open\ng,2,0.5,fine\n', ":2: is no row of a CSV"),
        (HEADING + 'g,1,0.5,"open\ng,2,0.5,fine\ng,3,0.5,closed"\n', ":2: a cell holds what looks like rows"),
        (HEADING + 'g,1,0.5,"a"b\n', ":2: is no row"), (HEADING + "g,1,0,5,x\n", ":2: has 5 cells"),
        (HEADING + "g,1\n", ":2: has 2 cells"), ("task;question_id;score\ng;1;1\n", ":1: no column task"),
        ("", ":1: no"),
        ("task,question_id,score,score\ng,1,1,0\n", "there twice"), (HEADING + "g,1,0_1,\n", "score '0_1'"),
        (HEADING + "g,1,nan,\n", "score 'nan'"), (HEADING + "g,1,\u0660,\n", "score"),
        (b"\xff\xfet\0a\0", "is not UTF-8"),
        ('{"task":"g","question_id":["a"],"score":0.5}', "question_id ['a']"),
        ('{"task":"g","question_id":{"a":1},"score":0.5}', "question_id {"),
        ('{"task":"g","question_id":true,"score":0.5}', "question_id True"),
        ('{"task":"g","question_id":"a","score":true}', "score True"),
        ('{"task":"g","question_id":"a","score":NaN}', "NaN is no number"),
        ('{"task":"g","question_id":"a","score":0.5,"score":1}', "twice"),
        ('{"task":"g","question_id":"a","score":0.5,"video":[1]}', "video [1]"),
        ('{"task":"g","question_id":"a","score":0.5}\n[1]', ":2: is no object"),
        ('{"task":"g","question_id":' + "[" * 5000 + "]" * 5000 + "}", "nested deeper"), ("{", "is not JSON"),
    ],
)  # fmt: skip
def test_files_that_people_damaged_are_told_by_line(tmp_path, content, words):
    line = lines_of(tmp_path, content)[0]
    assert words in line
    assert len(line) < 600


def test_all_lines_that_are_not_right_are_told(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("task,question_id,score\ng,1,0.5\ng,1,0.5\nh,2,0.5\ng,3,7\ng,4,good\ng,,1\n")
    with pytest.raises(UserError) as refusal:
        load(path)
    assert [problem.split(":")[1] for problem in refusal.value.problems] == ["3", "4", "5", "6", "7"]
