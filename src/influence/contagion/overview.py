"""What the records say about people, one table for each question that may be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from influence.contagion.communities import Communities, find_communities
from influence.contagion.competitors import tied_to_competitors
from influence.contagion.credit import Credit
from influence.contagion.expertise import experts, reactions_earned, topics_of
from influence.contagion.shares import equal_split
from influence.contagion.standing import standing
from influence.contagion.takeups import Exposures, TakeUps, ties_of
from influence.contagion.timing import response_habits
from influence.data import Network
from influence.errors import ConfigError, DataError, nearest
from influence.graph.temporal import TemporalGraph

EXPERTS_NAMED = 3
"""Experts of each topic, where all topics are asked about."""
SEPARATOR = "; "
"""Between several names in one cell."""


@dataclass(frozen=True)
class Asked:
    """What a question may be narrowed by; each table heeds what makes sense for it."""

    topic: str | None = None
    """Of experts."""
    author: str = "seniority"
    """What tells authors apart in `reactions`."""
    reader: str = "industry"
    """What tells their readers apart."""
    contact_ids: Sequence[str] | None = None
    """Whose habits; of all who ever responded without it."""


def about_people(network: Network, about: str, asked: Asked | None = None) -> pd.DataFrame:
    """The table that answers a question about people, from the records as given.

    Parameters
    ----------
    about
        A name in `QUESTIONS`.

    Raises
    ------
    ConfigError
        If there is no such question, topic or role.
    DataError
        If the records lack what it is answered from.
    """
    if about not in QUESTIONS:
        raise ConfigError(f"Nothing is told about {about!r}. {nearest(about, QUESTIONS)}")
    return _in_cells(QUESTIONS[about](network, asked or Asked()))


def _in_cells(rows: pd.DataFrame) -> pd.DataFrame:
    """Several names in a cell as text."""
    rows = rows.copy()
    for name in rows.columns:
        if rows[name].map(lambda cell: isinstance(cell, tuple)).any():
            rows[name] = rows[name].map(SEPARATOR.join).astype("str")
    return rows


def _communities(network: Network, asked: Asked) -> pd.DataFrame:
    return _found(network).table


def _members(network: Network, asked: Asked) -> pd.DataFrame:
    return _found(network).members


def _bridges(network: Network, asked: Asked) -> pd.DataFrame:
    return _found(network).bridges


def _found(network: Network) -> Communities:
    """Communities, their leaders by evenly split credit where anything was taken up."""
    if not len(network.table("adoptions")):
        return find_communities(network)
    take_ups = TakeUps.of(network)
    credit = Credit.of(take_ups, Exposures.along(take_ups, ties_of(TemporalGraph(network))))
    return find_communities(network, credit=credit.given())


def _experts(network: Network, asked: Asked) -> pd.DataFrame:
    if asked.topic is not None:
        return experts(network, asked.topic)
    found = [experts(network, topic).head(EXPERTS_NAMED).assign(topic=topic) for topic in topics_of(network)]
    if not found:
        raise DataError("No record names a topic: nobody can be said to know one. Give adoptions a topic.")
    table = pd.concat(found, ignore_index=True)
    return table[["topic", *(name for name in table if name != "topic")]]


def _reactions(network: Network, asked: Asked) -> pd.DataFrame:
    return reactions_earned(network, author=asked.author, reader=asked.reader)


def _habits(network: Network, asked: Asked) -> pd.DataFrame:
    everybody = network.contact_ids if asked.contact_ids is None else asked.contact_ids
    found = response_habits(network, everybody).table()
    if asked.contact_ids is not None:
        return found
    responded = found[found["n_own"] > 0]
    return responded.sort_values(["n_own", "contact_id"], ascending=[False, True], ignore_index=True)


def _standing(network: Network, asked: Asked) -> pd.DataFrame:
    take_ups = TakeUps.of(network)
    exposures = Exposures.along(take_ups, ties_of(TemporalGraph(network)))
    shares = equal_split(take_ups, exposures).share
    found = standing(network, take_ups, exposures, shares)
    credit = np.bincount(take_ups.contact[exposures.row], shares, minlength=take_ups.n_contacts)
    order = np.argsort(-credit, kind="stable")
    return found.assign(credit=credit).iloc[order].reset_index(drop=True)


def _competitors(network: Network, asked: Asked) -> pd.DataFrame:
    return tied_to_competitors(network)


QUESTIONS: Mapping[str, Callable[[Network, Asked], pd.DataFrame]] = {
    "communities": _communities,
    "members": _members,
    "bridges": _bridges,
    "experts": _experts,
    "reactions": _reactions,
    "habits": _habits,
    "standing": _standing,
    "competitors": _competitors,
}
"""What may be asked about people -> its table, what matters most first."""
