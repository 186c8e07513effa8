"""Memory and pace of batch scoring at several numbers of rows, Parquet to a folder of parts.

`python -m benchmarks.batch --rows 1000000 10000000` reads and writes with a predictor that costs next to
nothing, so that what reading and writing hold shows; `--model runs/model` scores with a real one.  Each size
has a process of its own, and the last column compares its peak with that of the first size.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from influence import batch

ROW_GROUP = 1_000_000
PEOPLE = 100_000


class Free:
    """Answers that follow from the ids, and cost next to nothing."""

    version = fingerprint = "free"
    data_until = pd.Timestamp("2025-01-01", tz="UTC")

    def predict(self, task: str, pairs: pd.DataFrame, at: object = None) -> pd.DataFrame:
        """Five numbers and two marks for each pair, as the real answers have."""
        p = pairs["recipient_id"].str.slice(1).astype("int64").to_numpy() / PEOPLE
        told = {f"p{i}": p / (i + 1) for i in range(5)}
        cold = {"is_cold_sender": p > 0.5, "is_cold_recipient": p < 0.5}
        return pairs[["sender_id", "recipient_id"]].assign(**told, **cold)


@dataclass(frozen=True)
class Cost:
    """What one size took."""

    seconds: float
    peak_mib: float
    """Of the whole process, libraries and model included."""


def main() -> None:
    """Print a line for each size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--model", type=Path, help="a stored model instead of the free predictor")
    parser.add_argument("--format", choices=["parquet", "csv"], default="parquet", help="of the input")
    asked = parser.parse_args()
    print(f"{'rows':>12}{'seconds':>10}{'rows/s':>12}{'peak MiB':>10}{'of first':>10}")
    first = None
    for n_rows in asked.rows:
        with tempfile.TemporaryDirectory() as name:
            source = Path(name) / f"pairs.{asked.format}"
            _in_own_process(_make, source, n_rows, asked.model)
            cost = _in_own_process(_score, source, Path(name) / "scores", asked.model)
        first = first or cost.peak_mib
        rate, share = n_rows / cost.seconds, cost.peak_mib / first
        print(
            f"{n_rows:>12,}{cost.seconds:>10.1f}{rate:>12,.0f}{cost.peak_mib:>10,.0f}{share:>10.3f}",
            flush=True,
        )


def _in_own_process(step, *given):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN002, ANN202
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(step, given)


def _make(source: Path, n_rows: int, model: Path | None) -> None:
    """Pairs drawn at random, of the model's contacts where there is one."""
    ids = [f"p{i:06d}" for i in range(PEOPLE)]
    if model is not None:
        ids = pd.read_parquet(model / "records" / "contacts.parquet")["contact_id"].unique().tolist()
    rng, people = np.random.default_rng(0), pa.array(ids)
    names = ["sender_id", "recipient_id"]
    schema = pa.schema([(name, pa.string()) for name in names])
    open_sink = pq.ParquetWriter if source.suffix == ".parquet" else pa.csv.CSVWriter
    with open_sink(source, schema) as sink:
        for first in range(0, n_rows, ROW_GROUP):
            size = min(ROW_GROUP, n_rows - first)
            drawn = [people.take(pa.array(rng.integers(len(people), size=size))) for _ in names]
            sink.write_table(pa.table(drawn, schema=schema))


def _score(source: Path, target: Path, place: Path | None) -> Cost:
    import influence

    model = Free() if place is None else influence.load(place)
    began = time.perf_counter()
    batch.score(model, source, target)
    seconds = time.perf_counter() - began
    return Cost(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
