"""Interpreters that cannot be used, each told in one line; and one with next to nothing installed."""

import importlib
import os
import subprocess
import sys
import time
from importlib.metadata import distribution
from pathlib import Path

import pytest

import sama_bench
from sama_bench.benchmark import open_benchmark
from sama_bench.errors import MissingExtra, UserError
from sama_bench.run.progress import Silence
from sama_bench.run.registry import make_adapter
from sama_bench.run.runner import ask_video
from sama_bench.worker import interpreter, process, remote

NEEDED = ("numpy", "numpy.libs", "PIL", "pillow.libs", "pycocotools")
PROBED = 'if [ "$1" = -S ]; then printf "Python 3.11.0"; exit; fi\n'


@pytest.fixture
def script(tmp_path):
    """Makes a program of a shell script."""

    def make(text):
        path = tmp_path / "program"
        path.write_text(f"#!/usr/bin/env bash\n{text}\n")
        path.chmod(0o755)
        return path

    return make


def start(python, log, name="still"):
    return remote(name, {}, Path(python), log, 20, False)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("echo hello there; exit 3", r"is no Python \(asked which, it said 'hello there' with status 3\)"),
        ("cat", r"is no Python \(asked which, it said '' with status 0\)"),
        ('printf "Python 2.7.18"', r"is Python 2\.7\.18, expected 3\.10 or later"),
        ('printf "Python 3.9.18"', r"is Python 3\.9\.18, expected 3\.10 or later"),
        (
            PROBED + "echo broken; exit 4",
            r"does not start as a worker \(it ended with status 4\); last lines of .* broken",
        ),
        (PROBED + "kill -9 $$", r"does not start as a worker \(killed by signal 9"),
        (PROBED + "echo hello, asker >&$3", r"as a worker: it sent what is no message; its log .* says nothing"),
        (
            PROBED + "echo No module named sama_bench; exit 1",
            r"sama-bench is not installed there: .*program -m pip install",
        ),
    ],
)
def test_what_is_no_usable_python_is_told(script, log, text, told):
    with pytest.raises(UserError, match=told) as problem:
        start(script(text), log)
    assert "\n" not in str(problem.value)


def test_programs_that_hang_are_ended(script, log, tmp_path, monkeypatch):
    monkeypatch.setattr(interpreter, "PROBE_SECONDS", 0.3)
    monkeypatch.setattr(process, "START_SECONDS", 0.3)
    monkeypatch.setattr(process, "END_SECONDS", 0.3)
    pids = tmp_path / "pids"
    hang = f"echo $$ >> {pids}; sleep 100 & echo $! >> {pids}; wait"
    with pytest.raises(UserError, match=r"did not say within 0\.3 s which Python it is"):
        start(script(hang), log)
    with pytest.raises(UserError, match=r"does not start as a worker: it did not answer within 0\.3 s"):
        start(script(PROBED + hang), log)
    time.sleep(0.2)
    states = [Path(f"/proc/{pid}/stat") for pid in pids.read_text().split()]
    assert len(states) == 4
    assert not [one for one in states if one.exists() and one.read_text().rpartition(")")[2].split()[0] != "Z"]


def test_a_path_that_is_no_program_is_told(log, tmp_path):
    with pytest.raises(UserError, match=r"no/such: there is no such Python; expected its path"):
        start("no/such", log)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").write_text("text")
    with pytest.raises(UserError, match=r"is a folder, expected a Python interpreter, did you mean .*bin/python\?"):
        start(tmp_path, log)
    with pytest.raises(UserError, match=r"may not be run \(not executable\)"):
        start(tmp_path / "bin" / "python", log)
    (tmp_path / "bin" / "python").chmod(0o755)
    with pytest.raises(UserError, match=r"cannot be run \(Exec format error\)"):
        start(tmp_path / "bin" / "python", log)
    assert not log.exists()


