import json
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sama_bench.metrics.grounding_marks import groundings
from sama_bench.prompting.answer_parser import read, read_text
from sama_bench.prompting.conventions import CONVENTIONS, Corners

SIZE = (480, 640)
DOG, BALL = Corners(0.1, 0.2, 0.3, 0.6), Corners(0.5, 0.5, 0.75, 1.0)
THOUSAND = CONVENTIONS["xyxy-1000"]
TEXT, MARKED = "The dog chases a ball.", "<p>The dog</p> [SEG] chases <p>a ball</p> [SEG]."


def near(found, expected, size=SIZE):
    """Whether boxes are the same within a pixel."""
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        for a, b, side in zip(one, other, (size[1], size[0]) * 2, strict=True):
            assert abs(a - b) * side <= 1
    return True


def as_json(convention, **more):
    objects = [
        {"phrase": phrase, convention.key: convention.write(box, SIZE)}
        for phrase, box in (("The dog", DOG), ("a ball", BALL))
    ]
    return json.dumps({"answer": TEXT, "objects": objects, **more})


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=CONVENTIONS)
@pytest.mark.parametrize(
    "dressed",
    ["{}", "```json\n{}\n```", "Here it is:\n```\n{}\n```\nI hope this helps!", "<think>[1] hm {{</think>{}", "[{}]"],
)
def test_json_in_each_convention_bare_fenced_and_among_words(convention, dressed):
    found = read(dressed.replace("{}", as_json(convention)), convention, SIZE)
    assert found.text == MARKED
    assert near(found.boxes, (DOG, BALL))
    assert found.unread is None


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=CONVENTIONS)
@given(st.tuples(*[st.floats(0, 1)] * 4))
def test_what_is_written_in_a_convention_is_read_back_within_a_pixel(convention, values):
    x0, x1 = sorted(values[:2])
    y0, y1 = sorted(values[2:])
    box = Corners(x0, y0, x1, y1)
    size = (1000, 800)  # as fine as a thousandth
    read_back = convention.read(convention.write(box, size), size)
    if (x1 - x0) * size[1] > 2 and (y1 - y0) * size[0] > 2:
        assert near([read_back], [box], size)


