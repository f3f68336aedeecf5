"""The models that lmms-eval knows by name."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any, NamedTuple

from sama_bench.adapter import Need
from sama_bench.adapters.models.lmms.log_capture import LogCapture
from sama_bench.adapters.shared.checkpoint import line
from sama_bench.errors import MissingExtra, UserError
from sama_bench.lmms.version import installed, warn_if_untested

NEED = Need("lmms_eval", "sama-bench[lmms]")


class NamedModel(NamedTuple):
    """A model of lmms-eval: what the user called it, its id there, and whether it is given texts or messages."""

    name: str
    model_id: str
    form: str
    """`simple` (a text, and images apart from it) or `chat` (messages with images in them)."""

    def __str__(self) -> str:
        return f"lmms:{self.name}"

    @property
    def asking(self) -> str:
        """The signature's words for it: the version of lmms-eval, the model's id and its form."""
        return f"{installed() or 'unknown'} {self.model_id} {self.form}"

    def kind(self, log: LogCapture) -> Any:  # noqa: ANN401 - a class of lmms-eval's
        """Import its class. Raises UserError where that fails, saying what is missing."""
        try:
            with log.quiet():
                return _registry().get_model_class(self.name)
        except ModuleNotFoundError as problem:
            raise UserError(self._missing(problem.name or str(problem))) from problem
        except Exception as problem:  # whatever the module of a model raises
            raise UserError(f"{self}: lmms-eval cannot import it ({line(problem)})") from problem

    def _missing(self, module: str) -> str:
        if module.partition(".")[0] == NEED.module:
            return f"{self}: lmms-eval {installed()} lists this model, but has no module {module}: it cannot be used"
        return (
            f"{self} needs the module {module.partition('.')[0]}, which is not installed and which lmms-eval does not "
            f"bring: install what the model's authors name (lmms-eval's extras have some of it)"
        )


def find_model(name: str) -> NamedModel:
    """Look for a model by its id or alias; of two forms lmms-eval's own choice is taken.

    Raises MissingExtra where lmms-eval is not installed, UserError where it has no model of that name.
    """
    if not NEED.met:
        raise MissingExtra(f"lmms:{name}", [NEED.module], NEED.pip)
    warn_if_untested()
    with LogCapture().quiet():
        registry = _registry()
    known = registry.list_model_names()
    if name not in known:
        suggestions = " or ".join(f"lmms:{match}" for match in get_close_matches(name, known))
        hint = f", did you mean {suggestions}?" if suggestions else ""
        problem = f"lmms-eval {installed()} has no model {name!r}{hint}"
        raise UserError(f"{problem}; to list its {len(known)} names: lmms-eval models --aliases")
    entry = registry.resolve(name)
    return NamedModel(name, entry.model_id, entry.model_type)


def _registry() -> Any:  # noqa: ANN401 - of lmms-eval's
    from lmms_eval.models import MODEL_REGISTRY_V2

    return MODEL_REGISTRY_V2
