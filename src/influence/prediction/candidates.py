"""The best candidates of each of many senders: proposed along the graph, ranked by the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from influence.data import moment_of
from influence.errors import ConfigError
from influence.planning import Limits, read_ids
from influence.planning.candidates import Past, known_senders
from influence.planning.retrieval import Retrieval
from influence.prediction.acceptance import AcceptanceFace
from influence.tasks.acceptance import ID_COLUMNS

POOL = 1_000
"""Contacts that the model looks at for each sender."""
ROWS_AT_ONCE = 65_536


class CandidatesFace:
    """Candidates by the head of acceptance.

    Parameters
    ----------
    acceptance
        Scores the proposals.
    """

    def __init__(self, acceptance: AcceptanceFace) -> None:
        self.acceptance = acceptance
        self._kept: tuple[tuple[pd.Timestamp, frozenset[str]], Retrieval] | None = None

    def candidates(
        self,
        *,
        sender_id: str | Sequence[str] | None = None,
        k: int = 50,
        at: str | pd.Timestamp | None = None,
        pool: int = POOL,
        suppress: Iterable[str] | str | Path = (),
    ) -> pd.DataFrame:
        """The best `k` contacts to invite for each sender, without looking at every pair.

        The graph proposes `pool` contacts to each (`influence.planning.retrieval`), and the model ranks them:
        time grows with senders times pool, and with contacts only where orders are made that all share.
        Unlike a plan, senders share no work: one contact may be the candidate of several.

        Parameters
        ----------
        sender_id
            Who would send: one contact or several; by default everybody known as `is_own_team`.
        k
            Candidates of each sender; fewer where the records hold no more whom it could invite.
        at
            The moment asked about; by default the end of the records.
        suppress
            Contacts to leave alone, besides the lists in force: ids, or the path of a file (`read_ids`).

        Returns
        -------
        DataFrame
            sender_id, recipient_id, `rank` within the sender's from 1, mutual_connections, `proposed_by`, and
            the answers of `Model.predict`; senders in the order given, best first.

        Raises
        ------
        InfluenceError
            If a sender is unknown, or none is given and nobody is of the own team, or a number makes no
            sense.
        """
        found = list(self.in_groups(sender_id=sender_id, k=k, at=at, pool=pool, suppress=suppress))
        return pd.concat(found, ignore_index=True)

    def in_groups(
        self,
        *,
        sender_id: str | Sequence[str] | None,
        k: int,
        at: str | pd.Timestamp | None,
        pool: int,
        suppress: Iterable[str] | str | Path,
    ) -> Iterator[pd.DataFrame]:
        """The same, some senders at a time: memory does not grow with their number."""
        limits = Limits(k, suppress=read_ids(suppress))
        if pool < k:
            raise ConfigError(f"pool is {pool}, and k is {k}. Give a pool of {k} or more.")
        moment = moment_of(self.acceptance.network, at)
        retrieval = self._retrieval(moment, limits.suppress)
        senders = self.acceptance.senders(moment) if sender_id is None else sender_id
        asked = known_senders(senders, retrieval.past.contacts)
        for proposed in retrieval.in_groups(asked, pool, ROWS_AT_ONCE):
            yield self._ranked(proposed, k, moment)

    def _ranked(self, proposed: pd.DataFrame, k: int, moment: pd.Timestamp) -> pd.DataFrame:
        answers = self.acceptance.predict(proposed, moment).drop(columns=list(ID_COLUMNS))
        rows = pd.concat((proposed, answers), axis="columns")
        order = pd.factorize(rows["sender_id"])[0]
        rows = rows.assign(order=order).sort_values(
            ["order", "p_within_3_weeks"], ascending=[True, False], kind="stable", ignore_index=True
        )
        rank = rows.groupby("order").cumcount() + 1
        rows.insert(2, "rank", rank)
        return rows[rank <= k].drop(columns="order").reset_index(drop=True)

    def _retrieval(self, moment: pd.Timestamp, suppress: frozenset[str]) -> Retrieval:
        """The orders of that moment, made once."""
        asked = (moment, suppress)
        if self._kept is None or self._kept[0] != asked:
            face = self.acceptance
            past = Past(face.network.as_of(moment), face.features, (), moment)
            self._kept = asked, Retrieval(past, suppress)
        return self._kept[1]
