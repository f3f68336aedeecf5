import json
import os
import re
import subprocess

import pytest

from sama_bench.run.store import Store

posix = pytest.mark.skipif(os.name != "posix", reason="needs signals and limits of POSIX")


def answers(folder):
    with Store.open(folder) as store:
        return [
            (key, one.text, one.tracks, one.error)
            for video in store.videos()
            for key, one in store.predictions(video).items()
        ]


def placeless(told):
    """What is told without where the adapter's file lies; which line of it failed has to be there."""
    return re.sub(r"\([^ (]+/slow_adapter\.py:[1-9]\d*\)", "(ITS PLACE)", told)


@pytest.mark.slow
def test_a_run_predicts_stores_scores_and_shows(town):
    done = town.run("--limit", 4, "--model-arg", "letters=30")
    assert (done.returncode, done.stderr) == (0, "")
    assert "SAMA-Bench-G" in done.stdout
    assert "J&F" in done.stdout
    assert "mIoU" not in done.stdout
    assert done.stdout.endswith("run: out\nscores: out/scores.json\n")
    manifest = json.loads((town.folder / "out" / "manifest.json").read_text())
    assert manifest["settings"]["model_args"] == {"letters": "30"}
    assert manifest["sessions"][0]["versions"]["slow"] == "1.5"
    assert manifest["benchmark"]["questions"] == {"g": 4, "c": 4}
    scores = (town.folder / "out" / "scores.json").read_bytes()
    assert json.loads(scores)["protocols"]["paper"]["g"]["questions"] == 4

    again = town.run("--limit", 4, "--model-arg", "letters=30")
    assert (again.returncode, again.stdout) == (0, done.stdout)
    assert again.stderr == "out: all questions were asked before; scoring again\n"
    assert (town.folder / "out" / "scores.json").read_bytes() == scores

    other = town.run("--limit", 5, "--task", "g")
    assert other.returncode == 2
    assert other.stdout == ""
    assert other.stderr.startswith("error: out was made with model args letters=30, tasks=g,c, limit=4, task def")
    assert "now asked model args none, tasks=g, limit=5" in other.stderr
    assert other.stderr.endswith("; give --out another folder\n")
    assert (town.folder / "out" / "scores.json").read_bytes() == scores


def test_the_folder_of_a_run_is_named_after_what_was_asked(town):
    chosen = ("--task", "C", "--videos", "v1*", "--limit", 2)
    done = town("run", "--model", "slow", "--bench", town.bench, *chosen, before=town.no_scoring)
    assert done.returncode == 0
    with Store.open(town.folder / "runs" / "slow-town-c") as store:
        assert store.videos() == [f"mevis/val_u/JPEGImages/v{n}" for n in (1, 10)]
        assert {key.task for key in store.all_keys()} == {"c"}


def test_errors_of_the_model_are_kept_and_told_and_asked_again_when_wanted(town):
    arguments = ("--model-arg", "fail=q1 d2", "--limit", 4)
    told = (
        "2 of 8 questions ended in an error, the first (g:q1): RuntimeError: no memory (ITS PLACE); "
        "all of them: sama-bench errors out; to ask them again: --retry-errors\n"
    )
    done = town.predict(*arguments)
    assert (done.returncode, placeless(done.stderr)) == (1, told)
    with Store.open(town.folder / "out") as store:
        assert store.errors().keys() == {("g", "q1"), ("c", "d2")}
        assert "RuntimeError" in store.predictions("mevis/val_u/JPEGImages/v1")["g", "q1"].traceback
    same = town.predict(*arguments, MENDED="yes")
    assert (same.returncode, placeless(same.stderr)) == (
        1,
        f"out: all questions were asked before; scoring again\n{told}",
    )
    mended = town.predict(*arguments, "--retry-errors", MENDED="yes")
    assert (mended.returncode, mended.stderr) == (0, "")
    assert not [error for *_, error in answers(town.folder / "out") if error]


