"""Ref-DAVIS17's folder as VISA, Sa2VA and SAMA read it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from sama_bench.benchmark.reader import LabelPlace, not_here
from sama_bench.benchmarks.davis17.void import void_track
from sama_bench.benchmarks.expressions.listing import Expression, VideoListing, read_listing, sorted_numbers
from sama_bench.benchmarks.expressions.listing_reader import ListingReader
from sama_bench.benchmarks.expressions.plain_pickle import plain_value
from sama_bench.benchmarks.expressions.results_form import more_of_order
from sama_bench.benchmarks.expressions.sources import AGAIN, Sources
from sama_bench.benchmarks.expressions.wording import SA2VA_VIDEO
from sama_bench.errors import UserError
from sama_bench.metrics import rle
from sama_bench.types import Key, Track, Truth, Video

TASK = "davis17"
LISTING = "meta_expressions/valid/meta_expressions.json"
MASKS = "valid/mask_dict.pkl"
EXPECTED = f"{LISTING}, {MASKS}, valid/JPEGImages/VIDEO/FRAME.jpg, valid/Annotations/VIDEO/FRAME.png"
# Where frames and label images lie; the second place is DAVIS' own, which UniPixel reads.
FRAMES = ("valid/JPEGImages", "DAVIS/JPEGImages/480p")
LABELS = ("valid/Annotations", "DAVIS/Annotations_unsupervised/480p")
ANNOTATORS = ("1, first frame", "1, whole video", "2, first frame", "2, whole video")


def recognise(folder: Path) -> bool:
    """Whether expressions and masks are there."""
    return (folder / LISTING).is_file() and (folder / MASKS).is_file()


class DavisReader(ListingReader):
    """The folder at `root`. Raises UserError where it is not of this kind."""

    task = TASK
    wording = SA2VA_VIDEO

    def __init__(self, root: Path) -> None:
        if not (root / LISTING).is_file():
            raise not_here(root, EXPECTED)
        sources = Sources(root)
        self.root = root
        self.videos = read_listing(sources.content(LISTING), root / LISTING).checked()
        self._masks, self.problems = _masks(sources, self.videos)
        self.problems += _wrong_objects(root / LISTING, self.videos)
        self.fingerprint = sources.fingerprint

    def truths(self, video: Video, keys: Collection[Key]) -> dict[Key, Truth]:
        """The truths of those questions, with the pixels that nobody has to tell (void), where there are any.

        Raises UserError where a mask is not of the frames' size.
        """
        listing = self.videos[video.id]
        void = void_track(self.root / self._first(LABELS, video.id), listing.frames, video.size)
        objects = len({str(expression.about["obj_id"]) for expression in listing.expressions})
        return {
            key: Truth(
                key,
                video.id,
                self.reference(expression),
                (self._track(listing, expression, video.size),),
                labels={"annotator": ANNOTATORS[int(expression.number) % 4], "objects in the video": str(objects)},
                more={
                    "void": void,
                    "object": int(expression.about["obj_id"]),
                    "annotator": int(expression.number) % 4,
                    **more_of_order(listing),
                },
            )
            for key, expression in self.selected_expressions(video.id, keys)
        }

    def label_places(self, video_id: str, keys: Collection[Key]) -> dict[Key, LabelPlace]:
        """Where ReferFormer's merging puts its label images: a folder for each annotator."""
        return {
            key: LabelPlace(
                f"anno_{int(expression.number) % len(ANNOTATORS)}/{video_id}", int(expression.about["obj_id"])
            )
            for key, expression in self.selected_expressions(video_id, keys)
        }

    def misfits(self, videos: Mapping[str, tuple[int, int]]) -> list[str]:
        """A line for each expression whose masks are not of its video's size."""
        return [
            f"{self.root / MASKS}: {id_}, expression {expression.number}: has masks of another size than the frames' "
            f"{size[0]}x{size[1]} (height x width); {AGAIN}"
            for id_, size in videos.items()
            for expression in self.videos[id_].expressions
            if any(mask is not None and mask["size"] != list(size) for mask in self._masks[id_, expression.number])
        ]

    def folder(self, video_id: str) -> str:
        """The folder of the video's frames, below the root."""
        return self._first(FRAMES, video_id)

    def _first(self, places: Sequence[str], video: str) -> str:
        """The first of the places that has a folder of the video; the usual one where none has."""
        return next(
            (f"{place}/{video}" for place in places if (self.root / place / video).is_dir()), f"{places[0]}/{video}"
        )

    def _track(self, listing: VideoListing, expression: Expression, size: tuple[int, int]) -> Track:
        try:
            return listing.sorted(rle.as_fitting(self._masks[listing.id, expression.number], len(listing.frames), size))
        except rle.RLEError as problem:
            raise UserError(
                f"{self.root / MASKS}: {listing.id}, expression {expression.number}: {problem}; {AGAIN}"
            ) from problem


def _masks(
    sources: Sources, videos: Mapping[str, VideoListing]
) -> tuple[dict[tuple[str, str], rle.Checked], list[str]]:
    """The masks of each expression by video and number, and what is wrong with them.

    The file's keys count the expressions, videos sorted, then numbers sorted as texts.
    """
    path = sources.root / MASKS
    value = plain_value(sources.content(MASKS), path)
    if not isinstance(value, dict):
        raise UserError(f"{path}: holds {type(value).__name__}, expected a dictionary of tracks; {AGAIN}")
    tracks = {str(name): track for name, track in value.items()}
    tracks_by_expression: dict[tuple[str, str], rle.Checked] = {}
    problems = []
    places = list(sorted_numbers(videos))
    for place, (video, number) in enumerate(places):
        try:
            tracks_by_expression[video, number] = rle.check_track(tracks.get(str(place)), len(videos[video].frames))
        except rle.RLEError as problem:
            problems.append(f"{path}: entry {place}, which is {video}'s expression {number}: {problem}; {AGAIN}")
    if len(tracks) != len(places):
        problems.append(f"{path}: has {len(tracks)} tracks, {LISTING} has {len(places)} expressions; {AGAIN}")
    return tracks_by_expression, problems


def _wrong_objects(path: Path, videos: Mapping[str, VideoListing]) -> list[str]:
    return [
        f"{path}: {video.id}, expression {expression.number}: obj_id is "
        f"{expression.about.get('obj_id')!r:.40}, expected a number from 1 on; {AGAIN}"
        for video in videos.values()
        for expression in video.expressions
        if not _is_object(expression.about.get("obj_id"))
    ]


def _is_object(value: object) -> bool:
    return str(value).isascii() and str(value).isdigit() and int(str(value)) > 0
