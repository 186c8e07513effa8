"""Candidates without all pairs: how many of the model's true best are found, and how time grows.

`python -m benchmarks.candidates --contacts 2000 4000 8000` trains a small model on the first world, and on
every world ranks all pairs of some senders for the truth (`--truth`, the slow part), then the proposals only.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

import numpy as np
import pandas as pd

import influence
from influence.config import parse_config
from influence.planning.candidates import Past
from influence.planning.retrieval import Retrieval
from influence.prediction import Model

TASK = "acceptance"
QUICK = {"seeds": [0], "training": {"max_epochs": 2, "batch_size": 512}, "trees": {"max_rounds": 80}}


def main() -> None:
    """Print recall by pool, then the times, for each world."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contacts", type=int, nargs="+", default=[2_000, 4_000, 8_000])
    parser.add_argument("--pools", type=int, nargs="+", default=[200, 400, 1_000])
    parser.add_argument("-k", type=int, default=50)
    parser.add_argument("--senders", type=int, default=20, help="who get candidates")
    parser.add_argument("--truth", type=int, default=5, help="of them, whose pairs are all ranked")
    asked = parser.parse_args()
    model = None
    for n_contacts in asked.contacts:
        world = influence.synthesize(n_contacts, seed=0)
        model = influence.fit(world, parse_config(QUICK)) if model is None else model.with_network(world)
        _report(model, n_contacts, asked)


def _report(model: Model, n_contacts: int, asked: argparse.Namespace) -> None:
    face, moment = model.acceptance_face, model.data_until
    senders = face.senders(moment)[: asked.senders]
    past = Past(face.network.as_of(moment), face.features, (), moment)
    model.candidates(TASK, sender_id=senders[:1], k=1, pool=1)  # what is computed once, and compiled
    retrieval, began = Retrieval(past), time.perf_counter()
    retrieval.propose(senders[0], 1)
    shared = time.perf_counter() - began
    best, all_pairs = _truth(model, past, senders[: asked.truth], asked.k)
    for pool in asked.pools:
        began = time.perf_counter()
        for sender in senders:
            retrieval.propose(sender, pool)
        proposing = (time.perf_counter() - began) / len(senders)
        began = time.perf_counter()
        found = model.candidates(TASK, sender_id=senders, k=asked.k, pool=pool)
        whole = (time.perf_counter() - began) / len(senders)
        recall = [
            len(own & set(found.loc[found["sender_id"] == s, "recipient_id"])) / asked.k
            for s, own in best.items()
        ]
        print(
            f"{n_contacts:>9,} contacts  pool {pool:>5,}  recall@{asked.k} {np.mean(recall):.3f} "
            f"(worst {min(recall):.2f})  a sender: proposing {1e3 * proposing:.1f} ms, in all {whole:.2f} s, "
            f"all pairs {all_pairs:.2f} s  orders {shared:.2f} s",
            flush=True,
        )


def _truth(model: Model, past: Past, senders: Sequence[str], k: int) -> tuple[dict[str, set[str]], float]:
    """The model's best `k` of everybody whom each may invite; seconds for each sender."""
    best, began = {}, time.perf_counter()
    for sender in senders:
        off = past.off_limits(past.features.graph.positions([sender])[0])
        free = ~(np.isin(past.positions, off) | past.is_ours | (past.contacts == sender))
        pairs = pd.DataFrame({"sender_id": sender, "recipient_id": past.contacts[free]})
        answers = model.predict(TASK, pairs)
        best[sender] = set(answers.nlargest(k, "p_within_3_weeks")["recipient_id"])
    return best, (time.perf_counter() - began) / len(senders)


if __name__ == "__main__":
    main()
