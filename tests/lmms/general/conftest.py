import io
from pathlib import Path

import pytest

from sama_bench.lmms.general.suites import SuiteTask

TASKS = Path(__file__).parent / "tasks"


@pytest.fixture(scope="session")
def manager():
    """lmms-eval's tasks and the tiny ones beside this file, looked for once."""
    pytest.importorskip("lmms_eval")
    from sama_bench.lmms.general import log_capture
    from sama_bench.lmms.general.names import manager as made

    with log_capture.into(io.StringIO()):
        return made([TASKS], "dummy")


@pytest.fixture
def dummy():
    """A class of models of lmms-eval that are made with the answer they give to all."""
    pytest.importorskip("lmms_eval")
    from lmms_eval.models import get_model

    return get_model("dummy")


@pytest.fixture
def evaluation(manager, dummy, tmp_path):
    """Evaluates the tiny tasks, of a model that answers with "A" if no other is given."""
    from sama_bench.lmms.general.evaluation import Evaluation

    def made(model=dummy, limit=None, log=None):
        return Evaluation(manager, "dummy", model, limit, tmp_path, log or io.StringIO())

    return made


@pytest.fixture
def at_once(monkeypatch):
    """No waiting between lmms-eval's five tries to get a data set."""
    from lmms_eval.api.task import ConfigurableTask
    from tenacity import wait_none

    monkeypatch.setattr(ConfigurableTask.download.retry, "wait", wait_none())


@pytest.fixture
def tiny():
    return SuiteTask("tiny_colours")
