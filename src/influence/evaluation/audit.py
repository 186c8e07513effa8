"""Does the future move the past?  The records are altered from a moment on, and nothing before may move.

The alterations are generic: they follow `schema.py`, so that a new table is audited as soon as it exists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from influence.data import Network
from influence.schema import TABLES, Table

PROBABILITIES = ("p_at_once", "p_within_3_weeks", "p_declined", "p_no_answer", "median_days")


@dataclass(frozen=True)
class AuditResult:
    """How many predictions were compared, how many moved, and what was done in plain sentences."""

    n_checked: int
    n_moved: int
    sentences: tuple[str, ...]


Answer = Callable[[Network, pd.Timestamp, pd.DataFrame], pd.DataFrame]
"""Trains on a network as of a moment, then answers pairs at that moment from that very network."""


def audit_future(
    network: Network, cuts: list[pd.Timestamp], answer: Answer, n_pairs: int, seed: int = 0
) -> AuditResult:
    """Compare the answers at each cut under altered futures, retraining every time.

    Parameters
    ----------
    cuts
        Moments at which to ask.
    answer
        Trains and predicts; see `Answer`.
    n_pairs
        Pairs asked about per cut: those that the records show as invited next.
    """
    n_checked = n_moved = 0
    sentences = []
    for cut in cuts:
        pairs = _next_pairs(network, cut, n_pairs)
        expected = answer(network, cut, pairs)[list(PROBABILITIES)].to_numpy(float)
        for name, altered in alterations(network, cut, np.random.default_rng(seed)):
            found = answer(altered, cut, pairs)[list(PROBABILITIES)].to_numpy(float)
            moved = ~np.all((found == expected) | (np.isnan(found) & np.isnan(expected)), axis=1)
            n_checked, n_moved = n_checked + len(pairs), n_moved + int(moved.sum())
            verdict = (
                f"{moved.sum()} of {len(pairs)} predictions moved" if moved.any() else "no prediction moved"
            )
            sentences.append(f"From {cut:%Y-%m-%d %H:%M} on, {name}, and the model trained anew: {verdict}.")
    return AuditResult(n_checked, n_moved, tuple(sentences))


def alterations(
    network: Network, cut: pd.Timestamp, rng: np.random.Generator
) -> Iterator[tuple[str, Network]]:
    """Networks that agree with the given one on everything visible strictly before the cut."""
    yield "the future was removed", _removed(network, cut)
    yield "the future was rewritten", _rewritten(network, cut, rng)


def _removed(network: Network, cut: pd.Timestamp) -> Network:
    """As if nothing had happened since; until when the rows were watched is kept, as part of the export."""
    past = network.as_of(cut)
    tables = dict(past.tables)
    for name, rows in tables.items():
        column = TABLES[name].observed_until
        if column is not None:
            longer = rows[column] + pd.Timedelta(days=400)
            tables[name] = rows.assign(**{column: rows[column].mask(rows[column] >= cut, longer)})
    return replace(network, tables=MappingProxyType(tables))


def _rewritten(network: Network, cut: pd.Timestamp, rng: np.random.Generator) -> Network:
    """Later rows are moved, given to other people and doubled; later answers are turned round."""
    tables = {name: _rewrite(rows, TABLES[name], cut, rng) for name, rows in network.tables.items()}
    return replace(network, tables=MappingProxyType(tables))


def _rewrite(rows: pd.DataFrame, table: Table, cut: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    rows = _other_answers(rows, table, cut)
    if table.visible_from is None or not len(rows):
        return rows
    since = rows[table.visible_from]
    past, future = rows[since.isna() | (since < cut)], rows[since >= cut]
    if not len(future):
        return rows
    drawn = future.iloc[rng.integers(len(future), size=2 * len(future))].reset_index(drop=True)
    later = pd.to_timedelta(rng.exponential(20, len(drawn)), unit="D").round("us")
    times = [c.name for c in table.columns if c.kind == "time" and c.name != table.observed_until]
    drawn = drawn.assign(**{name: drawn[name] + later for name in times})
    people = [c.name for c in table.columns if c.references is not None and c.name not in table.key[:1]]
    drawn = drawn.assign(**{name: rng.permutation(drawn[name].to_numpy(object)) for name in people})
    if len(table.key) == 1:
        drawn[table.key[0]] = [f"invented-{i}" for i in range(len(drawn))]
    return pd.concat((past, drawn.astype(rows.dtypes)), ignore_index=True)


def _other_answers(rows: pd.DataFrame, table: Table, cut: pd.Timestamp) -> pd.DataFrame:
    for reveal in table.reveals:
        hidden = (rows[reveal.at] >= cut).to_numpy()
        changed = {reveal.at: rows[reveal.at].mask(hidden, rows[reveal.at] + pd.Timedelta(days=3))}
        if table.name == "invitations":
            other = (
                rows["outcome"].map({"accepted": "declined", "declined": "accepted"}).fillna(rows["outcome"])
            )
            changed["outcome"] = rows["outcome"].mask(hidden, other).astype("str")
        rows = rows.assign(**changed)
    return rows


def _next_pairs(network: Network, cut: pd.Timestamp, n: int) -> pd.DataFrame:
    invitations = network.table("invitations")
    later = invitations[invitations["sent_at"] >= cut].sort_values(["sent_at", "invitation_id"]).head(n)
    return later[["sender_id", "recipient_id", "has_note"]].reset_index(drop=True)
