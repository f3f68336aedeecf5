"""What docs/leaderboard.md says: the limits, and the workflow, whose own scripts are run by a real shell."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from sama_bench.leaderboard.submission import archive, submission_manifest, submitted_predictions, unpacking

TEXT = (Path(__file__).parents[3] / "docs" / "leaderboard.md").read_text(encoding="utf-8")
WORKFLOWS = Path(__file__).parents[3] / ".github" / "workflows"
BASH, GIT = shutil.which("bash"), shutil.which("git")
needs_shell = pytest.mark.skipif(BASH is None or GIT is None, reason="needs bash and git")
NAMED = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}


@pytest.fixture(scope="module")
def workflow():
    return yaml.safe_load(re.search(r"<!-- workflow -->\n```yaml\n(.*?)```", TEXT, re.DOTALL)[1])


@pytest.fixture
def shell(tmp_path):
    """Runs a script as GitHub does, with no settings of the user."""

    def called(script, folder, **given):
        environment = {"PATH": f"{Path(GIT).parent}:/usr/bin:/bin", "HOME": str(tmp_path), **NAMED, **given}
        command = [BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        return subprocess.run(command, check=False, cwd=folder, env=environment, capture_output=True, text=True)

    return called


@pytest.fixture
def checkout(tmp_path, shell):
    """A clone of a repository with a leaderboard."""
    script = """git init -q -b main hub && cd hub && mkdir leaderboard && echo a > leaderboard/leaderboard.yaml
        git add . && git commit -q -m begin && git config receive.denyCurrentBranch ignore
        cd .. && git clone -q hub own"""
    assert shell(script, tmp_path).returncode == 0
    return tmp_path / "own"


def step(workflow, job, name):
    return next(one["run"] for one in workflow["jobs"][job]["steps"] if one.get("name") == name)


def test_the_limits_are_those_of_the_code():
    assert unpacking.PACKED == 1 << 30
    assert archive.LARGEST == {"manifest.json": 64 << 10, "predictions.jsonl": (2 << 30) - 1, "checksums": 1024}
    assert (unpacking.HARMLESS, unpacking.RATIO) == (64 << 20, 100)
    assert (submitted_predictions.LINE, submitted_predictions.TEXT, submitted_predictions.TRACKS) == (
        16 << 20,
        100_000,
        1000,
    )
    assert (submission_manifest.NAME, submission_manifest.VALUE, submission_manifest.VERSION) == (100, 200, 1)
    for told in ("packed 1 GiB; manifest 64 KiB; predictions 2 GiB less a byte", "beyond 64 MiB at most 100 times",
                 "16 MiB", "100,000 characters", "1,000 tracks", "at most 100 and 200", '`"version": 1`'):  # fmt: skip
        assert told in TEXT


def test_nothing_of_an_event_is_written_into_a_script_and_the_check_can_only_read(workflow):
    scripts = [one["run"] for job in workflow["jobs"].values() for one in job["steps"] if "run" in one]
    assert len(scripts) == 7
    assert not [script for script in scripts if "${{" in script]
    assert workflow["permissions"] == {"contents": "read"}
    assert "permissions" not in workflow["jobs"]["check"]
    _check_tokens(workflow)
    assert not [one for one in workflow["jobs"]["check"]["steps"] if "ref" in one.get("with", {})]


def _check_tokens(workflow):
    """Where anything is installed the token can only read, and is not left in the checkout."""
    for job in workflow["jobs"].values():
        kept = [one for one in job["steps"] if "checkout@" in one.get("uses", "") and "with" not in one]
        assert not any("pip install" in one.get("run", "") for one in job["steps"]) or not (
            kept or "permissions" in job
        )


def test_actions_are_pinned_by_digest():
    texts = [TEXT, *(file.read_text(encoding="utf-8") for file in WORKFLOWS.glob("*.yml"))]
    uses = [one for text in texts for one in re.findall(r"^ *- uses: (.*)$", text, re.MULTILINE)]
    assert len(uses) == 9
    assert not [one for one in uses if not re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} +# v[0-9]+\.[0-9.]+", one)]


CHANGES = {
    "mkdir incoming; cp /bin/true incoming/mine.zip": 0,
    "mkdir incoming; cp /bin/true incoming/mine.zip; cp /bin/true incoming/other.zip": 1,
    "mkdir incoming; cp /bin/true incoming/mine.zip; echo b > leaderboard/leaderboard.yaml": 1,
    "mkdir -p incoming/sub; cp /bin/true incoming/sub/mine.zip": 1,
    "mkdir incoming; cp /bin/true 'incoming/$(touch harmed).zip'": 1,
    "mkdir -p .github/workflows; echo a > .github/workflows/x.yml": 1,
    "git rm -q leaderboard/leaderboard.yaml": 1,
}


@needs_shell
@pytest.mark.parametrize(("change", "status"), CHANGES.items())
def test_a_pull_request_is_one_new_file(workflow, checkout, shell, change, status):
    hub = checkout.parent / "hub"
    made = shell(
        f"git checkout -q -b theirs && {change}; git add -A && git commit -q -m theirs && git update-ref "
        "refs/pull/7/head HEAD && git checkout -q main && git branch -q -D theirs", hub,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    done = shell(step(workflow, "check", "take"), checkout, PULL="7")
    assert done.returncode == status, done.stdout + done.stderr
    assert not list(checkout.rglob("harmed"))
    if status == 0:
        assert (checkout / "submission.zip").read_bytes() == Path("/bin/true").read_bytes()
    else:
        assert done.stdout.startswith("expected one new file incoming/NAME.zip and nothing else, found:")


@needs_shell
def test_what_is_merged_is_added_and_committed_once(workflow, checkout, shell):
    command = checkout / ".venv" / "bin" / "sama-bench"  # scoring is tried elsewhere: here it only makes the entry
    command.parent.mkdir(parents=True)
    command.write_text(
        '#!/bin/sh\necho "$@" >> ../calls\nmkdir -p leaderboard/entries\necho 1 > leaderboard/entries/a.json\n'
    )
    command.chmod(0o755)
    assert (
        shell(
            "mkdir incoming && echo x > incoming/a.zip && git add incoming && git commit -q -m a", checkout
        ).returncode
        == 0
    )
    for _ in range(2):
        for job, name in (("add", "add"), ("keep", "commit")):
            done = shell(step(workflow, job, name), checkout, BENCH="demo")
            assert done.returncode == 0, done.stdout + done.stderr
            shell("git reset -q --hard && git clean -qfd -e .venv -e changes.patch", checkout)
    calls = (checkout.parent / "calls").read_text().splitlines()
    assert calls == ["leaderboard add incoming/a.zip --bench demo --to leaderboard"]
    log = shell("git log --format=%s --name-status main", checkout.parent / "hub").stdout
    assert log.startswith("Add what was handed in\n\nD\tincoming/a.zip\nA\tleaderboard/entries/a.json\n")


STRANGE = [
    "mkdir -p .github/workflows; echo a > .github/workflows/x.yml",
    "echo b > leaderboard/leaderboard.yaml",
    "mkdir leaderboard/entries; ln -s /etc/passwd leaderboard/entries/a.json",
    "mkdir -p leaderboard/entries/sub; echo a > leaderboard/entries/sub/a.json",
    "git rm -q leaderboard/leaderboard.yaml",
]


@needs_shell
@pytest.mark.parametrize("change", STRANGE)
def test_nothing_but_entries_is_committed(workflow, checkout, shell, change):
    made = "git add -A && git diff --cached --binary --no-renames > ../p; git reset -q --hard; mv ../p changes.patch"
    assert shell(f"{change}; {made}", checkout).returncode == 0
    done = shell(step(workflow, "keep", "commit"), checkout)
    assert done.returncode == 1
    assert done.stdout.startswith("expected new entries")
    assert shell("git log --format=%s main", checkout.parent / "hub").stdout == "begin\n"
