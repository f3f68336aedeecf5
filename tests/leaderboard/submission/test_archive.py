"""Files that are no packed run, or that would harm who opens them."""

import pickle
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from sama_bench.errors import UserError
from sama_bench.leaderboard.submission.add import add
from sama_bench.leaderboard.submission.archive import CHECKSUMS, MANIFEST, MEMBERS, PREDICTIONS
from sama_bench.leaderboard.submission.unpacking import HARMLESS

LOCAL, DIRECTORY, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"

NO_PLAIN_FILE = "is not noted as a plain file (a link, a folder, a device, or packed by another program)"
NO_END = "no ZIP archive ends where the file ends (was it cut off?)"


@pytest.fixture
def refused(empty, tmp_path, craft):
    """Tries to add bytes, or a file: the lines that say why not; the leaderboard must not have changed."""

    def told(given):
        path = given if isinstance(given, Path) else tmp_path / "given.zip"
        if isinstance(given, bytes):
            path.write_bytes(given)
        before = craft.snapshot(empty)
        with pytest.raises(UserError) as caught:
            add(path, "demo", empty)
        assert craft.snapshot(empty) == before
        assert caught.value.status == 2
        assert all(line.startswith(f"{path}: ") and line.isprintable() for line in caught.value.problems)
        return [line.removeprefix(f"{path}: ") for line in caught.value.problems]

    return told


@pytest.fixture
def contents(packed, craft):
    return craft.members(packed)


class Harm:
    def __reduce__(self):
        return Path.touch, (Path("harmed"),)


def test_what_is_no_archive_is_refused_and_never_unpickled(refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for content in (b"", b"PK", b"hello" * 100, pickle.dumps(Harm())):
        (line,) = refused(content)
        assert line == f"is not what `sama-bench leaderboard pack` writes: {NO_END}"
    assert not Path("harmed").exists()


def test_what_is_no_file_is_refused(empty, tmp_path):
    for path in (tmp_path / "none.zip", Path("/dev/zero")):
        with pytest.raises(UserError, match="cannot be read"):
            add(path, "demo", empty)
    with pytest.raises(UserError, match=r"is a folder, expected a packed file$"):
        add(tmp_path, "demo", empty)


def test_a_run_in_place_of_its_packed_file_is_told_how_to_make_one(empty, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "manifest.json").write_text("{}")
    with pytest.raises(UserError, match="make one with: sama-bench leaderboard pack "):
        add(tmp_path / "run", "demo", empty)


@pytest.mark.parametrize("part", [0.3, 0.9, 0.999])
def test_a_truncated_file_is_refused(refused, packed, part):
    content = packed.read_bytes()
    assert "no ZIP archive ends" in refused(content[: int(part * len(content))])[0]


def test_a_flipped_byte_is_told(refused, packed):
    content = bytearray(packed.read_bytes())
    content[len(content) // 2] ^= 64
    (line,) = refused(bytes(content))
    assert line.startswith("is damaged (") or "is not what checksums says" in line


@pytest.mark.parametrize("more", [b"x", b"\0" * 1000])
def test_nothing_may_lie_before_or_behind_the_archive(refused, packed, more):
    content = packed.read_bytes()
    assert NO_END in refused(content + more)[0]
    assert "is not what `sama-bench leaderboard pack` writes" in refused(more + content)[0]


def test_a_comment_or_a_second_kind_of_directory_is_refused(refused, packed, contents, craft, tmp_path):
    commented = craft.zipped(tmp_path / "a.zip", contents.items(), comment=b"hello")
    assert "no ZIP archive ends" in refused(commented)[0]
    content, at = packed.read_bytes(), -22
    larger = content[:at] + struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1) + content[at:]
    assert "its ZIP archive is of another kind" in refused(larger)[0]


@pytest.mark.parametrize(
    "name",
    ["../evil", "../../../../etc/passwd", "/etc/passwd", "C:\\evil", "a/../../evil", "./manifest.json",
     "manifest.json/", "Manifest.json", "inner.zip", "frames/0.jpg", "\x1b[31mred", "\u202egnp.exe",
     "manifest.json\0.exe", "x" * 300],
)  # fmt: skip
def test_a_member_of_another_name_is_refused_and_written_nowhere(refused, contents, craft, tmp_path, name):
    about = craft.plain("x")
    about.filename = about.orig_filename = name
    (line,) = refused(craft.zipped(tmp_path / "a.zip", [*contents.items(), (about, b"x")]))
    assert line.startswith("member ")
    assert "is not expected: a packed file holds manifest.json, predictions.jsonl, checksums and nothing else" in line
    assert len(line) < 250
    assert [one.name for one in tmp_path.iterdir()] == ["a.zip"]


def test_all_strange_members_are_told_at_once(refused, contents, craft, tmp_path):
    del contents[CHECKSUMS]
    given = [*contents.items(), (MANIFEST, b"{}"), ("a", b""), ("b", b"")]
    assert refused(craft.zipped(tmp_path / "a.zip", given)) == [
        "member manifest.json is there 2 times",
        "member a is not expected: a packed file holds manifest.json, predictions.jsonl, checksums and nothing else",
        "member b is not expected: a packed file holds manifest.json, predictions.jsonl, checksums and nothing else",
        "member checksums is missing",
    ]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFCHR, 0])
