import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from sama_bench.adapters.conformance.recipe import Reached, generate_seen
from sama_bench.adapters.conformance.scripts import imported, path_kept, run, unneeded
from sama_bench.errors import UserError

PROGRAM = """
import sys
from pathlib import Path
from registry.of_training import BUILDER, only_one

sys.path.append("elsewhere")


@only_one
def asked():
    return BUILDER


if __name__ == "__main__":
    print("begins")
    Path("said.txt").write_text(" ".join(sys.argv[1:]))
    try:
        raise Reached
    except Exception:
        Path("swallowed").touch()
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "checkout" / "eval.py"
    path.parent.mkdir()
    path.write_text(PROGRAM.replace("import sys", f"import sys\nfrom {Reached.__module__} import Reached", 1))
    return path


def test_a_script_is_imported_with_what_only_training_needs_stood_in_for(script):
    before = list(sys.path)
    with unneeded("registry", "registry.of_training"):
        module = imported(script)
    assert module.asked()("as it is") == "as it is"
    assert sys.path == before
    assert "registry" not in sys.modules


def test_a_script_is_run_until_the_model_is_reached_and_says_nothing(script, tmp_path, capsys):
    here, arguments = Path.cwd(), list(sys.argv)
    with unneeded("registry", "registry.of_training"):
        run(script, ["--split", "test"], tmp_path)
    assert (tmp_path / "said.txt").read_text() == "--split test"
    assert not (tmp_path / "swallowed").exists()
    assert capsys.readouterr().out == ""
    assert (Path.cwd(), sys.argv) == (here, arguments)


@pytest.mark.parametrize("use", [imported, lambda path: run(path, [], path.parent)])
def test_a_script_that_is_not_there_is_told_by_name(use, tmp_path):
    with pytest.raises(UserError, match=r"eval\.py: is not there; expected a whole checkout"):
        use(tmp_path / "eval.py")


def test_modules_come_from_the_folders_for_a_while(tmp_path):
    before = list(sys.path)
    with path_kept(tmp_path):
        assert sys.path[0] == str(tmp_path)
    assert sys.path == before


def test_what_a_method_is_given_is_noted_and_the_method_is_there_again():
    model = SimpleNamespace(inference=lambda *args, **more: (args, more))
    real = model.inference
    with generate_seen(model, 3, "inference") as seen:
        assert model.inference([1], max_new_tokens=512) == (([1],), {"max_new_tokens": 3})
    assert seen == [{"argument 0": [1], "max_new_tokens": 512}]
    assert model.inference is real
    with generate_seen(model, method="inference"), pytest.raises(Reached):
        model.inference()
    assert model.inference is real
