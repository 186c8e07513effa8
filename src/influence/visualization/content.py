"""What the map shows, as tables: communities, their ties and people, leaders, bridges, ways in."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.contagion.communities import NOBODY, Communities, find_communities
from influence.data import Network, to_utc
from influence.errors import ConfigError, DataError
from influence.prediction import Model
from influence.prediction.introductions import NAME as INTRODUCTIONS
from influence.tasks import acceptance, leadership
from influence.visualization.layout import disc_layout, sunflower

Ints = NDArray[np.int64]

N_COMMUNITIES = 60
"""Communities drawn; smaller ones are counted."""
N_PEOPLE = 120
"""People drawn of each community, besides those who are marked."""
N_TIES = 250
"""Ties between communities drawn, the largest."""
N_ACQUAINTANCES = 300
"""Ties drawn within each community, between those drawn; of those with most ties first."""
N_MARKED = 20
"""Leaders, bridges and people of the own team that are marked, of each at most."""
N_WAYS = 10
"""Leaders to whom a way is shown, where no target is given."""
LEAST_KNOWN = 0.1
"""Share of a community's people of whom a fact must be known, for its commonest value to stand for them."""
SEED = 0
FACTS = ("country", "topic", "industry")
"""What communities and people are coloured by."""


@dataclass(frozen=True)
class Content:
    """Everything that is drawn or listed, from what was known strictly before a moment.

    Attributes
    ----------
    communities : community, n_people, n_companies, n_countries, n_ties (inside), country, topic, industry
        (the commonest among its people; NA where hardly any has one), x, y, radius; those drawn,
        largest first
    ties : source, target (communities), n_ties; most first
    people : contact_id, label, community (-1: none), the facts, company_id, is_own_team, n_ties,
        n_ties_inside, x, y; those drawn
    acquaintances : source, target (rows of `people`), community; ties within communities
    leaders : contact_id, topic, influence, low, high; empty without a model that knows leadership
    bridges : contact_id, community, n_communities, n_countries, n_pairs
    ways : target_id, path (ids, a tuple), p_success, reasons; the best way in to each target
    n_people, n_ties : of the whole network by then
    n_not_drawn, n_people_not_drawn, n_alone : communities left out, their people, and people of none
    at : the moment; None for all records
    """

    communities: pd.DataFrame
    ties: pd.DataFrame
    people: pd.DataFrame
    acquaintances: pd.DataFrame
    leaders: pd.DataFrame
    bridges: pd.DataFrame
    ways: pd.DataFrame
    n_people: int
    n_ties: int
    n_not_drawn: int
    n_people_not_drawn: int
    n_alone: int
    at: pd.Timestamp | None

    @property
    def marked(self) -> frozenset[str]:
        """Which of own, leaders and bridges somebody is marked as."""
        there = {
            "own": self.people["is_own_team"].any(),
            "leaders": len(self.leaders),
            "bridges": len(self.bridges),
        }
        return frozenset(name for name, is_there in there.items() if is_there)


def content_of(
    network: Network,
    *,
    model: Model | None = None,
    at: str | pd.Timestamp | None = None,
    target: str | None = None,
    names: bool = False,
) -> Content:
    """What the map of a network shows.

    Parameters
    ----------
    model
        Names the leaders and the ways in, as far as it was trained for them and the records tell of any;
        marks nobody to be left alone.
    at
        What was visible strictly before counts; all records without it.
    target
        A contact to whom the way in is shown; without one, the ways to the first leaders.
    names
        Whether people are labelled by their names, where these are known, instead of their ids.

    Raises
    ------
    DataError
        If no three people are tied to each other, or the target is unknown.
    ConfigError
        If a target is given, and no model that was trained for acceptance.
    """
    moment = None if at is None else to_utc(at)
    known = network if moment is None else network.as_of(moment)
    if model is not None and model.network is not network:
        model = model.with_network(network)
    found = find_communities(known, moment)
    if not len(found.table):
        raise DataError("No three people are tied to each other by then: there is no community to draw.")
    leaders, ways = _leaders(model, moment), _ways(model, moment, target)
    if target is None and len(leaders):
        ways = _ways(model, moment, leaders["contact_id"].head(N_WAYS).tolist())
    if names:
        ways = ways.assign(reasons=ways["reasons"].map(network.told))
    owner, neighbour = found.owner, found.neighbour
    left_alone = model.left_alone() if model is not None else frozenset()
    everybody = _everybody(known, found.members)
    bridges = _bridges(found, everybody, left_alone)
    ours = everybody[everybody["is_own_team"]].nlargest(N_MARKED, "n_ties")["contact_id"]
    marked = {*leaders["contact_id"], *bridges["contact_id"], *ours, *itertools.chain(*ways["path"])}
    drawn = _drawn(found, everybody[everybody["contact_id"].isin(marked)]["community"])
    communities, ties = _placed(found, everybody, drawn)
    people = _people(everybody, communities, marked, known.names if names else None)
    sizes = found.table.set_index("community")["n_people"]
    acquaintances = _acquaintances(everybody, people, owner, neighbour)
    return Content(
        communities, ties, people, acquaintances, leaders, bridges, ways,
        n_people=len(everybody),
        n_ties=len(owner) // 2,
        n_not_drawn=len(sizes) - len(drawn),
        n_people_not_drawn=int(sizes.drop(drawn).sum()),
        n_alone=int((everybody["community"] == NOBODY).sum()),
        at=moment,
    )  # fmt: skip


