"""The workflow file that a model's repository gates with: its own scripts, run by a real shell."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

FILE = Path(__file__).parents[2] / ".github" / "workflows" / "gate.yml"
BASH = shutil.which("bash")
NO_RULES = {"METRICS": "", "MAX_DROP": "", "CONFIG": ""}


@pytest.fixture(scope="module")
def workflow():
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def scripts(workflow):
    return {step["name"]: step["run"] for step in workflow["jobs"]["gate"]["steps"] if "run" in step}


def shell(script, folder, **given):
    """Run a step as GitHub does, with `sama-bench` of this environment on the PATH."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "GITHUB_STEP_SUMMARY": str(folder / "summary.md"), **given}
    command = [BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(
        command, check=False, cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )


def test_nothing_that_a_caller_gives_is_written_into_a_script(scripts):
    assert scripts
    assert not [name for name, script in scripts.items() if "${{" in script]


def test_both_ways_to_start_it_take_the_same_inputs_and_all_are_used(workflow):
    on = workflow[True]  # YAML 1.1 reads `on` as a boolean
    text = FILE.read_text(encoding="utf-8")

    assert on["workflow_dispatch"] == on["workflow_call"]
    assert not [name for name in on["workflow_call"]["inputs"] if f"inputs.{name} " not in text]


@pytest.mark.slow
@pytest.mark.skipif(BASH is None, reason="there is no bash")
def test_its_steps_gate_a_run(scripts, tmp_path):
    given = {"MODEL": "motion", "ARGS": "", "BENCH": "demo", "VIDEOS": "harb*", "BASELINE": "baseline.json", **NO_RULES}
    ran = shell(scripts["run"], tmp_path, **given)
    assert ran.returncode == 0, ran.stderr
    made = shell("sama-bench gate baseline runs/candidate baseline.json", tmp_path)
    assert made.returncode == 0, made.stderr

    gated = shell(scripts["gate"], tmp_path, **given)

    # one video: nothing moved, and nothing can be told; a warning, and green
    assert "::warning title=gate::it cannot tell" in gated.stdout
    assert gated.returncode == 0
    assert (tmp_path / "summary.md").read_text(encoding="utf-8").strip()
    assert (tmp_path / "gate.xml").is_file()


@pytest.mark.skipif(BASH is None, reason="there is no bash")
def test_a_missing_baseline_is_red(scripts, tmp_path):
    gated = shell(scripts["gate"], tmp_path, BASELINE="nowhere.json", **NO_RULES)

    assert gated.returncode == 2
    assert "nowhere.json" in gated.stderr


@pytest.mark.skipif(BASH is None, reason="there is no bash")
def test_arguments_are_parted_at_commas_and_hostile_ones_stay_data(scripts, tmp_path):
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin" / "sama-bench"
    fake.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    fake.chmod(0o755)
    given = {"MODEL": "sama", "ARGS": "checkpoint=a b,repo=$(touch owned)", "BENCH": "x", "VIDEOS": "mevis/*"}

    told = shell(f"PATH='{tmp_path / 'bin'}':$PATH\n{scripts['run']}", tmp_path, **given).stdout.splitlines()

    assert told[told.index("--model-arg") :][:4] == [
        "--model-arg",
        "checkpoint=a b",
        "--model-arg",
        "repo=$(touch owned)",
    ]
    assert told[told.index("--videos") + 1] == "mevis/*"
    assert not (tmp_path / "owned").exists()
