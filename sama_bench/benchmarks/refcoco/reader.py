"""The folder of RefCOCO/+/g as the harness reads it; a set that is not there has no question."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from sama_bench.benchmark.reader import Listed, Opened, Place, Reader, not_here, open_frames
from sama_bench.benchmarks.expressions.sources import AGAIN, Sources
from sama_bench.benchmarks.expressions.wording import SA2VA_IMAGE, reference
from sama_bench.benchmarks.refcoco.layout import EXPECTED, INSTANCES, PARTS, REFS, Part, datasets, image_folder
from sama_bench.benchmarks.refcoco.polygons import as_released, check, covered_once, parts, united
from sama_bench.benchmarks.refcoco.references import Annotation, Image, Sentence, read_dataset, sentences_of
from sama_bench.metrics.rle import Checked, RLEError
from sama_bench.types import Expression, Key, Question, Truth, Video


def recognise(folder: Path) -> bool:
    """Whether the references of any set are there."""
    return bool(datasets(folder))


class RefCocoReader(Reader):
    """The folder at `root`. Raises UserError where it is not of this kind.

    `refs` has the file of each set's references, `parts` are the splits, `expected` says what the folder holds.
    """

    refs: ClassVar[Mapping[str, str]] = REFS
    parts: ClassVar[Sequence[Part]] = PARTS
    expected: ClassVar[str] = EXPECTED

    def __init__(self, root: Path) -> None:
        names = datasets(root, self.refs)
        if not names:
            raise not_here(root, self.expected)
        sources = Sources(root)
        self.root = root
        sets = {name: read_dataset(sources, name, self.refs[name], self.parts) for name in names}
        self.fingerprint = sources.fingerprint
        self._images = {image.id: image for data_set in sets.values() for image in data_set.images.values()}
        self._annotations = {name: data_set.annotations for name, data_set in sets.items()}
        self.problems = [problem for data_set in sets.values() for problem in data_set.problems]
        self.problems += self._broken_segmentations()
        self._other_sizes: dict[str, tuple[int, int]] = {}

    def listed(self) -> Iterator[Listed]:
        """All images with their sentences, set by set."""
        for image in self._images.values():
            yield Listed(image.id, tuple(sentence.key for sentence in sentences_of(image, self.parts)))

    def open(self, ids: Sequence[str]) -> Opened:
        """The images of these ids; masks are of the size that the set gives, whatever the size of the file is."""
        folder = image_folder(self.root)
        images = [self._images[id_] for id_ in ids]
        opened = open_frames(
            self.root, ((image.id, image.id.partition("/")[0], folder, [image.file]) for image in images)
        )
        return Opened([self._sized(video) for video in opened.videos], opened.problems)

    def questions(self, video: Video, keys: Collection[Key]) -> list[Question]:
        """Those of the image's questions, by the template."""
        return [
            Question(
                sentence.key,
                video,
                SA2VA_IMAGE.question_for(sentence.words),
                expects="track",
                expression=Expression(sentence.words, "refcoco", image=True),
            )
            for sentence in self._selected(video.id, keys)
        ]

    def truths(self, video: Video, keys: Collection[Key]) -> dict[Key, Truth]:
        """The truths of those questions, each with its mask as SAMA and Sa2VA have it, as LISA has it, and its box."""
        return {
            sentence.key: self._truth(sentence, self._images[video.id]) for sentence in self._selected(video.id, keys)
        }

    def wordings(self, video_id: str, keys: Collection[Key]) -> dict[Key, tuple[str, str]]:
        """Question and reference answer of each of those questions, as texts."""
        return {
            sentence.key: (SA2VA_IMAGE.question_for(sentence.words), reference(sentence.words))
            for sentence in self._selected(video_id, keys)
        }

    def places(self, video_id: str, keys: Collection[Key]) -> dict[Key, Place]:
        """Answers stand below their set, by the id of the sentence."""
        return {key: Place(video_id.partition("/")[0], key.id) for key in keys}

    def misfits(self, videos: Mapping[str, tuple[int, int]]) -> list[str]:
        """A line for each opened image whose file is not of the size that its set gives."""
        return [
            f"{self.root / image_folder(self.root) / self._images[id_].file}: is {height}x{width} (height x width), "
            f"but {size[0]}x{size[1]} in {id_.partition('/')[0]}/{INSTANCES}, as its masks are; put COCO's image there"
            for id_, size in videos.items()
            if id_ in self._other_sizes
            for height, width in [self._other_sizes[id_]]
        ]

    def _sized(self, video: Video) -> Video:
        size = self._images[video.id].size
        if video.size == size:
            return video
        self._other_sizes[video.id] = video.size
        return Video(video.id, video.source, size, video.frames)

    def _truth(self, sentence: Sentence, image: Image) -> Truth:
        annotation = self._annotation(sentence, image)
        pixels = parts(annotation.segmentation, image.size)
        return Truth(
            sentence.key,
            image.id,
            reference(sentence.words),
            (Checked([united(pixels)]),),
            labels={"parts of the mask": str(min(pixels.shape[2], 3)) + " +" * (pixels.shape[2] > 2)},
            more={
                "as_released": Checked([as_released(pixels)]),
                "once": Checked([covered_once(pixels)]),
                "box": annotation.box,
            },
        )

    def _annotation(self, sentence: Sentence, image: Image) -> Annotation:
        return self._annotations[image.id.partition("/")[0]][sentence.annotation]

    def _selected(self, video_id: str, keys: Collection[Key]) -> Iterator[Sentence]:
        return (sentence for sentence in sentences_of(self._images[video_id], self.parts) if sentence.key in keys)

    def _broken_segmentations(self) -> list[str]:
        problems = {}
        for image in self._images.values():
            for sentence in image.sentences:
                try:
                    check(self._annotation(sentence, image).segmentation, image.size)
                except RLEError as problem:
                    path = self.root / image.id.partition("/")[0] / INSTANCES
                    problems[path, sentence.annotation] = (
                        f"{path}: annotation {sentence.annotation}: {problem}; {AGAIN}"
                    )
        return list(problems.values())
