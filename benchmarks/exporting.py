"""What it takes to hand a large network to Gephi, and to write rows that no spreadsheet runs.

`python -m benchmarks.exporting [N_CONTACTS] [N_INTERACTIONS]` (by default 100,000 and 1,000,000)
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measure import measure
from influence.data import Network
from influence.exporting import export, graph_of
from influence.writing import write_table


def main(n_contacts: int = 100_000, n_interactions: int = 1_000_000) -> None:
    """Print seconds, peak memory of the whole process and size for each kind of file."""
    print(f"{'to':<12}{'rows':>12}{'seconds':>10}{'peak MiB':>10}")
    for ending in (".gexf", ".graphml", ".csv", ".parquet"):
        cost = measure(partial(_exported, ending, n_contacts, n_interactions))
        print(f"{ending:<12}{cost.rows:>12,}{cost.seconds:>10.2f}{cost.peak_mib:>10,.0f}")
    cost = measure(partial(_scores, n_interactions))
    print(f"{'scores .csv':<12}{cost.rows:>12,}{cost.seconds:>10.2f}{cost.peak_mib:>10,.0f}")


def _network(n_contacts: int, n_interactions: int) -> Network:
    rng = np.random.default_rng(0)
    ids = np.array([f"contact{i:07d}" for i in range(n_contacts)])
    actor, target = rng.integers(0, n_contacts, (2, n_interactions))
    target = np.where(actor == target, (target + 1) % n_contacts, target)
    contacts = pd.DataFrame(
        {
            "contact_id": ids,
            "country": rng.choice(["DE", "FR", "PL"], n_contacts),
            "industry": rng.choice(["tools", "steel"], n_contacts),
            "n_connections": rng.integers(0, 500, n_contacts),
        }
    )
    interactions = pd.DataFrame(
        {
            "event_id": np.arange(n_interactions).astype(str),
            "actor_id": ids[actor],
            "target_id": ids[target],
            "kind": "message",
            "at": pd.Timestamp("2024-01-01", tz="UTC")
            + pd.to_timedelta(rng.integers(0, 31_536_000, n_interactions), unit="s"),
        }
    )
    near = np.arange(n_contacts)
    ties = pd.DataFrame({"source_id": ids[near], "target_id": ids[(near + 1) % n_contacts]})
    return Network.from_tables({"contacts": contacts, "connections": ties, "interactions": interactions})


def _exported(ending: str, n_contacts: int, n_interactions: int) -> Callable[[], int]:
    network = _network(n_contacts, n_interactions)
    scores = pd.DataFrame({"contact_id": network.contact_ids, "influence": 0.123456789})

    def step() -> int:
        with tempfile.TemporaryDirectory() as folder:
            graph = graph_of(network, scores=scores, communities=True)
            export(graph, Path(folder) / f"out{ending}")
        return len(graph.nodes) + len(graph.edges)

    return step


def _scores(n_rows: int) -> Callable[[], int]:
    rows = pd.DataFrame(
        {
            "sender_id": [f"s{number}" for number in range(n_rows)],
            "recipient_id": [f"r{number}" for number in range(n_rows)],
            "p_within_3_weeks": np.random.default_rng(0).random(n_rows),
        }
    )

    def step() -> int:
        with tempfile.TemporaryDirectory() as folder:
            write_table(rows, Path(folder) / "out.csv")
        return n_rows

    return step


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
