"""Answers as people have them: pictures in folders and archives, results.json; and what strangers put there instead."""

import io
import json
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

import sama_bench as sb
from sama_bench.cli.score import score as score_command
from sama_bench.errors import UserError
from sama_bench.metrics import rle

GOLDEN = Path(__file__).parents[2] / "golden" / "grounding"
NUMBERS = json.loads((GOLDEN / "numbers" / "mevis_valid_u.json").read_text())
RESULTS = json.loads((GOLDEN / "predictions" / "mevis_valid_u.json").read_text())
FRAMES = {
    video: sorted(one["frames"])
    for video, one in json.loads((GOLDEN / "mevis/valid_u/meta_expressions.json").read_text())["videos"].items()
}
EXACT = {"abs": 1e-9, "rel": 0}
SIZES = {}


@pytest.fixture(scope="module")
def bench():
    found = sb.load_benchmark(GOLDEN / "mevis", tasks="mevis")
    SIZES.update({video.id.partition("/")[2]: video.size for video in found.videos})
    return found


def grey(mask, white):
    return Image.fromarray(mask.astype(np.uint8) * white)


def palette(mask):
    image = grey(mask, 1)
    image.putpalette([0, 0, 0, 200, 30, 30])
    return image


FORMS = {
    "L, 0 and 255": lambda mask: grey(mask, 255),
    "L, 0 and 1": lambda mask: grey(mask, 1),
    "palette": palette,
    "1 bit": Image.fromarray,
}


def png(image):
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def pictures(form="L, 0 and 255", top=""):
    """The golden predictions as files, by name."""
    return {
        f"{top}{video}/{id_}/{frame}.png": png(FORMS[form](rle.decode(one, SIZES[video])))
        for video, own in RESULTS.items()
        for id_, answer in own.items()
        for frame, one in zip(FRAMES[video], answer["prediction_masks"], strict=True)
    }


def folder(path, files):
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def archive(path, files):
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return path


def results(path, value):
    path.write_text(json.dumps(value))
    return path


def scored(bench, path, told=None):
    lines = [] if told is None else told
    return sb.score(bench, path, processes=1, tell=lines.append).kept.protocols


def check(found):
    for protocol in ("released", "strict"):
        block = found[protocol]["mevis"]
        assert block.mean["J&F"] == pytest.approx(NUMBERS["J&F"], **EXACT)
        assert block.per_expression.keys() == NUMBERS["per_expression"].keys()
        for id_, one in NUMBERS["per_expression"].items():
            assert block.per_expression[id_]["F"] == pytest.approx(one["F"], **EXACT)


@pytest.mark.parametrize("form", FORMS)
def test_each_kind_of_picture_gives_the_released_numbers(bench, tmp_path, form):
    check(scored(bench, folder(tmp_path / "answers", pictures(form))))


@pytest.mark.parametrize("top", ["", "Annotations/", "MEVIS____valid_output/", "runs/mine/Annotations/"])
def test_an_archive_is_scored_in_place_whatever_is_wrapped_around_the_videos(bench, tmp_path, top):
    files = pictures(top=top) | {"__MACOSX/._x.png": b"", f"{top}.DS_Store": b"", f"{top}mvone/._0.png": b""}
    packed = archive(tmp_path / "answers.zip", files)
    told = []
    check(scored(bench, packed, told))
    assert not told
    assert [path.name for path in tmp_path.iterdir() if path.name != "cache"] == ["answers.zip"]


def test_results_json_as_a_file_and_alone_in_an_archive(bench, tmp_path):
    check(scored(bench, results(tmp_path / "results.json", RESULTS)))
    check(scored(bench, archive(tmp_path / "r.zip", {"x/results.json": json.dumps(RESULTS)})))
    bare = {video: {id_: one["prediction_masks"] for id_, one in own.items()} for video, own in RESULTS.items()}
    check(scored(bench, results(tmp_path / "bare.json", bare)))


@pytest.mark.parametrize("suffix", ["jsonl", "json", "txt"])
def test_json_lines_whatever_their_file_is_called(bench, tmp_path, suffix):
    lines = (
        {"task": "mevis", "question_id": f"{video}_{id_}", "text": "[SEG]", "tracks": [one["prediction_masks"]]}
        for video, own in RESULTS.items()
        for id_, one in own.items()
    )
    path = tmp_path / f"answers.{suffix}"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    check(scored(bench, path))


