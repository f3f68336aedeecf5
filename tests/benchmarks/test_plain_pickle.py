"""Pickles of strangers give plain values, and call nothing."""

import os
import pickle
from collections import OrderedDict
from pathlib import Path

import pytest

from sama_bench.benchmarks.expressions.plain_pickle import plain_value
from sama_bench.errors import UserError

PLAIN = {
    "0": [{"size": [3, 4], "counts": b"04:\xff"}, None],
    "text": "größe",
    "numbers": [1, 2.5, True, 2**70],
    "": b"",
}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_values_of_every_protocol(protocol):
    assert plain_value(pickle.dumps(PLAIN, protocol), Path("x.pkl")) == PLAIN


def test_what_python_2_wrote():
    written = b"\x80\x02]q\x00}q\x01(U\x05splitq\x02U\x03valq\x03U\x04sentq\x04X\x03\x00\x00\x00oneq\x05ua."
    assert plain_value(written, Path("refs.p")) == [{"split": "val", "sent": "one"}]


class Caller:
    def __reduce__(self):
        return os.mkdir, ("made",)


@pytest.mark.parametrize(
    "content",
    [
        pickle.dumps([Caller()]),
        pickle.dumps(OrderedDict(a=1)),
        pickle.dumps({1, 2}, 2),
        b"c_codecs\nencode\n(X\x01\x00\x00\x00aX\x03\x00\x00\x00rottR.",
        b"cbuiltins\neval\n(S'1'\ntR.",
        b"P1\n.",
        b"\x80\x04N",
        b"",
        b"no pickle",
    ],
)
def test_anything_else_is_refused(content, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"x\.pkl: not a pickle of plain"):
        plain_value(content, Path("x.pkl"))
    assert not (tmp_path / "made").exists()
