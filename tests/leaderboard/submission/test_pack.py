import json
import subprocess

import pytest

from sama_bench.errors import UserError
from sama_bench.leaderboard.submission.archive import CHECKSUMS, MANIFEST, PREDICTIONS
from sama_bench.leaderboard.submission.pack import pack


def test_it_holds_three_members_that_other_tools_can_check(packed, tmp_path, craft):
    assert list(craft.members(packed)) == [MANIFEST, PREDICTIONS, CHECKSUMS]
    for name, content in craft.members(packed).items():
        (tmp_path / name).write_bytes(content)
    done = subprocess.run(["sha256sum", "--check", CHECKSUMS], cwd=tmp_path, check=False, capture_output=True)
    assert done.returncode == 0


def test_equal_answers_give_equal_bytes_in_whatever_order_they_were_asked(packed, make_run, tmp_path):
    run = make_run(tmp_path / "elsewhere", order=lambda some: reversed(list(some)))
    again = pack(run, tmp_path / "again.zip", "Still, made odd", "https://example.org/still")
    assert again.path.read_bytes() == packed.read_bytes()


def test_nothing_private_is_published(packed, private, craft):
    for content in craft.members(packed).values():
        assert private.encode() not in content
        assert b"ada" not in content
        assert b"sk-1" not in content
        assert b"raw" not in content


def test_the_manifest_says_what_was_kept_back(packed, bench, craft):
    card = json.loads(craft.members(packed)[MANIFEST])
    assert card["model_args"] == {"api_key": None, "checkpoint": "Org/Name-7B", "repo": None}
    assert card["asking"] == {"frames": "8 even full", "prompt": "dialogue@0123abcd", "template": None}
    assert card["versions"] == {"plug-in": None, "python": "3.11"}
    assert card["benchmark"] == bench.fingerprint
    assert (card["name"], card["link"]) == ("Still, made odd", "https://example.org/still")


def test_of_an_error_only_the_kind_is_kept_and_all_answers_are_there(packed, bench, craft):
    found = [json.loads(line) for line in craft.members(packed)[PREDICTIONS].splitlines()]
    assert len(found) == len(bench.where)
    assert {one["error"] for one in found if "error" in one} == {"RuntimeError", "FileNotFoundError"}
    assert {one.get("unread") for one in found} == {None, "yes"}
    assert {one["seconds"] for one in found} == {None}


def test_without_a_name_it_is_the_model_with_the_arguments_that_are_published(run, tmp_path):
    assert pack(run, tmp_path / "run.zip").card.name == "still (checkpoint=Org/Name-7B)"


@pytest.mark.parametrize(
    ("asked", "told"),
    [({"limit": 5}, "--limit 5"), ({"videos": "mevis/*"}, "--videos mevis/*"), ({"shard": "2/8"}, "--shard 2/8")],
)
def test_a_run_of_a_part_is_refused(make_run, tmp_path, asked, told):
    with pytest.raises(UserError, match="a part of the questions") as caught:
        pack(make_run(tmp_path / "run", **asked), tmp_path / "run.zip")
    assert told in str(caught.value)
    assert not (tmp_path / "run.zip").exists()


def test_an_unfinished_run_is_refused(make_run, tmp_path):
    run = make_run(tmp_path / "run", keep=lambda key: key.task == "g")
    with pytest.raises(UserError, match="65 of 104 questions have an answer"):
        pack(run, tmp_path / "run.zip")


@pytest.mark.parametrize(
    ("name", "link", "told"),
    [
        ("a\nb", "", "name is 'a\\\\nb', expected a line"),
        ("a" * 101, "", "name is"),
        ("a", "ftp://example.org", "link is 'ftp://example.org', expected"),
    ],
)
def test_a_name_or_link_that_nobody_would_accept_is_told_at_once(run, tmp_path, name, link, told):
    with pytest.raises(UserError, match=told):
        pack(run, tmp_path / "run.zip", name, link)
    assert not (tmp_path / "run.zip").exists()


def test_a_folder_that_is_not_there_is_told(run, tmp_path):
    with pytest.raises(UserError, match="cannot be written"):
        pack(run, tmp_path / "none" / "run.zip")
