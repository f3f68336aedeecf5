"""What a model prints goes to its log, by whatever way; what we say goes to the terminal."""

import ctypes
import logging
import os
import sys

import pytest

from sama_bench.run import model_output


def chatter():
    """Output by all ways there are."""
    print("by print")
    sys.stderr.write("by stderr\n")
    logging.StreamHandler().emit(logging.LogRecord("strange", logging.WARNING, "", 1, "by logging", None, None))
    library = ctypes.CDLL(None)
    library.puts(b"by C")
    library.fflush(None)
    os.system("echo by a child 1>&2")
    model_output.tell("ours")


WAYS = ["by print", "by stderr", "by logging", "by C", "by a child"]


def test_all_of_it_is_in_the_log_and_ours_on_the_terminal(tmp_path, capfd):
    log = tmp_path / "worker.log"
    with model_output.kept_apart():
        with model_output.of_the_model():
            print("before there is a folder")
        model_output.log_to(log)
        with model_output.of_the_model():
            chatter()
        print("afterwards")
    shown = capfd.readouterr()
    assert (shown.out, shown.err) == ("afterwards\n", "ours\n")
    text = log.read_text()
    assert text.startswith("--- ")
    assert "before there is a folder\n" in text
    for way in WAYS:
        assert way in text


def test_nothing_printed_leaves_no_log(tmp_path, capfd):
    with model_output.kept_apart():
        model_output.log_to(tmp_path / "worker.log")
        with model_output.of_the_model():
            pass
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_a_log_of_before_is_kept_and_not_added_to_where_nothing_is_printed(tmp_path):
    log = tmp_path / "worker.log"
    log.write_text("before\n")
    with model_output.kept_apart():
        model_output.log_to(log)
    assert log.read_text() == "before\n"


def test_an_exception_puts_the_streams_back(tmp_path, capfd):
    before = sys.stdout, sys.stderr
    with model_output.kept_apart():
        model_output.log_to(tmp_path / "worker.log")
        with pytest.raises(KeyError), model_output.of_the_model():
            raise KeyError
    assert (sys.stdout, sys.stderr) == before
    os.write(1, b"out\n")
    assert capfd.readouterr().out == "out\n"


def test_where_no_command_asks_for_it_output_stays_where_it_is(capfd):
    with model_output.of_the_model():
        print("here")
    assert capfd.readouterr().out == "here\n"


def test_a_handler_that_was_made_within_goes_on_writing_to_the_log(tmp_path, capfd):
    log = tmp_path / "worker.log"
    with model_output.kept_apart():
        with model_output.of_the_model():
            handler = logging.StreamHandler()
        model_output.log_to(log)
        handler.emit(logging.LogRecord("strange", logging.WARNING, "", 1, "late", None, None))
    assert "late" in log.read_text()
    assert capfd.readouterr().err == ""


def test_without_a_log_it_goes_to_stderr_by_whatever_way(capfd):
    with model_output.on_stderr():
        chatter()
    print("afterwards")
    os.write(1, b"by number\n")
    shown = capfd.readouterr()
    assert sorted(shown.out.splitlines()) == ["afterwards", "by number"]
    for way in WAYS:
        assert way in shown.err
