import pytest

from sama_bench.benchmarks.sama.tasks import C, G
from sama_bench.score.signature import line, signature
from sama_bench.types import Key, Truth


@pytest.fixture
def three(bench):
    return bench([Truth(Key("g", "1"), "a", ""), Truth(Key("g", "2"), "b", ""), Truth(Key("c", "3"), "a", "")])


def test_it_says_what_the_numbers_depend_on(three):
    found = signature(three, G, "strict", "words")
    assert [found[name] for name in ("questions", "videos", "phrases", "judge")] == [2, 2, "words", None]
    assert line(found).startswith("task:g|protocol:strict|questions:2|videos:2|sel:")
    assert "|tok:ptb-3.4.1|meteor:1.5|phrases:words|judge:none|asked:none|bench:ab12cd34|def:" in line(found)


def test_descriptions_have_no_phrases(three):
    assert signature(three, C, "paper", "words") == signature(three, C, "paper", "exact")


def test_other_questions_in_the_same_number_are_told_apart(three, bench):
    other = bench([Truth(Key("g", "1"), "a", ""), Truth(Key("g", "4"), "b", "")])
    assert signature(three, G, "paper", "words") != signature(other, G, "paper", "words")


def test_the_name_of_the_folder_does_not_matter(three):
    before = signature(three, G, "paper", "words")
    three.name = "elsewhere"
    assert signature(three, G, "paper", "words") == before
