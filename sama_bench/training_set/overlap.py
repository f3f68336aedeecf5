"""What SAMA-239K shares with SAMA-Bench: videos by their ids, pictures under other names, texts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from sama_bench.benchmarks.sama.tree_reader import ListedVideo, Tree, read_tree
from sama_bench.errors import UserError
from sama_bench.files.json_files import read_json
from sama_bench.score.workers import available
from sama_bench.training_set import picture_hash
from sama_bench.training_set.layout import samples_file
from sama_bench.training_set.picture_hash import Hashes, Look
from sama_bench.training_set.samples import Sample, read_samples
from sama_bench.training_set.text_overlap import BenchmarkText, TextIndex, TextPair

USUAL_BITS = 5
NUMBERED = ("lvvis", "VidSTG")  # sets whose ids are numbers, written with and without zeros before
LARGEST_LIST = 1 << 30


@dataclass
class Pair:
    """A video of the training data and one of SAMA-Bench, and what says that they are the same.

    `same_id` is that their ids are the same in one set, `same_name` in two, `same_files` counts equal files, `bits` has
    the distance of each of the benchmark's frames that has one alike. `pictures` are the two that are most alike.
    """

    training: str
    benchmark: str
    same_id: bool = False
    same_name: bool = False
    same_files: int = 0
    bits: list[int] = field(default_factory=list)
    pictures: tuple[Look, Look] | None = None

    @property
    def is_certain(self) -> bool:
        """Whether no person needs to look."""
        return self.same_id or self.same_files > 0

    @property
    def evidence(self) -> list[str]:
        """What says so, in words."""
        told = ["the same id"] * self.same_id + ["the same name in another set"] * self.same_name
        if self.same_files:
            told.append(f"{self.same_files} equal files")
        if self.bits:
            told.append(f"{len(self.bits)} frames alike, {min(self.bits)} bits apart at the least")
        return told

    def to_json(self) -> dict[str, object]:
        """The pair with JSON's own types."""
        return {
            "training": self.training,
            "benchmark": self.benchmark,
            "certain": self.is_certain,
            "same_id": self.same_id,
            "same_name": self.same_name,
            "same_files": self.same_files,
            "bits": sorted(self.bits),
        }


@dataclass(frozen=True)
class Overlap:
    """All that was found: pairs of videos, the surest first, names in other lists, pairs of texts.

    `unread` counts the videos of either side of which no frame could be looked at, `other_names` has the names that
    each list shares with SAMA-Bench; `text_count` counts the pairs of texts, of which `texts` may hold a part.
    """

    training: Path
    benchmark: Path
    videos: tuple[int, int]
    pairs: list[Pair]
    other_names: Mapping[str, list[str]]
    texts: list[TextPair]
    text_count: int
    unread: tuple[int, int]
    bits: int

    def without(self, *, certain: bool) -> set[str]:
        """The benchmark's videos that are in the training data, for sure or also perhaps."""
        return {pair.benchmark for pair in self.pairs if pair.is_certain or not certain}

    def to_json(self) -> dict[str, object]:
        """The overlap with JSON's own types."""
        return {
            "training": str(self.training),
            "benchmark": str(self.benchmark),
            "videos": {"training": self.videos[0], "benchmark": self.videos[1]},
            "without_frames": {"training": self.unread[0], "benchmark": self.unread[1]},
            "bits": self.bits,
            "pairs": [pair.to_json() for pair in self.pairs],
            "other_names": dict(self.other_names),
            "texts": {"count": self.text_count, "pairs": [pair.to_json() for pair in self.texts]},
        }


