"""How much of what can be known a method finds, where the truth is known.

`oracle_share` is the share of the gap in Brier score between the prior and the best forecast given the
observables that a method closes.  `python -m benchmarks.oracle_share PREDICTIONS WORLD`
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.metrics import accepted_within

Floats = NDArray[np.float64]
N_RESAMPLES = 1_000


def main() -> None:
    """Print the share of every method, and how far the model is ahead of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("predictions", type=Path, help="what `influence evaluate --predictions` wrote")
    parser.add_argument("world", type=Path, help="the folder that `influence synth` wrote")
    asked = parser.parse_args()
    errors = squared_errors(
        pd.read_parquet(asked.predictions), pd.read_parquet(asked.world / "truth" / "acceptance.parquet")
    )
    shares = {name: resampled_shares(errors, name) for name in errors}
    print(f"{'method':<22}{'brier':>8}{'oracle_share':>14}{'95 % interval':>20}{'model ahead by':>28}")
    for name, share in sorted(shares.items(), key=lambda item: -item[1][0]):
        ahead = shares["model"] - share
        print(
            f"{name:<22}{np.mean(errors[name]):>8.4f}{share[0]:>14.3f}{_interval(share[1:]):>20}"
            f"{ahead[0]:>10.3f} {_interval(ahead[1:])}"
        )


def squared_errors(predictions: pd.DataFrame, truth: pd.DataFrame) -> dict[str, Floats]:
    """Method -> [seeds, queries]; `best` is the forecast given the observables, `truth` knows all traits."""
    truth = truth.set_index("invitation_id")
    wide = predictions.pivot(index="query_id", columns=["method", "seed"], values="p_within_3_weeks")
    labels = predictions.drop_duplicates("query_id").set_index("query_id")["label"].loc[wide.index]
    accepted = accepted_within(labels.to_numpy())[1].astype(float)
    found = {str(name): wide[name].to_numpy().T for name in wide.columns.unique(0)}
    known = truth.loc[wide.index]
    found["best"] = known[["best_p_within_3_weeks"]].to_numpy().T
    found["truth"] = known[["p_within_3_weeks"]].to_numpy().T
    return {name: (p - accepted) ** 2 for name, p in found.items()}


def resampled_shares(errors: dict[str, Floats], method: str) -> Floats:
    """The share as measured, then of every resample of queries and seeds; the same draws for all methods."""
    rng = np.random.default_rng(0)
    n_queries, n_seeds = errors["prior"].shape[1], max(len(rows) for rows in errors.values())
    shares = [_share(errors, method, np.arange(n_queries), np.arange(n_seeds))]
    for _ in range(N_RESAMPLES):
        queries, seeds = rng.integers(n_queries, size=n_queries), rng.integers(n_seeds, size=n_seeds)
        shares.append(_share(errors, method, queries, seeds))
    return np.array(shares)


def _share(
    errors: dict[str, Floats], method: str, queries: NDArray[np.int64], seeds: NDArray[np.int64]
) -> float:
    def brier(name: str) -> float:
        rows = errors[name]
        return float(rows[seeds if len(rows) > 1 else [0]][:, queries].mean())

    return (brier("prior") - brier(method)) / (brier("prior") - brier("best"))


def _interval(values: Floats) -> str:
    low, high = np.quantile(values, (0.025, 0.975))
    return f"[{low:.3f}, {high:.3f}]"


if __name__ == "__main__":
    main()