def _everybody(known: Network, members: pd.DataFrame) -> pd.DataFrame:
    """Everyone on record with community, ties and facts, in the order of their positions."""
    facts = known.latest("contacts", ["company_id", "country", "industry", "is_own_team"])
    topic = main_topics(known).reindex(known.contact_ids)
    told = facts.assign(topic=topic.to_numpy()).reset_index(drop=True)
    told["is_own_team"] = told["is_own_team"].fillna(False).astype(bool)
    return members.drop(columns="credit").join(told)


def main_topics(known: Network) -> pd.Series:
    """The topic that each person took up, wrote or acted on most; of equals the first by name."""
    sources = (("adoptions", "contact_id"), ("contents", "author_id"), ("interactions", "actor_id"))
    parts = [known.table(name)[[who, "topic"]].set_axis(["who", "topic"], axis=1) for name, who in sources]
    return _commonest(pd.concat(parts), "who", "topic")


def _commonest(rows: pd.DataFrame, by: str, value: str) -> pd.Series:
    """The value most frequent among the rows of each group."""
    n = rows.dropna(subset=[by, value]).groupby([by, value], observed=True).size().reset_index(name="n")
    n = n.sort_values([by, "n", value], ascending=[True, False, True]).drop_duplicates(by)
    return n.set_index(by)[value]


def _leaders(model: Model | None, moment: pd.Timestamp | None) -> pd.DataFrame:
    columns = ["contact_id", "topic", "influence", "low", "high"]
    nobody = pd.DataFrame(columns=columns).astype({"contact_id": "str"})
    if model is None or leadership.NAME not in model.tasks:
        return nobody
    try:
        found = model.recommend(leadership.NAME, k=N_MARKED, at=moment)
    except (ConfigError, DataError):  # nothing taken up by then: there is a map all the same
        return nobody
    return found.drop_duplicates("contact_id", ignore_index=True).reindex(columns=columns)


def _ways(model: Model | None, moment: pd.Timestamp | None, target: str | list[str] | None) -> pd.DataFrame:
    """The best way in to each target; none where the model cannot tell, unless the target was asked for."""
    empty = pd.DataFrame({name: [] for name in ("target_id", "path", "p_success", "reasons")}, dtype=object)
    if isinstance(target, str) and (model is None or acceptance.NAME not in model.tasks):
        raise ConfigError(
            "The way to a target needs a model that was trained for acceptance. Give one with --model."
        )
    if target is None or model is None or acceptance.NAME not in model.tasks:
        return empty
    try:
        found = model.recommend(
            INTRODUCTIONS, contact_id=target, k=N_WAYS, per_target=1, max_asks=None, at=moment
        )
    except ConfigError:  # nobody of the own team on record: nobody to start from
        if isinstance(target, str):
            raise
        return empty
    path = found["path"].map(lambda ids: tuple(ids.split(" > ")))
    return found[["target_id", "p_success", "reasons"]].assign(path=path).reset_index(drop=True)


def _bridges(found: Communities, everybody: pd.DataFrame, left_alone: frozenset[str]) -> pd.DataFrame:
    """Others than we who join most pairs of people of different communities."""
    left_out = {*left_alone, *everybody.loc[everybody["is_own_team"], "contact_id"]}
    return found.bridges[~found.bridges["contact_id"].isin(left_out)].head(N_MARKED).reset_index(drop=True)


def _drawn(found: Communities, of_marked: pd.Series) -> list[int]:
    """Codes of the communities drawn: the largest, and those of everybody who is marked."""
    largest = found.table["community"].head(N_COMMUNITIES)
    return sorted({*largest.tolist(), *of_marked[of_marked >= 0].tolist()})