def test_a_command_is_looked_up_and_a_link_is_not_followed(tmp_path, monkeypatch):
    link = tmp_path / "my-python"
    link.symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert interpreter.usable(Path("my-python")) == str(link)
    monkeypatch.chdir(tmp_path)
    assert interpreter.usable(Path("./my-python")) == str(link)


def test_a_log_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(UserError, match=r"this log cannot be written \(Is a directory\)"):
        start(sys.executable, tmp_path)


def test_another_version_there_is_told_with_the_line_that_mends_it(log, monkeypatch):
    monkeypatch.setattr(process, "__version__", "9.9")
    told = (
        rf"has sama-bench {sama_bench.__version__} \(worker protocol 2\), here is 9\.9 .* -m pip install .* --no-deps"
    )
    with pytest.raises(UserError, match=told):
        start(sys.executable, log)


def test_the_worker_is_not_for_people():
    done = subprocess.run([sys.executable, "-m", "sama_bench.worker"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "this is started by: sama-bench run --model NAME --python PATH\n")


@pytest.fixture
def light(tmp_path):
    """Makes an environment that has this package, as an installation lays it out, and the named packages alone."""

    def make(*packages):
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--clear", tmp_path / "venv"], check=True)
        [site] = (tmp_path / "venv" / "lib").glob("python*/site-packages")
        package, info = site / "sama_bench", site / "sama_bench-1.dist-info"
        package.mkdir()
        info.mkdir()
        rooms = {one.name: one for one in Path(sama_bench.__file__).parent.iterdir() if one.name != "__pycache__"}
        for room in ("adapters", "leaderboard", "metrics", "tasks"):
            rooms[room] = Path(importlib.import_module(f"sama_bench.{room}").__path__[0])
        for name, place in rooms.items():
            (package / name).symlink_to(place)
        ours = distribution("sama-bench")  # as installed, or of the checkout where other tests put that on the path
        (info / "METADATA").write_text(ours.read_text("METADATA") or ours.read_text("PKG-INFO"))
        (info / "entry_points.txt").write_text(ours.read_text("entry_points.txt"))
        for name in packages:
            found = Path(sys.modules["numpy"].__file__).parent.parent / name
            if found.exists():
                (site / name).symlink_to(found)
        return tmp_path / "venv" / "bin" / "python"

    return make


def test_three_packages_are_enough_and_what_a_model_needs_beyond_is_told(light, log):
    python = light(*NEEDED)
    adapter, benchmark = start(python, log), open_benchmark("demo")
    clip = benchmark.entries[0].video

    def answers(one):
        found = ask_video(one, clip, benchmark.questions(clip.id), Silence())
        return [(key, answer.text, answer.tracks, answer.error) for key, answer in found]

    assert answers(adapter) == answers(make_adapter("still", {}))
    adapter._process.kill()
    with pytest.raises(
        MissingExtra, match=r"python: this model needs cv2 \(not installed\): pip install 'opencv-python"
    ):
        answers(start(python, log, "motion"))


@pytest.mark.parametrize(
    ("left_out", "told"),
    [("PIL", "needs pillow there"), ("numpy", "needs numpy"), ("pycocotools", "needs pycocotools")],
)
def test_each_of_them_is_needed_and_told(light, log, left_out, told):
    python = light(*(name for name in NEEDED if name.split(".")[0] != left_out))
    with pytest.raises(UserError, match=rf"{told}.*: {python} -m pip install [a-z]+$"):
        start(python, log)


def test_an_environment_without_the_package_is_told_how_to_get_it(light, log, tmp_path, monkeypatch):
    python = light(*NEEDED)
    [info] = (tmp_path / "venv" / "lib").glob("python*/site-packages/sama_bench-1.dist-info")
    for file in info.iterdir():
        file.unlink()
    info.rmdir()
    line = rf"sama-bench is not installed there: {python} -m pip install numpy .+ && {python} -m pip install --no-deps "
    with pytest.raises(UserError, match=line):
        start(python, log)
    (info.parent / "sama_bench").rename(tmp_path / "away")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=line):
        start(python, log)
