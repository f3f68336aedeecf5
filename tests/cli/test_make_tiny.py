import pytest
from click.testing import CliRunner

from sama_bench.cli.make_tiny import make_tiny
from sama_bench.errors import UserError
from sama_bench.installation import pip_line


def test_a_model_without_a_tiny_one_is_told_which_have_one(tmp_path):
    done = CliRunner().invoke(make_tiny, ["nobody", str(tmp_path / "out")])
    assert isinstance(done.exception, UserError)
    assert "there are some for sa2va, sama" in str(done.exception)


@pytest.mark.parametrize("model", ["sama", "sa2va"])
def test_it_is_written_once_and_said_to_be_no_model(tmp_path, model):
    pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    if int(transformers.__version__.split(".")[0]) < 5:
        pytest.skip("the native models need transformers 5")
    out = tmp_path / "tiny"
    done = CliRunner().invoke(make_tiny, [model, str(out)])
    assert done.exit_code == 0, done.output
    assert "no model" in done.output
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= {path.name for path in out.iterdir()}
    again = CliRunner().invoke(make_tiny, [model, str(out)])
    assert "expected a new folder" in str(again.exception)


@pytest.mark.parametrize("model", ["sama", "sa2va"])
def test_what_is_not_installed_is_told_with_the_pip_line(tmp_path, monkeypatch, model):
    monkeypatch.setattr("sama_bench.adapter.find_spec", lambda _: None)
    done = CliRunner().invoke(make_tiny, [model, str(tmp_path / "tiny")])
    assert pip_line(f"sama-bench[{model}]") in str(done.exception)