def overlap(
    path: Path, root: Path, others: Sequence[Path] = (), bits: int = USUAL_BITS,
    advance: Callable[[int], object] = lambda _: None,
) -> Overlap:  # fmt: skip
    """Compare the training data at `path` with SAMA-Bench at `root`.

    `others` are lists of videos of other training sets: a `meta_expressions.json`, or a text with a name a line. Frames
    whose hashes differ in at most `bits` of 64 are alike. `advance` is told the bytes of samples that are read. Raises
    UserError where a file is not there or is not JSON.
    """
    file = samples_file(path)
    tree = read_tree(root)
    other_names = {str(other): _shared_names(other, tree) for other in others}
    return _Comparison(file, tree, bits).run(advance, other_names)


class _Comparison:
    def __init__(self, file: Path, tree: Tree, bits: int) -> None:
        self._file, self._root, self._tree, self._bits = file, file.parent, tree, bits
        self._ids: dict[str, str] = {}
        self._names: dict[str, list[str]] = defaultdict(list)
        for video in tree.videos.values():
            self._ids[f"{video.source.name}/{_id(video.source.name, video.id)}"] = video.id
            self._names[_name(video.source.name, video.id)].append(video.id)
        self._texts = TextIndex(list(_texts(tree)))
        self._pairs: dict[tuple[str, str], Pair] = {}
        self._looks: list[tuple[str, Look]] = []  # of the training data

    def run(self, advance: Callable[[int], object], other_names: Mapping[str, list[str]]) -> Overlap:
        count, unread = 0, 0
        with ThreadPoolExecutor(available()) as pool:
            waiting = []
            try:
                for sample in read_samples(self._file, advance):
                    count += 1
                    self._compare(sample)
                    waiting.append((sample.video, pool.submit(_looks, *self._frames(sample))))
            except ValueError as problem:
                raise UserError(f"{self._file}: {problem}; download the file again") from problem
            for video, looks in waiting:
                unread += not looks.result()
                self._looks += [(video, look) for look in looks.result()]
            unread_here = self._compare_pictures(pool)
        pairs = sorted(
            self._pairs.values(), key=lambda pair: (not pair.is_certain, -len(pair.bits), min([*pair.bits, 64]))
        )
        videos = count, len(self._tree.videos)
        texts = sorted(self._texts.pairs, key=lambda pair: (-pair.similarity, -pair.words))
        sides = unread, unread_here
        root = self._tree.root
        return Overlap(self._file, root, videos, pairs, other_names, texts, self._texts.count, sides, self._bits)

    def _frames(self, sample: Sample) -> tuple[Path | None, list[Path]]:
        """The mp4 of a sample, or the files of up to five of its frames; no more of it stays in memory."""
        if sample.source is None or not sample.video:
            return None, []
        place = self._root / sample.video
        if sample.source.is_video:
            return place, []
        return None, [place / sample.files[number] for number in picture_hash.spread(len(sample.files))]

    def _pair(self, training: str, benchmark: str) -> Pair:
        return self._pairs.setdefault((training, benchmark), Pair(training, benchmark))

    def _compare(self, sample: Sample) -> None:
        """Compare ids and texts of a sample."""
        source = sample.source.name if sample.source else ""
        same = self._ids.get(f"{source}/{_id(source, sample.video)}")
        if same is not None:
            self._pair(sample.video, same).same_id = True
        name = _name(source, sample.video)
        for other in self._names.get(name, ()):
            if name and other != same:
                self._pair(sample.video, other).same_name = True
        for number, one in enumerate(sample.rounds):
            text = f"{one.question.value}\n{one.answer.value}"
            self._texts.look_up(f"{sample.where}: round {number}", sample.video, text, is_description=False)
        for number, text in sample.descriptions.items():
            self._texts.look_up(f"{sample.where}: <obj{number}>", sample.video, text, is_description=True)

    def _compare_pictures(self, pool: ThreadPoolExecutor) -> int:
        """Compare the frames of the benchmark with those of the training data; how many of its videos have none."""
        hashed = [(video, look) for video, look in self._looks if look.hash is not None]
        hashes = picture_hash.as_hashes([look.hash for _, look in hashed if look.hash is not None])
        digests: dict[bytes, list[tuple[str, Look]]] = defaultdict(list)
        for training, other in self._looks:
            if other.sha256 is not None:
                digests[other.sha256].append((training, other))
        unread = 0
        for video in self._tree.videos.values():
            looks = list(pool.map(picture_hash.look_at_file, _files(self._tree.root, video)))
            unread += not any(looks)
            for look in looks:
                for training, other in digests.get(look.sha256 or b"", ()) if look is not None else ():
                    self._pair(training, video.id).same_files += 1
                    self._show(training, video.id, other, look)
            for place in picture_hash.spread(len(looks)):
                self._compare_frame(video.id, looks[place], hashed, hashes)
        return unread

    def _compare_frame(
        self, benchmark: str, look: Look | None, hashed: Sequence[tuple[str, Look]], hashes: Hashes
    ) -> None:
        """Note the training videos with a frame that is alike, each with the one that is most alike."""
        if look is None or look.hash is None:
            return
        nearest: dict[str, tuple[int, Look]] = {}
        for number, distance in picture_hash.near(look.hash, hashes, self._bits):
            training, other = hashed[number]
            if training not in nearest or distance < nearest[training][0]:
                nearest[training] = distance, other
        for training, (distance, other) in nearest.items():
            pair = self._pair(training, benchmark)
            if not pair.bits or distance < min(pair.bits):
                pair.pictures = other, look
            pair.bits.append(distance)

    def _show(self, training: str, benchmark: str, other: Look, look: Look | None) -> None:
        pair = self._pair(training, benchmark)
        if pair.pictures is None and look is not None:
            pair.pictures = other, look


