"""The cache folder is always one that can be written, and where it goes with the process a caller can tell why."""

import os
import subprocess
import sys

import pytest

from sama_bench import cache

ASK = """
from sama_bench import cache
folder = cache.cache_folder()
(folder / "file").write_text("written", encoding="utf-8")
print(folder, cache.why_not_kept(), sep="\\n")
"""


def asked(tmp_path, **environment):
    """The cache folder of a new process, and why it is not kept ("None" where it is)."""
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_a_folder_that_is_named_or_the_users_own_is_kept(tmp_path):
    assert asked(tmp_path, SAMA_BENCH_CACHE="a") == [str(tmp_path / "a"), "None"]
    home = tmp_path / "home with blanks, é"
    assert asked(tmp_path, HOME=str(home)) == [str(home / ".cache" / "sama-bench"), "None"]
    assert asked(tmp_path, HOME=str(home), XDG_CACHE_HOME=str(tmp_path)) == [str(tmp_path / "sama-bench"), "None"]


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"HOME": "/proc/none"}, "/proc/none/.cache/sama-bench cannot be written"),
        ({"HOME": "/dev/null"}, "Not a directory"),
        ({"HOME": "/", "XDG_CACHE_HOME": "/dev/null"}, "/dev/null/sama-bench cannot be written"),
        ({"SAMA_BENCH_CACHE": "/dev/null/cache"}, "Not a directory"),
        ({"SAMA_BENCH_CACHE": "x" * 300}, "File name too long"),
    ],
)
def test_a_folder_that_cannot_be_kept_is_told_and_goes_with_the_process(environment, reason, tmp_path):
    folder, told = asked(tmp_path, **environment)
    assert reason in told
    assert told.endswith("set SAMA_BENCH_CACHE to a folder that can be written")
    assert not os.path.lexists(folder)
    assert not list(tmp_path.iterdir())


def test_a_home_that_is_not_absolute_is_none(tmp_path):
    """By platformdirs' version it is that of the system's list of users, or there is none."""
    asked(tmp_path, HOME="relative", XDG_CACHE_HOME="relative")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("problem", [RuntimeError("no home"), KeyError("uid"), None])
def test_a_user_that_the_system_does_not_know_gets_a_temporary_folder(problem, monkeypatch):
    """platformdirs raises for one without HOME, or gives ~/.cache as it stands, by its version."""
    import platformdirs

    def path(name):
        if problem:
            raise problem
        return cache.Path("~/.cache") / name

    monkeypatch.setattr(platformdirs, "user_cache_path", path)
    monkeypatch.delenv("SAMA_BENCH_CACHE", raising=False)
    cache._usable.cache_clear()
    try:
        assert cache.cache_folder().is_dir()
        assert "no home folder" in cache.why_not_kept()
    finally:
        cache._usable.cache_clear()
