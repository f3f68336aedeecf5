"""True boxes in every family's convention, answered by a server on loopback, become the same tracks."""

import json
from hashlib import sha256

import numpy as np
import pytest

from sama_bench.adapters.baselines.still import Still
from sama_bench.adapters.grounders.box import filled
from sama_bench.adapters.grounders.flow import FlowGrounder
from sama_bench.adapters.models.openai import OpenAI, messages
from sama_bench.benchmark import open_benchmark
from sama_bench.metrics import grounding_marks as marks
from sama_bench.metrics import rle
from sama_bench.prompting import Prompting
from sama_bench.prompting.conventions import Corners
from sama_bench.prompting.marks import corners
from sama_bench.run.grounded_adapter import grounded
from sama_bench.run.predictions import validate
from sama_bench.score.grounding import grounding_of
from sama_bench.score.strict import question_overlaps

pytestmark = pytest.mark.slow

FAMILIES = {
    "qwen2.5-vl-7b": "pixels",
    "qwen3-vl-8b": "xyxy-1000",
    "internvl3-8b": "xyxy-1000",
    "gemini-2.5-pro": "yxyx-1000",
    "gpt-5": "xyxy-1000",
}
VIDEOS = 1


@pytest.fixture(scope="module")
def asked():
    """Questions of the demo that ground something, with their truths."""
    benchmark = open_benchmark("demo", tasks=["g"])
    videos = [entry.video.id for entry in benchmark.entries[:VIDEOS]]
    return [
        (question, benchmark.truths(video)[question.key])
        for video in videos
        for question in benchmark.questions(video)
        if "[SEG]" in benchmark.truths(video)[question.key].text
    ]


def true_answer(prompting, question, truth):
    """What a model says that knows the truth, in the words of its family."""
    prompt = prompting.prompt(question)
    height, width = question.video.size
    shown = prompt.frames[prompt.indices.index(prompt.asked)].shape[:2]
    objects = []
    for phrase, track in zip(marks.groundings(truth.text), truth.strict_tracks, strict=True):
        mask = rle.decode(track[prompt.asked], question.video.size)
        if mask.any():
            x0, y0, x1, y1 = corners(mask)
            box = Corners(x0 / width, y0 / height, (x1 + 1) / width, (y1 + 1) / height)
            objects.append((phrase, prompting.convention.write(box, shown)))
    return words(prompting, truth, objects)


def words(prompting, truth, objects):
    if prompting.template.name == "ref-box":
        return " ".join(f"<ref>{phrase}</ref><box>[{json.dumps(box)}]</box>" for phrase, box in objects)
    listed = [{"phrase": phrase, prompting.convention.key: box} for phrase, box in objects]
    return f"```json\n{json.dumps({'answer': marks.plain(truth.text), 'objects': listed})}\n```"


def name_of(content):
    return sha256(json.dumps(content).encode()).hexdigest()


def quality(adapter, asked):
    """The mean of J&F over the questions."""
    found = []
    for (question, truth), prediction in zip(asked, adapter.predict_all([one for one, _ in asked]), strict=True):
        answer = validate(prediction, question.video)
        assert answer.error is None
        found.append(question_overlaps(grounding_of(truth, answer, question.video.size))["J&F"])
    return float(np.mean(found))


class OnceForEqualPixels(FlowGrounder):
    """Follows boxes that fill the same pixels once, whichever family says them: a family that errs is followed anew."""

    def __init__(self):
        super().__init__()
        self.known = {}

    def tracks(self, video, objects):
        pixels = [(box.frame, filled(box, video.size).tobytes()) for boxes in objects for box in boxes]
        key = (video.id, *pixels)
        if key not in self.known:
            self.known[key] = super().tracks(video, objects)
        return self.known[key]


@pytest.fixture(scope="module")
def qualities(desk, asked):
    """J&F of each family whose server tells the true boxes, with grounder=flow."""

    class Truthful(desk.Desk):
        def __init__(self):
            super().__init__()
            self.known = {}

        def answer(self, request):
            return desk.Answer(desk.said(self.known[name_of(request["messages"])]))

    grounder, found = OnceForEqualPixels(), {}
    for model, convention in FAMILIES.items():
        server = Truthful()
        with desk.beside(server) as url:
            adapter = OpenAI(model, base_url=url, cache="off")
            prompting = adapter._prompting
            assert prompting.convention.name == convention
            for question, truth in asked:
                name = name_of(messages(prompting.prompt(question)))
                server.known[name] = true_answer(prompting, question, truth)
            found[model] = quality(grounded(adapter, grounder, "flow"), asked)
    return found


def test_scores_are_the_same_in_every_convention(qualities):
    assert max(qualities.values()) - min(qualities.values()) < 0.01, qualities


def test_scores_are_well_above_still(qualities, asked):
    still = Still()
    found = [
        question_overlaps(grounding_of(truth, validate(still.predict(question), question.video), question.video.size))
        for question, truth in asked
    ]
    assert min(qualities.values()) > 3 * np.mean([one["J&F"] for one in found]), qualities
    assert min(qualities.values()) > 0.35, qualities


def test_marks_do_not_change_where_boxes_are(asked):
    sizes = {(form, size) for form in ("box", "outline", "number", "coordinates") for size in ("full", "224")}
    question, truth = next(one for one in asked if one[0].regions)
    found = set()
    for form, size in sizes:
        prompting = Prompting.load(None, "gpt", referents=form, size=size)
        prompt = prompting.prompt(question)
        boxes = prompting.read(true_answer(prompting, question, truth), prompt, question).boxes
        found.add(tuple(tuple(round(value) for value in box) for (box,) in boxes))
    assert len(found) == 1
