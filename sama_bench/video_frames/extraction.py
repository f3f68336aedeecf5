"""The frames of many videos at once: what is missing is cut, what others cut is compared, and both ways are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from sama_bench.errors import UserError
from sama_bench.score.workers import available
from sama_bench.video_frames.cutting import Likeness, Ways, compare, cut
from sama_bench.video_frames.reading import Way
from sama_bench.video_frames.record import Record
from sama_bench.video_frames.wanted import BenchmarkVideos, Wanted

State: TypeAlias = Literal["made", "kept", "compared", "failed"]


@dataclass
class Outcome:
    """What became of one video: `made` now, `kept` from before, `compared` as others made its frames, or `failed`.

    `problems` says what does not hold, a line each; where there is one the frames cannot be trusted.
    """

    name: str
    folder: Path
    state: State
    ways: Ways | None = None
    likeness: Likeness | None = None
    problems: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        """The outcome with JSON's own types."""
        return {
            "video": self.name,
            "folder": str(self.folder),
            "state": self.state,
            "ways": None if self.ways is None else self.ways.to_json(),
            "there": None if self.likeness is None else str(self.likeness),
            "problems": self.problems,
        }


class Extraction:
    """Cuts the frames of videos by one way; `benchmark` says what they have to fit, where they are of one."""

    def __init__(
        self, videos: Mapping[str, Sequence[Path]], way: Way, benchmark: BenchmarkVideos | None = None
    ) -> None:
        self._videos, self._way, self._benchmark = videos, way, benchmark
        self._records: dict[Path, Record] = {}

    def run(self, wanted: Sequence[Wanted], advance: Callable[[int], object]) -> list[Outcome]:
        """What became of each video, in the order of `wanted`. Raises OSError where the disk is full.

        What is done when it is interrupted stays: the same call goes on from there.
        """
        for one in wanted:
            self._records.setdefault(one.folder.parent, Record(one.folder.parent))
        pool = ThreadPoolExecutor(max(1, min(available(), len(wanted))))
        try:
            waiting = [pool.submit(self._one, one) for one in wanted]
            for done in as_completed(waiting):
                done.result()
                advance(1)
            outcomes = [one.result() for one in waiting]
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        self._check(wanted, outcomes)
        return outcomes

    def _one(self, wanted: Wanted) -> Outcome:
        outcome = Outcome(wanted.name, wanted.folder, "failed")
        try:
            video = self._file(wanted)
            self._make(outcome, video, wanted.files)
        except UserError as problem:
            outcome.problems += problem.problems
        return outcome

    def _file(self, wanted: Wanted) -> Path:
        files = self._videos.get(wanted.name, ())
        if not files:
            raise UserError(f"{wanted.name}.mp4: is not there; download it from VidOR, and run again")
        if len(files) > 1:
            raise UserError(f"{wanted.name}.mp4: is there twice, {files[0]} and {files[1]}; remove one of them")
        return files[0]

    def _make(self, outcome: Outcome, video: Path, files: Sequence[str]) -> None:
        folder = outcome.folder
        record = self._records[folder.parent]
        if (ways := record.there(folder, video, self._way)) is not None:
            outcome.state, outcome.ways = "kept", ways
        elif folder.exists() and not record.knows(folder):
            self._compare(outcome, video, files)
        else:
            outcome.ways = cut(video, folder, self._way)
            outcome.state = "made"
            record.add(folder, video, self._way, outcome.ways)

    def _compare(self, outcome: Outcome, video: Path, files: Sequence[str]) -> None:
        folder = outcome.folder
        if not folder.is_dir():
            raise UserError(f"{folder}: is no folder; move it away, and run again")
        outcome.ways, likeness = compare(video, folder, self._way, files)
        outcome.state, outcome.likeness = "compared", likeness
        fits = likeness.released if self._way == "released" else likeness.exact
        if likeness.unlike or likeness.missing or not fits:
            advice = f"--as {self._way} would make other ones: move the folder away for these"
            outcome.problems.append(f"{folder}: the frames there are {likeness}; {advice}")

    def _check(self, wanted: Sequence[Wanted], outcomes: Sequence[Outcome]) -> None:
        """Add what does not fit the lists of frames and the masks of the benchmark."""
        for one, outcome in zip(wanted, outcomes, strict=True):
            if outcome.ways is not None:
                outcome.problems += self._unfit(one, outcome.ways)

    def _unfit(self, wanted: Wanted, ways: Ways) -> Iterator[str]:
        missing = [name for name in wanted.files if not (wanted.folder / name).is_file()]
        if missing:
            count = f"{len(missing)} frames that the split file lists"
            yield f"{wanted.folder}: {count} are not in the video, as {missing[0]}"
        if self._benchmark is None:
            return
        yield from self._benchmark.unfit({wanted.video: ways.size})
        lengths = self._benchmark.track_lengths(wanted.video)
        if lengths and max(lengths) < len(wanted.files):
            told = ", ".join(map(str, lengths))
            yield f"{wanted.folder}: no mask track is as long as its {len(wanted.files)} frames (lengths {told})"