def test_a_budget_ends_a_run_which_a_larger_one_lets_go_on(town):
    paid = ("--model", "paid", "--limit", 6)
    first = town.predict(*paid, "--budget", 5)
    assert first.returncode == 2
    assert first.stderr.splitlines() == [
        "5 requests, 5.00 USD",
        "error: the budget of 5 USD is spent; with a larger --budget the run goes on",
    ]
    assert len(answers(town.folder / "out")) == 4
    second = town.predict(*paid, "--budget", 100)
    assert (second.returncode, second.stderr) == (0, "8 requests, 8.00 USD\n")
    assert len(answers(town.folder / "out")) == 12
    manifest = json.loads((town.folder / "out" / "manifest.json").read_text())
    assert manifest["settings"]["model_args"] == {}
    assert manifest["asking"] == {"prompt": "plain@1", "trusted": "False"}
    assert manifest["can"]["masks"] is False
    assert len(manifest["sessions"]) == 2


def test_a_run_that_would_ask_in_another_way_is_refused_and_both_ways_are_named(town):
    paid = ("--model", "paid", "--limit", 6)
    assert town.predict(*paid, "--budget", 5).returncode == 2
    before = (town.folder / "out" / "manifest.json").read_bytes()
    other = town.predict(*paid, PROMPT="fancy")
    assert other.returncode == 2
    assert "was asked with prompt=plain@1, trusted=False; now it would be with prompt=fancy@1" in other.stderr
    assert (town.folder / "out" / "manifest.json").read_bytes() == before
    trusted = town.predict(*paid, "--trust-remote-code")
    assert "now it would be with prompt=plain@1, trusted=True" in trusted.stderr


@pytest.mark.slow
def test_a_model_without_masks_has_empty_cells_and_its_signature_says_how_it_was_asked(town):
    done = town.run("--model", "paid", "--limit", 3, "--all")
    assert done.returncode == 0
    assert "mIoU" not in done.stdout
    assert "paper without miou, recall: the model gives no masks" in done.stdout
    assert "of 3 answers 1 could not be read, or only in part" in done.stdout
    assert done.stdout.count("|asked:prompt=plain@1,trusted=false|") == 4
    scores = json.loads((town.folder / "out" / "scores.json").read_text())
    assert scores["signature"]["paper"]["g"]["asked"] == "prompt=plain@1,trusted=False"
    row = json.loads(town("export", "out").stdout.splitlines()[2])
    assert (row["question_id"], row["unread"]) == ("q1", "no JSON")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--budget", "3"], "adapter slow spends nothing that is counted: leave out --budget 3"),
        (["--timeout", "3"], "--timeout goes with --python"),
        (["--timeout", "0"], "0.0 is not in the range"),
        (["--model", "slw"], "slow"),
        (["--model-arg", "depth=3"], "depth"),
        (["--model-arg", "depth"], "--model-arg depth: expected NAME=VALUE"),
        (["--model-arg", "letters=3", "--model-arg", "letters=4"], "--model-arg letters: given twice, as '3' and '4'"),
        (["--bench", "absent"], "absent"),
        (["--videos", "x*"], "no question of videos that match x*"),
        (["--phrases", "wrds"], "words"),
        (["--limit", "0"], "0 is not in the range"),
        (["--task", "D"], "there is no task 'd', expected g or c"),
    ],
)
def test_what_is_asked_wrongly_is_told_in_a_line_and_nothing_is_made(town, arguments, words):
    done = town.run(*arguments)
    assert done.returncode == 2
    assert words in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not list(town.folder.iterdir())


# Forks once everything is imported, so that many attempts cost little: kills the command at random moments, first
# of the predicting, then of ever longer stretches that reach into the scoring, until it comes to its end.
KILLING = """
import json, os, pathlib, random, signal, sys, time
import cv2, numpy, PIL.Image, pycocotools.mask, rich.progress, scipy.optimize
import sama_bench.api.evaluation, pydantic
moments = random.Random(20260301)
kills, longest = 0, 0.3
def sessions():
    try:
        return len(json.loads(pathlib.Path("out", "manifest.json").read_text())["sessions"])
    except (OSError, KeyError):
        return 0
while True:
    child = os.fork()
    if child == 0:
        break
    time.sleep(moments.random() * longest)
    os.kill(child, signal.SIGKILL)
    if os.WIFEXITED(os.waitpid(child, 0)[1]):
        print(kills)
        sys.exit()
    kills += 1
    often = sessions() > 2  # on a busy machine it takes longer until questions are asked
    longest *= 1.15 if not often else 1 if kills < 12 else 2
"""


