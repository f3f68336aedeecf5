import subprocess
import sys

import pytest

from sama_bench.adapters.models.sama_released import Sama
from sama_bench.adapters.models.sama_released.loading import look
from sama_bench.errors import UserError
from sama_bench.installation import pip_line


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine without packages, hub cache and network."""
    monkeypatch.setattr("sama_bench.adapter.find_spec", lambda _: None)
    monkeypatch.setattr("sama_bench.adapters.models.sama_released.bert._cached", lambda: False)
    monkeypatch.setattr("sama_bench.adapters.models.sama_released.bert._reachable", lambda: False)
    monkeypatch.setattr("sama_bench.adapters.models.sama_released.loading.version", lambda _: "5.1.0")
    monkeypatch.chdir(tmp_path)


def told(*args, **more):
    with pytest.raises(UserError) as refusal:
        Sama(*args, **more)
    return refusal.value.problems


def test_all_that_is_missing_is_told_at_once_with_how_to_get_it(bare):
    problems = told("nowhere", device="tpu", dtype="int4", max_frames=0)
    text = "\n".join(problems)
    for word in (
        pip_line("sama-bench[sama-released]"), "torch, torchvision", "git clone https://github.com/sunye23/SAMA",
        "checkpoint nowhere", "dtype=int4", "max_frames=0",
        "transformers 5.1.0 is installed", "--python",
    ):  # fmt: skip
        assert word in text, word
    assert not any("\n" in problem for problem in problems)


def test_it_is_told_without_importing_torch():
    use = "try: Sama('nowhere')\nfinally: print('torch' in sys.modules)"
    code = f"import sys\nfrom sama_bench.adapters.models.sama_released import Sama\n{use}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, "UserError" in done.stderr) == ("False\n", True)


def test_a_folder_that_is_no_checkout_is_told(tmp_path, bare):
    assert any("has no" in one and "qformer.py" in one for one in told("nowhere", repo=tmp_path))


def test_without_the_hub_bert_is_asked_for_by_folder(tmp_path, bare, monkeypatch):
    monkeypatch.setattr("sama_bench.adapters.models.sama_released.bert.find_spec", lambda _: object())
    assert any("bert-base-uncased" in one and "bert=BERT" in one for one in told("nowhere"))
    assert any("has no config.json" in one for one in told("nowhere", bert=tmp_path))


def test_a_checkpoint_without_weights_is_told(tmp_path, bare):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text('{"auto_map": {"AutoModel": "x.Y"}}')
    problems = told(str(folder))
    assert any("no weights" in one for one in problems)


def test_a_version_that_fits_is_no_problem(monkeypatch, checkout, bert, tmp_path):
    monkeypatch.setattr("sama_bench.adapters.models.sama_released.loading.version", lambda _: "4.48.3")
    with pytest.raises(UserError) as refusal:
        look((), str(tmp_path), "cpu", "float32", repo=checkout, bert_folder=bert, trust=True)
    assert len(refusal.value.problems) == 1
