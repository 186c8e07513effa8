"""Leadership as users ask about it: people and topics in, who leads, who follows whom, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from influence.contagion.ambassadors import (
    AmbassadorLimits,
    Ambassadors,
    AttributedLog,
    BySpread,
    choose_ambassadors,
    mix_frontier,
)
from influence.contagion.competitors import tied_to_competitors
from influence.contagion.seekers import information_seekers
from influence.data import Network, moment_of
from influence.data.problems import rows_in_words
from influence.errors import ConfigError, DataError, nearest
from influence.planning import read_ids
from influence.prediction.asking import facts_of, of_these, priced
from influence.prediction.expected_credit import ExpectedCredit
from influence.prediction.influencers import Influencers
from influence.prediction.named import COLUMNS, Named
from influence.progress import Tell, silent
from influence.tasks.leadership import GROUPS
from influence.texts import text
from influence.training.leaders import Leaders

VIEWS_KEPT = 4
"""Moments whose profiles are kept, so that several questions about one moment cost one."""


class LeadershipFace:
    """Fitted leaders answering from records.

    Parameters
    ----------
    network
        The records.
    leaders
        What was learnt.
    """

    def __init__(self, network: Network, leaders: Leaders) -> None:
        self.network, self.leaders = network, leaders
        self.influencers = lru_cache(VIEWS_KEPT)(self._influencers)
        """What the records show strictly before a moment."""
        self.named = lru_cache(VIEWS_KEPT)(self._named)
        """Who is named by then; None where the records hold no nominations."""
        self._expected = lru_cache(VIEWS_KEPT)(self._expected_at)

    def predict(self, rows: pd.DataFrame, at: str | pd.Timestamp | None = None) -> pd.DataFrame:
        """Influence and susceptibility of people, and who moves them.

        Parameters
        ----------
        rows
            `contact_id` and, if wanted, `topic`; without one, the topic each person is most active on.
        at
            The moment; only what was visible strictly before it counts.

        Returns
        -------
        DataFrame
            In the order and under the index given: contact_id, topic, `influence` with `low` and `high`,
            `susceptibility`, `moved_by` (the ids credited with most of the person's take-ups), `share_moved`
            (how much of these is credited to others), `n_observations` and `is_cold`: nothing taken up so
            far; such people get the mean of those who are least known.  Where the records hold nominations,
            `n_named`, `n_communities` and `p_most_named` besides (see `Named`); without take-ups to learn
            from these alone are known, and cold is who is not named and has no chance told.
        """
        moment = moment_of(self.network, at)
        found = self._rows_of(rows, moment)
        found = found.assign(moved_by="", share_moved=np.nan)
        if len(self._expected(moment)):
            told = self.influencers(moment).moves().reindex(found["contact_id"])
            found["moved_by"] = told["moved_by"].fillna("").to_numpy()
            found["share_moved"] = told["share_moved"].to_numpy()
        named = self.named(moment)
        if named is not None:
            found = named.beside(found)
            if not len(self._expected(moment)):
                found["is_cold"] = (found["n_named"] == 0) & found["p_most_named"].isna()
        shown = [
            "contact_id",
            "topic",
            "influence",
            "low",
            "high",
            "susceptibility",
            "moved_by",
            "share_moved",
        ]
        out = found[[*shown, "n_observations", *(COLUMNS if named is not None else ()), "is_cold"]]
        out.index = rows.index
        return out

    def explain(self, rows: pd.DataFrame, at: str | pd.Timestamp | None = None) -> pd.DataFrame:
        """The three sides of each person's influence, and what they rest on.

        Returns
        -------
        DataFrame
            In the order and under the index given: contact_id, topic, `log_influence`, `base` and one column
            for each of who one is, what one knows and whom one knows, which sum to it, and `reasons`, in
            words.
        """
        moment = moment_of(self.network, at)
        found = self._rows_of(rows, moment)
        found = found.join(self._expected(moment).sides(found["row"].to_numpy()))
        found["log_influence"] = np.log(found["influence"])
        found["reasons"] = self._reasons(found, moment)
        out = found[["contact_id", "topic", "log_influence", "base", *GROUPS, "reasons"]]
        out.index = rows.index
        return out

    def recommend(
        self,
        *,
        k: int,
        at: str | pd.Timestamp | None,
        topic: str | None = None,
        countries: str | Sequence[str] | None = None,
        industries: str | Sequence[str] | None = None,
        own_team: bool = False,
        suppress: Iterable[str] | str | Path = (),
        progress: Tell = silent,
    ) -> pd.DataFrame:
        """The `k` people with most expected influence, on one topic or, without it, on any.

        Parameters
        ----------
        topic
            The topic to lead.
        countries, industries
            Only people of these.
        own_team
            Whether the own people may be named.
        suppress
            Contacts to leave alone: their ids, or a file of them.
        progress
            Hears of the steps.

        Returns
        -------
        DataFrame
            contact_id, topic, `influence` (take-ups of others expected to be credited to the person in the
            coming window) with its 95 % interval, the three sides of it, `credibility`, `impartiality`,
            `share_abroad`, `leads` (topics), `moves_most` (ids), `is_seeker`, `n_observations`; where the
            records hold nominations, `n_named`, `n_communities` and `p_most_named` (see `Named`).  A topic
            that nothing was taken up on is answered by nominations alone, the most named first.
        """
        progress("influence expected of everybody", 0, 2)
        moment = moment_of(self.network, at)
        people = facts_of(self.network.as_of(moment))
        wanted = of_these(people, "country", countries) & of_these(people, "industry", industries)
        if not own_team:
            wanted &= ~people["is_own_team"].fillna(False).astype(bool)
        wanted &= ~people.index.isin(read_ids(suppress))
        found, named = self._of_topic(moment, topic), self.named(moment)
        if named is not None and not len(found):
            return self._most_named(named, topic, people[wanted], k)
        found = found[wanted.reindex(found["contact_id"]).to_numpy(bool)]
        found = found.sort_values(["influence", "contact_id"], ascending=[False, True]).head(k)
        progress("what the foremost rest on", 1, 2)
        sides = self._expected(moment).sides(found.index.to_numpy())
        out = self.influencers(moment).standing(found.reset_index(drop=True).join(sides))
        sentences = self._sentences(out, topic)
        if named is not None:
            out, sentences = named.beside(out), sentences + named.sentences(topic)
        out.attrs["sentences"] = sentences
        return out

    def _most_named(self, named: Named, topic: str | None, people: pd.DataFrame, k: int) -> pd.DataFrame:
        found = named.ranked(topic)
        found = found[found["contact_id"].isin(people.index)].head(k).reset_index(drop=True)
        found = found.join(people[["country", "company_id"]], on="contact_id")
        found.attrs["sentences"] = named.sentences(topic) if len(found) else [text("leaders.unnamed")]
        if self.leaders.credit is None:
            found.attrs["sentences"].append(text("leaders.no_take_ups", why=self.leaders.lacking))
        return found

    def ambassadors(
        self,
        *,
        k: int = 10,
        at: str | pd.Timestamp | None = None,
        topic: str | None = None,
        by: Literal["spread", "credit"] = "spread",
        budget: float | None = None,
        costs: pd.Series | str | Path | None = None,
        per_company: int | None = None,
        countries: Iterable[str] = (),
        industries: Iterable[str] = (),
        include: Iterable[str] | str | Path = (),
        exclude: Iterable[str] | str | Path = (),
        exclude_competitors: bool = False,
        unit_value: float | None = None,
        currency: str = "",
        seed: int = 0,
    ) -> Ambassadors:
        """The people to win, chosen together: what each adds to the others.

        Parameters
        ----------
        k, budget, costs, per_company
            At most so many; for so much, where `costs` (by contact id, or a file with contact_id and cost)
            tell what each asks for; at most so many of one company.
        topic
            What they are to speak about.
        by
            "spread": the take-ups to be expected if they begin; "credit": those of the past that are due to
            them.
        countries, industries, include, exclude
            Only people of these; these in any case; these never (ids, or a file of them).
        exclude_competitors
            Leave out people of competitors and those tied to them.
        unit_value, currency
            What a take-up of somebody else is worth.
        seed
            Of the simulations.

        Raises
        ------
        InfluenceError
            If an id, a country or the topic is unknown, or a number makes no sense.
        """
        given, people, limits = self._candidates(
            k=k,
            at=at,
            topic=topic,
            by=by,
            budget=budget,
            costs=costs,
            per_company=per_company,
            countries=countries,
            industries=industries,
            include=include,
            exclude=exclude,
            exclude_competitors=exclude_competitors,
        )
        return choose_ambassadors(given, people, limits, np.random.default_rng(seed), unit_value, currency)

    def ambassador_mixes(self, *, n_mixes: int = 11, seed: int = 0, **asked: Any) -> pd.DataFrame:
        """The best ambassadors for every share of information seekers among them, from none to all.

        Parameters
        ----------
        n_mixes
            At most so many shares.
        seed
            Of the simulations, which are the same for every share.
        asked
            As for `ambassadors`.

        Returns
        -------
        DataFrame
            See `contagion.ambassadors.mix_frontier`: leaders are scored by the credit of the past, seekers as
            `information_seekers` scores them.
        """
        given, people, limits = self._candidates(**asked)
        view = self.influencers(moment_of(self.network, asked.get("at")))
        seekers = information_seekers(view.known, view.take_ups, view.exposures, view.shares)
        scores = seekers.set_index("contact_id")["score"].reindex(people["contact_id"])
        people = people.assign(
            leader=view.past(people["contact_id"])["credit"].to_numpy(), seeker=scores.fillna(0.0).to_numpy()
        )
        return mix_frontier(given, people, limits, np.random.default_rng(seed), n_mixes)

    def _candidates(
        self,
        *,
        k: int = 10,
        at: str | pd.Timestamp | None = None,
        topic: str | None = None,
        by: Literal["spread", "credit"] = "spread",
        costs: pd.Series | str | Path | None = None,
        include: Iterable[str] | str | Path = (),
        exclude: Iterable[str] | str | Path = (),
        exclude_competitors: bool = False,
        **limits: Any,
    ) -> tuple[BySpread | AttributedLog, pd.DataFrame, AmbassadorLimits]:
        """What is chosen by, from whom, within what."""
        moment = moment_of(self.network, at)
        view = self.influencers(moment)
        people = view.people.drop(columns="is_own_team").rename_axis("contact_id").reset_index()
        people = people[~view.people["is_own_team"].fillna(False).astype(bool).to_numpy()]
        if costs is not None:
            people = priced(people, costs)
        left_out = read_ids(exclude)
        if exclude_competitors:
            left_out |= set(tied_to_competitors(self.network, moment)["contact_id"])
        for name in ("countries", "industries"):
            limits[name] = frozenset(limits.get(name, ()))
        within = AmbassadorLimits(k=k, include=read_ids(include), exclude=left_out, **limits)
        return (view.by_spread(topic) if by == "spread" else view.log), people, within

    def _sentences(self, found: pd.DataFrame, topic: str | None) -> list[str]:
        on = "" if topic is None else "_on"
        if not len(found):
            return [text(f"leaders.nobody{on}", topic=topic)]
        credit = self.leaders.credit
        assert credit is not None, "profiles come from it"
        first = found.iloc[0]
        ends = {"value": first["influence"], "low": first["low"], "high": first["high"]}
        return [
            text("leaders.window", n=credit.window_take_ups, days=float(credit.window_days)),
            text(f"leaders.first{on}", topic=topic, who=first["contact_id"], **ends),
            text("leaders.likeness"),
        ]

    def _of_topic(self, moment: pd.Timestamp, topic: str | None) -> pd.DataFrame:
        """Profiles on a topic; none where people are only named on it."""
        profiles, named = self._expected(moment).profiles, self.named(moment)
        if topic is None:
            return profiles
        known = set(profiles["topic"].dropna())
        if named is not None:
            known |= named.topics
        if topic not in known:
            raise DataError(
                f"adoptions: nobody has taken up anything on {topic!r}"
                f"{'' if named is None else ', or is named on it'}. {nearest(topic, known)}"
            )
        return profiles[profiles["topic"] == topic]

    def _rows_of(self, rows: pd.DataFrame, moment: pd.Timestamp) -> pd.DataFrame:
        """One profile per row asked; of strangers, that of those who are least known."""
        if "contact_id" not in rows.columns:
            raise DataError(f"The rows lack contact_id. {nearest('contact_id', map(str, rows.columns))}")
        empty = rows["contact_id"].isna().to_numpy()
        if empty.any():
            raise DataError(f"The rows lack an id in {rows_in_words(empty)}. Give it, or drop them.")
        expected = self._expected(moment)
        profiles = expected.profiles
        asked = pd.DataFrame({"contact_id": rows["contact_id"].astype("str").to_numpy()})
        if "topic" in rows.columns:
            asked["topic"] = rows["topic"].astype("str").to_numpy()
            for topic in asked["topic"].dropna().unique():
                self._of_topic(moment, topic)
            known = profiles
        else:
            named, most = (
                self.named(moment),
                profiles.sort_values(["n_observations", "influence"], kind="stable"),
            )
            if named is not None and not len(profiles):  # what each is named for most
                most = named.ranked(None)[::-1][["contact_id", "topic"]].reindex(columns=profiles.columns)
            known = most.drop_duplicates("contact_id", keep="last")
        keys = [name for name in ("contact_id", "topic") if name in asked.columns]
        found = asked.merge(known.rename_axis("row").reset_index(), on=keys, how="left")
        found["is_cold"] = found["influence"].isna() | (found["n_observations"] == 0)
        least = profiles[expected.is_least_known].mean(numeric_only=True)
        return found.fillna({**least, "n_observations": 0, "row": -1}).astype(
            {"n_observations": np.int64, "row": np.int64}
        )

    def _reasons(self, found: pd.DataFrame, moment: pd.Timestamp) -> list[str]:
        named = self.named(moment)
        words = [self.influencers(moment).reasons(found)] if len(self._expected(moment)) else []
        words += [named.reasons(found)] if named is not None else []
        return [text("separator").join(each) for each in zip(*words, strict=True)]

    def _influencers(self, moment: pd.Timestamp) -> Influencers:
        return Influencers.of(self.network, moment)

    def _named(self, moment: pd.Timestamp) -> Named | None:
        return Named.of(self.network.as_of(moment))

    def _expected_at(self, moment: pd.Timestamp) -> ExpectedCredit:
        credit, adoptions = self.leaders.credit, self.network.table("adoptions")
        if self.named(moment) is not None and (credit is None or not (adoptions["at"] < moment).any()):
            return ExpectedCredit.of_nobody()
        if credit is None:
            raise ConfigError(
                "The model was trained on nominations, and these records hold none before the moment. Give "
                "that table, or train on these records."
            )
        if not len(adoptions):
            raise ConfigError(
                "The records hold no adoptions and no nominations: nobody can be said to lead. Give either "
                "table."
            )
        return ExpectedCredit.of(credit, self.network, moment)
