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
from influence.graph.partner_columns import GROUPS
from influence.schema import TABLES, Table


@dataclass(frozen=True)
class Audited:
    """What a task is asked about in an audit.

    Attributes
    ----------
    table, at : the table, and its column, whose times the cuts are spread over
    rows : the records, a cut and a number -> rows to ask about
    numbers : columns of the answer that must not move
    """

    table: str
    at: str
    rows: Callable[[Network, pd.Timestamp, int], pd.DataFrame]
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class AuditResult:
    """How many predictions were compared, how many moved, and what was done in plain sentences."""

    n_checked: int
    n_moved: int
    sentences: tuple[str, ...]


Answer = Callable[[Network, pd.Timestamp, pd.DataFrame], pd.DataFrame]
"""Trains on a network as of a moment, then answers rows at that moment from that very network."""


def audit_future(
    network: Network,
    cuts: list[pd.Timestamp],
    answer: Answer,
    n_rows: int,
    seed: int = 0,
    audited: Audited | None = None,
) -> AuditResult:
    """Compare the answers at each cut under altered futures, retraining every time.

    Parameters
    ----------
    cuts
        Moments at which to ask.
    answer
        Trains and predicts; see `Answer`.
    n_rows
        Rows asked about per cut.
    audited
        What is asked; by default the pairs that the records show as invited next.
    """
    audited = INVITED if audited is None else audited
    numbers = list(audited.numbers)
    n_checked = n_moved = 0
    sentences = []
    for cut in cuts:
        rows = audited.rows(network, cut, n_rows)
        expected = answer(network, cut, rows)[numbers].to_numpy(float)
        for name, altered in alterations(network, cut, np.random.default_rng(seed)):
            found = answer(altered, cut, rows)[numbers].to_numpy(float)
            moved = ~np.all((found == expected) | (np.isnan(found) & np.isnan(expected)), axis=1)
            n_checked, n_moved = n_checked + len(rows), n_moved + int(moved.sum())
            verdict = (
                f"{moved.sum()} of {len(rows)} predictions moved" if moved.any() else "no prediction moved"
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


def _active_people(network: Network, cut: pd.Timestamp, n: int) -> pd.DataFrame:
    """People evenly spread over those who had taken something up."""
    past = network.table("adoptions")
    ids = np.sort(past.loc[past["at"] < cut, "contact_id"].unique())
    places = np.unique(np.linspace(0, len(ids) - 1, min(n, len(ids))).astype(int))
    return pd.DataFrame({"contact_id": ids[places]})


def _next_links(network: Network, cut: pd.Timestamp, n: int) -> pd.DataFrame:
    links = network.table("company_links")
    later = links[links["at"] >= cut].sort_values(["at", "source_id", "target_id"])
    pairs = later[["source_id", "target_id"]].drop_duplicates()
    return pairs[pairs["source_id"] != pairs["target_id"]].head(n).reset_index(drop=True)


INVITED = Audited(
    "invitations",
    "sent_at",
    _next_pairs,
    ("p_at_once", "p_within_3_weeks", "p_declined", "p_no_answer", "median_days"),
)
ACTIVE = Audited(
    "adoptions", "at", _active_people, ("influence", "low", "high", "susceptibility", "share_moved")
)
LINKED = Audited(
    "company_links", "at", _next_links, ("score", *GROUPS, "p_partner", "is_cold_source", "is_cold_target")
)