@pytest.mark.slow
@posix
def test_killed_at_any_moment_it_ends_with_the_bytes_of_an_undisturbed_run(town):
    arguments = ("--model-arg", "seconds=0.1")  # long enough that kills meet it asking, however long it takes to start
    done = town.run(*arguments, before=KILLING)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.splitlines()[-1]) >= 12
    calm = town("run", "--model", "slow", "--bench", town.bench, "--out", "calm", *arguments)
    assert calm.returncode == 0
    killed = town.folder / "out"
    assert (killed / "scores.json").read_bytes() == (town.folder / "calm" / "scores.json").read_bytes()
    assert answers(killed) == answers(town.folder / "calm")
    sessions = json.loads((killed / "manifest.json").read_text())["sessions"]
    assert len(sessions) > 2  # so often it was killed while it asked, and went on
    assert town.run(*arguments).returncode == 0
    # A process that was killed leaves the line in worker.log that says when it began.
    assert {path.name for path in killed.iterdir()} - {"worker.log"} == {
        "manifest.json",
        "progress.json",
        "run.lock",
        "run.sqlite",
        "scores.json",
    }


@posix
def test_ctrl_c_ends_it_with_130_and_keeps_the_finished_videos(town):
    done = town.run("--model-arg", "interrupt=q3")
    assert done.returncode == 130
    kept = "6 of 24 answers are kept in out; give the same command again to go on"
    assert done.stderr.strip() == f"interrupted: {kept}"
    assert len(answers(town.folder / "out")) == 6
    assert not (town.folder / "out" / "scores.json").exists()


# Where the tests' coverage is measured, that would be written to the full disk as well, and told in lines of its own.
UNMEASURED = {"COVERAGE_PROCESS_CONFIG": None, "COVERAGE_PROCESS_START": None}


@posix
def test_a_full_disk_is_told_in_a_line_and_the_run_goes_on_when_there_is_room(town):
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))"
    arguments = ("--model-arg", "letters=20000", "--task", "c", "--limit", 8)
    done = town.predict(*arguments, before=full, **UNMEASURED)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: out/run.sqlite: cannot be read or written (")
    assert "is the disk full" in line
    stored = answers(town.folder / "out")
    assert 0 < len(stored) < 8
    assert town.predict(*arguments).returncode == 0
    assert answers(town.folder / "out")[: len(stored)] == stored
    assert len(answers(town.folder / "out")) == 8


@posix
def test_a_disk_that_is_full_from_the_start_leaves_nothing_that_is_in_the_way(town):
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (300, resource.RLIM_INFINITY))"
    done = town.predict("--limit", 1, before=full, **UNMEASURED)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert town.predict("--limit", 1).returncode == 0


@posix
def test_two_processes_cannot_write_to_one_run(town):
    arguments = ("run", "--model", "slow", "--bench", town.bench, "--out", "out", "--model-arg", "hold=q2")
    command = town.command(*arguments, before=town.no_scoring)
    told, telling = os.pipe()
    environment = {**town.environment, "TOLD": str(telling)}
    with subprocess.Popen(
        command, cwd=town.folder, env=environment, stdin=subprocess.PIPE, pass_fds=[telling], text=True
    ) as first:
        os.close(telling)
        with os.fdopen(told, encoding="utf-8") as lines:
            assert lines.readline() == "holding\n"
        second = town.predict("--model-arg", "hold=q2")
        with Store.open(town.folder / "out") as reader:
            assert len(reader.all_keys()) == 4
        first.communicate("\n")
    assert first.returncode == 0
    assert second.returncode == 2
    assert (
        second.stderr
        == f"error: out: another process is writing to this run (pid {first.pid}); wait for it or stop it\n"
    )


def test_a_progress_bar_is_shown_on_a_terminal_only(capsys, monkeypatch):
    from sama_bench.run.bar import Bar

    def use():
        with Bar("slow") as bar:
            bar.begin(3, 9, 1, 3)
            for _ in range(6):
                bar.question_done()
            bar.video_done()
            bar.warn("v1: [close] failed")
        return capsys.readouterr()

    assert use() == ("", "warning: v1: [close] failed\n")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    shown = use()
    assert shown.out == ""
    assert "9/9 questions, 2/3 videos" in shown.err
    assert "\x1b[3" in shown.err
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in use().err
