"""sama-bench: the evaluation harness for referential grounded video chat."""

from __future__ import annotations

from pathlib import Path

__version__ = "0.1.0"

# In a checkout the rooms lie beside this package, not in it (setup.cfg maps them in when installing):
# `python -m pytest` in the checkout imports this very file, and finds them with this.
_checkout = Path(__file__).resolve().parent.parent
if (_checkout / "setup.cfg").is_file() and not (Path(__file__).parent / "metrics").exists():
    __path__.append(str(_checkout))
