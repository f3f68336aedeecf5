import json
import shutil

import pytest

from sama_bench.errors import UserError
from sama_bench.leaderboard.submission.build import build
from sama_bench.leaderboard.submission.pack import pack

pytestmark = pytest.mark.slow

REPORTED = """
entries:
  - model: nobody
    task: g
    protocol: strict
    values: {J&F: 99.25}
    source: {title: A page, url: https://example.org}
"""
KEY = "still-made-odd"


def edited(folder, change):
    """Change the one entry's JSON."""
    path = folder / "entries" / f"{KEY}.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    changed = change(content)
    path.write_text(json.dumps(changed if isinstance(changed, list) else content), encoding="utf-8")


def files(folder):
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def test_it_writes_tables_and_a_page_for_any_web_server(board, tmp_path):
    built = build(board, tmp_path / "site")
    assert built.again == []
    assert built.files[-1] == tmp_path / "site" / "index.html"
    found = files(tmp_path / "site")
    assert {"report.md", "report.tex", "report.csv", "report.json", "index.html", ".nojekyll"} <= found.keys()
    assert b"Still, made odd" in found["report.md"]
    assert not any(str(tmp_path).encode() in content for content in found.values())


def test_the_same_leaderboard_gives_the_same_bytes_over_an_earlier_site(board, tmp_path):
    build(board, tmp_path / "site")
    first = files(tmp_path / "site")
    build(board, tmp_path / "site")
    assert files(tmp_path / "site") == first


def test_numbers_of_others_are_taken_from_its_file(own, tmp_path):
    (own / "reported.yaml").write_text(REPORTED)
    build(own, tmp_path / "site")
    assert "99.25" in (tmp_path / "site" / "report.md").read_text()


def test_an_entry_of_another_version_has_tables_of_its_own_and_is_named(own, tmp_path):
    shutil.copy(own / "entries" / f"{KEY}.json", own / "entries" / "now.json")

    def older(content):
        for tasks in content["signature"].values():
            for made in tasks.values():
                made["version"] = "0.0.1"
        content["signature"]["strict"]["g"]["phrases"] = "exact@0.5"

    edited(own, older)
    built = build(own, tmp_path / "site")
    (line,) = built.again
    assert line.startswith("Still, made odd: was scored in another way (version 0.0.1, now ")
    assert "; phrases exact, now words); to add it again: sama-bench leaderboard add " in line
    assert f"{own}/submissions/{KEY}-" in line
    tables = json.loads((tmp_path / "site" / "report.json").read_text())["tables"]
    assert [len(table["rows"]) for table in tables] == [1] * 8


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda one: one.update(format="x"), "damaged: it is no entry"),
        (lambda one: one.update(version=2), "was written by a newer sama-bench"),
        (lambda one: one.update(submission="../x"), "damaged: '../x' is not a digest of 64 hexadecimal digits"),
        (lambda one: one["card"].update(name="\x1b"), "damaged: name is"),
        (lambda one: one.pop("protocols"), "damaged: these are no scores"),
        (
            lambda one: one["protocols"]["strict"]["g"]["mean"].update(miou="1"),
            "damaged: '1' is not a valid number at protocols.strict.g.mean.miou",
        ),
        (lambda one: one["signature"].pop("paper"), "damaged: 'g' is missing at signature.paper"),
        (lambda one: [1], "damaged: it is no entry"),
    ],
)
def test_a_damaged_entry_is_told_with_its_file(own, tmp_path, change, told):
    edited(own, change)
    with pytest.raises(UserError) as caught:
        build(own, tmp_path / "site")
    assert caught.value.problems[0].startswith(f"{own}/entries/{KEY}.json: {told}")
    assert not (tmp_path / "site").exists()


def test_a_leaderboard_without_an_entry_says_how_to_add_one(empty, tmp_path):
    with pytest.raises(UserError, match="has no entry yet; add one with: sama-bench leaderboard add FILE --to"):
        build(empty, tmp_path / "site")


def test_with_the_benchmark_a_submission_that_is_gone_or_another_is_told(own, packed, tmp_path, run):
    (kept,) = (own / "submissions").iterdir()
    pack(run, kept, "another")
    with pytest.raises(UserError, match=f"is not the submission that entry {KEY} was scored from"):
        build(own, tmp_path / "site", "demo")
    kept.unlink()
    with pytest.raises(UserError, match="cannot be read"):
        build(own, tmp_path / "site", "demo")
    assert not (tmp_path / "site").exists()
