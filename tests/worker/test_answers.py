"""What comes back from a worker is what the same adapter gives in this process."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from sama_bench.benchmark import open_benchmark
from sama_bench.errors import MissingExtra, UserError
from sama_bench.run.progress import Silence
from sama_bench.run.registry import make_adapter
from sama_bench.run.runner import ask_video
from sama_bench.types import Key, PlainQuestion, Question, Region, Turn
from sama_bench.worker import remote

MASKS = "m = np.zeros((3, 12, 16), bool); m[:, 2:5, 3:9] = True;"
RLE = "{'size': [12, 16], 'counts': 'T16O10'}"


def stored(adapter, question):
    [(_, answer)] = ask_video(adapter, question.video, [question], Silence())
    return {name: value for name, value in vars(answer).items() if name not in {"seconds", "traceback"}}


@pytest.fixture(scope="module")
def both(folder, tmp_path_factory):
    """What is stored of an answer to the code, by the adapter in this process and by that in one worker for all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder))
        patch.syspath_prepend(folder)
        here = make_adapter("obeys", {})
        there = remote("obeys", {}, Path(sys.executable), tmp_path_factory.mktemp("log") / "worker.log", 30, False)
        yield lambda question: (stored(here, question), stored(there, question))
    assert there.notes() == ["obeyed"]  # it was the same worker to the end
    there._process.kill()


@pytest.mark.parametrize(
    "code",
    [
        f"{MASKS} answer = Prediction('<p>it</p> [SEG]', [m])",
        f"{MASKS} answer = Prediction('[SEG] [SEG]', np.stack([m, ~m]))",
        f"{MASKS} answer = Prediction('[SEG]', [m.astype(np.uint8)])",
        f"{MASKS} answer = Prediction('[SEG]', [m.astype(np.int64) * 2])",
        f"{MASKS} answer = Prediction('[SEG]', [m.astype(float)])",
        f"{MASKS} answer = Prediction('[SEG]', [m.astype(object)])",
        f"{MASKS} answer = Prediction('[SEG]', [m[:2]])",
        f"{MASKS} answer = Prediction('[SEG]', [m[0]])",
        f"{MASKS} answer = Prediction('[SEG]', m[0, 0, 0])",
        "answer = Prediction('[SEG]', [np.full((3, 12, 16), np.nan)])",
        "answer = Prediction('[SEG]', [[None, None, None]])",
        f"answer = Prediction('[SEG]', [[{RLE}, None, {RLE}]])",
        "answer = Prediction('[SEG]', [[{'size': [12, 16], 'counts': [10, 5, 177]}, None, None]])",
        "answer = Prediction('[SEG]', [[{'size': [12, 16], 'counts': 'nonsense'}, None, None]])",
        "answer = Prediction('[SEG]', [[{'size': [2, 2], 'counts': '04'}, None, None]])",
        "answer = Prediction('[SEG]', [[None]])",
        "answer = Prediction('[SEG] ' * 500, [[None] * 3] * 500)",
        "answer = Prediction('[SEG]', 'tracks')",
        "answer = Prediction('[SEG]', 7)",
        "answer = Prediction('[SEG]', [object()])",
        "answer = Prediction('[SEG]', type('Odd', (list,), {'__iter__': lambda self: sys.exit(3)})([1]))",
        "answer = None",
        "answer = 'text'",
        "answer = Prediction(7)",
        "answer = Prediction(None)",
        "answer = Prediction('')",
        "answer = Prediction('\\ud800 lone \\udc00\\ud800 \\ud83d\\ude00 \\0 \\n')",
        "answer = Prediction('é' * 1_500_000)",
        "answer = Prediction('<p> unbalanced [SEG] </p> <p>')",
        "answer = Prediction('it', seconds='soon')",
        "answer = Prediction('it', seconds=10**400)",
        "answer = Prediction('it', usage=sys.modules['sama_bench.types'].Usage(900, None, 2))",
        "answer = Prediction('it', usage={'prompt_tokens': 1})",
        "answer = Prediction('it', error='no \\ud800 way', traceback='Trace\\udc00', raw='raw', unread='why')",
        "answer = Prediction(None, error=7)",
        "answer = Prediction('it', raw='\\ud800', unread=5)",
        "answer = Prediction('[SEG]', boxes=[[Box(0, 1, 1, 9, 9), Box(1, .1, 1/3, 99, 99)]], raw='raw')",
        "answer = Prediction('[SEG]', boxes=[[Box(0, float('nan'), 1, 9, 9), Box(8, 1, 1, 9, 9)], []])",
        "answer = Prediction('[SEG]', boxes=[7, 'text', None])",
        "answer = Prediction('[SEG]', boxes='text')",
        "answer = Prediction('[SEG]', boxes=[[Box(0, 1, 1, 9, 9)]] * 150)",
        "raise ValueError('no\\nmemory \\ud800')",
        "raise KeyError('key')",
        "raise RuntimeError",
        "raise type('Ödd', (Exception,), {'__str__': lambda self: 1 / 0})()",
        "raise SystemExit(0)",
        "sys.exit('done')",
        "raise MemoryError()",
        "def deeper(): deeper()\ndeeper()",
        "raise ExceptionGroup('many', [ValueError('one')]) if sys.version_info > (3, 11) else TypeError('one')",
        "import no_such_module",
        "question.video.frame(3)",
        "question.video.frame('first')",
        "question.video.frame(0)[0] = 1",
    ],
)
def test_answers_and_errors_are_the_same_as_here(both, question, code):
    here, there = both(question(code))
    assert there == here


