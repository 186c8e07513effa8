"""What the records show of influence strictly before a moment: who moved whom, and everybody's standing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.contagion.evidence.credit import equal_split
from influence.contagion.people import attributes_of
from influence.contagion.seekers import information_seekers
from influence.contagion.standing import credibility, impartiality, reach_abroad, topics_led
from influence.contagion.takeups import Exposures, TakeUps, ties_of
from influence.data import Network
from influence.graph.temporal import TemporalGraph

N_NAMED = 3
"""How many people are named on either side."""
SEPARATOR = "; "
"""Between several names in one cell."""


@dataclass(frozen=True)
class Influencers:
    """Take-ups, and the shares in them of those who had gone before.

    Attributes
    ----------
    known : the records strictly before the moment
    take_ups, exposures : the log, and the candidates of each take-up
    shares : float64 [n_pairs], each candidate's share in the take-up
    """

    known: Network
    take_ups: TakeUps
    exposures: Exposures
    shares: NDArray[np.float64]

    @classmethod
    def at(cls, network: Network, moment: pd.Timestamp) -> Influencers:
        """What `network` shows strictly before a moment, take-ups shared equally."""
        known = network.as_of(moment)
        take_ups = TakeUps.of(known)
        exposures = Exposures.along(take_ups, ties_of(TemporalGraph(known)))
        return cls(known, take_ups, exposures, equal_split(exposures))

    @cached_property
    def people(self) -> pd.DataFrame:
        """Attributes of every contact as last observed, by contact_id."""
        names = ["company_id", "country", "industry", "is_own_team"]
        return attributes_of(self.known, names).set_axis(self.known.contact_ids)

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """giver, taker (ids), topic and credit, summed; the most credit first."""
        ids, pair = self.take_ups.contact_ids, self.exposures.take_up
        rows = pd.DataFrame(
            {
                "giver": self.take_ups.contact[self.exposures.row],
                "taker": self.take_ups.contact[pair],
                "topic": self.take_ups.topic[pair],
                "credit": self.shares,
            }
        )
        sums = rows.groupby(["giver", "taker", "topic"])["credit"].sum().reset_index()
        sums = sums.sort_values(["credit", "giver", "taker"], ascending=[False, True, True])
        names = np.array([*self.take_ups.topics, None], object)
        ends = {end: ids[sums[end]].to_numpy() for end in ("giver", "taker")}
        return sums.assign(**ends, topic=names[sums["topic"]])

    @cached_property
    def _n_own(self) -> pd.Series:
        return pd.Series(self.take_ups.contact_ids[self.take_ups.contact]).value_counts()

    def moves(self) -> pd.DataFrame:
        """By taker: `moved_by`, those credited with most of its take-ups and, in all, `share_moved`."""
        own = self._n_own
        credited = self.pairs.groupby("taker")["credit"].sum().reindex(own.index, fill_value=0.0)
        named = _first(self.pairs, "taker", "giver").reindex(own.index).fillna("")
        return pd.DataFrame({"moved_by": named, "share_moved": credited / own})

    def past(self, contact_ids: pd.Series) -> pd.DataFrame:
        """For each id: credit, n_moved, moves_most and n_own (take-ups) so far."""
        by = self.pairs.groupby("giver")
        told = pd.DataFrame({"credit": by["credit"].sum(), "n_moved": by["taker"].nunique()})
        found = told.reindex(contact_ids).fillna(0.0).assign(n_own=self._n_own.reindex(contact_ids).fillna(0))
        found["moves_most"] = _first(self.pairs, "giver", "taker").reindex(contact_ids).fillna("")
        return found.astype({"n_moved": np.int64, "n_own": np.int64})

    def standing(self, profiles: pd.DataFrame) -> pd.DataFrame:
        """Profiles with what else tells a leader: credibility, impartiality, reach, topics, people moved."""
        log = (self.take_ups, self.exposures, self.shares)
        ids = profiles["contact_id"]

        def of(table: pd.DataFrame, column: str) -> NDArray[np.float64]:
            return table.set_index("contact_id")[column].reindex(ids).to_numpy(np.float64)

        judged = credibility(self.known, by_topic=False)
        led = topics_led(*log).groupby("contact_id")["topic"].agg(SEPARATOR.join).reindex(ids).fillna("")
        moved = self.past(ids)["moves_most"].to_numpy()
        seekers = information_seekers(self.known, *log)
        seeking = set(seekers.loc[seekers["is_seeker"], "contact_id"])
        last = ["susceptibility", "n_observations"]
        shown = [name for name in profiles.columns if name not in ("base", *last)]
        facts = self.people[["country", "company_id"]].reindex(ids).reset_index(drop=True)
        return pd.concat(
            (
                profiles[shown],
                pd.DataFrame(
                    {
                        "credibility": of(judged, "credibility"),
                        "impartiality": of(impartiality(self.known, *log), "impartiality"),
                        "share_abroad": of(reach_abroad(self.known, *log), "share_abroad"),
                        "leads": led.astype("str").to_numpy(),
                        "moves_most": moved,
                        "is_seeker": [each in seeking for each in ids],
                    }
                ),
                facts,
                profiles[last],
            ),
            axis=1,
        )


def _first(pairs: pd.DataFrame, of: str, named: str) -> pd.Series:
    """The first `N_NAMED` different names of each in one cell, most credit first."""
    sums = pairs.groupby([of, named])["credit"].sum().reset_index()
    sums = sums.sort_values(["credit", named], ascending=[False, True])
    found: pd.Series = sums.groupby(of).head(N_NAMED).groupby(of)[named].agg(SEPARATOR.join)
    return found
