"""What the records show of influence strictly before a moment: who moved whom, and everybody's standing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.contagion.ambassadors import AttributedLog, BySpread, SpreadGraph
from influence.contagion.attribution import Attribution, AttributionConfig, Log
from influence.contagion.covariates import Covariates
from influence.contagion.risk import AtRisk
from influence.contagion.seekers import information_seekers
from influence.contagion.standing import credibility, impartiality, reach_abroad, topics_led
from influence.contagion.takeups import Exposures, TakeUps, ties_of
from influence.contagion.timing import response_habits
from influence.contagion.transmission import Transmission, TransmissionConfig
from influence.data import Network
from influence.graph.temporal import TemporalGraph, moment_code
from influence.graph.ties import Ties
from influence.prediction.asking import facts_of
from influence.tasks.leadership import GROUPS
from influence.texts import listed, text

N_NAMED = 3
"""How many people are named on either side."""
HABITS = ["responds_at_hour", "responds_on_weekday", "n_responses"]
"""UTC hour and weekday (0: Monday) of most responses, and the person's own behind them."""
SEPARATOR = "; "
"""Between several names in one cell."""


@dataclass(frozen=True)
class Influencers:
    """Take-ups, the shares in them of those who had gone before, and the chances of those to come.

    Attributes
    ----------
    known : the records strictly before the moment
    at : the moment, microseconds since 1970
    take_ups, exposures, ties : the log, the candidates of each take-up, and who is tied to whom
    covariates : what is known of pairs at any time
    transmission : shares of credit, and chances along ties
    """

    known: Network
    at: int
    take_ups: TakeUps
    exposures: Exposures
    ties: Ties
    covariates: Covariates
    transmission: Transmission

    @classmethod
    def of(cls, network: Network, moment: pd.Timestamp) -> Influencers:
        """What `network` shows strictly before a moment: attribution describes these records, and no others.

        Raises
        ------
        DataError
            If nothing had been taken up, or nobody came after somebody tied to them.
        """
        known, at = network.as_of(moment), moment_code(moment)
        take_ups, ties = TakeUps.of(known), ties_of(TemporalGraph(known))
        exposures, at_risk = Exposures.along(take_ups, ties), AtRisk.along(take_ups, ties, at)
        covariates, config = Covariates.of(known, take_ups), AttributionConfig()
        log = Log.of(take_ups, exposures, at_risk, covariates, at, config)
        attribution = Attribution.fit(log, config, len(take_ups.topics))
        fitted = (take_ups, exposures, at_risk, covariates, attribution)
        transmission = Transmission.fit(*fitted, at, TransmissionConfig())
        return cls(known, at, take_ups, exposures, ties, covariates, transmission)

    @property
    def shares(self) -> NDArray[np.float64]:
        """float64 [n_pairs]: each candidate's share in the take-up; the rest of it came from outside."""
        return self.transmission.shares.share

    @property
    def log(self) -> AttributedLog:
        """The past, to choose ambassadors by."""
        shares = self.transmission.shares
        return AttributedLog(self.take_ups, self.exposures, shares.share, shares.outside)

    def spread_graph(self, topic: str | None) -> SpreadGraph:
        """The chances to come along the ties of the moment, to choose ambassadors by.

        Raises
        ------
        ConfigError
            If no take-up has that topic.
        """
        ptr, target, p = self.transmission.along(self.ties, self.covariates, topic, self.at)
        ids = self.take_ups.contact_ids
        source = np.repeat(np.arange(len(ids)), np.diff(ptr))
        return SpreadGraph.build(ids[source], ids[target], p, ids)

    def by_spread(self, topic: str | None) -> BySpread:
        """The same, with what the most successful item of that topic has had so far.

        Raises
        ------
        ConfigError
            If no take-up has that topic.
        """
        graph, log = self.spread_graph(topic), self.take_ups
        of_topic = log.item if topic is None else log.item[log.topic == log.topics.get_loc(topic)]
        return BySpread(graph, largest=int(np.bincount(of_topic).max()))

    @cached_property
    def people(self) -> pd.DataFrame:
        """Attributes of every contact as last observed, by contact_id."""
        return facts_of(self.known)

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

    def reasons(self, profiles: pd.DataFrame) -> list[str]:
        """The three sides of each profile, and what they rest on, in words."""
        told = self.past(profiles["contact_id"])
        factors = np.exp(profiles[list(GROUPS)].to_numpy(np.float64))
        words = []
        for past, factor in zip(told.to_dict("records"), factors, strict=True):
            order = np.argsort(-np.abs(np.log(factor)))
            sides = ((text(f"leaders.{GROUPS[i]}"), factor[i]) for i in order)
            parts = [text("leaders.factor", side=side, factor=x) for side, x in sides]
            # Reasons have the same separator: a name between two of them would be read as one.
            moved = past["moves_most"].split(SEPARATOR)
            mostly = text("leaders.mostly", names=listed(moved)) if past["moves_most"] else ""
            parts.append(text("leaders.so_far", credit=past["credit"], n=past["n_moved"]) + mostly)
            words.append(text("separator").join((*parts, text("leaders.own", n=past["n_own"]))))
        return words

    def standing(self, profiles: pd.DataFrame) -> pd.DataFrame:
        """Profiles with what else tells a leader: credibility, impartiality, reach, topics, people moved."""
        log = (self.take_ups, self.exposures, self.shares)
        ids = profiles["contact_id"]

        def of(table: pd.DataFrame, column: str) -> NDArray[np.float64]:
            return table.set_index("contact_id")[column].reindex(ids).to_numpy(np.float64)

        judged = credibility(self.known, by_topic=False)
        led = topics_led(*log).groupby("contact_id")["topic"].agg(SEPARATOR.join).reindex(ids).fillna("")
        moved = self.past(ids)["moves_most"].to_numpy()
        habits = response_habits(self.known, ids.tolist()).table()
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
                habits[["hour", "weekday", "n_own"]].set_axis(HABITS, axis=1),
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