def test_a_message_that_cannot_be_shown_and_a_keyboard_interrupt_cost_one_question(worker, question):
    adapter = worker()
    assert stored(adapter, question("raise KeyboardInterrupt"))["error"] == "KeyboardInterrupt"
    assert stored(adapter, question("raise type('Odd', (BaseException,), {})('so')"))["error"] == "Odd: so"
    assert stored(adapter, question(""))["text"] == "fine"
    assert adapter.told == []


def test_the_traceback_of_the_worker_is_kept(worker, question):
    [(_, answer)] = ask_video(worker(), (asked := question("1 / 0")).video, [asked], Silence())
    assert answer.error == "ZeroDivisionError: division by zero"
    assert "in does" in answer.traceback
    assert "remote" not in answer.error


def test_a_model_is_given_all_of_a_question(worker, question, video):
    clip = video()
    track = [None, {"size": [12, 16], "counts": "T16O10"}, None]
    asked = Question(
        Key("c", "a\ud800b"),
        clip,
        "answer = Prediction(repr([question.key, [one.size for one in question.regions],"
        " [one.track for one in question.regions], [(*turn[:2], [one.track for one in turn.regions], *turn[3:])"
        " for turn in question.history], question.video is self.video,"
        " question.video.id, question.video.source, question.video.size, question.video.frames]))",
        (Region(track, (12, 16)), Region([None] * 3, (12, 16))),
        (
            Turn("what?", "that \ud83d\ude00"),
            Turn("<mask>?", "<p>it</p> [SEG]", (Region(track, (12, 16)),), (track, [None] * 3), "own"),
        ),
    )
    expected = [asked.key, [(12, 16)] * 2, [track, [None] * 3]]
    expected += [[(*turn[:2], [one.track for one in turn.regions], *turn[3:]) for turn in asked.history], True]
    expected += [clip.id, clip.source, clip.size, clip.frames]
    assert stored(worker(), asked)["text"] == repr(expected).replace("\ud800", "\\ud800")


def test_frames_are_those_of_the_asker_to_the_byte_and_read_only(worker, question, video, tmp_path):
    clip = video()
    clip.preload(1 << 30)
    for path in clip.frames:
        path.unlink()  # so that they can only come from here
    code = f"np.save({str(tmp_path / 'seen.npy')!r}, [question.video.frame(n) for n in (0, 1, 2, -1, np.int64(1))])"
    assert stored(worker(), question(code, clip))["error"] is None
    expected = [clip.frame(n) for n in (0, 1, 2, 2, 1)]
    assert np.array_equal(np.load(tmp_path / "seen.npy"), expected)
    kept = (
        "a, b = question.video.frame(1), question.video.frame(1); answer = Prediction(f'{a is b} {a.flags.writeable}')"
    )
    assert stored(worker(), question(kept, clip))["text"] == "True False"


