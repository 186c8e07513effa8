"""The report: one page that stands alone, in several languages, with what to do first."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from influence.reporting.evaluated import Evaluated
    from influence.reporting.report import write_report

__all__ = ["Evaluated", "write_report"]

_HOMES = {"Evaluated": "evaluated", "write_report": "report"}
"""Name -> its module, imported on first use: whoever frames another page must not wait for what answers."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
