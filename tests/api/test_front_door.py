import inspect
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import sama_bench as sb
from sama_bench.score import engine

ROOT = Path(__file__).parents[2]


def python(code):
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_importing_it_imports_nothing_heavy_and_takes_less_than_a_tenth_of_a_second():
    code = (
        "import sys, time; began = time.process_time(); import sama_bench; taken = time.process_time() - began\n"
        "heavy = {'numpy', 'pandas', 'rich', 'click', 'PIL', 'cv2', 'yaml'}\n"
        "print(taken, *(heavy & {name.partition('.')[0] for name in sys.modules}))\n"
        "print(*sorted(name for name in sys.modules if name.startswith('sama_bench')))"
    )
    timed, modules = python(code).splitlines()
    assert modules == "sama_bench"
    taken, *heavy = timed.split()
    assert not heavy
    assert float(taken) < 0.1


def test_every_name_that_a_room_has_too_is_callable_whatever_comes_first():
    """Python puts a room that is imported into the package, in the place of a function of the same name."""
    rooms = {module.name for module in pkgutil.iter_modules(sb.__path__)}
    assert rooms & set(sb.FRONT_DOOR) == set(sb.ROOMS)
    code = "import sama_bench as sb\nfor room in sb.ROOMS: __import__(f'sama_bench.{room}')\n"
    assert python(code + "print(all(callable(getattr(sb, room)) for room in sb.ROOMS))") == "True\n"


def test_every_name_is_there_and_listed():
    assert set(sb.__all__) == set(sb.FRONT_DOOR)
    assert set(sb.__all__) <= set(dir(sb))
    for name in sb.__all__:
        assert callable(getattr(sb, name))
    with pytest.raises(AttributeError, match="has no attribute 'evaluat'"):
        sb.evaluat  # noqa: B018


@pytest.mark.parametrize("first", ["", "import sama_bench.score.engine, sama_bench.gate.rules"])
def test_rooms_that_share_a_name_with_a_function_are_called_like_it_whatever_was_imported_before(first):
    code = f"""{first}
import sama_bench as sb
try:
    sb.score("demo", 5)
except sb.UserError as problem:
    print(problem)
try:
    sb.gate("nowhere", "nowhere")
except sb.UserError as problem:
    print(len(problem.problems))
from sama_bench.score import engine
print(sb.score.engine is engine)
"""
    assert python(code).splitlines() == [
        "predictions are int, expected a mapping, or dictionaries in turn",
        "2",
        "True",
    ]


def test_a_room_that_is_called_has_the_signature_of_the_function():
    assert list(inspect.signature(sb.score).parameters)[:2] == ["bench", "predictions"]
    assert list(inspect.signature(sb.gate).parameters)[:2] == ["baseline", "candidate"]
    assert sb.score.engine is engine


TYPED = """
import sama_bench as sb
from sama_bench.score.engine import score as low

bench: sb.Benchmark = sb.load_benchmark("demo", limit=2)
for question in bench:
    text: str = question.text
def answer(question: sb.Question) -> str:
    return question.text
run: sb.Run = sb.evaluate(answer, bench, out="runs/x")
value: float = run.scores.mean("g", "strict", "J&F")
scores: sb.Scores = sb.score(bench, {"g:1": {"text": "a"}})
passed: bool = sb.gate(run, "runs/y", max_drop=1).passed
reveal_type(sb.compare(run, scores).lines("g", "strict")[0].difference)
reveal_type(low)
sb.evaluate(5)
sb.score("demo", 5)
"""


@pytest.mark.slow
def test_a_program_that_uses_it_is_checked_by_mypy(tmp_path):
    (tmp_path / "program.py").write_text(TYPED)
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), "program.py"]
    environment = dict(os.environ)
    if Path(sb.__file__).is_relative_to(ROOT):  # an editable install is a hook of the import, which mypy does not run
        environment["MYPYPATH"] = str(ROOT)
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    own = [line for line in done.stdout.splitlines() if line.startswith("program.py") and "note: " not in line]
    assert len(own) == 2, done.stdout
    assert 'Argument 1 to "evaluate" has incompatible type "int"' in own[0]
    assert 'Argument 2 to "score" has incompatible type "int"' in own[1]
    assert 'Revealed type is "float"' in done.stdout.replace("builtins.", "")
