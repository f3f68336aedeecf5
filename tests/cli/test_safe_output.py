"""What a stranger named cannot steer the terminal, wherever it is printed."""

import io
import sys

import click
import pytest
from rich.table import Table
from rich.text import Text

from sama_bench.cli import main as command
from sama_bench.cli.safe_output import guarded
from sama_bench.console import Console
from sama_bench.control_characters import escape_controls
from sama_bench.errors import UserError

EVIL = "a\x1b[31m\x1b]0;title\x07b\x9b2J\x08\u202ec"
SHOWN = "a<U+001B>[31m<U+001B>]0;title<U+0007>b<U+009B>2J<U+0008><U+202E>c"
OBEYED = ("\x1b", "\x07", "\x9b", "\x08", "\u202e")


def test_what_a_terminal_obeys_is_written_as_its_code_and_letters_stay():
    assert escape_controls(EVIL) == SHOWN
    for text in ("two\nlines\tand a tab", "Größe 模型 مدل", "👩\u200d🚀", "می\u200cخواهم", "thin\u2009space"):
        assert escape_controls(text) == text


def test_whatever_is_printed_is_made_plain(capsys):
    with guarded():
        print(EVIL)
        click.echo(EVIL)
        click.echo(EVIL, err=True)
        sys.stdout.writelines([EVIL, "\n"])
        click.echo(EVIL.encode(), nl=False)  # files of JSON pass as they are
    out, err = capsys.readouterr()
    uncoloured = SHOWN.replace("<U+001B>[31m", "")  # click leaves colours away where there is no terminal
    assert out == f"{SHOWN}\n{uncoloured}\n{SHOWN}\n{EVIL}"
    assert not any(one in err for one in OBEYED if one != "\x1b")
    assert "\x1b]" not in err


@pytest.mark.parametrize("terminal", [True, False])
def test_tables_and_lines_of_rich_show_names_and_keep_their_own_colours(terminal):
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=200, color_system="standard" if terminal else None)
    table = Table("model")
    table.add_row(EVIL)
    console.print(table)
    console.print(Text(EVIL, style="red"))
    console.print(f"warning: {EVIL}", markup=False, highlight=False, soft_wrap=True)
    told = file.getvalue()
    assert not any(one in told for one in OBEYED[1:])
    assert "\x1b]0" not in told
    assert "a\x1b" not in told
    assert told.count("<U+202E>c") == 2
    assert "a<U+001B>[31m" in told.splitlines()[3]  # a cell is as wide as the name was
    assert ("\x1b[31m" in told) is terminal


def test_errors_are_told_plain(monkeypatch, capsys):
    def fail(**_):
        raise UserError([f"{EVIL}: is not right", "b\rc"])

    monkeypatch.setattr(command.cli, "main", fail)
    with pytest.raises(SystemExit) as end:
        command.main()
    assert end.value.code == 2
    err = capsys.readouterr().err
    assert "<U+202E>c: is not right" in err
    assert "error: b c\n" in err
    assert not any(one in err for one in OBEYED)
