"""A whole tree, read and judged: videos with their kept questions, what was dropped, what is wrong."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sama_bench.benchmark.problems import Problem
from sama_bench.benchmark.reader import Dropped
from sama_bench.benchmarks.sama.json_checks import brief
from sama_bench.benchmarks.sama.layout import SOURCES, SPLITS, Source
from sama_bench.benchmarks.sama.mask_index import MaskIndex, open_index
from sama_bench.benchmarks.sama.question_parser import KeptQuestion, questions
from sama_bench.benchmarks.sama.splits import AGAIN, Record, parse, records
from sama_bench.errors import UserError
from sama_bench.files.opening import open_regular


@dataclass
class ListedVideo:
    """A video of the split files: its frame files and its kept questions."""

    id: str
    source: Source
    folder: str
    files: tuple[str, ...]
    where: str
    kept: list[KeptQuestion] = field(default_factory=list)


@dataclass
class Tree:
    """What the split files and mask dictionaries of a tree hold; the frames are not looked at.

    `videos` is in benchmark order. `splits` names the split files that are there, `masks` has the mask
    dictionary of each source data set that has one.
    """

    root: Path
    videos: dict[str, ListedVideo] = field(default_factory=dict)
    dropped: list[Dropped] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    splits: list[str] = field(default_factory=list)
    masks: dict[str, MaskIndex] = field(default_factory=dict)
    fingerprint: str = ""


def read_tree(root: Path) -> Tree:
    """Read the tree at `root`. Raises UserError where it is no benchmark at all."""
    tree = Tree(root)
    digests = _read_splits(tree)
    _find_twins(tree)
    digests += _read_masks(tree)
    for source in SOURCES:
        tree.problems += _missing_masks(tree, source)
    lines = "".join(f"{name} {digest}\n" for name, digest in digests)
    tree.fingerprint = hashlib.sha256(lines.encode()).hexdigest()
    return tree


def list_videos(root: Path) -> Tree:
    """The videos and questions of the tree at `root`; no mask dictionary is read. Raises as `read_tree`."""
    tree = Tree(root)
    _read_splits(tree)
    return tree


def _read_splits(tree: Tree) -> list[tuple[str, str]]:
    """Read the split files that are there; their names and digests."""
    digests = []
    for source in SOURCES:
        for name in source.splits:
            content = _content(tree, name, source)
            if content is not None:
                digests.append((name, hashlib.sha256(content).hexdigest()))
                _add_split(tree, tree.root / name, content, source)
    if not tree.splits:
        raise UserError(_not_a_benchmark(tree.root))
    return digests


def _not_a_benchmark(root: Path) -> str:
    if not root.exists():
        return f"{root}: no such path, expected the folder of a benchmark (or demo, the embedded one)"
    expected = f"expected a folder with {SPLITS[0]}, {SPLITS[1]}, … {SPLITS[-1]}"
    return f"{root}: not a benchmark, {'none of its split files is there; ' if root.is_dir() else ''}{expected}"


def _content(tree: Tree, name: str, source: Source) -> bytes | None:
    """The content of a split file; None where it is not there, or cannot be read (noted)."""
    path = tree.root / name
    try:
        with open_regular(path) as file:
            content = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as problem:
        tree.splits.append(name)
        reason = getattr(problem, "strerror", None) or problem
        text = f"{path}: cannot be read ({reason}); check the file and its rights"
        tree.problems.append(Problem("split", text, source.name))
        return None
    tree.splits.append(name)
    return content


def _add_split(tree: Tree, path: Path, content: bytes, source: Source) -> None:
    try:
        value, repeated = parse(path, content, source.name)
    except UserError as problem:
        tree.problems.append(Problem("split", str(problem), source.name))
        return
    sound, problems = records(path, value, source.name)
    tree.problems += repeated + problems
    for record in sound:
        _add_record(tree, record)


def _add_record(tree: Tree, record: Record) -> None:
    """Add a video's questions; one that is listed again must have the same frames."""
    video = tree.videos.setdefault(
        record.video, ListedVideo(record.video, record.source, record.folder, record.files, record.where)
    )
    if video.files != record.files:
        text = f"{record.where}: its frames differ from those that {video.where} lists; {AGAIN}"
        tree.problems.append(Problem("split", text, record.source.name))
        return
    here = questions(record)
    video.kept += here.kept
    tree.dropped += here.dropped
    tree.problems += here.problems


def _find_twins(tree: Tree) -> None:
    """Note each question id that stands at several places of a task."""
    places: dict[object, list[tuple[str, Source]]] = defaultdict(list)
    for video in tree.videos.values():
        for question in video.kept:
            places[question.key].append((question.where, video.source))
    for key, twins in places.items():
        if len(twins) > 1:
            where = " and ".join(place for place, _ in twins)
            text = f"question_id {key} stands at {where}; expected once in a task; {AGAIN}"
            tree.problems.append(Problem("question", text, twins[0][1].name))


def _read_masks(tree: Tree) -> list[tuple[str, str]]:
    """Index the mask dictionaries that are there; their names and digests."""
    digests = []
    for source in SOURCES:
        try:
            index = open_index(tree.root / source.masks)
        except FileNotFoundError:
            continue
        except UserError as problem:
            tree.problems.append(Problem("masks", str(problem), source.name))
            continue
        tree.masks[source.name] = index
        digests.append((source.masks, index.sha256))
    return digests


def _missing_masks(tree: Tree, source: Source) -> Iterable[Problem]:
    """What is wrong with the masks of one source data set."""
    needed = _needed(tree, source)
    path = tree.root / source.masks
    index = tree.masks.get(source.name)
    if index is None:
        is_reported = any(problem.kind == "masks" and problem.source == source.name for problem in tree.problems)
        if needed and not is_reported:
            text = f"{path}: no such file, but {len(needed)} annotations of it are needed; put it there"
            yield Problem("masks", text, source.name)
        return
    if index.problem is not None:
        yield Problem("masks", f"{path}: {index.problem}; {AGAIN}", source.name, fatal=bool(needed))
        return
    for name, who in needed.items():
        if name not in index.annotations:
            text = f"{path}: annotation {brief(name)} is not in it, but {by(who)} needs it; {AGAIN}"
            yield Problem("mask", text, source.name)
    for name, reason in index.unreadable.items():
        need = f", and {by(needed[name])} needs it" if name in needed else ""
        text = f"{path}: annotation {brief(name)} is not a mask track ({reason}){need}; {AGAIN}"
        yield Problem("mask", text, source.name, fatal=name in needed)
    for name, differs in index.repeated.items():
        need = f", and {by(needed[name])} needs it" if name in needed else ""
        masks = "other masks" if differs else "the same masks"
        text = f"{path}: annotation {brief(name)} stands in it more than once, with {masks}{need}; {AGAIN}"
        yield Problem("mask", text, source.name, fatal=differs and name in needed)


def _needed(tree: Tree, source: Source) -> dict[str, list[KeptQuestion]]:
    """The annotation ids that kept questions of the source data set need, and which questions."""
    needed: dict[str, list[KeptQuestion]] = defaultdict(list)
    for video in tree.videos.values():
        if video.source is source:
            for question in video.kept:
                for name in dict.fromkeys(question.annotations):
                    needed[name].append(question)
    return needed


def by(who: list[KeptQuestion]) -> str:
    """The first of some questions, with its place, and how many more there are."""
    more = f" (and {len(who) - 1} more)" if len(who) > 1 else ""
    return f"question {who[0].key} of {who[0].where}{more}"