def _placed(
    found: Communities, everybody: pd.DataFrame, drawn: list[int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The communities drawn with their places, and the ties between them."""
    table = found.table.set_index("community").loc[drawn, ["n_people", "n_companies", "n_countries"]]
    of, owner, neighbour = everybody["community"].to_numpy(), found.owner, found.neighbour
    inside = of[owner] == of[neighbour]
    table["n_ties"] = pd.Series(of[owner[inside]]).value_counts().reindex(drawn, fill_value=0) // 2
    for fact in FACTS:
        known = everybody[fact].notna().groupby(everybody["community"]).mean().reindex(drawn)
        table[fact] = _commonest(everybody, "community", fact).reindex(drawn).where(known >= LEAST_KNOWN)
    ties = _ties_between(of, owner, neighbour, drawn)
    radius = np.sqrt(table["n_people"].to_numpy(np.float64))
    radius /= radius.max()
    place = {code: row for row, code in enumerate(drawn)}
    source, target = (ties[end].map(place).to_numpy(np.int64) for end in ("source", "target"))
    size = table["n_people"].to_numpy(np.float64)
    # Ties as a share of what the sizes allow, so that large communities do not all crowd in the middle.
    weight = ties["n_ties"].to_numpy(np.float64) / np.sqrt(size[source] * size[target])
    centre = disc_layout(radius, source, target, weight, SEED)
    table["x"], table["y"], table["radius"] = centre[:, 0], centre[:, 1], radius
    return table.rename_axis("community").reset_index(), ties.head(N_TIES)


def _ties_between(of: Ints, owner: Ints, neighbour: Ints, drawn: list[int]) -> pd.DataFrame:
    """Pairs of communities and the ties between their people, each pair once, most ties first."""
    kept = (of[owner] < of[neighbour]) & np.isin(of[owner], drawn) & np.isin(of[neighbour], drawn)
    pairs = pd.DataFrame({"source": of[owner[kept]], "target": of[neighbour[kept]]})
    n = pairs.groupby(["source", "target"]).size().reset_index(name="n_ties")
    return n.sort_values(["n_ties", "source", "target"], ascending=[False, True, True], ignore_index=True)


def _people(
    everybody: pd.DataFrame, communities: pd.DataFrame, marked: set[str], names: pd.Series | None
) -> pd.DataFrame:
    """The people drawn of each community, best tied in the middle; marked ones in any case."""
    is_marked = everybody["contact_id"].isin(marked)
    ordered = everybody.assign(is_marked=is_marked).sort_values(
        ["n_ties_inside", "contact_id"], ascending=[False, True]
    )
    rank = ordered.groupby("community").cumcount()
    in_view = ordered["community"].isin(communities["community"])
    kept = ordered[(in_view & (rank < N_PEOPLE)) | ordered["is_marked"]].drop(columns="is_marked")
    kept = kept.sort_values("community", kind="stable")
    label = (
        kept["contact_id"]
        if names is None
        else kept["contact_id"].map(names).astype("str").fillna(kept["contact_id"])
    )
    kept = kept.assign(label=label).reset_index()  # `index`: positions
    places = communities.set_index("community")[["x", "y", "radius"]]
    places.loc[NOBODY] = _beneath(communities)
    xy = np.concatenate([np.empty((0, 2)), *(sunflower(len(rows)) for _, rows in kept.groupby("community"))])
    own = places.loc[kept["community"]]
    kept["x"] = own["x"].to_numpy() + xy[:, 0] * own["radius"].to_numpy()
    kept["y"] = own["y"].to_numpy() + xy[:, 1] * own["radius"].to_numpy()
    return kept


def _beneath(communities: pd.DataFrame) -> tuple[float, float, float]:
    """A small place beneath all communities, for marked people who belong to none."""
    lowest = (communities["y"] - communities["radius"]).min()
    return float(communities["x"].mean()), float(lowest - 0.4), 0.25


def _acquaintances(
    everybody: pd.DataFrame, people: pd.DataFrame, owner: Ints, neighbour: Ints
) -> pd.DataFrame:
    """Ties within communities between people drawn, as rows of `people`; of the best tied first."""
    row = np.full(len(everybody), -1)
    row[people["index"]] = np.arange(len(people))
    of = everybody["community"].to_numpy()
    kept = (owner < neighbour) & (row[owner] >= 0) & (row[neighbour] >= 0)
    kept &= (of[owner] == of[neighbour]) & (of[owner] >= 0)
    ties = pd.DataFrame(
        {"source": row[owner[kept]], "target": row[neighbour[kept]], "community": of[owner[kept]]}
    )
    n = people["n_ties_inside"].to_numpy()
    least = np.minimum(n[ties["source"]], n[ties["target"]])
    ties = ties.assign(least=least).sort_values(
        ["community", "least", "source", "target"], ascending=[True, False, True, True]
    )
    return ties.groupby("community").head(N_ACQUAINTANCES).drop(columns="least").reset_index(drop=True)
