"""Standard output in any encoding: nothing fails, what cannot be shown has stand-ins, and JSON is always UTF-8."""

import json
import subprocess
import sys

import pytest

PRINT = """
import sys
from sama_bench.cli import streams
streams.prepare()
import click
from rich.console import Console
from rich.table import Table
table = Table("metric ↑", "±")
table.add_row("é – ‡ 日 \\udce9", "1.25")
Console(width=60).print(table)
click.echo("é ↑ … \\udce9")
click.echo("é ↑ \\udce9", err=True)
streams.flush()
"""


def printed(encoding):
    command = [sys.executable, "-c", PRINT]
    done = subprocess.run(command, capture_output=True, env={"PYTHONIOENCODING": encoding}, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode(encoding), done.stderr.decode(encoding)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437", "koi8-r", "utf-8", "utf-16"])
def test_any_text_is_printed_in_any_encoding(encoding):
    out, err = printed(encoding)
    assert "1.25" in out
    assert "\\udce9" in out
    assert "\\udce9" in err


def test_stand_ins_can_be_read():
    out, _ = printed("ascii")
    assert "metric ^" in out
    assert "e - # ? \\udce9" in out
    assert out.splitlines()[-1] == "e ^ ... \\udce9"
    assert "metric ↑" in printed("utf-8")[0]
    assert printed("latin-1")[0].splitlines()[-1] == "é ^ ... \\udce9"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-16"])
def test_json_is_utf8_whatever_the_terminal_has(encoding, town):
    expected = town("models", "--json")
    done = subprocess.run(
        town.command("models", "--json"),
        env={**town.environment, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert done.stdout.decode() == expected.stdout
    assert json.loads(done.stdout)


def test_an_export_is_the_same_bytes_in_any_encoding(town):
    from sama_bench.run.store import Store

    assert town.predict("--limit", 2).returncode == 0
    with Store.open(town.folder / "out", write=True) as store:
        store._database.execute("update prediction set text = 'Café ↑' where rowid = 1")
    command = town.command("export", "out")
    utf8, *others = (
        subprocess.run(
            command,
            cwd=town.folder,
            env={**town.environment, "PYTHONIOENCODING": encoding},
            capture_output=True,
            check=True,
        ).stdout
        for encoding in ("utf-8", "ascii", "latin-1", "cp1252", "utf-16")
    )
    assert "Café ↑" in utf8.decode()
    assert set(others) == {utf8}