def test_frames_can_be_asked_for_in_threads_and_in_processes_that_the_model_starts(worker, question):
    threads = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "seen = lambda n: self.video.frame(n % 3).sum()\n"
        "with ThreadPoolExecutor(8) as pool: found = list(pool.map(seen, range(60)))\n"
        "answer = Prediction(str(found == [question.video.frame(n % 3).sum() for n in range(60)]))"
    )
    forked = (
        "pid = os.fork()\n"
        "if not pid: os._exit(0 if question.video.frame(2).any() else 1)\n"
        "answer = Prediction(str(os.waitpid(pid, 0)[1]))"
    )
    pickled = (
        "import pickle\ncopy = pickle.loads(pickle.dumps(question.video))\n"
        "answer = Prediction(str((copy.frame(1) == question.video.frame(1)).all()))"
    )
    adapter = worker()
    for code, expected in ((threads, "True"), (forked, "0"), (pickled, "True")):
        assert stored(adapter, question(code))["text"] == expected


def test_a_frame_that_is_broken_is_the_users_to_mend_and_the_worker_lives_on(worker, question, video):
    adapter, clip = worker(), video()
    adapter.open(clip)
    clip.frames[1].write_bytes(b"no picture")
    with pytest.raises(UserError, match=r"1\.png: this frame cannot be read"):
        adapter.predict(question("question.video.frame(1)", clip))
    caught = "try: question.video.frame(1)\nexcept Exception as problem: answer = Prediction(type(problem).__name__)"
    assert adapter.predict(question(caught, clip)).text == "UserError"
    adapter.close()


def test_what_is_printed_goes_to_the_log_also_past_python(worker, question, log):
    adapter = worker()
    code = (
        r"print('from print'); os.write(1, b'raw \xff bytes on 1\n'); os.write(2, b'on 2\n');"
        "os.system('echo from a child')"
    )
    assert stored(adapter, question(code))["text"] == "fine"
    assert stored(adapter, question("answer = Prediction(repr(sys.stdin.read()))"))["text"] == "''"
    for line in (b"from print", b"raw \xff bytes on 1", b"on 2", b"from a child"):
        assert line in log.read_bytes().splitlines()


def test_the_adapter_here_is_known_as_the_one_there(worker):
    adapter = worker(close="pass")
    assert (adapter.can.history, adapter.can.truth, adapter.asking) == ("text", False, {"prompt": "obey"})
    assert (adapter.summary, adapter.free, adapter.notes()) == ("obeys", {"close"}, ["obeyed"])
    assert adapter.versions["obeys"] == "1.2"
    assert adapter.versions["python"] == "{}.{}.{}".format(*sys.version_info[:3])


def test_an_adapter_that_is_asked_many_together_is_asked_one_by_one(worker, question):
    adapter = worker("together")
    adapter.open((asked := question("")).video)
    answer = adapter.predict(asked)
    assert (answer.text, answer.seconds) == ("1 at once", 1.5)


def test_boxes_become_tracks_there(worker, question, plugin, monkeypatch):
    monkeypatch.syspath_prepend(plugin)
    there = worker("boxes")
    assert there.can.masks
    assert there.asking == make_adapter("boxes", {}).asking
    answer = stored(there, question(""))
    assert answer == stored(make_adapter("boxes", {}), question(""))
    assert (len(answer["tracks"]), answer["raw"], answer["unread"]) == (1, "raw", "half")