@pytest.mark.parametrize(
    "answer",
    [
        "<ref>The dog</ref><box>[[100, 200, 300, 600]]</box> chases <ref>a ball</ref><box>[[500,500,750,1000]]</box>.",
        (
            "<|object_ref_start|>The dog<|object_ref_end|><|box_start|>(100,200),(300,600)<|box_end|> chases "
            "<|object_ref_start|>a ball<|object_ref_end|><|box_start|>(500,500),(750,1000)<|box_end|>."
        ),
        "The dog [100, 200, 300, 600] chases a ball [500,500,750,1000].",
        "The dog (100,200),(300,600) chases a ball (500,500),(750,1000).",
        '{"answer": "The dog [100, 200, 300, 600] chases a ball [500, 500, 750, 1000]."}',
        (
            'The dog chases a ball.\n```json\n[{"bbox_2d": [100, 200, 300, 600], "label": "The dog"},\n'
            '{"bbox_2d": [500, 500, 750, 1000], "label": "a ball"}]\n```'
        ),
        (
            '{"answer": "The dog chases a ball.", "objects": ['
            '{"phrase": "the dog", "bbox": ["100", "200", "300", "600"],},'
            '{"phrase": "a ball", "box": "[500, 500, 750, 1000]"},]}'
        ),
        (
            "{'answer': 'The dog chases a ball.', 'objects': [{'phrase': 'The dog', 'box': [100, 200, 300, 600]}, "
            "{'phrase': 'a ball', 'box': [500, 500, 750, 1000]}]}"
        ),
        (
            '{"answer": "The dog chases a ball.", "objects": {"The dog": [100, 200, 300, 600], "a ball": '
            "[500, 500, 750, 1000]}}"
        ),
        (
            '{"answer": "<p>The dog</p> [SEG] chases <p>a ball</p> [SEG].", "objects": ['
            '{"bbox_2d": [100, 200, 300, 600]}, {"bbox_2d": [500, 500, 750, 1000]}]}'
        ),
        (
            '{"answer": "The dog chases a ball.", "objects": [{"phrase": "The dog", "box_2d": [100, 200, 300, 600]}, '
            '{"phrase": "a ball", "box_2d": [500, 500, 750, 1000]}, {"phrase": "a tr'
        ),
    ],
)
def test_forms_of_an_answer(answer):
    found = read(answer, THOUSAND, SIZE)
    assert found.text == MARKED
    assert near(found.boxes, (DOG, BALL))
    assert found.unread is None


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ("[300, 600, 100, 200]", DOG),  # swapped corners
        ("[-50, 200, 300, 600]", Corners(0, 0.2, 0.3, 0.6)),
        ("[100, 200, 300, 5000]", Corners(0.1, 0.2, 0.3, 1)),
        ("[0.1, 0.2, 0.3, 0.6]", DOG),  # fractions, whatever was asked for
        ("[[100, 200, 200, 300], [150, 250, 300, 600]]", DOG),  # the box around several
        ("[100, 200, 300]", None),
        ("[NaN, 200, 300, 600]", None),
        ("[100, 200, Infinity, 600]", None),
        ("[100, 200, 100, 600]", None),  # without area
        ("[1200, 200, 1300, 600]", None),  # outside
        ("[]", None),
        ('"somewhere"', None),
        ("[1e999, 2, 3, 4]", None),
        (f"[{'9' * 400}, 2, 3, 4]", None),
    ],
)
def test_what_can_be_mended_is_and_else_the_object_has_its_words_only(numbers, expected):
    found = read(f'{{"answer": "The dog runs.", "objects": [{{"phrase": "dog", "box": {numbers}}}]}}', THOUSAND, SIZE)
    if expected is None:
        assert (found.text, found.boxes) == ("The dog runs.", ())
        assert "1 of 1 boxes" in found.unread
    else:
        assert found.text == "The <p>dog</p> [SEG] runs."
        assert near(found.boxes, [expected])


def test_null_in_place_of_a_box_is_a_word_of_the_model_that_there_is_none():
    answer = '{"answer": "The dog runs.", "objects": [{"phrase": "dog", "box": null}]}'
    assert read(answer, THOUSAND, SIZE) == ("The dog runs.", (), None)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("dog: [100, 200, 300, 600]", "<p>dog</p> [SEG]"),
        ("Rolling the bowling ball [100, 200, 300, 600] away.", "Rolling <p>the bowling ball</p> [SEG] away."),
        (
            "It runs fast, and then a big  brown dog (100, 200, 300, 600)!",
            "It runs fast, and then <p>a big brown dog</p> [SEG]!",
        ),
        ("Over there somewhere sits Rex [100, 200, 300, 600].", "Over there somewhere sits <p>Rex</p> [SEG]."),
        ("[100, 200, 300, 600]", "[SEG]"),
    ],
)
def test_a_box_in_the_text_belongs_to_the_words_before_it(answer, text):
    found = read(answer, THOUSAND, SIZE)
    assert found.text == text
    assert near(found.boxes, [DOG])


def test_fractions_are_only_taken_for_such_where_all_numbers_are():
    answer = '[{"label": "dog", "box": [0.5, 1, 3, 4]}, {"label": "cat", "box": [100, 200, 300, 600]}]'
    assert near(read(answer, THOUSAND, SIZE).boxes, [Corners(0.0005, 0.001, 0.003, 0.004), DOG])


@pytest.mark.parametrize("answer", ["", "A dog.", '{"answer": "A dog."}', "I can't help with that.", "{", "[]"])
def test_an_answer_without_boxes_is_said_to_be_unread(answer):
    found = read(answer, THOUSAND, SIZE)
    assert found.boxes == ()
    assert "[SEG]" not in found.text
    assert found.unread