def _looks(mp4: Path | None, files: Sequence[Path]) -> list[Look]:
    """Looks at up to five frames of a video."""
    if mp4 is not None:
        return list(picture_hash.look_at_mp4(mp4))
    return [look for file in files if (look := picture_hash.look_at_file(file)) is not None]


def _files(root: Path, video: ListedVideo) -> Iterator[Path]:
    yield from (root / video.folder / file for file in video.files)


def _texts(tree: Tree) -> Iterator[BenchmarkText]:
    for video in tree.videos.values():
        for kept in video.kept:
            described = kept.key.task == "c"
            text = kept.answer if described else f"{kept.question}\n{kept.answer}"
            yield BenchmarkText(str(kept.key), video.id, text, described)


def _id(source: str, video: str) -> str:
    """The id of a video in its set: the last part of its path, a number where the set's ids are numbers."""
    last = PurePosixPath(video).name.removesuffix(".mp4")
    return str(int(last)) if source in NUMBERED and last.isascii() and last.isdigit() else last


def _name(source: str, video: str) -> str:
    """The name by which a video may stand in another set; '' where that says nothing, as LV-VIS' small numbers."""
    return "" if source == "lvvis" else _id(source, video)


def _shared_names(path: Path, tree: Tree) -> list[str]:
    """SAMA-Bench's videos whose names stand in a list of another training set's, by the last part."""
    names = {PurePosixPath(name.strip()).name for name in _listed_names(path)}
    videos = tree.videos.values()
    return [
        video.id
        for video in videos
        if PurePosixPath(video.id).name in names or PurePosixPath(video.folder).name in names
    ]


def _listed_names(path: Path) -> Iterable[str]:
    if path.suffix.lower() != ".json":
        try:
            return path.read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError) as problem:
            raise UserError(f"{path}: cannot be read as UTF-8 text ({problem})") from problem
    content = read_json(path, LARGEST_LIST)
    videos = content.get("videos") if isinstance(content, dict) else content
    if isinstance(videos, dict):
        return [str(name) for name in videos]
    if isinstance(videos, list) and all(isinstance(name, str) for name in videos):
        return [str(name) for name in videos]
    shown = json.dumps(content)[:40]
    raise UserError(
        f'{path}: is {shown}…, expected {{"videos": {{NAME: …}}}} as in meta_expressions.json, or a list of names'
    )
