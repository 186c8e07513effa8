"""Acceptance as users ask about it: pairs of ids in, calibrated chances, reasons and plans out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from influence.data import Network, moment_of, to_utc
from influence.data.problems import rows_in_words
from influence.errors import ConfigError, DataError, nearest
from influence.explanation import Explainer
from influence.graph.loading import QuerySet
from influence.graph.moment import Moment
from influence.graph.pairs import PairFeatures, Queries
from influence.graph.temporal import moment_code
from influence.planning import Limits, Plan, make_plan, read_ids
from influence.prediction.asking import notes, times
from influence.progress import Tell, silent
from influence.tasks.acceptance import ID_COLUMNS, answer, outcomes_of, queries_of
from influence.training.mixture import Combination

CHUNK = 4096
"""Pairs scored at a time: bounds memory."""

MANY_PAIRS = 2048
"""From so many pairs of one moment on, what depends on a contact alone is found once and kept."""


class AcceptanceFace:
    """A fitted combination answering from records, recalibrated by what these tell of later invitations.

    Parameters
    ----------
    network
        The records.
    combination
        The fitted parts and their mix.
    trained_until
        The end of what the combination has learnt from.
    """

    def __init__(self, network: Network, combination: Combination, trained_until: pd.Timestamp) -> None:
        self.network, self.combination, self.trained_until = network, combination, trained_until
        self._moment: Moment | None = None
        self._warm: Moment | None = None

    def predict(self, rows: pd.DataFrame, at: str | pd.Timestamp | None = None) -> pd.DataFrame:
        """Chances of every pair: see `Model.predict`."""
        asked = self._asked(rows, at)
        queries = queries_of(asked, self.features.graph)
        told = QuerySet(self.features, queries, self._common_moment(queries))
        chunks = range(0, max(len(told), 1), CHUNK)
        logits = [self.combination.logits(told[i : i + CHUNK]) for i in chunks]
        forecast = self.calibrated.forecast(np.concatenate(logits), queries.at)
        out = pd.concat((asked[list(ID_COLUMNS)], answer(forecast)), axis=1)
        for end, contact in (("sender", queries.sender), ("recipient", queries.recipient)):
            out[f"is_cold_{end}"] = ~told.met(contact)
        out.index = rows.index
        return out

    def warm_up(self, at: str | pd.Timestamp | None = None) -> None:
        """Get ready for many small questions about one moment: see `Model.warm_up`."""
        self._warm = Moment(self.features, moment_code(moment_of(self.network, at)))

    def explain(self, rows: pd.DataFrame, at: str | pd.Timestamp | None = None) -> pd.DataFrame:
        """The people and events behind each chance: see `Model.explain`."""
        asked = self._asked(rows, at)
        told = self._explainer(queries_of(asked, self.features.graph))
        out = pd.concat((asked[list(ID_COLUMNS)], told), axis=1)
        out.index = rows.index
        return out

    def recommend(
        self,
        *,
        k: int,
        at: str | pd.Timestamp | None,
        sender_id: str | Sequence[str] | None = None,
        weekly_quota: int | None = None,
        per_recipient: int = 1,
        per_company: int | None = None,
        suppress: Iterable[str] | str | Path = (),
        max_candidates: int | None = None,
        progress: Tell = silent,
    ) -> pd.DataFrame:
        """The invitations of `plan`, best first; what it says in words is in `.attrs["sentences"]`."""
        found = self.plan(
            sender_id=sender_id,
            k=k,
            at=at,
            weekly_quota=weekly_quota,
            per_recipient=per_recipient,
            per_company=per_company,
            suppress=suppress,
            max_candidates=max_candidates,
            progress=progress,
        )
        invitations = found.invitations.copy()
        invitations.attrs["sentences"] = found.sentences
        return invitations

    def plan(
        self,
        *,
        sender_id: str | Sequence[str] | None = None,
        k: int = 20,
        at: str | pd.Timestamp | None = None,
        weekly_quota: int | None = None,
        per_recipient: int = 1,
        per_company: int | None = None,
        suppress: Iterable[str] | str | Path = (),
        max_candidates: int | None = None,
        progress: Tell = silent,
    ) -> Plan:
        """Whom to invite, by whom and when: the `k` invitations with most expected acceptances.

        Candidates are all contacts but the senders and their own team, and those whom a sender is connected
        with, has invited already or was invited by.  What the records show as sent strictly before `at`
        counts against quota and caps; see `influence.planning.make_plan`.

        Parameters
        ----------
        sender_id
            Who would send: one contact, or several who share the work; by default everybody known as
            `is_own_team`.
        weekly_quota
            Invitations of each sender a week, less those of the seven days before `at` in the first week.
        per_recipient, per_company
            Invitations that one contact, or the people of one company, may have open from the senders and
            their team: those sent in the last 21 days and those of the plan.
        suppress
            Contacts to leave alone: their ids, or the path of a file that lists them (`read_ids`).
        max_candidates
            Contacts looked at for each sender, those with most mutual connections; by default 20,000, fewer
            where more than 100 senders share 2,000,000 pairs. A sentence tells where there are more.
        progress
            Hears how many senders were looked at.

        Raises
        ------
        InfluenceError
            If a sender is unknown, or none is given and nobody is of the own team, a number makes no sense,
            or the file cannot be read.
        """
        limits = Limits(k, weekly_quota, per_recipient, per_company, read_ids(suppress))
        moment = moment_of(self.network, at)
        senders = self.senders(moment) if sender_id is None else sender_id

        def predict(pairs: pd.DataFrame) -> pd.DataFrame:
            return self.predict(pairs, moment)

        return make_plan(
            self.network,
            self.features,
            self.calibrated,
            predict,
            senders,
            moment,
            limits,
            max_candidates,
            progress,
        )

    def own_team(self, moment: pd.Timestamp) -> list[str]:
        """Everybody known as one of the own team by then."""
        everyone = np.arange(self.features.graph.n_contacts)
        at = np.full(len(everyone), moment_code(moment))
        ours = self.features.attributes.is_own_team(everyone, at)
        return [str(one) for one in self.features.graph.contact_ids[ours]]

    def senders(self, moment: pd.Timestamp) -> list[str]:
        """Who sends unless others are named: the own team.

        Raises
        ------
        ConfigError
            If nobody is known as one of it.
        """
        if team := self.own_team(moment):
            return team
        raise ConfigError(
            "No contact was known as is_own_team by then, so that nobody could send. Give `sender_id`."
        )

    @cached_property
    def features(self) -> PairFeatures:
        """What is known of any two contacts at any moment."""
        return PairFeatures(self.network)

    @cached_property
    def calibrated(self) -> Combination:
        """Recalibrated by what the records tell of invitations sent after the training, too."""
        invitations = self.network.table("invitations")
        later = invitations[invitations["sent_at"] >= self.trained_until]
        later = later.sort_values(["sent_at", "invitation_id"], ignore_index=True)
        if not len(later):
            return self.combination
        queries = QuerySet(self.features, queries_of(later, self.features.graph))
        logits = self.combination.logits(queries)
        return self.combination.following(logits, queries.queries.at, outcomes_of(later))

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self.features, self.calibrated, self.network.table("invitations"))

    def _common_moment(self, queries: Queries) -> Moment | None:
        """What is known at the one moment that many queries share, kept for the next such queries."""
        if not len(queries) or (queries.at != queries.at[0]).any():
            return None
        if self._warm is not None and self._warm.at == queries.at[0]:
            return self._warm
        if len(queries) < MANY_PAIRS:
            return None
        if self._moment is None or self._moment.at != queries.at[0]:
            self._moment = Moment(self.features, int(queries.at[0]))
        return self._moment

    def _asked(self, pairs: pd.DataFrame, at: str | pd.Timestamp | None) -> pd.DataFrame:
        missing = [name for name in ID_COLUMNS if name not in pairs.columns]
        if missing:
            raise DataError(
                f"The pairs lack {' and '.join(missing)}. {nearest(missing[0], map(str, pairs.columns))}"
            )
        asked = pd.DataFrame({name: pairs[name].astype("str") for name in ID_COLUMNS}).reset_index(drop=True)
        empty = pairs[list(ID_COLUMNS)].isna().any(axis=1).to_numpy()
        if empty.any():
            raise DataError(f"The pairs lack an id in {rows_in_words(empty)}. Give both ids, or drop them.")
        if "sent_at" in pairs.columns:
            asked["sent_at"] = times(pairs["sent_at"], None if at is None else to_utc(at))
        else:
            asked["sent_at"] = moment_of(self.network, at)
        asked["has_note"] = notes(pairs["has_note"]) if "has_note" in pairs.columns else pd.NA
        return asked.astype({"has_note": "boolean"})
