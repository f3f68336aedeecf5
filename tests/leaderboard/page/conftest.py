"""Two made runs on some questions of the demo, their report, and a browser that has it open."""

import json
import shutil
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pytest

from sama_bench.benchmark import open_benchmark
from sama_bench.benchmarks.sama.tasks import G
from sama_bench.leaderboard.board import boards
from sama_bench.leaderboard.load import load
from sama_bench.leaderboard.page import write_page
from sama_bench.metrics import rle
from sama_bench.metrics.bleu import BleuStatistics
from sama_bench.run.manifest import Manifest, RunSettings
from sama_bench.run.predictions import StoredPrediction
from sama_bench.run.store import Store
from sama_bench.score.block import block, with_faults
from sama_bench.score.facts import facts_of
from sama_bench.score.grounding import grounding_of, state_of
from sama_bench.score.scores import Part, Scores, keep
from sama_bench.score.strict import grounding_metrics
from sama_bench.statistics import QuestionStatistics, TextStatistics

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-dev-shm-usage", "--window-size=1500,1000",
    "--force-prefers-reduced-motion",  # so that nothing plays by itself
)  # fmt: skip
SCRIPT = "<script>window.harmed = 1</script>"
IMAGE = '"><img src=x onerror="window.harmed = 2">'
ARABIC = "مرحبا بالعالم"
LONG = "a" * 1_000_000
METRICS = ("miou", "J", "F", "J&F", "f1_iou", "false_groundings")
# A page from a file system may not read pixels of a canvas that a frame was drawn on: where they are looked at, each
# frame is a plain colour of its own instead.
PLAIN_FRAMES = """
const draw = CanvasRenderingContext2D.prototype.drawImage;
CanvasRenderingContext2D.prototype.drawImage = function (picture, ...place) {
  if (!(picture instanceof HTMLImageElement)) return draw.call(this, picture, ...place);
  this.fillStyle = `hsl(${[...picture.src].reduce((sum, one) => (31 * sum + one.charCodeAt()) % 360, 0)} 50% 50%)`;
  this.fillRect(...place);
};"""
PIXELS = """
return [...document.querySelectorAll("#viewer canvas")].map((canvas) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
  copy.drawImage(canvas, 0, 0);
  return copy.getImageData(0, 0, canvas.width, canvas.height).data.reduce((sum, one) => (31 * sum + one) % 1000003, 0);
});"""


@dataclass
class Report:
    """A report's folder with its runs."""

    out: object
    runs: list


@pytest.fixture(scope="session")
def bench():
    return open_benchmark("demo", limit=6)


@pytest.fixture(scope="session")
def make_run(bench):
    """Makes a scored run whose answers `answer` gives: (number, question, truth) to a StoredPrediction or None."""

    def make(folder, model, answer, breakdowns=None, judged=False, of=bench, limit=6):
        settings = RunSettings(model, {}, of.fingerprint, of.tasks, limit, None, {})
        statistics, number = {}, 0
        with Store.create(folder, Manifest(settings, "demo", "demo")) as store:
            for entry in of.entries:
                truths, answers = of.truths(entry.video.id), {}
                for question in of.questions(entry.video.id):
                    answers[question.key] = answer(number, question, truths[question.key])
                    one = statistics_of(question, truths[question.key], answers[question.key])
                    statistics[question.key] = one
                    number += 1
                store.put(entry.video.id, [(key, one) for key, one in answers.items() if one is not None])
            keep(scores_of(statistics, breakdowns or {}), store)
            if judged:
                judge(store, list(statistics))
        return folder

    return make


def statistics_of(question, truth, answer):
    said = "" if answer is None else answer.text
    text = TextStatistics(said[:200], truth.text, BleuStatistics(2, 2, (2, 1, 0, 0), (1, 0, 0, 0)), 0.5, "1 2 3")
    grounding = grounding_of(truth, answer, question.video.size) if question.key.task == "g" else None
    return QuestionStatistics(question.key, state_of(answer), grounding, text, facts_of(truth, question.video))


def scores_of(statistics, breakdowns):
    by_video = {}
    own = [one for one in statistics.values() if one.grounding is not None]
    for one in own:
        by_video.setdefault(one.facts.video, []).append(one.grounding)
    values = {video: grounding_metrics(found, None) for video, found in by_video.items()}
    found = with_faults(block([one for one in G.columns("strict") if one.name in METRICS], values, own), own)
    signature = {"task": "g", "protocol": "strict", "questions": len(own), "phrases": None}
    return Scores({"strict": {"g": signature}}, {"strict": {"g": found}}, statistics, breakdowns)


def judge(store, keys):
    about = {"column": "Judge", "model": "m", "template": "t@1", "temperature": 0, "seed": 1, "samples": 1}
    store.put_judge("one", about)
    verdict = {"score": 0.25, "reason": f"because {SCRIPT}", "model": "m", "tries": 1, "parts": {"detail": 2}}
    store.put_verdicts("one", [(key, 0, verdict) for key in keys])


