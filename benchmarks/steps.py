"""The steps that are measured.  To add one, write a function and name it in `BENCHMARKS`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.measure import Benchmark


def simulate_world() -> Callable[[], int]:
    """A synthetic world of 20,000 contacts; rows of all its tables."""
    from influence.synthesis import WorldConfig, simulate

    return lambda: sum(len(rows) for rows in simulate(WorldConfig(n_contacts=20_000)).network.tables.values())


def stream_scores() -> Callable[[], int]:
    """Reading and writing a million pairs as batch scoring does, with a model that costs nothing."""
    import numpy as np
    import pandas as pd

    from influence import batch

    class Constant:
        def predict(self, task: str, pairs: pd.DataFrame, at: object = None) -> pd.DataFrame:
            return pairs[list(batch.ids_of("acceptance"))].assign(p_within_3_weeks=0.5)

    folder = tempfile.TemporaryDirectory()
    source = Path(folder.name) / "pairs.parquet"
    ids = np.arange(1_000_000).astype(str)
    pd.DataFrame({"sender_id": ids, "recipient_id": ids[::-1]}).to_parquet(source)

    def stream() -> int:
        return batch.score(Constant(), source, Path(folder.name) / "scores.parquet")

    return stream


BENCHMARKS: Mapping[str, Benchmark] = {
    "simulate_world": simulate_world,
    "stream_scores": stream_scores,
}
