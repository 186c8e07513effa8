"""Introductions as users ask for them: a contact, a company or a deal in, the best ways in out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from influence.data import Network, moment_of
from influence.errors import ConfigError, DataError, nearest
from influence.graph.temporal import moment_code
from influence.planning import read_ids
from influence.planning.deal import Deal, view
from influence.planning.introductions import (
    Answering,
    Asks,
    Endorsement,
    Guide,
    HeldOut,
    Histories,
    Wish,
)
from influence.prediction.acceptance import AcceptanceFace
from influence.progress import Tell, silent
from influence.texts import first_few, text

NAME = "introductions"
ABOUT_PEOPLE = ("contacts", "deals", "deal_roles")
"""Tables that are looked up as they stood at the moment; the others are asked through the graph."""


class IntroductionsFace:
    """The ways in to people, valued by a fitted acceptance head and the records that it answers from.

    Parameters
    ----------
    acceptance
        The answers about acceptance.
    """

    def __init__(self, acceptance: AcceptanceFace) -> None:
        self.acceptance, self.network = acceptance, acceptance.network
        self._guides: dict[pd.Timestamp, Guide] = {}

    def recommend(
        self,
        *,
        k: int,
        at: str | pd.Timestamp | None,
        contact_id: str | Sequence[str] | None = None,
        company_id: str | None = None,
        deal_id: str | None = None,
        sender_id: str | Sequence[str] | None = None,
        max_asks: int | None = 3,
        per_target: int | None = None,
        max_hops: int = 3,
        suppress: Iterable[str] | str | Path = (),
        progress: Tell = silent,
    ) -> pd.DataFrame:
        """The best ways in, best first, as known strictly before `at`.

        Parameters
        ----------
        k
            Paths in all.
        contact_id, company_id, deal_id
            Whom to reach, one of the three: contacts, anybody of a company as last observed, or the buying
            centre of a deal, in the order of approach (`Model.deal` tells more).
        sender_id
            Who would like to be introduced: one or several of us; by default anybody known as `is_own_team`,
            or the selling team of the deal.  Senders introduce nobody.
        max_asks
            Paths of the list in which the same person may be asked; None for any number.
        per_target
            Paths of the list that lead to the same target; None for any number, one in the view of a deal.
        max_hops
            Ties that a path may run along, 1 to 3.
        suppress
            Contacts to leave alone, as for `Model.plan`: neither asked nor approached.
        progress
            Hears of the steps.

        Returns
        -------
        DataFrame
            One row for each target and each person who would be asked first, the best path that begins so:
            rank, target_id, company_id (the target's; not in the view of a deal), sender_id, introducer_id
            (asked first), endorser_id (speaks to the target; the same person on a path of two hops), path
            (ids in order), hops, p_success, its factors p_first_answers, p_second_answers, p_target (NA
            where the path has no such step), n_alternatives (further people who could be asked first),
            reasons. A target connected with a sender already comes with paths of one hop only, whose
            p_target is the chance of an answer.

        Raises
        ------
        InfluenceError
            If not one of the three is given, an id is unknown, nobody could send, or a number makes no sense.
        """
        given = [name for name in (contact_id, company_id, deal_id) if name is not None]
        if len(given) != 1:
            raise ConfigError(
                "Introductions need one of `contact_id`, `company_id` and `deal_id`: whom to reach?"
            )
        if deal_id is not None:
            seen = self.deal(
                deal_id,
                at=at,
                sender_id=sender_id,
                k=k,
                max_asks=max_asks,
                max_hops=max_hops,
                suppress=suppress,
            )
            return seen.approach
        progress("who passes requests on", 0, 2)
        moment = moment_of(self.network, at)
        known = self._known(moment)
        targets, sentences = self._targets(known, moment, contact_id, company_id)
        senders = self._senders(sender_id, moment)
        ours = {*senders, *self.acceptance.own_team(moment)}
        if ourselves := [one for one in targets if one in ours]:
            sentences = (*sentences, text("introduction.ours", names=first_few(ourselves)))
        strangers = [one for one in targets if one not in ours]
        wish = Wish(senders, strangers, k, max_asks, per_target, max_hops, read_ids(suppress))
        guide = self.guide(moment)
        progress("ways in", 1, 2)
        found = guide.table(wish)
        found.insert(2, "company_id", self._companies(known, found["target_id"]))
        found.attrs["sentences"] = (*sentences, *found.attrs["sentences"])
        return found

    def deal(
        self,
        deal_id: str,
        *,
        at: str | pd.Timestamp | None = None,
        sender_id: str | Sequence[str] | None = None,
        k: int = 20,
        max_asks: int | None = 3,
        max_hops: int = 3,
        suppress: Iterable[str] | str | Path = (),
    ) -> Deal:
        """Buying centre and selling team of a deal, and who approaches whom: see `Deal`.

        Parameters
        ----------
        deal_id
            The deal, opened strictly before the moment.
        at
            The moment; by default the end of the records.
        sender_id
            Who would approach, one or several of us; by default the selling team.
        k, max_asks, max_hops, suppress
            Of the approach, as for `recommend`.

        Raises
        ------
        InfluenceError
            If the records hold no such deal by then, a sender is unknown, or a number makes no sense.
        """
        moment = moment_of(self.network, at)
        known = self._known(moment)
        deals = known.table("deals")
        if deal_id not in set(deals["deal_id"]):
            raise DataError(
                f"The records hold no deal {deal_id!r} that was open before {moment:%Y-%m-%d %H:%M}. "
                f"{nearest(deal_id, deals['deal_id'])}"
            )
        senders = [] if sender_id is None else self._senders(sender_id, moment)
        wish = Wish(senders, [], k, max_asks, None, max_hops, read_ids(suppress))
        return view(known, deal_id, self.guide(moment), wish, self.acceptance.own_team(moment))

    def guide(self, moment: pd.Timestamp) -> Guide:
        """What is known at a moment of who passes requests on and who accepts; the last one asked is kept."""
        if moment not in self._guides:
            self._guides = {moment: self._fitted(moment)}
        return self._guides[moment]

    def _fitted(self, moment: pd.Timestamp) -> Guide:
        at = moment_code(moment)

        def accepts(pairs: pd.DataFrame) -> pd.Series:
            return self.acceptance.predict(pairs, moment)["p_within_3_weeks"]

        answering = Answering.fit(self._histories, at)
        endorsement = Endorsement.fit(self._held_out.before(at))
        return Guide(self.acceptance.features, answering, endorsement, accepts, at)

    @cached_property
    def _histories(self) -> Histories:
        features = self.acceptance.features
        return Histories(features, Asks.of(self.network, features))

    @cached_property
    def _held_out(self) -> HeldOut:
        return HeldOut.of(self.network, self.acceptance.features, self.acceptance.calibrated)

    def _known(self, moment: pd.Timestamp) -> Network:
        """The small tables as they stood; to cut the large ones would take longer than the answer."""
        tables = {name: self.network.tables[name] for name in ABOUT_PEOPLE if name in self.network}
        return Network(MappingProxyType(tables)).as_of(moment)

    def _senders(self, asked: str | Sequence[str] | None, moment: pd.Timestamp) -> list[str]:
        if asked is None:
            return self.acceptance.senders(moment)
        senders = list(dict.fromkeys([asked] if isinstance(asked, str) else map(str, asked)))
        self._check("contact", senders, self.network.contact_ids)
        if not senders:
            raise ConfigError("There is no sender. Name at least one.")
        return senders

    def _targets(
        self, known: Network, moment: pd.Timestamp, contact: str | Sequence[str] | None, company: str | None
    ) -> tuple[list[str], tuple[str, ...]]:
        if contact is not None:
            targets = list(dict.fromkeys([contact] if isinstance(contact, str) else map(str, contact)))
            self._check("contact", targets, self.network.contact_ids)
            return targets, ()
        assert company is not None
        self._check("company", [company], self.network.company_ids)
        companies = known.latest("contacts", ["company_id"])["company_id"]
        targets = companies.index[companies == company].tolist()
        if targets:
            return targets, (text("introduction.company", n=len(targets), company=company),)
        return [], (text("introduction.nobody", company=company, moment=f"{moment:%Y-%m-%d %H:%M}"),)

    @staticmethod
    def _companies(known: Network, contacts: pd.Series) -> pd.Series:
        companies = known.latest("contacts", ["company_id"])["company_id"]
        return companies.reindex(contacts).reset_index(drop=True)

    @staticmethod
    def _check(what: str, ids: Sequence[str], known: pd.Index) -> None:
        for one in ids:
            if one not in known:
                raise DataError(f"The records hold no {what} {one!r}. {nearest(one, known)}")
