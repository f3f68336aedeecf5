"""`pack-server` and `check-server`: what servers take, of runs and of other answers, and what they would not take."""

import io
import json
import shutil
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

import sama_bench as sb
from sama_bench.cli.servers import check_server, pack_server
from sama_bench.errors import UserError

GOLDEN = Path(__file__).parents[1] / "golden" / "grounding"
MEVIS, RVOS = f"mevis:{GOLDEN / 'mevis'}", f"ref-youtube-vos:{GOLDEN / 'rvos'}"
VIDEO = "110a1b2c3d"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("SAMA_BENCH_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A run on each of the two, by the name of the server."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAMA_BENCH_CACHE", str(folder / "cache"))
        sb.evaluate("motion", MEVIS, folder / "mevis", tasks="mevis-valid")
        sb.evaluate("motion", RVOS, folder / "ref-youtube-vos")
    return folder


def said(command, *arguments):
    done = CliRunner().invoke(command, [*map(str, arguments)])
    if isinstance(done.exception, UserError):
        return done.exception.status, "\n".join(done.exception.problems)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def packed(runs, tmp_path, server, name="out.zip"):
    status, told = said(pack_server, runs / server, "--for", server, "--out", tmp_path / name)
    assert status == 0, told
    return tmp_path / name


def changed(path, change, target):
    """A copy of the archive whose members, by name, were changed; a list of pairs may hold a name twice."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members = change(members)
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w") as archive:
        warnings.simplefilter("ignore")
        for name, content in members.items() if isinstance(members, dict) else members:
            archive.writestr(name, content)
    return target


def png(image):
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def test_each_server_gets_its_own_form(runs, tmp_path):
    with zipfile.ZipFile(packed(runs, tmp_path, "mevis")) as archive:
        assert archive.namelist() == [f"mvhidden/{id_}/0000{frame}.png" for id_ in (0, 1) for frame in (0, 1, 2)]
    with zipfile.ZipFile(packed(runs, tmp_path, "ref-youtube-vos")) as archive:
        names = archive.namelist()
        assert names[0] == f"Annotations/{VIDEO}/0/00000.png"
        assert len(names) == 8  # the video of test is not among them
        with Image.open(io.BytesIO(archive.read(names[0]))) as image:
            assert image.mode == "L"
            assert {*np.unique(np.asarray(image))} <= {0, 255}
    for server, bench in (("mevis", MEVIS), ("ref-youtube-vos", RVOS)):
        status, told = said(check_server, packed(runs, tmp_path, server), "--bench", bench)
        assert status == 0
        assert "each once" in told


def test_equal_answers_give_equal_bytes_and_predictions_pack_as_a_run_does(runs, tmp_path):
    first, second = (packed(runs, tmp_path, "mevis", name).read_bytes() for name in ("a.zip", "b.zip"))
    assert first == second
    lines = tmp_path / "answers.jsonl"
    lines.write_text("".join(f"{line}\n" for line in sb.load_run(runs / "mevis").lines()))
    for answers in (lines, tmp_path / "a.zip"):
        status, told = said(pack_server, answers, "--for", "mevis", "--bench", MEVIS, "--out", tmp_path / "c.zip")
        assert status == 0, told
        assert (tmp_path / "c.zip").read_bytes() == first


def test_an_expression_without_an_answer_is_told_and_nothing_is_written(tmp_path):
    lines = [
        {"task": "mevis-valid", "question_id": "mvhidden_0", "error": "out of memory"},
        {"task": "mevis", "question_id": "mvone_0", "text": "No."},
    ]
    (tmp_path / "answers.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    status, told = said(
        pack_server, tmp_path / "answers.jsonl", "--for", "mevis", "--bench", MEVIS, "--out", tmp_path / "out.zip"
    )
    assert status == 1
    assert "mevis-valid:mvhidden_0 ended in an error (out of memory)" in told
    assert "mevis-valid:mvhidden_1 has no answer" in told
    assert not (tmp_path / "out.zip").exists()


def test_an_answer_without_a_mask_is_an_empty_one(tmp_path):
    lines = [{"task": "mevis-valid", "question_id": f"mvhidden_{n}", "text": "No.", "tracks": []} for n in (0, 1)]
    (tmp_path / "answers.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    out = tmp_path / "out.zip"
    assert said(pack_server, tmp_path / "answers.jsonl", "--for", "mevis", "--bench", MEVIS, "--out", out)[0] == 0
    with zipfile.ZipFile(out) as archive, Image.open(io.BytesIO(archive.read("mvhidden/0/00000.png"))) as image:
        assert not np.asarray(image).any()


def test_what_cannot_be_packed_is_told_with_status_2(runs, tmp_path):
    for arguments, expected in (
        ((runs / "mevis", "--for", "davis17"), "davis17: no server is known, expected mevis or ref-youtube-vos"),
        ((runs / "mevis", "--for", "ref-youtube-vos"), "was asked mevis-valid, the server scores ref-youtube-vos"),
        ((tmp_path / "nothing", "--for", "mevis"), "is no run, so --bench has to say"),
        ((runs / "mevis", "--for", "mevis", "--task", "g"), "mevis: has no task g"),
        ((runs / "mevis", "--for", "mevis", "--out", tmp_path / "no/where.zip"), "cannot be written"),
    ):
        status, told = said(pack_server, *arguments)
        assert status == 2
        assert expected in told


def test_another_task_goes_in_the_same_form(tmp_path):
    results = GOLDEN / "predictions" / "mevis_valid_u.json"
    out = tmp_path / "out.zip"
    status, told = said(pack_server, results, "--for", "mevis", "--bench", MEVIS, "--task", "mevis", "--out", out)
    assert (status, "11 expressions" in told) == (0, True)
    assert said(check_server, out, "--bench", MEVIS, "--task", "mevis")[0] == 0
    assert said(check_server, out, "--bench", MEVIS)[0] == 1


def renamed(find, replace):
    return lambda members: {name.replace(find, replace): content for name, content in members.items()}


def added(name, content=b""):
    return lambda members: {**members, name: content}


def without(start):
    return lambda members: {name: one for name, one in members.items() if not name.startswith(start)}


FIRST = f"Annotations/{VIDEO}/0/00000.png"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (renamed("Annotations/", ""), "videos lie at the top, the server expects them below Annotations/"),
        (
            renamed("Annotations/", "x/Annotations/"),
            "videos lie below x/Annotations/, the server expects them below Ann",
        ),
        (without(f"Annotations/{VIDEO}/1"), f"expression {VIDEO}/1 is not there"),
        (without(FIRST), f"expression {VIDEO}/0 lacks 00000.png of 4 frames"),
        (without("Annotations"), f"video {VIDEO} is not there (2 expressions)"),
        (added(f"Annotations/{VIDEO}/0/00001.png"), f"expression {VIDEO}/0 has frames that the list has not"),
        (added(f"Annotations/{VIDEO}/9/00000.png"), f"video {VIDEO} has no such expression"),
        (added("Annotations/what/0/00000.png"), "video what is not asked about"),
        (
            added("Annotations/TESTVIDEO/0/00000.png"),
            "video TESTVIDEO is of test, the server takes those of valid alone",
        ),
        (added("__MACOSX/._x"), "files that a program left there: __MACOSX/._x"),
        (added("readme.txt"), "files that are no masks: readme.txt"),
        (added("../../etc/passwd"), "is a name that may leave the folder"),
        (lambda members: [*members.items(), (FIRST, b"")], f"'{FIRST}' is in it 2 times"),
        (added(FIRST, b"none"), f"{FIRST} is no whole PNG picture"),
        (added(FIRST, png(Image.new("L", (5, 4)))), f"{FIRST} is 4x5 (height x width), the frame is"),
        (added(FIRST, "P"), f"{FIRST} is of mode P, expected L"),
        (added(FIRST, "1"), f"{FIRST} is of mode 1, expected L"),
        (added(FIRST, "ones"), f"{FIRST} holds other values than 0 and 255"),
    ],
)
def test_each_thing_that_a_server_would_not_take_is_told(runs, tmp_path, change, told):
    test = next(iter(json.loads((GOLDEN / "rvos/meta_expressions/test/meta_expressions.json").read_text())["videos"]))
    path = packed(runs, tmp_path, "ref-youtube-vos")
    with zipfile.ZipFile(path) as archive, Image.open(io.BytesIO(archive.read(FIRST))) as image:
        size = image.size
    pictures = {"P": Image.new("P", size), "1": Image.new("1", size), "ones": Image.new("L", size, 1)}

    def spoilt(members):
        found = change(members)
        if isinstance(found, dict):
            found = {name: png(pictures[one]) if isinstance(one, str) else one for name, one in found.items()}
            found = {name.replace("TESTVIDEO", test): one for name, one in found.items()}
        return found

    status, output = said(check_server, changed(path, spoilt, tmp_path / "bad.zip"), "--bench", RVOS)
    assert status == 1
    assert told.replace("TESTVIDEO", test) in output


def test_all_problems_are_told_at_once_also_as_json(runs, tmp_path):
    path = packed(runs, tmp_path, "ref-youtube-vos")
    bad = changed(
        path, lambda m: {**without(FIRST)(m), "readme.txt": b"", "Annotations/x/0/0.png": b""}, tmp_path / "b.zip"
    )
    status, _ = said(check_server, bad, "--bench", RVOS, "--json", tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text())
    assert status == 1
    assert not report["holds"]
    assert len(report["problems"]) == 3
    assert (report["videos"], report["expressions"], report["frames"]) == (1, 2, 8)


def test_what_is_no_archive_does_not_hold_and_what_is_not_there_is_bad_usage(runs, tmp_path):
    (tmp_path / "text.zip").write_text("no archive")
    status, told = said(check_server, tmp_path / "text.zip", "--bench", RVOS)
    assert (status, "is no whole ZIP archive" in told) == (1, True)
    shutil.copy(packed(runs, tmp_path, "mevis"), tmp_path / "torn.zip")
    (tmp_path / "torn.zip").write_bytes((tmp_path / "torn.zip").read_bytes()[:-30])
    assert said(check_server, tmp_path / "torn.zip", "--bench", MEVIS)[0] == 1
    assert said(check_server, tmp_path / "nowhere.zip", "--bench", RVOS)[0] == 2
    assert said(check_server, tmp_path / "torn.zip", "--bench", f"davis17:{tmp_path}")[0] == 2
