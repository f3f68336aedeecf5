import os

import pytest

from sama_bench.files.atomic import replacing, write_text


def test_what_was_there_stays_unless_the_block_ends_well(tmp_path):
    path = tmp_path / "a.json"
    write_text(path, "é")
    with pytest.raises(TypeError, match="str"), replacing(path) as file:
        file.writelines([b"half", "no bytes"])
    assert path.read_text(encoding="utf-8") == "é"
    write_text(path, "new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_symbolic_link_stays_one_and_the_mode_is_the_usual(tmp_path):
    target, link, other = tmp_path / "target", tmp_path / "link", tmp_path / "other"
    target.write_text("old")
    link.symlink_to(target)
    write_text(link, "new")
    other.write_text("")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert target.stat().st_mode == other.stat().st_mode


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a pipe with a name")
def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_text(pipe, "through")
    assert os.read(reader, 100) == b"through"
    os.close(reader)
    assert pipe.is_fifo()


def test_a_text_with_half_a_surrogate_pair_is_written_as_json_escapes_it(tmp_path):
    write_text(tmp_path / "a.json", '"lat\udce9n"')
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == '"lat\\udce9n"'
