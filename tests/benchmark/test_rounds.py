import pytest

MEVIS = "mevis/val_u/JPEGImages/a"


@pytest.fixture
def kept(tree, make_rounds):
    """Opens the tree with these rounds in its mevis video; gives the questions kept, and reasons of those not."""

    def run(*pairs, masks, truth):
        tree.mevis.update(conversation=make_rounds(*pairs), obj_masks=masks, groundtruth=truth)
        benchmark = tree.open()
        texts = {question.key.id: question.text for question in benchmark.questions(MEVIS) if question.key.task == "g"}
        return texts, {one.id: one.reason for one in benchmark.dropped}

    return run


def test_rounds_whose_counts_differ_are_dropped(kept):
    texts, dropped = kept(
        ("Who?", "[SEG]"),
        ("Is <mask> it?", "no"),
        ("Is <mask> it?", "[SEG] [SEG]"),
        ("Fine <mask>", "yes [SEG]"),
        masks=[[0], [], [0], [1]],
        truth=[[[0]], [], [[0]], [[], [1]]],
    )
    assert list(texts) == ["g3"]
    assert dropped == {
        "g0": "<mask> count differs from obj_masks",
        "g1": "<mask> count differs from obj_masks",
        "g2": "[SEG] count differs from groundtruth",
    }


def test_old_marks_are_translated_only_after_the_count(kept, tree):
    texts, dropped = kept(
        ("Who?", "<g_s> he <g_e> <seg>"),
        ("Who else?", " <g_s> nobody <g_e> <seg> "),
        ("And?", "<g_s> she <g_e> [SEG]"),
        masks=[[], [], []],
        truth=[[[0]], [], [[1]]],
    )
    assert dropped == {"g0": "[SEG] count differs from groundtruth"}
    assert texts["g1"] == "Who else?"
    references = tree.open(videos="a").references("g")
    assert references[:2] == ["<p> nobody </p> [SEG]", "<p> she </p> [SEG]"]


def test_the_suffix_is_added_once_and_marks_of_media_are_cut(kept):
    texts, _ = kept(
        ("<image>\n<video>\n Who? \n<video>\n<image>", "[SEG]"),
        ("Who? Answer with interleaved segmentation masks.", "[SEG]"),
        ("<video> stays without its newline", "no"),
        masks=[[], [], []],
        truth=[[[0]], [[0]], []],
    )
    assert list(texts.values()) == [
        "Who?  Response with interleaved segmentation masks.",
        "Who? Answer with interleaved segmentation masks.",
        "<video> stays without its newline",
    ]


def test_an_odd_last_message_is_dropped(tree):
    tree.mevis["conversation"].append({"from": "human", "value": "Why?", "question_id": 77})
    benchmark = tree.open()
    assert [(one.part, one.id, one.reason) for one in benchmark.dropped] == [("round 2", "77", "no answer")]


@pytest.mark.parametrize("index", [0, 1])
def test_a_round_of_other_speakers_is_dropped(tree, index):
    tree.mevis["conversation"][index]["from"] = "system"
    benchmark = tree.open()
    assert [(one.id, one.reason) for one in benchmark.dropped] == [("m-g0", "not human then gpt")]
    assert benchmark.counts("g")[0] == 7


def test_an_object_without_annotation_makes_no_c_question(tree):
    tree.mevis["anno_map"] = [0, -1]
    tree.mevis["description"]["<obj1>"] = "Nothing."
    tree.mevis["description_id"]["<obj1>"] = "m-c1"
    [dropped] = tree.open().dropped
    assert (dropped.task, dropped.part, dropped.id) == ("c", "<obj1>", "m-c1")
    assert dropped.reason == "object without annotation (-1)"


def test_the_object_number_picks_the_annotation(tree, make_square):
    tree.mevis["description"] = {"<obj1>": "The lower one."}
    tree.mevis["description_id"] = {"<obj1>": 5}
    [question] = tree.open(tasks=("c",), videos="a").questions(MEVIS)
    assert question.key.id == "5"
    assert question.regions[0].track[0] == make_square(6, 0)


@pytest.mark.parametrize("absent", ["conversation", "description"])
@pytest.mark.parametrize("null", [True, False])
def test_a_video_may_lack_dialogue_or_descriptions(tree, absent, null):
    if null:
        tree.mevis[absent] = None
    else:
        del tree.mevis[absent]
    tasks = {key.task for key in tree.open(videos="a").where}
    assert tasks == {"c" if absent == "conversation" else "g"}


def test_more_mask_lists_than_rounds_are_harmless(tree):
    tree.mevis["obj_masks"].append("anything")
    tree.mevis["groundtruth"] += [None, 3]
    assert tree.open().counts("g")[0] == 8