def test_what_the_user_has_to_mend_is_told_as_such_with_its_interpreter(worker, question):
    with pytest.raises(UserError, match="has no model argument 'size'") as told:
        worker(size="3")
    assert told.value.problems[0].startswith(f"{sys.executable}: ")
    with pytest.raises(MissingExtra, match=r"needs no_such_module \(not installed\): pip install no-such-thing"):
        worker("needs")
    with pytest.raises(UserError, match=r"there is no adapter 'obey'.*did you mean obeys"):
        worker("obey")
    with pytest.raises(UserError, match=r"refuses make=.*: no such size"):
        worker(make="raise ValueError('no such size')")
    with pytest.raises(UserError, match=r"^one; two$") as told:
        stored(worker(), question("problem = UserError(['one', 'two']); problem.status = 3; raise problem"))
    assert (list(told.value.problems), told.value.status) == (["one", "two"], 3)


def test_an_adapter_that_is_shown_the_truth_stays_here(worker):
    with pytest.raises(UserError, match=r"^adapter sees is shown the truth.*leave out --python$"):
        worker("sees")


def test_open_and_close_that_fail_are_told_as_they_are_here(worker, question, video):
    [(_, answer)] = ask_video(worker(open="raise ValueError('too long')"), video(), [question("")], Silence())
    assert answer.error == "open: ValueError: too long"

    adapter, clip = worker(close="raise OSError('cache')"), video()
    adapter.open(clip)
    assert adapter.predict(question("", clip)).text == "fine"
    with pytest.raises(Exception, match=r"^cache$") as told:
        adapter.close()
    assert told.type.__name__ == "OSError"


def test_motion_gives_the_same_answers_to_the_byte(tmp_path):
    benchmark = open_benchmark("demo")
    clip = min((entry.video for entry in benchmark.entries), key=len)

    def answers(adapter):
        found = list(ask_video(adapter, clip, benchmark.questions(clip.id)[-3:], Silence()))
        return json.dumps([[key, one.text, one.tracks, one.error] for key, one in found])

    there = remote("motion", {}, Path(sys.executable), tmp_path / "worker.log", 60, False)
    assert answers(there) == answers(make_adapter("motion", {}))
    there._process.kill()


def test_a_question_in_words_arrives_with_its_pictures_and_its_answer_comes_back(worker):
    frames = tuple(np.random.default_rng(n).integers(0, 256, (4 + n, 6, 3), np.uint8) for n in range(3))
    code = (
        "answer = repr((question.video, question.max_new_tokens, [f.shape for f in question.frames], "
        "sum(int(f.astype(int).sum()) for f in question.frames)))"
    )
    adapter = worker()

    said = adapter.answer(PlainQuestion(code, frames, True, 7))

    assert adapter.can.plain
    assert said == repr((True, 7, [f.shape for f in frames], sum(int(f.astype(int).sum()) for f in frames)))
    assert adapter.answer(PlainQuestion("answer = 'none: ' + str(len(question.frames))")) == "none: 0"


def test_what_a_question_in_words_raises_there_is_raised_here_and_an_end_is_told(worker):
    adapter = worker()

    with pytest.raises(Exception, match="two images"):
        adapter.answer(PlainQuestion("raise ValueError('two images')"))
    with pytest.raises(Exception, match="answer returned int, expected str"):
        adapter.answer(PlainQuestion("answer = 7"))
    with pytest.raises(Exception, match="the worker died twice"):
        adapter.answer(PlainQuestion("os.kill(os.getpid(), signal.SIGKILL)"))
    assert adapter.answer(PlainQuestion("answer = 'again'")) == "again"


def test_arguments_are_typed_where_the_adapter_is(worker):
    with pytest.raises(UserError) as refusal:
        worker("typed", size="many", flag="maybe")
    assert [problem.removeprefix(f"{sys.executable}: ") for problem in refusal.value.problems] == [
        "--model-arg size=many: expected a whole number (int)",
        "--model-arg flag=maybe: expected true or false (bool)",
    ]
    asking = {"size": "8", "flag": "True", "path": "PosixPath('a/b')"}
    assert worker("typed", size=8, flag=True, path=Path("a/b")).asking == asking
    assert worker("typed", size="8", flag="yes", path="a/b").asking == asking
