import json
import socket
import struct
import threading
from time import monotonic

import pytest

from sama_bench.worker import framing
from sama_bench.worker.framing import Channel, Garbled, Gone, Late, TooLarge


@pytest.fixture
def ends():
    one, other = map(Channel, socket.socketpair())
    yield one, other
    one.close()
    other.close()


def head(content, blocks=0):
    text = json.dumps(content).encode()
    return struct.pack("!4sII", b"sama", len(text), blocks) + text


@pytest.mark.parametrize("text", ["", "\ud800", "\udc00\ud800 \ud83d\ude00", "\0\n\u2028", "héllo 😀", "x" * 3_000_000])
def test_any_string_comes_back_as_it_was(ends, text):
    thread = threading.Thread(target=ends[0].send, args=("kind", {"text": text, "n": [1, 0.1, None, True]}))
    thread.start()
    message = ends[1].receive(monotonic() + 20)
    thread.join()
    assert (message.kind, message.body) == ("kind", {"text": text, "n": [1, 0.1, None, True]})


def test_blocks_come_back_to_the_byte_whatever_their_size(ends, monkeypatch):
    monkeypatch.setattr(framing, "STEP", 1000)
    blocks = [b"", bytes(range(256)), b"\n" * 1_000_003, memoryview(b"abc")]
    thread = threading.Thread(target=ends[0].send, args=("kind", {}, blocks))
    thread.start()
    assert [bytes(one) for one in ends[1].receive(monotonic() + 20).blocks] == [bytes(one) for one in blocks]
    thread.join()


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"Hello, world! This is the model speaking.", "no message"),
        (struct.pack("!4sII", b"sama", 2**32 - 1, 0), "a head of 4294967295 bytes"),
        (struct.pack("!4sII", b"sama", 2, 2**32 - 1) + b"[]", "4294967295 blocks"),
        (head(["kind", {}], 1) + struct.pack("!Q", 2**63), "more than"),
        (struct.pack("!4sII", b"sama", 2, 0) + b"\xff\xff", "no JSON"),
        (struct.pack("!4sII", b"sama", 200_000, 0) + b"[" * 200_000, "no JSON"),
        (head([]), "another form"),
        (head(["kind", []]), "another form"),
        (head([1, {}]), "another form"),
    ],
)
def test_what_is_no_message_is_told_and_takes_no_memory(ends, sent, told):
    ends[0]._socket.sendall(sent)
    with pytest.raises(Garbled, match=told):
        ends[1].receive(monotonic() + 20)


def test_a_message_that_was_announced_and_does_not_come_is_late(ends):
    ends[0]._socket.sendall(head(["kind", {}], 1) + struct.pack("!Q", 400 << 20) + b"a little")
    with pytest.raises(Late):
        ends[1].receive(monotonic() + 0.1)


def test_nobody_to_listen_is_late_too(ends):
    with pytest.raises(Late):
        ends[0].send("kind", {}, [bytes(50_000_000)], monotonic() + 0.2)


def test_an_end_that_is_closed_is_gone(ends):
    ends[0]._socket.sendall(head(["kind", {}])[:-1])
    ends[0].close()
    for call in (ends[1].receive, lambda: ends[1].send("kind", {}, [bytes(10_000_000)])):
        with pytest.raises(Gone):
            call()


def test_what_nobody_would_take_is_not_sent(ends, monkeypatch):
    monkeypatch.setattr(framing, "MOST", 1000)
    with pytest.raises(TooLarge, match="at most 1000"):
        ends[0].send("kind", {}, [bytes(999)])
    ends[0].send("next")
    assert ends[1].receive(monotonic() + 20).kind == "next"
