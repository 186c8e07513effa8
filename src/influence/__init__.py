"""Who will accept, who leads opinion, and which partners to approach: from a team's own records.

`read` or `synthesize` a network, `fit` or `load` a model, then ask it: `predict`, `recommend`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from influence.api import fit, load, read
    from influence.config import Config
    from influence.data import Network
    from influence.errors import InfluenceError
    from influence.prediction import Model
    from influence.synthesis import synthesize

__all__ = ["Config", "InfluenceError", "Model", "Network", "fit", "load", "read", "synthesize"]

_HOMES = {
    **dict.fromkeys(("fit", "load", "read"), "api"),
    "Config": "config",
    "InfluenceError": "errors",
    "Model": "prediction",
    "Network": "data",
    "synthesize": "synthesis",
}
"""Public name -> its module, imported on first use: the command line must answer `--help` at once."""


def __getattr__(name: str) -> Any:
    if name == "batch":
        return import_module("influence.batch")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"influence.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
