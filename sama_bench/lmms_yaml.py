"""Reading of lmms-eval's task files: as YAML within bounds, whose `!function` is a name that nobody imports."""

from __future__ import annotations

from typing import cast

import yaml

from sama_bench.files.yaml_files import BoundedLoader

# How much was answered: a metric in lmms-eval, which shows nothing else of it; here each table says it anyway.
ANSWERED = "answered"


class TaskLoader(BoundedLoader):
    """Reads a task's YAML and takes lmms-eval's `!function` for the name that follows it; nothing is imported."""


TaskLoader.add_constructor("!function", lambda loader, node: loader.construct_scalar(cast("yaml.ScalarNode", node)))
