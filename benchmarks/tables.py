"""The tables of an experiment's page, from what `influence evaluate --json` wrote.

`python -m benchmarks.tables EVALUATION`
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

METRICS = ("auc", "log_loss_3class", "brier", "ece_excess_1d", "ece_excess_21d", "yield_at_20pct")
SLICED = ("auc", "log_loss_3class")


def main() -> None:
    """Print the methods, the differences and the slices in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("evaluation", type=Path)
    summary = json.loads(parser.parse_args().evaluation.read_text())
    print(", ".join(f"{name[2:]} {summary[name]:,}" for name in ("n_train", "n_validation", "n_test")), "\n")
    print(_table("method", summary["methods"], (*METRICS, "seconds")))
    print("\n`model` minus each (better is positive for auc and yield, negative for the others):\n")
    print(_table("baseline", summary["differences"], METRICS))
    print("\nSlices (value of `model`, in brackets `boosted_trees`):\n")
    rows = [
        (name, f"{part['n_test']:,}", *(_both(part["methods"], metric) for metric in SLICED))
        for name, part in summary["slices"].items()
    ]
    print(_markdown(("slice", "rows", *SLICED), rows))


def _table(first: str, methods: Mapping[str, Mapping[str, Any]], metrics: Sequence[str]) -> str:
    return _markdown(
        (first, *metrics), [(name, *(_cell(found, m) for m in metrics)) for name, found in methods.items()]
    )


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cell(found: Mapping[str, Any], metric: str) -> str:
    figure = found.get(metric)
    if figure is None or figure["value"] is None:
        return ""
    if metric == "seconds":
        return f"{figure['value']:.0f}"
    return f"{_short(figure['value'])} [{_short(figure['low'])}, {_short(figure['high'])}]"


def _both(methods: Mapping[str, Mapping[str, Any]], metric: str) -> str:
    values = [methods[name].get(metric, {}).get("value") for name in ("model", "boosted_trees")]
    own, trees = (_short(value) if value is not None else "" for value in values)
    return f"{own} ({trees})"


def _short(value: float) -> str:
    """Without the zero before the point, as in the pages."""
    return f"{value:.4f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.4f}"


if __name__ == "__main__":
    main()
