import shutil

import pytest

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def asked(town):
    """The town with a run of its first questions in the folder `out`."""
    assert town.predict("--limit", 2, "--model-arg", "fail=q1").returncode == 1
    return town


def test_a_picture_of_a_question_alone_and_of_an_answer(asked):
    for arguments, file in ((("--bench", asked.bench), "g-q0.png"), (("out", "--out", "mine.png"), "mine.png")):
        done = asked("show", "g:q0", *arguments)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"{file}\n", "")
        assert (asked.folder / file).read_bytes().startswith(PNG)
    again = asked("show", "g:q0", "out", "--out", "again.png")
    assert again.returncode == 0
    assert (asked.folder / "again.png").read_bytes() == (asked.folder / "mine.png").read_bytes()
    fewer = asked("show", "g:q0", "out", "--frames", 1, "--out", "one.png")
    assert fewer.returncode == 0
    assert (asked.folder / "one.png").read_bytes() != (asked.folder / "mine.png").read_bytes()


def test_an_error_and_a_description_can_be_shown(asked):
    for question in ("g:q1", "c:d0"):
        assert asked("show", question, "out").returncode == 0


def test_what_cannot_be_shown_is_told_in_a_line(asked):
    unknown = asked("show", "g:q00", "--bench", asked.bench)
    assert unknown.returncode == 2
    assert "town has no question 'g:q00' (TASK:ID, as g:17); nearest: g:q0" in unknown.stderr
    assert "nearest: g:q0" in asked("show", "q0", "--bench", asked.bench).stderr
    not_asked = asked("show", "g:q9", "out")
    assert (not_asked.returncode, not_asked.stderr.count("\n")) == (2, 1)
    assert asked("show", "g:q0", "absent").stderr.startswith("error: absent: is not a run")
    assert "cannot be written (No such file" in asked("show", "g:q0", "out", "--out", "no/such/file.png").stderr
    assert "cannot be written (Is a directory)" in asked("show", "g:q0", "out", "--out", "out").stderr


def test_a_run_of_another_benchmark_is_refused(asked, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(asked.bench, other)
    split = other / "mevis.json"
    split.write_text(split.read_text().replace("Where is the box?", "Where is it?"))
    done = asked("show", "g:q0", "out", "--bench", other)
    assert done.returncode == 2
    assert "is not the benchmark that out was made with" in done.stderr
