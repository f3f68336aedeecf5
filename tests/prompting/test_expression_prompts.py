"""The words of published models for an expression, and how a run is asked in them."""

import json
from pathlib import Path

import pytest

import sama_bench as sb
from sama_bench.adapters.baselines.still import Still
from sama_bench.benchmarks.expressions import wording
from sama_bench.errors import UserError
from sama_bench.prompting import expression_prompts
from sama_bench.score.signature import FORCED_NOTE
from sama_bench.types import Expression

MEVIS = Path(__file__).parents[1] / "golden" / "grounding" / "mevis"
PHRASE, QUESTION, INNER = "The Dog on  the left.", "Which dog runs?", "Which dog runs? The left one"
QWEN3 = (
    'Given the query "A Dog", for each frame, detect and localize the visual content described by the given textual '
    "query in JSON format. If the visual content does not exist in a frame, skip that frame. Output Format: "
    '[{"time": 1.0, "bbox_2d": [x_min, y_min, x_max, y_max], "label": ""}, '
    '{"time": 2.0, "bbox_2d": [x_min, y_min, x_max, y_max], "label": ""}, ...].'
)
TARGET = "Please respond with segmentation mask in the Target Image."
WORDS = [
    ("sama", PHRASE, {}, "Please segment The Dog on  the left.."),
    ("sama", QUESTION, {}, QUESTION),
    ("sama", INNER, {}, INNER),
    ("sama", QUESTION, {"image": True}, f"Please segment {QUESTION} in this image."),
    ("sa2va", QUESTION, {}, f"{QUESTION} Please respond with a segmentation mask."),
    ("sa2va-i", QUESTION, {}, f"Please segment {QUESTION}."),
    ("sa2va-i", "A dog", {"image": True}, "Please segment A dog in this image."),
    (
        "visa",
        PHRASE,
        {},
        f"What is the dog on the left. in the Reference Video? {TARGET}",
    ),
    (
        "visa",
        QUESTION,
        {},
        "which dog runs? Please find it in the Reference Video and respond with segmentation mask in the Target Image.",
    ),
    ("videolisa", "A Dog", {}, "Please segment the a dog in this image."),
    ("videolisa", "A Dog", {"of": "reasonvos", "sentence": False}, "Please segment the a dog in this scene."),
    (
        "videolisa",
        "Who barks",
        {"of": "reasonvos", "sentence": True},
        "who barks. Please output the segmentation masks.",
    ),
    ("glus", "A Dog", {}, "Can you segment the a dog in this frame?"),
    ("videoglamm", "A Dog", {}, "What is a dog in this video? Please respond with segmentation masks."),
    ("unipixel", PHRASE, {}, "Please segment the Dog on  the left in this video."),
    ("unipixel", "An apple.", {"image": True}, "Please segment the apple in this image."),
    ("unipixel", QUESTION, {"of": "revos"}, "which dog runs? Please provide the segmentation mask."),
    ("unipixel", "A dog.", {"of": "revos"}, "Please segment the dog in this video."),
    (
        "unipixel",
        "Who runs?",
        {"of": "groundmore"},
        "who runs? Please answer the question and provide the segmentation mask.",
    ),
    ("unipixel", "A dog.", {"of": "ref-sav"}, "Please segment the object according to the description: dog"),
    ("molmo2", "A Dog", {}, "Track A Dog in 1 FPS."),
    ("molmo2", "A Dog", {"image": True}, "Point to A Dog."),
    ("qwen3-vl", "A Dog", {}, QWEN3),
    ("lisa", "A Dog", {"image": True}, "What is a dog in this image? Please output segmentation mask."),
    ("lisa", "Who barks?", {"image": True}, "who barks? Please output segmentation mask."),
]


@pytest.mark.parametrize(("name", "words", "about", "asked"), WORDS)
def test_the_words_of_each_model(name, words, about, asked):
    expression = Expression(words, **{"of": "mevis", **about})
    assert expression_prompts.load(name).question_for(expression) == asked


def test_every_template_is_tried_here_and_says_where_it_is_from():
    assert {one[0] for one in WORDS} == {*expression_prompts.names()}
    assert all(expression_prompts.load(name).source for name in expression_prompts.names())


@pytest.mark.parametrize(
    ("name", "own", "image"),
    [("sama", wording.SAMA, False), ("sa2va", wording.SA2VA_VIDEO, False), ("sa2va", wording.SA2VA_IMAGE, True)],
)
@pytest.mark.parametrize("words", [PHRASE, QUESTION, INNER])
def test_benchmarks_own_words_are_those_of_the_templates(name, own, image, words):
    assert expression_prompts.load(name).question_for(Expression(words, "mevis", image=image)) == own.question_for(
        words
    )


