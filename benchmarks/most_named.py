"""Do the chances of being among the most named hold? `python -m benchmarks.most_named FOLDER`.

Every chance is learned from communities other than the person's own.  Beside it stands the share of the most
named in the topic, the same for everybody.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score

from influence import readers
from influence.contagion.nominations import Nominations
from influence.training.named import chances, people_of

N_BINS = 10


def measure(folder: Path) -> Iterator[str]:
    """Lines of the report, means over topics first."""
    network = readers.read(folder)
    nominations = Nominations.of(network)
    people = people_of(network, nominations)
    chance, rows = chances(people), []
    known = ~np.isnan(chance)
    for topic in np.flatnonzero((known & people.leads).any(axis=1)):
        leads, p = people.leads[topic, known[topic]], chance[topic, known[topic]]
        share = np.full(len(p), leads.mean())
        rows.append(
            {
                "auc": roc_auc_score(leads, p), "ap": average_precision_score(leads, p),
                "log_loss": log_loss(leads, p), "log_loss_of_share": log_loss(leads, share),
                "brier": ((p - leads) ** 2).mean(), "brier_of_share": ((share - leads) ** 2).mean(),
            }
        )  # fmt: skip
    yield pd.DataFrame(rows).mean().round(3).to_string()
    pairs = pd.DataFrame({"told": chance[known], "true": people.leads[known]})
    bins = pd.qcut(pairs["told"], N_BINS, labels=False, duplicates="drop")
    table = pairs.groupby(bins).mean()
    yield f"{len(pairs):,} chances in {N_BINS} bins of equal size:\n{table.round(3).to_string()}"


def main() -> None:
    """Report on the nominations of a folder of records."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    print(*measure(parser.parse_args().folder), sep="\n")


if __name__ == "__main__":
    main()
