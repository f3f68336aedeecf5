"""The page's place in a folder: what may be replaced there, and putting a new page in place of an earlier one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from importlib import resources
from pathlib import Path

from sama_bench.errors import UserError
from sama_bench.files.atomic import exchange, replacing
from sama_bench.files.opening import open_regular

INDEX, DATA, ASSETS = "index.html", "page", "assets"
TITLE = "SAMA-Bench report"  # as index.html has it
STYLE = "page.css"  # by this file among the assets a whole page is known
SHELL = f"{DATA}/{ASSETS}/{STYLE}"  # and index.html by this link
LARGEST_SHELL = 1 << 20  # bytes; ours has some thousand
# By these names one is known that version 0.1.0 was writing when it was killed.
FILES = re.compile(
    r"assets/([a-z]+\.(js|css)|\.[a-z]+\.(js|css)\.\w{8})|(board|dialogues|dialogue-\d+-\d+)\.js|"
    r"(bench\d+-)?((questions|(texts|clip|masks)-\d+)\.js|[a-z-]+(-\d+)?\.svg|(frames|sharp)-\d+/\d+\.jpg)|"
    r"turns-\d+-\d+/\d+\.jpg"
)


def check_free(out: Path) -> None:
    """Raise UserError where the folder `out` has something of the page's names that is of no page of ours."""
    if strange := list(_strange(out)):
        raise UserError(
            f"{path}: is not of an earlier report and would be replaced; give --out another folder, or move it away"
            for path in strange
        )


def _strange(out: Path) -> Iterator[Path]:
    index, folder = out / INDEX, out / DATA
    if (index.is_symlink() or index.exists()) and not _is_shell(index):
        yield index
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        yield folder
    elif folder.is_dir() and not (folder / ASSETS / STYLE).is_file():
        names = (
            path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()
        )
        yield from (folder / name for name in sorted(names) if not FILES.fullmatch(name))


def _is_shell(index: Path) -> bool:
    try:
        with open_regular(index) as file:
            return SHELL.encode() in file.read(LARGEST_SHELL)
    except OSError:
        return False


def shell(title: str) -> bytes:
    """index.html with a title."""
    text = (resources.files("sama_bench.leaderboard.page") / ASSETS / INDEX).read_text(encoding="utf-8")
    return text.replace(f">{TITLE}<", f">{escape(title)}<").encode()


def put(folder: Path, out: Path, content: bytes) -> None:
    """Put `folder`, which lies on the same disk, in place of the page in `out`; it then holds the old one.

    `content` is that of index.html, the same in all pages of one version and title. Where it is not, it is away while
    the folders are swapped: so nobody sees the one with the other. Raises OSError.
    """
    index = (out / INDEX).resolve()
    with replacing(index) as file:
        file.write(content)
        file.flush()  # a disk that is full is told before anything is replaced
        if index.exists() and index.read_bytes() != content:
            index.unlink()
        exchange(folder, out / DATA)