def test_a_link_or_a_device_is_refused(refused, contents, craft, tmp_path, kind):
    about = craft.plain(PREDICTIONS)
    about.external_attr = (kind | 0o777) << 16
    given = [(MANIFEST, contents[MANIFEST]), (about, b"/etc/passwd"), (CHECKSUMS, contents[CHECKSUMS])]
    assert refused(craft.zipped(tmp_path / "a.zip", given)) == [f"member predictions.jsonl {NO_PLAIN_FILE}"]


def test_another_order_is_refused(refused, contents, craft, tmp_path):
    given = reversed(contents.items())
    (line,) = refused(craft.zipped(tmp_path / "a.zip", given))
    assert line == f"its members do not lie one behind the other in the order {', '.join(MEMBERS)}"


def test_members_that_share_their_bytes_are_refused(refused, packed):
    content = bytearray(packed.read_bytes())
    second = content.index(DIRECTORY, content.index(DIRECTORY) + 4)
    content[second + 42 : second + 46] = b"\0" * 4  # where the member is said to begin
    assert "do not lie one behind the other" in refused(bytes(content))[0]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_another_way_to_pack_is_refused(refused, contents, craft, tmp_path, method):
    about = craft.plain(PREDICTIONS)
    about.compress_type = method
    given = [(MANIFEST, contents[MANIFEST]), (about, contents[PREDICTIONS]), (CHECKSUMS, contents[CHECKSUMS])]
    (line,) = refused(craft.zipped(tmp_path / "a.zip", given))
    assert line == "member predictions.jsonl is stored in another way than `sama-bench leaderboard pack` does"


def test_an_encrypted_member_is_refused(refused, packed):
    content = bytearray(packed.read_bytes())
    content[content.index(DIRECTORY) + 8] |= 1
    assert "member manifest.json is encrypted" in refused(bytes(content))[0]


def test_extra_fields_are_refused(refused, contents, craft, tmp_path):
    about = craft.plain(MANIFEST)
    about.extra = struct.pack("<HH4s", 0x9999, 4, b"hide")
    given = [(about, contents[MANIFEST]), *list(contents.items())[1:]]
    assert "member manifest.json is stored in another way" in refused(craft.zipped(tmp_path / "a.zip", given))[0]


def test_a_bomb_is_left_when_it_grows(refused, contents, craft, tmp_path):
    contents[PREDICTIONS] = b"\n" * (HARMLESS + (8 << 20))
    path = craft.zipped(tmp_path / "a.zip", contents.items())
    assert path.stat().st_size < 200_000
    (line,) = refused(path)
    assert line.startswith(f"member predictions.jsonl unpacks to more than {HARMLESS:,} bytes from ")


def test_a_size_that_is_a_lie_is_found_out(refused, contents, craft, tmp_path):
    contents[PREDICTIONS] = b"\n" * (HARMLESS + (8 << 20))
    content = bytearray(craft.zipped(tmp_path / "a.zip", contents.items()).read_bytes())
    for header, at in ((LOCAL, 22), (DIRECTORY, 24)):
        place = content.index(header, content.index(header) + 4) + at
        content[place : place + 4] = struct.pack("<L", 100)
    assert refused(bytes(content))[0].startswith("is damaged (Bad CRC-32")


@pytest.mark.parametrize("name", [MANIFEST, CHECKSUMS])
def test_a_member_that_says_it_is_too_large_is_not_unpacked(refused, contents, craft, tmp_path, name):
    contents[name] = b" " * 100_000
    (line,) = refused(craft.zipped(tmp_path / "a.zip", contents.items()))
    assert line.startswith(f"member {name} has 100,000 bytes, expected at most ")


def test_thousands_of_members_are_not_even_listed(refused, contents, craft, tmp_path):
    given = [*contents.items(), *((f"{number}", b"") for number in range(2000))]
    assert "a directory of 2003 members" in refused(craft.zipped(tmp_path / "a.zip", given))[0]


def test_another_member_than_the_checksums_say_is_refused(refused, contents, craft, tmp_path):
    contents[PREDICTIONS] += b"\n"
    contents[MANIFEST] += b"\n"
    found = refused(craft.zipped(tmp_path / "a.zip", contents.items()))
    assert [line.partition(" (SHA-256")[0] for line in found] == [
        "member manifest.json is not what checksums says",
        "member predictions.jsonl is not what checksums says",
    ]


@pytest.mark.parametrize("more", [b"\n", b"0" * 64 + b"  ../evil\n", b"\xff"])
def test_checksums_of_anything_else_are_refused(refused, contents, craft, tmp_path, more):
    contents[CHECKSUMS] += more
    (line,) = refused(craft.zipped(tmp_path / "a.zip", contents.items()))
    assert line.startswith("member checksums is not a line `SHA-256 NAME` each for")


def test_a_packed_file_within_a_packed_file_is_refused(refused, contents, packed, craft, tmp_path):
    contents[PREDICTIONS] = packed.read_bytes()
    assert (
        "predictions.jsonl is not what checksums says" in refused(craft.zipped(tmp_path / "a.zip", contents.items()))[0]
    )
