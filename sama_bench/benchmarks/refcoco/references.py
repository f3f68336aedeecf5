"""What the files of one set hold: for each image its sentences, and the annotation that each means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sama_bench.benchmarks.expressions.plain_pickle import plain_value
from sama_bench.benchmarks.expressions.sources import AGAIN, Sources
from sama_bench.benchmarks.refcoco.layout import INSTANCES, Part
from sama_bench.benchmarks.sama.json_checks import ShapeError, below, identifier, listing, mapping, text
from sama_bench.errors import UserError
from sama_bench.types import Key


@dataclass(frozen=True)
class Sentence:
    """A question: its words, and the annotation that is meant."""

    key: Key
    words: str
    annotation: str


@dataclass
class Image:
    """An image of one set, its (height, width) as the set says, and its sentences, in the order of the references."""

    id: str
    file: str
    size: tuple[int, int]
    sentences: list[Sentence] = field(default_factory=list)


@dataclass(frozen=True)
class Annotation:
    """An object: its segmentation, a list of polygons or an RLE, and its box (x0, y0, x1, y1)."""

    segmentation: object
    box: tuple[float, float, float, float] | None


@dataclass
class DataSet:
    """The images that have a sentence in one of the parts, by id, and the annotations that are meant."""

    parts: tuple[Part, ...] = ()
    images: dict[str, Image] = field(default_factory=dict)
    annotations: dict[str, Annotation] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def read_dataset(sources: Sources, name: str, file: str, parts: Sequence[Part]) -> DataSet:
    """Read one set, whose references lie in `file`, as far as they belong to a part.

    Raises UserError where a file cannot be read at all.
    """
    refs, instances = f"{name}/{file}", f"{name}/{INSTANCES}"
    path = sources.root / instances
    content = sources.json(instances)
    try:
        whole = mapping(content, "the file")
        images = {identifier(image.get("id"), "id"): image for image in _objects(whole, "images")}
        annotations = {
            identifier(annotation.get("id"), "id"): annotation for annotation in _objects(whole, "annotations")
        }
    except ShapeError as problem:
        raise UserError(f"{path}: {problem}; {AGAIN}") from problem
    listed = plain_value(sources.content(refs), sources.root / refs)
    if not isinstance(listed, list):
        raise UserError(f"{sources.root / refs}: holds {type(listed).__name__}, expected a list of references; {AGAIN}")
    data_set = DataSet(tuple(part for part in parts if part.dataset == name))
    known: set[Key] = set()
    for place, reference in enumerate(listed):
        try:
            _add(data_set, name, reference, images, annotations, known)
        except ShapeError as problem:
            data_set.problems.append(f"{sources.root / refs}: reference {place + 1}: {problem}; {AGAIN}")
    return data_set


def _objects(whole: Mapping[str, object], key: str) -> list[dict[str, object]]:
    return [mapping(value, f"an entry of {key}") for value in listing(whole.get(key), key)]


def _add(
    data_set: DataSet,
    name: str,
    value: object,
    images: Mapping[str, dict[str, Any]],
    annotations: Mapping[str, dict[str, Any]],
    known: set[Key],
) -> None:
    reference = mapping(value, "it")
    split = text(reference.get("split"), "split")
    parts = [part for part in data_set.parts if part.has(split)]
    if not parts:
        return
    image_id, annotation = (identifier(reference.get(key), key) for key in ("image_id", "ann_id"))
    if image_id not in images or annotation not in annotations:
        lacking = "image" if image_id not in images else "annotation"
        raise ShapeError(f"its {lacking} is not in {INSTANCES}")
    image = data_set.images.get(image_id) or _image(name, images[image_id])
    sentences = []
    for sentence in (mapping(value, "a sentence") for value in listing(reference.get("sentences"), "sentences")):
        id_, words = identifier(sentence.get("sent_id"), "sent_id"), text(sentence.get("sent"), "sent")
        sentences += [Sentence(Key(part.key, id_), words, annotation) for part in parts]
    if twice := next((sentence.key for sentence in sentences if sentence.key in known), None):
        raise ShapeError(f"its sentence {twice} stands in an earlier one, too")
    known |= {sentence.key for sentence in sentences}
    data_set.annotations[annotation] = _annotation(annotations[annotation])
    data_set.images[image_id] = image
    image.sentences += sentences


def _image(name: str, value: Mapping[str, Any]) -> Image:
    file = below(value.get("file_name"), "file_name")
    height, width = value.get("height"), value.get("width")
    if not (type(height) is int and type(width) is int and height > 0 < width):
        raise ShapeError(f"height and width of its image are {height!r:.20}, {width!r:.20}, expected whole numbers")
    return Image(f"{name}/{file.rpartition('.')[0] or file}", file, (height, width))


def _annotation(value: Mapping[str, Any]) -> Annotation:
    box = value.get("bbox")
    if not (isinstance(box, list) and len(box) == 4 and all(type(side) in {int, float} for side in box)):
        return Annotation(value.get("segmentation"), None)
    x, y, width, height = box
    return Annotation(value.get("segmentation"), (x, y, x + width, y + height))


def sentences_of(image: Image, parts: Sequence[Part]) -> Iterator[Sentence]:
    """The sentences of an image by task: all of one split, then all of the next."""
    for part in parts:
        yield from (sentence for sentence in image.sentences if sentence.key.task == part.key)
