import json

import pytest

from sama_bench.run.store import Store


@pytest.mark.slow
def test_an_export_scores_as_the_run_does(town):
    run = town.run("--model-arg", "fail=q1 d2")
    assert run.returncode == 1
    done = town("export", "out", "--out", "answers.jsonl")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = (town.folder / "answers.jsonl").read_text()
    assert town("export", "out").stdout == text
    rows = [json.loads(line) for line in text.splitlines()]
    assert [(row["task"], row["question_id"]) for row in rows[:4]] == [
        ("g", "q0"), ("c", "d0"), ("g", "q1"), ("c", "d1"),
    ]  # fmt: skip
    assert rows[0].keys() == {"task", "question_id", "video", "seconds", "text", "tracks"}
    assert rows[2]["error"] == "RuntimeError: no memory"
    assert "text" not in rows[2]
    with Store.open(town.folder / "out") as store:
        kept = store.predictions("mevis/val_u/JPEGImages/v0")["g", "q0"]
    assert (rows[0]["text"], rows[0]["tracks"], rows[0]["seconds"]) == (kept.text, kept.tracks, kept.seconds)

    scored = town.here("score", "--bench", town.bench, "--predictions", "answers.jsonl", "--json", "scores.json")
    assert scored.exit_code == 0, scored.output
    scores = (town.folder / "scores.json").read_bytes()
    assert scores == (town.folder / "out" / "scores.json").read_bytes()
    assert json.loads(scores)["protocols"]["strict"]["g"]["errors"] == 1


def test_what_cannot_be_exported_is_told(town):
    assert town("export", "absent").stderr.startswith("error: absent: is not a run")
    assert town.predict("--limit", 1).returncode == 0
    before = sorted(path.name for path in (town.folder / "out").iterdir())
    (town.folder / "file").write_text("")
    done = town("export", "out", "--out", "file/answers.jsonl")
    assert done.returncode == 2
    assert done.stderr.startswith("error: file/answers.jsonl: cannot be written (")
    assert sorted(path.name for path in (town.folder / "out").iterdir()) == before
    assert town("export", "out", "--out", "new/folder/answers.jsonl").returncode == 0
    assert (town.folder / "new" / "folder" / "answers.jsonl").is_file()
