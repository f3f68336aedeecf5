import importlib
from pathlib import Path
from types import SimpleNamespace

import pytest

from sama_bench.judge.judge_config import JudgeConfig
from sama_bench.judge.session import judge, missing_samples
from sama_bench.judge.template import Template
from sama_bench.llm_client import ResponseCache, Server, errors
from sama_bench.verdicts.verdict import Verdict

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def imported():
    """Imports a module of the benchmarks, which are not installed."""
    path = pytest.MonkeyPatch()
    path.syspath_prepend(str(ROOT))
    yield importlib.import_module
    path.undo()


@pytest.fixture(scope="session")
def judges(imported):
    """The judge on loopback in all its moods."""
    return imported("benchmarks.judges")


@pytest.fixture
def town(tmp_path, judges, imported, monkeypatch):
    """Makes runs, and lets a judge's server judge them; no server asks for patience in earnest here."""
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    monkeypatch.setattr(errors, "FIRST_WAIT", 0.01)
    usual = JudgeConfig("desk", Template.load("clair"))

    def answered(count, name="run"):
        given = judges.cases(count)
        return judges.answered(tmp_path / name, given), given

    def judged(desk, store, given, judging=usual, **options):
        with imported("benchmarks.desk").beside(desk) as url:
            server = Server(url, cache=ResponseCache(tmp_path / "replies.sqlite"), concurrency=16, **options)
            return judge(judging, missing_samples(judging, given, store), store, server)

    def verdicts(store, judging=usual):
        return {(key.id, sample): Verdict.from_json(one) for key, sample, one in store.verdicts(judging.key)}

    made = {"answered": answered, "judged": judged, "verdicts": verdicts}
    return SimpleNamespace(**made, template=usual.template, folder=tmp_path)
