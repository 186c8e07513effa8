"""Batch scoring: tables of rows asked about, in and out, as a stream."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from influence.batch.candidates import write_candidates
    from influence.batch.places import check_paths, check_target
    from influence.batch.scoring import check_input, score
    from influence.batch.stream import Chunk, Predictor, beside, explained, ids_of

__all__ = [
    "Chunk",
    "Predictor",
    "beside",
    "check_input",
    "check_paths",
    "check_target",
    "explained",
    "ids_of",
    "score",
    "write_candidates",
]

_HOMES = {
    "write_candidates": "candidates",
    **dict.fromkeys(("check_paths", "check_target"), "places"),
    **dict.fromkeys(("check_input", "score"), "scoring"),
    **dict.fromkeys(("Chunk", "Predictor", "beside", "explained", "ids_of"), "stream"),
}
"""Name -> its module, imported on first use: a look at a path must not wait for what scores."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
