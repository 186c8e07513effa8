"""What a run is known again by: its input, its model, and what is asked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pandas as pd

from influence.errors import ConfigError

Run = Mapping[str, Mapping[str, Any]]
"""What decides the answers, as JSON values: of the input, the model, and what is asked."""


def run_of(model: Any, told_of_input: Mapping[str, Any], request: Mapping[str, Any]) -> Run:
    """What a folder of parts is known again by.

    Raises
    ------
    ConfigError
        If the model cannot be told from others.
    """
    until = getattr(model, "data_until", None)
    alone = sorted(model.left_alone()) if hasattr(model, "left_alone") else []
    return {
        "input": told_of_input,
        "model": {
            "version": getattr(model, "version", None),
            "data_until": None if until is None or pd.isna(until) else until.isoformat(),
            "fingerprint": fingerprint_of(model),
            "left_alone": digest_of(alone) if alone else None,
        },
        "request": request,
    }


def digest_of(lines: list[str]) -> str:
    """SHA-256 over lines of text."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def fingerprint_of(model: Any) -> str:
    """What a model is known again by.

    Raises
    ------
    ConfigError
        If it has no `fingerprint`.
    """
    known = getattr(model, "fingerprint", None)
    if known is None:
        raise ConfigError("Runs can be resumed, so the model must be known again: give it a `fingerprint`.")
    return str(known)
