"""The commands in README and docs: click understands all of them, and all that can run here are run.

A real shell runs the pages for newcomers as they stand. Those of the other pages run in this process, on a demo of two
videos and small trees of other sets, page by page; what cannot run here stands in `CANNOT` with the reason.
"""

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from sama_bench.benchmark import open_benchmark
from sama_bench.cli.main import cli
from sama_bench.demo import referring_trees, render
from sama_bench.errors import UserError

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs").glob("models/*.md"))]
RUN = ("first-steps.md", "how-to.md")
BLOCK = re.compile(r"(<!-- not run: [^>]*-->\n)?^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLACEHOLDER = re.compile(r"…|\$[A-Z(]|^[A-Z_]{2,}$")
ENDS = {"|", "||", "&&", ";", "&", ">", ">>", "2>", "2>&1", "<"}

pytestmark = pytest.mark.skipif(not (ROOT / "docs").is_dir(), reason="documentation is not installed")


@pytest.mark.slow
@pytest.mark.usefixtures("warm_cache")
@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize("page", RUN)
def test_the_commands_of_a_page_for_newcomers_run_as_they_stand(page, tmp_path):
    blocks = [
        text for skipped, text in BLOCK.findall((ROOT / "docs" / page).read_text(encoding="utf-8")) if not skipped
    ]
    assert len(blocks) > 4
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(blocks)], cwd=tmp_path, env={**os.environ, "PATH": path},
        capture_output=True, text=True, check=False, timeout=1200,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def commands(text):
    """The arguments of each `sama-bench …` in the blocks of a page, lines that go on joined."""
    for _, block in BLOCK.findall(text):
        for line in re.sub(r"\\\n\s*", " ", block).splitlines():
            yield from _in_line(line)


def _in_line(line):
    try:
        words = shlex.split(line, comments=True)
    except ValueError:  # a part of a heredoc
        return
    for start, word in enumerate(words):
        if Path(word).name == "sama-bench" and (start == 0 or words[start - 1] in ENDS or "=" in words[start - 1]):
            rest = words[start + 1 :]
            yield rest[
                : next((place for place, one in enumerate(rest) if one in ENDS or one.startswith("2>")), len(rest))
            ]


def problem(arguments):
    """What click says against the arguments; nothing where only a file is absent, or a value stands for others."""
    group, parent = cli, click.Context(cli, info_name="sama-bench")
    while isinstance(group, click.Group) and arguments and not arguments[0].startswith("-"):
        try:
            name, command, arguments = group.resolve_command(parent, list(arguments))
        except click.UsageError as problem:
            return problem.message
        group, parent = command, click.Context(command, info_name=name, parent=parent)
    if any(PLACEHOLDER.search(word) for word in arguments):
        arguments = [word for word in arguments if word.startswith("--")]
        known = {name for option in group.params for name in (*option.opts, *option.secondary_opts)}
        return "".join(f"no option {word}" for word in arguments if word.partition("=")[0] not in known | {"--help"})
    try:
        group.make_context(parent.info_name, list(arguments), parent=parent.parent)
    except (click.exceptions.NoArgsIsHelpError, click.exceptions.Exit):
        return ""
    except click.UsageError as problem:
        return "" if "does not exist" in problem.message else f"{shlex.join(arguments)}: {problem.message}"
    return ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_in_a_page_is_understood(page):
    problems = [line for words in commands(page.read_text(encoding="utf-8")) if (line := problem(words))]
    assert not problems, "\n".join(problems)


def test_commands_are_found_at_all():
    assert sum(1 for page in PAGES for _ in commands(page.read_text(encoding="utf-8"))) > 60


WITH_WEIGHTS = (
    "sama", "sama-released", "sa2va", "sa2va-released", "unipixel", "videorefer", "videoglamm", "pixelrefer", "dam",
    "sam3-text", "chat", r"lmms:\w+",
)  # fmt: skip
CANNOT = {
    rf"--model ({'|'.join(WITH_WEIGHTS)})( |$)": "needs a model's weights, and PyTorch",
    r"^run --model openai ": "needs a server with a model",
    r"^make-tiny ": "needs PyTorch; tests of the adapters make such checkpoints",
    r"^check-adapter sama-released ": "needs the model's own interpreter and weights",
    r"^env ": "makes an environment from the network",
    r"^log .*mlflow": "needs MLflow and TensorBoard; tests/loggers logs to both where they are",
    r"…|\$[A-Z]": "stands for other values",
    r"toy-refer:|data/toy$": "needs the plug-in of tests/plugin_benchmark, whose tests run it",
    r"^data frames ": "needs VidOR's videos; tests/video_frames cuts frames of small ones",
    r"data/(davis17|ref_sav_eval|ReasonVOS|revos)|davis17:": "needs the set's data; tests/benchmarks has small trees",
    r"samples_|^pack-server results.json|^check-server theirs.zip|--for mevis": "needs files of others",
    r"^merge ": "needs runs of shards; tests/run/test_merge.py",
    r"^run --model motion --workers 8$": "needs many cores; tests/worker has workers",
    r"^(explain|score|export) runs/sama-(davis17|mevis|ref-youtube-vos)": "needs a run of such a model",
    r"^score --bench data/rvos --predictions": "needs answers of such a model",
}
STATUSES = {"gate": {0, 1, 3}, "data check": {0, 1}}  # what these find is told by their status
OLD = {"old", "other", "still-demo"}  # runs of the pages that are of the weaker model
TRAINING = Path(__file__).parent / "training_set" / "conftest.py"
OTHER_PAGES = [page for page in PAGES if page.name not in RUN]


def cannot(line):
    """Why a command cannot run here; None where it can."""
    return next((reason for pattern, reason in CANNOT.items() if re.search(pattern, line)), None)


@pytest.fixture(scope="module")
def home(tmp_path_factory, warm_cache):
    """A folder with data and runs as the pages have them: `data`, and below `kept` what pages begin with."""
    folder = tmp_path_factory.mktemp("documented")
    with pytest.MonkeyPatch.context() as patch:
        names = {"12", "b5514f75d8"}  # one with expressions, one with follow-ups
        patch.setattr(render, "SCENES", tuple(scene for scene in render.SCENES if scene.name in names))
        videos = {name: said for name, said in referring_trees.OF_VIDEOS.items() if name in names}
        patch.setattr(referring_trees, "OF_VIDEOS", videos)
        (folder / "cache").mkdir()  # not the warm one: that would hold the whole demo, and be left with this one
        for made in warm_cache(folder / "warm").glob("paraphrases-*.zip"):
            shutil.copy(made, folder / "cache")
        shutil.rmtree(folder / "warm")
        patch.setenv("SAMA_BENCH_CACHE", str(folder / "cache"))
        patch.setenv("OPENAI_API_KEY", "none")
        patch.chdir(folder)
        _fill(folder)
        yield folder


def _fill(folder):
    invoke(["bench", "demo", "data/sama_bench"])
    for name in ("mevis", "rvos"):
        shutil.copytree(Path(__file__).parent / "golden" / "grounding" / name, folder / "data" / name)
    spec = importlib.util.spec_from_file_location("training_trees", TRAINING)
    trees = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(trees)
    (folder / "data" / "sama239k_data").mkdir()
    trees.TrainingSet(folder / "data" / "sama239k_data").write()
    for model in ("motion", "still"):
        invoke(["run", "--model", model, "--out", f"kept/{model}", "--phrases", "words"])
    invoke(["gate", "baseline", "kept/motion", "kept/baseline.json"])
    invoke(["export", "kept/motion", "--out", "kept/answers.jsonl"])
    invoke(["leaderboard", "pack", "kept/motion", "--name", "Mine", "--out", "kept/mine.zip"])
    first = next(iter(_questions("kept/answers.jsonl")))
    (folder / "kept" / "people.csv").write_text(f"task,question_id,score\n{first[0]},{first[1]},4\n")
    no_tasks = shutil.ignore_patterns("judges", "prompts", "prices.yaml")
    shutil.copytree(ROOT / "tasks", folder / "kept" / "my_tasks", ignore=no_tasks)
    shutil.copy(ROOT / "tasks" / "prompts" / "expressions" / "unipixel.yaml", folder / "kept" / "mine.yaml")


def _questions(path):
    for line in map(json.loads, Path(path).read_text(encoding="utf-8").splitlines()):
        yield line["task"], line["question_id"]


def invoke(arguments):
    """Run a command in this process; fails with what it printed where its status is none of its own."""
    result = CliRunner().invoke(cli, arguments)
    told = result.exception.problems if isinstance(result.exception, UserError) else [repr(result.exception)]
    kind = next((kind for kind in STATUSES if shlex.join(arguments).startswith(kind)), "")
    if result.exit_code not in STATUSES.get(kind, {0}):
        pytest.fail(f"{shlex.join(arguments)}\n" + "\n".join([*told, result.output[-1500:]]))


def bring(word, kept):
    """Put what a page takes for granted where its command looks for it: a run, a file, a leaderboard."""
    path = Path(word)
    if path.exists():
        return
    if path.parent.name == "runs":
        shutil.copytree(kept / ("still" if path.name in OLD else "motion"), path)
    elif (kept / path.name).exists() and len(path.parts) == 1:
        (shutil.copytree if (kept / path.name).is_dir() else shutil.copy)(kept / path.name, path)


def begin_leaderboard():
    fingerprint = open_benchmark("demo").fingerprint
    Path("leaderboard").mkdir()
    Path("leaderboard/leaderboard.yaml").write_text(f"benchmark: {fingerprint}\nphrases: words\n")


@pytest.mark.slow
@pytest.mark.parametrize("page", OTHER_PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_run(page, home, tmp_path, monkeypatch):
    lines = [words for words in commands(page.read_text(encoding="utf-8")) if not cannot(shlex.join(words))]
    if not lines:
        pytest.skip("no command of this page can run here: CANNOT says why")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "data").symlink_to(home / "data")
    task, question = next(_questions(home / "kept" / "answers.jsonl"))
    for words in lines:
        arguments = [f"{task}:{question}" if word == "g:17" else word for word in words]
        made = {arguments[place + 1] for place, word in enumerate(arguments[:-1]) if word == "--out"}
        for word in arguments:
            if word not in made:
                bring(word, home / "kept")
        if arguments[:2] == ["leaderboard", "add"]:
            begin_leaderboard()
        if arguments == ["report"]:
            bring("runs/motion-demo", home / "kept")
        invoke([*arguments, "--phrases", "words"] if _takes_phrases(arguments) else arguments)


def _takes_phrases(arguments):
    """Whether a command compares phrases, and does not say how: the encoders are not here."""
    return arguments[0] in {"run", "score", "import", "explain"} and "--phrases" not in arguments


def test_each_reason_why_a_command_cannot_run_is_of_a_command():
    lines = [shlex.join(words) for page in OTHER_PAGES for words in commands(page.read_text(encoding="utf-8"))]
    assert [pattern for pattern in CANNOT if not any(re.search(pattern, line) for line in lines)] == []
    assert sum(1 for line in lines if not cannot(line)) > 40
