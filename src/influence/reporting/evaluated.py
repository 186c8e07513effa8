"""An evaluation as it lies beside the model that it judges."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Evaluated:
    """What `influence evaluate --model` left in a model's folder.

    Attributes
    ----------
    summary : figures of all methods, as `evaluation.summary` makes them
    predictions : those that the figures were made from
    card : how the model was made
    """

    summary: Mapping[str, Any]
    predictions: pd.DataFrame
    card: Mapping[str, Any]

    @classmethod
    def read(cls, folder: Path) -> Evaluated | None:
        """What lies in a folder; None where there is no evaluation."""
        if not folder.is_dir():
            return None
        told = [json.loads((folder / name).read_text("utf-8")) for name in ("summary.json", "card.json")]
        return cls(told[0], pd.read_parquet(folder / "predictions.parquet"), told[1])

    @property
    def task(self) -> str:
        """The question that was judged."""
        return str(self.summary["task"])