@pytest.mark.parametrize("write", [folder, lambda path, files: archive(path.with_suffix(".zip"), files)])
@pytest.mark.parametrize(
    ("gone", "missing", "errors"), [("mvthree", 5, 0), ("mvthree/1", 1, 0), ("mvthree/1/00003.png", 0, 1)]
)
def test_what_is_incomplete_leaves_the_released_mean_as_its_script_has_it_and_is_0_in_strict(
    bench, tmp_path, write, gone, missing, errors
):
    files = {name: one for name, one in pictures().items() if not f"{name}/".startswith(f"{gone}/")}
    told = []
    found = scored(bench, write(tmp_path / "answers", files), told)
    assert ["mvthree/1 lacks 00003.png of 7 pictures" in line for line in told] == [True] * errors
    kind = "file" if gone.endswith(".png") else "folder"
    expected = NUMBERS["incomplete"][f"{kind} {gone} is missing"]["result"]
    assert {name: round(100 * value, 2) for name, value in found["released"]["mevis"].mean.items()} == expected
    lost = [id_ for id_ in NUMBERS["per_expression"] if id_ == "mvthree_1" or (missing > 1 and "mvthree" in id_)]
    left = [one["J"] for id_, one in NUMBERS["per_expression"].items() if id_ not in lost]
    strict = found["strict"]["mevis"]
    assert strict.mean["J"] == pytest.approx(sum(left) / len(NUMBERS["per_expression"]), **EXACT)
    assert (strict.missing, strict.errors) == (missing, errors)


def test_a_video_of_which_every_expression_is_incomplete_is_not_one_without_answers(bench, tmp_path):
    """The released scorer goes by the video's folder: where that is there the expressions leave the mean."""
    whole = pictures()
    files = {name: one for name, one in whole.items() if "mvthree" not in name or name == "mvthree/0/00000.png"}
    found = scored(bench, folder(tmp_path / "answers", files))
    others = [one["J"] for id_, one in NUMBERS["per_expression"].items() if "mvthree" not in id_]
    assert found["released"]["mevis"].mean["J"] == pytest.approx(np.mean(others), **EXACT)
    assert found["strict"]["mevis"].errors == 5


def test_the_command_tells_what_is_missing_and_what_is_left_aside(bench, tmp_path):
    files = {name: one for name, one in pictures().items() if "mvthree/1/" not in name}
    files |= {"elsewhere/0/00000.png": b"not looked at", "mvone/77/00000.png": b""}
    path = folder(tmp_path / "answers", files)
    done = CliRunner().invoke(
        score_command,
        ["--bench", f"mevis:{GOLDEN / 'mevis'}", "--task", "mevis", "--predictions", str(path)],
        catch_exceptions=False,
    )
    assert done.exit_code == 0
    told = " ".join(done.output.split())
    assert "elsewhere/0, mvone/77 answer no question that is asked for: left aside" in told
    assert "of 11 questions 1 without an answer: left out in released, empty in strict" in told


def test_every_picture_of_a_video_that_is_no_mask_is_told(bench, tmp_path):
    files = pictures()
    height, width = SIZES["mvthree"]
    files["mvthree/0/00000.png"] = png(Image.new("L", (3, 4)))
    files["mvthree/0/00001.png"] = png(Image.new("RGB", (width, height)))
    files["mvthree/0/00002.png"] = b"\x89PNG\r\n\x1a\nnothing more"
    grades = np.zeros((height, width), np.uint8)
    grades[0, :3] = 1, 128, 255
    files["mvthree/1/00003.png"] = png(Image.fromarray(grades))
    with pytest.raises(UserError) as caught:
        scored(bench, folder(tmp_path / "answers", files))
    told = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 4
    for wrong in (
        "mvthree/0/00000.png is 4x3 (height x width), the frame is",
        "mvthree/0/00001.png is a picture of mode RGB",
        "mvthree/0/00002.png is no whole PNG picture",
        "mvthree/1/00003.png holds the values 0, 1, 128, 255, expected 0 and 255, or 0 and 1",
    ):
        assert wrong in told


def test_a_picture_that_would_fill_the_memory_is_not_unpacked(bench, tmp_path):
    files = pictures()
    bomb = io.BytesIO()
    Image.new("1", (8000, 8000)).save(bomb, "PNG")
    files["mvone/0/00000.png"] = bomb.getvalue()
    with pytest.raises(UserError, match=r"mvone/0/00000\.png is 8000x8000"):
        scored(bench, folder(tmp_path / "answers", files))
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in pictures().items():
            packed.writestr(name, content if "mvone" not in name else bytes(200_000_000))
    with pytest.raises(UserError, match=r"mvone/0/00000\.png would unpack to 200,000,000 bytes"):
        scored(bench, tmp_path / "bomb.zip")


