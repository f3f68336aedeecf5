"""A user's checkout of a model's repository: whether it is one, and how its code is imported."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from sama_bench.adapters.shared.import_check import file_of, not_installed
from sama_bench.adapters.shared.stand_in_modules import standing_in

DOCS = "docs/grounded-models.md"
PACKAGES = {"cv2": "opencv-python-headless", "hydra": "hydra-core", "PIL": "pillow", "yaml": "pyyaml"}
"""The packages of modules that are called otherwise."""
_imports = threading.Lock()


@dataclass(frozen=True)
class Checkout:
    """The facts about the repository of `name`: where it comes from, and what is imported of it.

    `modules` are the modules that an adapter imports, in the folder `inside`; `requirements` is the file that lists
    what they import in turn, '' where that does not install. `uncalled` are modules that they import and never call.
    """

    name: str
    url: str
    modules: tuple[str, ...]
    inside: str = ""
    requirements: str = "requirements.txt"
    uncalled: tuple[str, ...] = ()

    def problems(self, repo: Path | None) -> list[str]:
        """The problems of the folder that is said to be the checkout, and of what its code needs; [] if nothing.

        Nothing of it is run.
        """
        clone = f"git clone {self.url} {self.name}"
        if repo is None:
            return [f"the checkout of {self.name}'s code is needed: {clone}, then --model-arg repo={self.name}"]
        folder = self.folder(repo)
        if missing := [module for module in self.modules if file_of(folder, module) is None]:
            return [f"repo={repo}: has no module {', '.join(missing)} in {folder}; expected a checkout: {clone}"]
        unneeded = {name.partition(".")[0] for name in self.uncalled}
        missing_modules = [name for name in not_installed(folder, self.modules) if name not in unneeded]
        requirements_file = folder / self.requirements
        packages = " ".join(PACKAGES.get(name, name) for name in missing_modules)
        pip = f"pip install -r {requirements_file}" if requirements_file.is_file() else f"pip install {packages}"
        problem = f"not installed, and imported by {self.name}'s code: {', '.join(missing_modules)}: {pip} ({DOCS})"
        return [problem] if missing_modules else []

    def folder(self, repo: Path) -> Path:
        """The folder that its modules lie in."""
        return repo.expanduser().resolve() / self.inside

    def import_all(self) -> None:
        """Import `modules`, with something in place of those of `uncalled` that are not installed."""
        with standing_in(self.uncalled):
            for name in self.modules:
                import_module(name)

    def add_to_path(self, repo: Path) -> None:
        """Let its modules be imported, before others of the same names; they stay so, as they import late."""
        folder = str(self.folder(repo))
        if folder not in sys.path:
            sys.path.insert(0, folder)

    @contextmanager
    def current(self, repo: Path) -> Iterator[None]:
        """Make its folder the working directory for a while: some code reads files by paths relative to it."""
        with _imports:
            before = Path.cwd()
            os.chdir(self.folder(repo))
            try:
                yield
            finally:
                os.chdir(before)
