"""A run of a baseline on the demo, packed; a leaderboard that it is in; and files that only look like a packed run."""

import hashlib
import json
import shutil
import warnings
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from sama_bench.adapter import Abilities
from sama_bench.benchmark import open_benchmark
from sama_bench.benchmark.installed import load_task
from sama_bench.leaderboard.submission.add import add
from sama_bench.leaderboard.submission.archive import CHECKSUMS, MANIFEST, MEMBERS, PLAIN_FILE, PREDICTIONS
from sama_bench.leaderboard.submission.pack import pack
from sama_bench.run.manifest import Manifest, RunSettings, Session
from sama_bench.run.predictions import StoredPrediction
from sama_bench.run.registry import make_adapter
from sama_bench.run.runner import run as ask
from sama_bench.run.store import Store

PRIVATE = "/home/ada/secret"


@pytest.fixture(scope="session")
def bench():
    return open_benchmark("demo")


@pytest.fixture(scope="session")
def begin(bench):
    """Makes a run's folder without an answer, with private things wherever a manifest may have some."""

    def make(folder, model="still", benchmark=bench, **others):
        digests = {task: load_task(task).digest for task in benchmark.tasks}
        args = {"checkpoint": "Org/Name-7B", "repo": f"{PRIVATE}/repo", "api_key": "sk-1"}
        asked = {"limit": None, "videos": None, **others}
        settings = RunSettings(model, args, bench.fingerprint, benchmark.tasks, task_digests=digests, **asked)
        counts = {task: benchmark.counts(task)[0] for task in benchmark.tasks}
        session = Session("2026-01-01T00:00:00+00:00", {"python": "3.11", "plug-in": f"1 ({PRIVATE})"}, "0" * 40)
        asking = {"prompt": "dialogue@0123abcd", "frames": "8 even full", "template": f"{PRIVATE}/t.jinja"}
        return Manifest(
            settings, f"{PRIVATE}/bench", f"{PRIVATE}-bench", counts=counts, asked={"bench": f"{PRIVATE}/bench"},
            sessions=(session,), can=Abilities(), asking=asking,
        )  # fmt: skip

    return make


def odd(number, answer):
    """Some answers that are no plain ones: errors, what could not be read, words of many scripts, no track."""
    kinds = {
        2: StoredPrediction("", error=f"RuntimeError: {PRIVATE}/weights is not there", traceback=f"in {PRIVATE}"),
        3: StoredPrediction("", error=f"open: FileNotFoundError: {PRIVATE}"),
        4: StoredPrediction(answer.text, answer.tracks, 1.5, raw=f"{PRIVATE} raw", unread=f"no {PRIVATE}"),
        5: StoredPrediction("<p> 模型 </p> [SEG] <script>alert(1)</script> \u202e", answer.tracks, 0.1),
        6: StoredPrediction("", []),
    }
    return kinds.get(number % 20, answer)


@pytest.fixture(scope="session")
def answers(bench, begin, tmp_path_factory):
    """What `still` answers on the demo, by video, some of it made odd."""
    folder = tmp_path_factory.mktemp("answers") / "run"
    with Store.create(folder, begin(folder)) as store:
        ask(bench, make_adapter("still", {}), store)
        found = {entry.video.id: store.predictions(entry.video.id) for entry in bench.entries}
    numbers = {key: number for number, key in enumerate(key for own in found.values() for key in own)}
    return {video: {key: odd(numbers[key], one) for key, one in own.items()} for video, own in found.items()}


@pytest.fixture(scope="session")
def make_run(begin, answers):
    """Makes the folder of a run that gave `answers`, video by video in the order that `order` makes of them."""

    def make(folder, order=list, keep=lambda key: True, **asked):
        with Store.create(folder, begin(folder, **asked)) as store:
            for video in order(answers):
                own = order(answers[video].items())
                store.put(video, [(key, one) for key, one in own if keep(key)])
        return folder

    return make


@pytest.fixture(scope="session")
def run(make_run, tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("runs") / "still")


@pytest.fixture(scope="session")
def packed(run, tmp_path_factory):
    """The run as a packed file."""
    return pack(
        run, tmp_path_factory.mktemp("packed") / "still.zip", "Still, made odd", "https://example.org/still"
    ).path


@pytest.fixture(scope="session")
def empty(bench, tmp_path_factory):
    """A leaderboard without an entry; not to be changed."""
    folder = tmp_path_factory.mktemp("empty")
    (folder / "leaderboard.yaml").write_text(f"benchmark: {bench.fingerprint}\nphrases: words\n")
    return folder


@pytest.fixture(scope="session")
def board(empty, packed, tmp_path_factory):
    """A leaderboard with one entry, scored for real; not to be changed."""
    folder = tmp_path_factory.mktemp("board") / "leaderboard"
    shutil.copytree(empty, folder)
    add(packed, "demo", folder)
    return folder


@pytest.fixture
def own(board, tmp_path):
    """A copy of that leaderboard."""
    return Path(shutil.copytree(board, tmp_path / "leaderboard"))


def members(path):
    """The contents of a packed file by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def plain(name):
    """How a member is noted in a packed file."""
    about = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    about.compress_type, about.external_attr, about.create_system = zipfile.ZIP_DEFLATED, PLAIN_FILE, 3
    return about


def zipped(path, contents, comment=b""):
    """Write (name or ZipInfo, content) as an archive of the same form as a packed file."""
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore")  # of names that stand twice
        for name, content in contents:
            about = plain(name) if isinstance(name, str) else name
            archive.writestr(about, content)
        archive.comment = comment
    return path


def sums(contents):
    return "".join(
        f"{hashlib.sha256(contents[name]).hexdigest()}  {name}\n" for name in (MANIFEST, PREDICTIONS)
    ).encode()


@pytest.fixture
def forged(packed, tmp_path):
    """Makes a packed file with other contents, and right checksums: `manifest` and `lines` change what is there."""

    def make(manifest=lambda card: None, lines=lambda lines: lines):
        contents = members(packed)
        card = json.loads(contents[MANIFEST])
        changed = manifest(card)
        contents[MANIFEST] = changed if isinstance(changed, bytes) else json.dumps(changed or card).encode()
        contents[PREDICTIONS] = b"".join(lines(contents[PREDICTIONS].splitlines(keepends=True)))
        contents[CHECKSUMS] = sums(contents)
        return zipped(tmp_path / "forged.zip", [(name, contents[name]) for name in MEMBERS])

    return make


def snapshot(folder):
    """All that is in a folder, with when it was changed."""
    return {
        str(one.relative_to(folder)): (one.stat().st_mtime_ns, one.read_bytes() if one.is_file() else b"")
        for one in [folder, *folder.rglob("*")]
    }


@pytest.fixture(scope="session")
def private():
    return PRIVATE


@pytest.fixture(scope="session")
def craft():
    """What makes and takes apart archives, and looks at folders."""
    return SimpleNamespace(members=members, plain=plain, zipped=zipped, snapshot=snapshot)
