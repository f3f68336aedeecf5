import gzip
import io
import random

import pytest

from sama_bench.metrics import paraphrases
from sama_bench.metrics.paraphrases import Paraphrases, phrases_of, write_table

WORDS = ["a", "b", "ab", "é", "…", "0", "z'"]


def table_of(pairs, path):
    with path.open("wb") as file:
        write_table(pairs, file)
    return path


@pytest.fixture
def pairs():
    chance = random.Random(7)

    def phrase():
        return " ".join(chance.choices(WORDS, k=chance.randint(1, 3)))

    made = [(phrase(), phrase()) for _ in range(3000)]
    return sorted(made, key=lambda pair: pair[0].encode())  # stable: the second ones stay in any order


@pytest.fixture
def table(pairs, tmp_path):
    return table_of(pairs, tmp_path / "table.gz")


@pytest.mark.parametrize("size", [1, 64, 1 << 16])
def test_the_pairs_of_texts_are_those_of_the_whole_table_in_its_order(table, pairs, tmp_path, monkeypatch, size):
    monkeypatch.setattr(paraphrases, "BLOCK_BYTES", size)
    monkeypatch.setattr(paraphrases, "READ_AT_ONCE", 100)
    chance = random.Random(size)
    with Paraphrases(table, tmp_path) as index:
        for _ in range(30):
            phrases = phrases_of(chance.choices([*WORDS, "unknown"], k=chance.randint(0, 12)))
            expected = [pair for pair in pairs if pair[0] in phrases and pair[1] in phrases]
            assert index.among(phrases) == expected


def test_the_index_is_made_once_and_again_where_it_is_damaged(table, pairs, tmp_path, monkeypatch):
    Paraphrases(table, tmp_path).close()
    (kept,) = tmp_path.glob("paraphrases-*")
    written = kept.stat().st_mtime_ns
    Paraphrases(table, tmp_path).close()
    assert kept.stat().st_mtime_ns == written
    kept.write_bytes(kept.read_bytes()[: len(kept.read_bytes()) // 2])
    with Paraphrases(table, tmp_path) as index:
        assert index.among({"a", "b"}) == [pair for pair in pairs if {*pair} <= {"a", "b"}]
    assert [path.name for path in tmp_path.glob("*paraphrases*")] == [kept.name]


def test_an_index_whose_inside_is_damaged_is_made_again(table, pairs, tmp_path):
    Paraphrases(table, tmp_path).close()
    (kept,) = tmp_path.glob("paraphrases-*")
    content = bytearray(kept.read_bytes())
    for place in range(40, 400):
        content[place] ^= 0x55
    kept.write_bytes(content)
    with Paraphrases(table, tmp_path) as index:
        assert index.among({"a", "b"}) == [pair for pair in pairs if {*pair} <= {"a", "b"}]


def test_what_is_no_table_is_refused(tmp_path):
    unsorted = table_of([("b", "a"), ("a", "b")], tmp_path / "unsorted.gz")
    with pytest.raises(ValueError, match="order"):
        Paraphrases(unsorted, tmp_path)
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(b"1\na\n"))
    with pytest.raises(ValueError, match="not complete"):
        Paraphrases(cut, tmp_path)
    with pytest.raises(OSError, match="absent"):
        Paraphrases(tmp_path / "absent", tmp_path)
    with pytest.raises(OSError, match="none"):
        Paraphrases(table_of([("a", "b")], tmp_path / "table.gz"), tmp_path / "none")
    assert {path.name for path in tmp_path.iterdir()} == {"unsorted.gz", "cut.gz", "table.gz"}


def test_phrases_are_all_runs_of_words():
    assert phrases_of([]) == set()
    assert phrases_of(["a", "b", "c"], longest=2) == {"a", "b", "c", "a b", "b c"}
    assert len(phrases_of([str(n) for n in range(20)])) == sum(20 - n for n in range(7))


def test_a_written_table_is_three_lines_a_pair():
    file = io.BytesIO()
    write_table([("a b", "é")], file)
    assert gzip.decompress(file.getvalue()).decode() == "1\na b\né\n"
