"""The model as its users meet it: DataFrames of raw ids in, DataFrames of calibrated answers out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from influence.bundle import Bundle
from influence.config import Config
from influence.data import Network, to_utc
from influence.errors import ConfigError, DataError, nearest
from influence.explanation import Explainer
from influence.graph.loading import QuerySet
from influence.graph.pairs import PairFeatures
from influence.planning import Limits, Plan, make_plan, read_ids
from influence.tasks import TASKS
from influence.tasks.acceptance import answer, outcomes_of, queries_of
from influence.training.mixture import Combination

CHUNK = 8192
"""Pairs scored at a time: bounds memory."""

ID_COLUMNS = ("sender_id", "recipient_id")


class Model:
    """A trained model and the records that it answers from.

    Parameters
    ----------
    network
        The records; fresher ones may be given later with `with_network`.
    config
        What it was trained with.
    acceptance
        The fitted combination of the acceptance task.
    trained_until
        The model knows nothing of what became visible at this moment or later, except through the records it
        reads its features from.
    """

    def __init__(
        self, network: Network, config: Config, acceptance: Combination, trained_until: pd.Timestamp
    ) -> None:
        self.network, self.config = network, config
        self.acceptance, self.trained_until = acceptance, trained_until

    def with_network(self, network: Network) -> Model:
        """The same model answering from other records, of later date as a rule."""
        return Model(network, self.config, self.acceptance, self.trained_until)

    def predict(self, task: str, pairs: pd.DataFrame, at: str | pd.Timestamp | None = None) -> pd.DataFrame:
        """Answer for each pair, from what was visible strictly before its moment.

        Parameters
        ----------
        task
            "acceptance".
        pairs
            Rows of `sender_id`, `recipient_id` and, if wanted, `sent_at` (the row's own moment) and
            `has_note`; other columns are ignored.
        at
            The moment of rows without their own; by default the end of the records.

        Returns
        -------
        DataFrame
            In the order and under the index given: the two ids, `p_at_once` (within a day),
            `p_within_3_weeks` (contains `p_at_once`), `p_declined`, `p_no_answer`, `median_days` of an
            acceptance, and `is_cold_sender`, `is_cold_recipient` for those the records had not met.

        Raises
        ------
        InfluenceError
            If the task is unknown, a column is missing, or an id or a moment is missing.
        """
        self._check_task(task)
        asked = self._asked(pairs, at)
        parts = [self._answer(asked.iloc[i : i + CHUNK]) for i in range(0, len(asked), CHUNK)]
        out = pd.concat(parts) if parts else self._answer(asked)
        out.index = pairs.index
        return out

    def explain(self, task: str, pairs: pd.DataFrame, at: str | pd.Timestamp | None = None) -> pd.DataFrame:
        """The people and events behind each number, from what was visible strictly before its moment.

        Parameters
        ----------
        task, pairs, at
            As for `predict`.

        Returns
        -------
        DataFrame
            In the order and under the index given: the two ids, `log_odds` of `p_within_3_weeks`,
            `base_log_odds`, those of a typical request sent shortly before, one column `because.GROUP` per
            group of evidence (with the base they sum to `log_odds`), `introducers`, the ids of the strongest
            mutual contacts, and `reasons`, the largest contributions in words.

        Raises
        ------
        InfluenceError
            As `predict`.
        """
        self._check_task(task)
        asked = self._asked(pairs, at)
        told = self._explainer(queries_of(asked, self._features.graph))
        out = pd.concat((asked[list(ID_COLUMNS)], told), axis=1)
        out.index = pairs.index
        return out

    def recommend(
        self,
        task: str,
        *,
        sender_id: str | Sequence[str] | None = None,
        k: int = 20,
        at: str | pd.Timestamp | None = None,
        weekly_quota: int | None = None,
        per_recipient: int = 1,
        per_company: int | None = None,
        suppress: Iterable[str] | str | Path = (),
        max_candidates: int = 20_000,
    ) -> pd.DataFrame:
        """The invitations of `plan`, best first; what it says in words is in `.attrs["sentences"]`."""
        found = self.plan(
            task,
            sender_id=sender_id,
            k=k,
            at=at,
            weekly_quota=weekly_quota,
            per_recipient=per_recipient,
            per_company=per_company,
            suppress=suppress,
            max_candidates=max_candidates,
        )
        invitations = found.invitations.copy()
        invitations.attrs["sentences"] = found.sentences
        return invitations

    def plan(
        self,
        task: str,
        *,
        sender_id: str | Sequence[str] | None = None,
        k: int = 20,
        at: str | pd.Timestamp | None = None,
        weekly_quota: int | None = None,
        per_recipient: int = 1,
        per_company: int | None = None,
        suppress: Iterable[str] | str | Path = (),
        max_candidates: int = 20_000,
    ) -> Plan:
        """Whom to invite, by whom and when: the `k` invitations with most expected acceptances.

        Candidates are all contacts but the senders and their own team, and those whom a sender is connected
        with or has invited already.  What the records show as sent strictly before `at` counts against quota
        and caps; see `influence.planning.make_plan`.

        Parameters
        ----------
        sender_id
            Who would send: one contact, or several who share the work.
        weekly_quota
            Invitations of each sender a week, less those of the seven days before `at` in the first week.
        per_recipient, per_company
            Invitations that one contact, or the people of one company, may have open from the senders and
            their team: those sent in the last 21 days and those of the plan.
        suppress
            Contacts to leave alone: their ids, or the path of a file that lists them (`read_ids`).
        max_candidates
            For each sender; beyond these, the contacts with most mutual connections are kept.

        Raises
        ------
        InfluenceError
            If the task or a sender is unknown, a number makes no sense, or the file cannot be read.
        """
        self._check_task(task)
        if sender_id is None:
            raise ConfigError(f"recommend({task!r}) needs sender_id: who would send the invitations?")
        limits = Limits(k, weekly_quota, per_recipient, per_company, read_ids(suppress))
        moment = self._moment(at)

        def predict(pairs: pd.DataFrame) -> pd.DataFrame:
            return self.predict(task, pairs, at=moment)

        return make_plan(
            self.network, self._features, self._calibrated, predict, sender_id, moment, limits, max_candidates
        )

    def save(self, folder: str | Path) -> None:
        """Write the model and its records into a folder: JSON, safetensors, LightGBM text, Parquet.

        The folder appears, or takes the place of an earlier model, only once everything is written.

        Raises
        ------
        ConfigError
            If the folder holds something that is no model.
        """
        Bundle(self.network, self.config, self.acceptance, self.trained_until).write(Path(folder))

    @classmethod
    def load(cls, folder: str | Path, network: Network | None = None) -> Model:
        """Read what `save` wrote; `network` replaces the records stored with the model.

        Raises
        ------
        CheckpointError
            If the folder holds no model, or one made under another schema; the message names what differs.
        """
        stored = Bundle.read(Path(folder), network)
        return cls(stored.network, stored.config, stored.acceptance, stored.trained_until)

    @cached_property
    def _features(self) -> PairFeatures:
        return PairFeatures(self.network)

    @cached_property
    def _calibrated(self) -> Combination:
        """Recalibrated by what the records tell of invitations sent after the training, too."""
        invitations = self.network.table("invitations")
        later = invitations[invitations["sent_at"] >= self.trained_until]
        later = later.sort_values(["sent_at", "invitation_id"], ignore_index=True)
        if not len(later):
            return self.acceptance
        queries = QuerySet(self._features, queries_of(later, self._features.graph))
        logits = self.acceptance.logits(queries)
        return self.acceptance.following(logits, queries.queries.at, outcomes_of(later))

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self._features, self._calibrated, self.network.table("invitations"))

    def _answer(self, asked: pd.DataFrame) -> pd.DataFrame:
        queries = QuerySet(self._features, queries_of(asked, self._features.graph))
        logits = self.acceptance.logits(queries)
        forecast = self._calibrated.forecast(logits, queries.queries.at)
        out = pd.concat((asked[list(ID_COLUMNS)].reset_index(drop=True), answer(forecast)), axis=1)
        incidence, q = self._features.graph.incidence, queries.queries
        for end, contact in (("sender", q.sender), ("recipient", q.recipient)):
            out[f"is_cold_{end}"] = ~incidence.met(contact, q.at)
        return out

    def _asked(self, pairs: pd.DataFrame, at: str | pd.Timestamp | None) -> pd.DataFrame:
        missing = [name for name in ID_COLUMNS if name not in pairs.columns]
        if missing:
            raise DataError(
                f"The pairs lack {' and '.join(missing)}. {nearest(missing[0], map(str, pairs.columns))}"
            )
        asked = pd.DataFrame({name: pairs[name].astype("str") for name in ID_COLUMNS}).reset_index(drop=True)
        empty = pairs[list(ID_COLUMNS)].isna().any(axis=1).to_numpy()
        if empty.any():
            raise DataError(f"The pairs lack an id in {_rows(empty)}. Give both ids, or drop them.")
        if "sent_at" in pairs.columns:
            asked["sent_at"] = _times(pairs["sent_at"], None if at is None else to_utc(at))
        else:
            asked["sent_at"] = self._moment(at)
        has_note = pairs["has_note"].reset_index(drop=True) if "has_note" in pairs.columns else pd.NA
        asked["has_note"] = pd.Series(has_note, index=asked.index, dtype="boolean")
        return asked

    def _moment(self, at: str | pd.Timestamp | None) -> pd.Timestamp:
        return to_utc(at) if at is not None else self.network.last_observed_at

    def _check_task(self, task: str) -> None:
        if task not in TASKS:
            raise ConfigError(f"There is no task {task!r}. {nearest(task, TASKS)}")


def _times(sent_at: pd.Series, otherwise: pd.Timestamp | None) -> pd.Series:
    try:
        times = pd.to_datetime(sent_at, utc=True, format="ISO8601" if sent_at.dtype == "str" else None)
    except (ValueError, TypeError) as error:
        raise DataError(
            f"The pairs' sent_at is not a time: {error}. Write it as 2026-01-31T08:00:00Z."
        ) from error
    if otherwise is not None:
        times = times.fillna(otherwise)
    empty = times.isna().to_numpy()
    if empty.any():
        raise DataError(f"The pairs lack sent_at in {_rows(empty)}. Fill it, or give `at` for these.")
    return times.reset_index(drop=True)


def _rows(mask: np.ndarray) -> str:
    where = np.flatnonzero(mask)
    return f"{len(where)} rows ({', '.join(map(str, where[:3]))}{', ...' if len(where) > 3 else ''})"
