"""Draws the README's picture from an evaluation: `python docs/picture.py runs/demo/model`."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from influence.evaluation.figures import gains
from influence.evaluation.picture import png
from influence.files import atomic

PICTURE = Path(__file__).parent / "images" / "gains.png"
METHODS = ("model", "boosted_trees", "recipient_rate")


def draw(model: Path) -> bytes:
    """The picture of what `influence evaluate --model` left in the folder of a model."""
    rows = pd.read_parquet(model / "evaluation" / "predictions.parquet")
    return png(gains(rows, METHODS), dpi=100)


if __name__ == "__main__":
    with atomic(PICTURE) as target:
        target.write_bytes(draw(Path(sys.argv[1])))
    print(f"{PICTURE.name} written")
