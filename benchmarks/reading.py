"""Reading tables, as a user does it: `python -m benchmarks.reading [--rows N] [--plain]`.

Asked: 1,000,000 interactions from CSV in under 20 s, 10,000,000 within 4 GiB.  Each run is a process of its
own, so that its peak of memory is its own.  `--plain` adds what others need for the same file, unchecked.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet

from influence.schema import INTERACTION_KINDS

N_CONTACTS = 100_000
CHUNK_ROWS = 500_000
TOPICS = ("analytics", "cloud", "hiring", "logistics", "pricing", "security", "supply chain", "training")


def write_records(folder: Path, n_rows: int, n_contacts: int = N_CONTACTS) -> None:
    """`interactions` and `contacts` as CSV in `folder/csv`, and the interactions' text as Parquet."""
    (folder / "csv").mkdir(parents=True)
    rng = np.random.default_rng(0)
    pa_csv.write_csv(_contacts(rng, n_contacts), folder / "csv" / "contacts.csv")
    first = next(_interactions(rng, 1, n_contacts))
    with pa_csv.CSVWriter(folder / "csv" / "interactions.csv", first.schema) as csv:
        for chunk in _interactions(rng, n_rows, n_contacts):
            csv.write_table(chunk)


def _contacts(rng: np.random.Generator, n: int) -> pa.Table:
    return pa.table(
        {
            "contact_id": [f"c{number:06d}" for number in range(n)],
            "country": rng.choice(["DE", "France", "GBR", "United States", "NA"], n),
            "seniority": rng.choice(["junior", "manager", "director", "c_suite"], n),
            "n_connections": rng.integers(0, 3_000, n).astype("str"),
        }
    )


def _interactions(rng: np.random.Generator, n_rows: int, n_contacts: int) -> Iterator[pa.Table]:
    """In no order, every column text, with the usual share of empty cells."""
    for begin in range(0, n_rows, CHUNK_ROWS):
        n = min(CHUNK_ROWS, n_rows - begin)
        at = np.datetime64("2019-01-01") + rng.integers(0, 6 * 365 * 86_400, n).astype("timedelta64[s]")
        columns = {
            "event_id": np.char.add("e", rng.permutation(np.arange(begin, begin + n)).astype("str")),
            "actor_id": _people(rng, n, n_contacts),
            "target_id": _some(rng, _people(rng, n, n_contacts), 0.7),
            "kind": rng.choice(INTERACTION_KINDS, n),
            "at": np.char.add(at.astype("datetime64[s]").astype("str"), "Z"),
            "topic": _some(rng, rng.choice(TOPICS, n), 0.6),
            "content_id": _some(rng, np.char.add("p", rng.integers(0, n_rows, n).astype("str")), 0.5),
            "sentiment": _some(rng, rng.uniform(-1, 1, n).round(2).astype("str"), 0.4),
            "weight": rng.integers(1, 20, n).astype("str"),
        }
        yield pa.table(columns)


def _people(rng: np.random.Generator, n: int, n_contacts: int) -> np.ndarray:
    """A few are busy, most are not."""
    ranks = (n_contacts * rng.power(0.4, n)).astype(np.int64)
    return np.char.add("c", np.char.zfill(ranks.astype("str"), 6))


def _some(rng: np.random.Generator, cells: np.ndarray, share: float) -> pa.Array:
    return pa.array(cells, mask=rng.random(len(cells)) > share)


def _influence(folder: Path) -> int:
    from influence import readers

    return len(readers.read(folder).table("interactions"))


def _pandas(folder: Path) -> int:
    import pandas as pd

    return len(pd.read_csv(folder / "interactions.csv", dtype="str", engine="pyarrow"))


def _pandas_typed(folder: Path) -> int:
    import pandas as pd

    rows = pd.read_csv(folder / "interactions.csv", parse_dates=["at"])
    return len(rows.sort_values("event_id"))


def _duckdb(folder: Path) -> int:
    import duckdb

    table = duckdb.connect(config={"threads": 1}).sql(f"select * from '{folder / 'interactions.csv'}'")
    return len(table.arrow().read_all())


READS: dict[str, Callable[[Path], int]] = {
    "influence": _influence,
    "pandas, text": _pandas,
    "pandas, typed and sorted": _pandas_typed,
    "duckdb, typed": _duckdb,
}


def _child(name: str, folder: Path) -> None:
    """Read, and print what it took; a child's peak begins at its parent's, so the parent holds no records."""
    began = time.perf_counter()
    rows = READS[name](folder)
    used = resource.getrusage(resource.RUSAGE_SELF)
    cost = {"rows": rows, "seconds": time.perf_counter() - began, "cpu": used.ru_utime + used.ru_stime}
    print(json.dumps({**cost, "peak_mib": used.ru_maxrss / 1024}))


def _apart(*words: str) -> str:
    """What this program prints with these words, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.reading", *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _cost(name: str, folder: Path) -> str:
    """One line on one way to read one folder."""
    cost = json.loads(_apart("--child", name, str(folder)).splitlines()[-1])
    return f"{cost['rows']:>12,}{cost['seconds']:>10.1f}{cost['cpu']:>10.1f}{cost['peak_mib']:>10,.0f}"


def main(n_rows: int, plain: bool) -> None:
    """Print what each way to read the same records takes."""
    print(f"{'':<34}{'rows':>12}{'seconds':>10}{'CPU s':>10}{'peak MiB':>10}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _apart("--rows", str(n_rows), "--write", str(folder))
        size = (folder / "csv" / "interactions.csv").stat().st_size / 2**20
        print(f"{f'influence, CSV of {size:,.0f} MiB':<34}{_cost('influence', folder / 'csv')}", flush=True)
        for other in [other for other in READS if plain and other != "influence"]:
            print(f"{other + ', CSV':<34}{_cost(other, folder / 'csv')}", flush=True)
        _apart("--parquet", str(folder))
        print(f"{'influence, Parquet':<34}{_cost('influence', folder / 'parquet')}")


def _as_parquet(folder: Path) -> None:
    """The same cells as Parquet, in place of the CSV: text as text, as an export gives them."""
    (folder / "parquet").mkdir()
    for path in (folder / "csv").iterdir():
        with (
            pa_csv.open_csv(path) as chunks,
            pa_parquet.ParquetWriter(folder / "parquet" / f"{path.stem}.parquet", chunks.schema) as parquet,
        ):
            for chunk in chunks:
                parquet.write_batch(chunk)
        path.unlink()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--parquet", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        _child(asked.child[0], Path(asked.child[1]))
    elif asked.write:
        write_records(asked.write, asked.rows)
    elif asked.parquet:
        _as_parquet(asked.parquet)
    else:
        main(asked.rows, asked.plain)
