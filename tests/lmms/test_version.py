import pytest

from sama_bench.lmms import version


@pytest.fixture
def found(monkeypatch):
    """Says which lmms-eval is installed; nothing of it was asked before."""

    def say(number):
        version.warn_if_untested.cache_clear()
        monkeypatch.setattr(version, "installed", lambda: number)

    yield say
    version.warn_if_untested.cache_clear()


@pytest.mark.parametrize("number", ["0.8.0", "0.6.1", "1.0", "0.7.2", "0.7", "0.8.0rc1", "0.7.3rc1", "main"])
def test_a_version_that_was_not_tried_is_told_once(found, capsys, number):
    found(number)

    version.warn_if_untested()
    version.warn_if_untested()

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"sama-bench: lmms-eval {number} is installed, this was tried with 0.7.3")
    assert line.endswith("pip install 'lmms-eval>=0.7.3,<0.8'")


@pytest.mark.parametrize("number", ["0.7.3", "0.7.9", "0.7.3.post1", "0.7.4.dev3+g1a2b", None])
def test_one_of_the_range_or_none_is_not(found, capsys, number):
    found(number)

    version.warn_if_untested()

    assert capsys.readouterr().err == ""


def test_the_extra_asks_for_the_range_that_is_told():
    from importlib.metadata import requires

    (line,) = [one for one in requires("sama-bench") if one.startswith("lmms-eval")]
    assert set(version.RANGE.split(",")) == set(line.partition(";")[0].removeprefix("lmms-eval").strip().split(","))