def hostile(path, kind):
    if kind == "torn":
        whole = archive(path, pictures()).read_bytes()
        path.write_bytes(whole[:-400])
        return path
    if kind == "text":
        path.write_text("no archive")
        return path
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in pictures().items():
            packed.writestr(name, content)
        if kind == "twice":
            with pytest.warns(UserWarning, match="Duplicate name"):
                packed.writestr("mvone/0/00000.png", b"")
        elif kind == "link":
            info = zipfile.ZipInfo("mvone/0/00009.png")
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            packed.writestr(info, "/etc/passwd")
        elif kind == "lzma":
            packed.writestr("mvone/0/00009.png", b"x" * 99, compress_type=zipfile.ZIP_LZMA)
        else:
            packed.writestr(kind, b"")
    return path


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("torn", "is no whole ZIP archive"),
        ("text", "is no whole ZIP archive"),
        ("twice", "'mvone/0/00000.png' is in it 2 times"),
        ("link", "'mvone/0/00009.png' is a link or a device"),
        ("lzma", "is packed by method 14, expected stored or deflated"),
        ("../mvone/0/00000.png", "may leave the folder"),
        ("/mvone/0/00000.png", "may leave the folder"),
        ("C:/mvone/0/00000.png", "may leave the folder"),
        ("mvone\\0\\00000.png", "has backslashes in its name"),
    ],
)
def test_archives_that_nobody_may_trust_are_refused(bench, tmp_path, kind, told):
    with pytest.raises(UserError) as caught:
        scored(bench, hostile(tmp_path / "answers.zip", kind))
    assert told in str(caught.value)


def test_folders_with_links_two_tops_or_nothing_are_refused(bench, tmp_path):
    path = folder(tmp_path / "links", pictures())
    (path / "mvone/0/00000.png").unlink()
    (path / "mvone/0/00000.png").symlink_to("/etc/passwd")
    with pytest.raises(UserError, match=r"00000\.png: is a link"):
        scored(bench, path)
    two = folder(folder(tmp_path / "two", pictures(top="a/")), pictures(top="b/"))
    with pytest.raises(UserError, match="answers lie below a and b; give one of them"):
        scored(bench, two)
    other = folder(tmp_path / "other", {"what/0/00000.png": b""})
    with pytest.raises(UserError, match=r"VIDEO/EXPRESSION/FRAME\.png, such as mvreal/0/00000\.png"):
        scored(bench, other)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds neither PNG pictures nor a JSON file"):
        scored(bench, tmp_path / "empty")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda v: v["mvone"]["0"].update(prediction_masks=[None, None]),
            "track has 2 entries, expected one for each of 1",
        ),
        (
            lambda v: v["mvthree"]["0"].update(prediction_masks="x"),
            "a track is a list with one mask or null per frame, not str",
        ),
        (
            lambda v: v["mvthree"]["0"]["prediction_masks"].__setitem__(2, {"size": [2, 2], "counts": "04"}),
            "mask is 2x2",
        ),
        (lambda v: v.update(mvone=[]), "video 'mvone' is []"),
    ],
)
def test_results_that_do_not_fit_are_told(bench, tmp_path, change, told):
    value = json.loads(json.dumps(RESULTS))
    change(value)
    with pytest.raises(UserError) as caught:
        scored(bench, results(tmp_path / "results.json", value))
    assert told in str(caught.value)


def test_results_without_a_mask_are_an_empty_answer_and_unknown_ones_are_left_aside(bench, tmp_path):
    value = json.loads(json.dumps(RESULTS))
    value["mvthree"]["0"] = {"prediction_masks": None}
    value["mvthree"]["99"] = value["elsewhere"] = {}
    told = []
    found = scored(bench, results(tmp_path / "results.json", value), told)
    assert found["strict"]["mevis"].missing == 0
    assert "elsewhere, mvthree 99" in told[0] or "mvthree 99, elsewhere" in told[0]
    (tmp_path / "twice.json").write_text('{"mvone": {}, "mvone": {}}')
    with pytest.raises(UserError, match="has 'mvone' twice"):
        scored(bench, tmp_path / "twice.json")


def test_several_processes_read_one_archive(bench, tmp_path):
    packed = archive(tmp_path / "answers.zip", pictures())
    two = sb.score(bench, packed, processes=2, tell=print).kept
    assert two.protocols == scored(bench, packed)


def test_the_json_has_every_expression_and_is_read_again(bench, tmp_path):
    path = tmp_path / "scores.json"
    scores = sb.score(bench, results(tmp_path / "results.json", RESULTS), processes=1, tell=print)
    scores.save(path)
    content = json.loads(path.read_text())
    told = content["protocols"]["released"]["mevis"]["per_expression"]["mvtwo_0"]
    assert told["J"] == pytest.approx(NUMBERS["per_expression"]["mvtwo_0"]["J"], **EXACT)
    assert type(scores.kept).from_json(content) == scores.kept