class Listening(Still):
    """Keeps what it is asked."""

    def __init__(self):
        self.heard = []

    def predict(self, question):
        self.heard.append(question.text)
        return super().predict(question)


def evaluated(model, out, **how):
    return sb.evaluate(model, MEVIS, out, tasks="mevis", limit=2, **how)


def asking(run):
    return json.loads((run.path / "manifest.json").read_text())["asking"]


def test_a_run_is_asked_in_the_words_that_it_names_and_the_signature_says_so(tmp_path):
    model = Listening()
    run = evaluated(model, tmp_path / "run", prompt="videoglamm")
    assert all(text.endswith("Please respond with segmentation masks.") for text in model.heard)
    (name,) = asking(run).values()
    assert name.startswith("videoglamm@")
    assert run.scores.kept.made_of("mevis", "strict")["asked"] == f"wording={name}"


def test_without_a_name_it_is_the_models_own_template_or_the_benchmarks_words(tmp_path):
    plain, own = Listening(), Listening()
    assert asking(evaluated(plain, tmp_path / "plain")) == {}
    own.wording = "lisa"
    run = evaluated(own, tmp_path / "own")
    assert asking(run)["answer"] == "free"  # LISA's own code forces it
    assert plain.heard[0].startswith("Please segment")
    assert own.heard[0].startswith("What is")


def test_a_forced_answer_is_marked_in_manifest_signature_and_notes(tmp_path):
    model = Listening()
    model.wording, model.forced = "videolisa", "Sure, [SEG]."
    run = evaluated(model, tmp_path / "run")
    assert asking(run)["answer"] == "forced"
    assert "answer=forced" in run.scores.kept.made_of("mevis", "strict")["asked"]
    from sama_bench.score.table import task_tables

    assert any(FORCED_NOTE in table.notes for table in task_tables(run.scores.kept))


def test_a_run_goes_on_in_the_same_words_alone(tmp_path):
    evaluated(Listening(), tmp_path / "run", prompt="sa2va")
    evaluated(Listening(), tmp_path / "run", prompt="sa2va")
    with pytest.raises(UserError, match="was asked in the words of sa2va@"):
        evaluated(Listening(), tmp_path / "run", prompt="visa")


def test_the_picture_shows_the_words_that_the_run_was_asked(tmp_path, monkeypatch):
    run = evaluated(Listening(), tmp_path / "run", prompt="videoglamm")
    from sama_bench.api import pictures
    from sama_bench.run.store import Store

    shown = []
    monkeypatch.setattr(pictures, "paint", lambda question, *_: shown.append(question.text) or b"")
    bench = sb.load_benchmark(MEVIS, tasks="mevis")
    with Store.open(run.path) as store:
        pictures.png(bench, next(iter(bench.where)), store)
    assert shown[0].startswith("What is")


def test_prompts_that_cannot_be_are_told(tmp_path):
    with pytest.raises(UserError, match="did you mean sa2va"):
        evaluated(Listening(), tmp_path / "run", prompt="sa2v")
    with pytest.raises(UserError, match="asks for no expressions"):
        sb.evaluate(Listening(), "demo", tmp_path / "run", limit=1, prompt="sama")
    with pytest.raises(UserError, match="cannot be read"):
        expression_prompts.load(str(tmp_path / "none.yaml"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- a", "is list, expected keys"),
        ("video: {question: '{exp}'}", "video has no text for an expression"),
        ("video: {expression: 'it'}", "expected text with {exp} or {q}"),
        ("lower: 1\nvideo: {expression: '{exp}'}", "lower is 1"),
        ("asks: never\nvideo: {expression: '{exp}'}", "asks is 'never'"),
        ("sets: {}", "neither video nor image"),
        ("sets: [1]\nvideo: {expression: '{exp}'}", "sets is"),
        ("vdeo: {}\nvideo: {expression: '{exp}', other: '{exp}'}", "has the key 'vdeo'"),
        ("video: {expression: '{exp}'", ":"),
    ],
)
def test_a_file_of_ones_own_is_checked(tmp_path, text, told):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        expression_prompts.load(str(path))
    assert told in str(caught.value)


def test_a_file_of_ones_own(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("video: {expression: 'Mark {exp}!'}")
    prompt = expression_prompts.load(str(path))
    assert prompt.question_for(Expression("it", "mevis")) == "Mark it!"
    assert prompt.asking["wording"].startswith("mine@")
