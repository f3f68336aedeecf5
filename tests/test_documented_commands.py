"""The commands in README and docs: a real shell runs those of the pages for newcomers, click understands all others."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from sama_bench.cli.main import cli

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs").glob("models/*.md"))]
RUN = ("first-steps.md", "how-to.md")
BLOCK = re.compile(r"(<!-- not run: [^>]*-->\n)?^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLACEHOLDER = re.compile(r"…|\$[A-Z(]|^[A-Z_]{2,}$")
ENDS = {"|", "||", "&&", ";", "&", ">", ">>", "2>", "2>&1", "<"}

pytestmark = pytest.mark.skipif(not (ROOT / "docs").is_dir(), reason="documentation is not installed")


@pytest.mark.slow
@pytest.mark.usefixtures("warm_cache")
@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize("page", RUN)
def test_the_commands_of_a_page_for_newcomers_run_as_they_stand(page, tmp_path):
    blocks = [
        text for skipped, text in BLOCK.findall((ROOT / "docs" / page).read_text(encoding="utf-8")) if not skipped
    ]
    assert len(blocks) > 4
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(blocks)], cwd=tmp_path, env={**os.environ, "PATH": path},
        capture_output=True, text=True, check=False, timeout=1200,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def commands(text):
    """The arguments of each `sama-bench …` in the blocks of a page, lines that go on joined."""
    for _, block in BLOCK.findall(text):
        for line in re.sub(r"\\\n\s*", " ", block).splitlines():
            yield from _in_line(line)


def _in_line(line):
    try:
        words = shlex.split(line, comments=True)
    except ValueError:  # a part of a heredoc
        return
    for start, word in enumerate(words):
        if Path(word).name == "sama-bench" and (start == 0 or words[start - 1] in ENDS or "=" in words[start - 1]):
            rest = words[start + 1 :]
            yield rest[
                : next((place for place, one in enumerate(rest) if one in ENDS or one.startswith("2>")), len(rest))
            ]


def problem(arguments):
    """What click says against the arguments; nothing where only a file is absent, or a value stands for others."""
    group, parent = cli, click.Context(cli, info_name="sama-bench")
    while isinstance(group, click.Group) and arguments and not arguments[0].startswith("-"):
        try:
            name, command, arguments = group.resolve_command(parent, list(arguments))
        except click.UsageError as problem:
            return problem.message
        group, parent = command, click.Context(command, info_name=name, parent=parent)
    if any(PLACEHOLDER.search(word) for word in arguments):
        arguments = [word for word in arguments if word.startswith("--")]
        known = {name for option in group.params for name in (*option.opts, *option.secondary_opts)}
        return "".join(f"no option {word}" for word in arguments if word.partition("=")[0] not in known | {"--help"})
    try:
        group.make_context(parent.info_name, list(arguments), parent=parent.parent)
    except (click.exceptions.NoArgsIsHelpError, click.exceptions.Exit):
        return ""
    except click.UsageError as problem:
        return "" if "does not exist" in problem.message else f"{shlex.join(arguments)}: {problem.message}"
    return ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_in_a_page_is_understood(page):
    problems = [line for words in commands(page.read_text(encoding="utf-8")) if (line := problem(words))]
    assert not problems, "\n".join(problems)


def test_commands_are_found_at_all():
    assert sum(1 for page in PAGES for _ in commands(page.read_text(encoding="utf-8"))) > 60