def right(number, question, truth):
    """The truth, but for the hostile words of some answers, an error and a missing answer."""
    tracks = [list(rle.check_track(list(track))) for track in truth.strict_tracks]
    texts = {0: f"{SCRIPT} {IMAGE} ", 1: f"{ARABIC} ", 2: LONG}
    if number == 3:
        return StoredPrediction("", [], 1.0, f"no memory {IMAGE}")
    if number == 4:
        return None
    return StoredPrediction(texts.get(number, "") + truth.text, tracks, 1.0)


@pytest.fixture(scope="session")
def answers():
    """What gives the right answers, but for some."""
    return right


def wrong(number, question, truth):
    """A corner of the frame for each track."""
    corner = np.zeros(question.video.size, bool)
    corner[:40, :40] = True
    tracks = [[rle.encode(corner)] * len(question.video) for _ in truth.strict_tracks]
    return StoredPrediction("<p> a corner </p> [SEG]" * len(tracks) or "nothing", tracks, 0.5)


def parts(*videos):
    cell = Part("mevis", 6, 1, {"J&F": 0.25}, {"J&F": (0.125, 0.5)})
    return {"strict": {"g": {"source": [cell]}}}


@pytest.fixture(scope="session")
def report(tmp_path_factory, make_run):
    folder = tmp_path_factory.mktemp("page")
    runs = [
        make_run(folder / "right", f"right{IMAGE}", right, parts(), judged=True),
        make_run(folder / "wrong", "wrong", wrong),
    ]
    scored = [load(run) for run in runs]
    write_page(folder / "out", boards(scored), scored, "all")
    return Report(folder / "out", runs)


class Browser:
    """Chromium with the page open; what it asked for and what it complained of is kept."""

    def __init__(self, folder, profile):
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": PLAIN_FRAMES})
        self.folder = folder

    def open(self, anchor=""):
        self.driver.get("about:blank")
        self.driver.get(f"{(self.folder / 'index.html').as_uri()}{anchor}")
        self.until("return document.querySelector('#viewer header') !== null")
        return self

    def element(self, selector):
        from selenium.webdriver.common.by import By

        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def tab(self, words):
        """Open the tab of a benchmark or a task, and wait until the list is of its questions."""
        self("document.getElementById('list').replaceChildren()")
        self(
            "[...document.querySelectorAll('[role=tab]')].find((tab) => tab.textContent === arguments[0]).click()",
            words,
        )
        self.until("return document.querySelector('#list [aria-current]') !== null")

    def __call__(self, code, *arguments):
        """What JavaScript gives back."""
        return self.driver.execute_script(code, *arguments)

    def until(self, code, seconds=20):
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.driver, seconds, poll_frequency=0.05).until(lambda _: self(code))

    def choose(self, element, value):
        """Choose an option of a select element as a user does."""
        self(
            "const e = document.getElementById(arguments[0]); e.value = arguments[1];"
            "for (const kind of ['input', 'change']) e.dispatchEvent(new Event(kind, {bubbles: true}))",
            element, value,
        )  # fmt: skip

    def press(self, key):
        self.element("body").send_keys(key)

    @contextmanager
    def window(self, width, height):
        """A window of this size."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        yield
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    @contextmanager
    def preferring(self, name, value):
        """A reader's preference, as `prefers-color-scheme: dark`."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": name, "value": value}]})
        yield
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})

    def pixels(self):
        """A number for what each canvas of the viewer shows."""
        return self(PIXELS)

    def complaints(self):
        return [one["message"] for one in self.driver.get_log("browser")]

    def barriers(self):
        """What axe finds in the way of people: the rule with up to three elements that break it."""
        source = pytest.importorskip("axe_core_python.base", reason="needs axe-core-python").AXE_SCRIPT
        self(source)
        found = self.driver.execute_async_script("axe.run().then((found) => arguments[0](found.violations))")
        return [(rule["id"], [node["html"][:120] for node in rule["nodes"]][:3]) for rule in found]

    def barriers_everywhere(self):
        """The same on a wide screen and a phone, in light and in dark."""
        found = self.barriers()
        with self.preferring("prefers-color-scheme", "dark"):
            found += self.barriers()
            with self.window(390, 844):
                found += self.barriers()
        return found

    def requests(self):
        """The addresses that were asked for since this was called last."""
        events = [json.loads(one["message"])["message"] for one in self.driver.get_log("performance")]
        return [one["params"]["request"]["url"] for one in events if one["method"] == "Network.requestWillBeSent"]


@pytest.fixture(scope="session")
def chromium(report, tmp_path_factory):
    pytest.importorskip("selenium")
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("needs chromium and chromedriver (Debian: apt-get install chromium chromium-driver)")
    browser = Browser(report.out, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.driver.quit()


@pytest.fixture
def page(chromium):
    """The page, opened anew."""
    yield chromium.open()
    assert chromium.complaints() == []


@pytest.fixture
def opened(chromium, tmp_path):
    """Opens another report's page in the browser that is there."""
    home, chromium.folder = chromium.folder, tmp_path
    yield chromium
    chromium.folder = home
    assert chromium.complaints() == []