def test_an_answer_that_names_no_object_says_all_that_there_is():
    assert read('{"answer": "Nothing.", "objects": []}', THOUSAND, SIZE) == ("Nothing.", (), None)


def test_a_model_that_writes_the_benchmarks_marks_grounds_nothing_by_that():
    found = read(
        '{"answer": "<p>It</p> [SEG] [SEG] <p", "objects": [{"phrase": "<p>", "box": [1, 2, 3, 4]}]}', THOUSAND, SIZE
    )
    assert found.text.count("[SEG]") == len(found.boxes) == 1


def test_an_object_that_the_text_does_not_name_comes_at_its_end():
    found = read('{"answer": "It runs.", "objects": [{"phrase": "a dog", "box": [1, 2, 3, 4]}]}', THOUSAND, SIZE)
    assert found.text == "It runs. <p>a dog</p> [SEG]"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("A  dog\nruns.", "A dog runs."),
        ('{"answer": "A dog."}', "A dog."),
        ('```json\n{"description": "A dog."}\n```', "A dog."),
        ("A <ref>dog</ref><box>[[1, 2, 3, 4]]</box> <p>runs</p> [SEG].<|im_end|>", "A dog runs."),
    ],
)
def test_a_description_is_clean_text(answer, text):
    assert read_text(answer) == text


PIECES = [
    "{", "}", "[", "]", '"', "'", ",", ":", "\\", "<ref>", "</ref>", "<box>", "</box>", "<p>", "</p>", "[SEG]", "dog",
    '"answer"', '"objects"', '"bbox_2d"', '"phrase"', "[1,2,3,4]", "0.5", "nan", "-1", "```json", "\n", " ", "the ",
    '{"answer": "a dog", "objects": [', '{"phrase": "dog", "bbox_2d": [1, 2, 3, 4]}', "(1,2),(3,4)", "İ", "\ud83d",
]  # fmt: skip


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=30).map("".join)))
def test_any_text_gives_as_many_boxes_as_marks_all_inside_the_picture(answer):
    for convention in CONVENTIONS.values():
        found = read(answer, convention, SIZE)
        assert found.text.count("[SEG]") == len(found.boxes) == len(groundings(found.text))
        assert len(re.findall("<p>", found.text)) == len(re.findall("</p>", found.text)) <= len(found.boxes)
        assert all(0 <= box.x0 < box.x1 <= 1 and 0 <= box.y0 < box.y1 <= 1 for box in found.boxes)
    assert "[SEG]" not in read_text(answer)


OBJECT = '{"phrase": "a dog", "bbox_2d": [1, 2, 3, 4]}'


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    ["[", "[ ", '{"a":', "[1,", '"box": [', '"answer": "', "\\", "<ref>", "<ref>a</ref><box>[1,2,3,4]</box>", "[1,2,3,",
     "1", ", ", "'", "the ", f"{OBJECT},", "```", "(1,2),(", "<box>", '{"answer"', "<|", ". "],
)  # fmt: skip
@pytest.mark.parametrize("begin", ["", '{"answer": "x", "objects": ['])
def test_a_megabyte_takes_no_more_than_its_length_in_time(piece, begin):
    def seconds(length):
        answer = begin + piece * (length // len(piece))
        start = time.process_time()
        read(answer, THOUSAND, SIZE)
        return time.process_time() - start

    assert seconds(1_000_000) < 4
    assert seconds(800_000) < 24 * seconds(100_000) + 1


def test_a_thousand_boxes_are_read_up_to_a_limit():
    answer = f'{{"answer": "{"a dog, " * 1000}", "objects": [{",".join([OBJECT] * 1000)}]}}'
    found = read(answer, THOUSAND, SIZE)
    assert found.text.count("[SEG]") == len(found.boxes) >= 100
