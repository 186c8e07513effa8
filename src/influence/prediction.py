"""The model as its users meet it: DataFrames of raw ids in, DataFrames of calibrated answers out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from influence import schema
from influence.config import Config, dump, parse_config
from influence.data import Network, to_utc
from influence.errors import CheckpointError, ConfigError, DataError, nearest
from influence.explanation import Explainer
from influence.files import atomic_folder
from influence.graph.loading import NEIGHBOUR_COLUMNS, QuerySet
from influence.graph.pairs import PairFeatures
from influence.graph.snapshots import SNAPSHOT_RELATIONS
from influence.graph.state import STATE_COLUMNS
from influence.graph.temporal import CODES, microseconds
from influence.readers import write_tables
from influence.tasks import TASKS
from influence.tasks.acceptance import answer, outcomes_of, queries_of
from influence.training.mixture import Combination
from influence.training.storage import load_combination, save_combination

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
        sender_id: str | None = None,
        k: int = 20,
        at: str | pd.Timestamp | None = None,
        max_candidates: int = 20_000,
    ) -> pd.DataFrame:
        """The `k` contacts most likely to accept an invitation by `sender_id`, best first.

        Candidates are all contacts but the sender's own team and those the sender is connected with or
        has invited already; beyond `max_candidates` the ones with most mutual contacts are kept.

        Returns
        -------
        DataFrame
            As `predict`, with `rank` from 1 and `mutual_connections`.

        Raises
        ------
        InfluenceError
            If the task or the sender is unknown, or `k` is not positive.
        """
        self._check_task(task)
        if sender_id is None:
            raise ConfigError("recommend('acceptance') needs sender_id: who would send the invitations?")
        if str(sender_id) not in self.network.contact_ids:
            raise DataError(
                f"The records hold no contact {sender_id!r}. "
                f"{nearest(str(sender_id), self.network.contact_ids)}"
            )
        if k < 1:
            raise ConfigError(f"k is {k}. Ask for at least one.")
        moment = self._moment(at)
        pairs = self._candidates(str(sender_id), moment, max_candidates)
        found = self.predict(task, pairs, at=moment)
        found["mutual_connections"] = pairs["mutual_connections"].to_numpy()
        best = (
            found.sort_values("p_within_3_weeks", ascending=False, kind="stable")
            .head(k)
            .reset_index(drop=True)
        )
        best.insert(0, "rank", np.arange(1, len(best) + 1))
        return best

    def save(self, folder: str | Path) -> None:
        """Write the model and its records into a folder: JSON, safetensors, LightGBM text, Parquet.

        The folder appears, or takes the place of an earlier model, only once everything is written.

        Raises
        ------
        ConfigError
            If the folder holds something that is no model.
        """
        target = Path(folder)
        if target.is_file():
            raise ConfigError(f"{str(target)!r} is a file. Name a new folder for the model.")
        if target.exists() and any(target.iterdir()) and not (target / "model.json").exists():
            raise ConfigError(f"{str(target)!r} holds other files. Name a new folder for the model.")
        with atomic_folder(target) as new:
            told = save_combination(self.acceptance, new / "acceptance")
            write_tables(self.network, new / "records")
            card = {
                "format": FORMAT,
                "vocabulary": vocabulary(),
                "config": dump(self.config),
                "trained_until": self.trained_until.isoformat(),
                "records_fingerprint": self.network.fingerprint,
                "acceptance": told,
            }
            (new / "model.json").write_text(json.dumps(card, indent=1))

    @classmethod
    def load(cls, folder: str | Path, network: Network | None = None) -> Model:
        """Read what `save` wrote; `network` replaces the records stored with the model.

        Raises
        ------
        CheckpointError
            If the folder holds no model, or one made under another schema; the message names what differs.
        """
        source = Path(folder)
        try:
            told = json.loads((source / "model.json").read_text())
        except (OSError, ValueError) as error:
            raise CheckpointError(
                f"{str(source)!r} holds no readable model.json. Train one: influence train CONFIG"
            ) from error
        _check_card(told, source)
        _check_vocabulary(told, source)
        config = parse_config(told["config"], f"{source / 'model.json'}")
        combination = load_combination(
            source / "acceptance", told["acceptance"], config.encoder, config.trees, config.training
        )
        records = network
        if records is None:
            records = _stored_records(source / "records", told["records_fingerprint"])
        return cls(records, config, combination, to_utc(told["trained_until"]))

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

    def _candidates(self, sender_id: str, moment: pd.Timestamp, limit: int) -> pd.DataFrame:
        graph = self._features.graph
        sender = graph.positions([sender_id])
        everyone = np.arange(graph.n_contacts)
        at = np.full(len(everyone), microseconds(pd.Series([moment]))[0])
        mine = np.repeat(sender, len(everyone))
        ties = self._features.ties["connection"]
        asked = self._features.pair_timelines["invited"].history(mine, everyone, at)[:, 0] > 0
        team = self._features.attributes.is_own_team(everyone, at)
        free = ~(asked | team | ties.exists(mine, everyone, at) | (everyone == sender[0]))
        mutual = ties.mutual(mine[free], everyone[free], at[free])[:, 0]
        kept = np.argsort(-mutual, kind="stable")[:limit]
        ids = graph.contact_ids[everyone[free][kept]]
        return pd.DataFrame(
            {"sender_id": sender_id, "recipient_id": ids, "mutual_connections": mutual[kept].astype(int)}
        )

    def _check_task(self, task: str) -> None:
        if task not in TASKS:
            raise ConfigError(f"There is no task {task!r}. {nearest(task, TASKS)}")


FORMAT = 1
"""Raised whenever a stored model could be misread."""


def vocabulary() -> dict[str, Any]:
    """Everything by name or by position that a stored model relies on."""
    return {
        "schema_version": schema.SCHEMA_VERSION,
        "relations": list(CODES),
        "seniority": list(schema.SENIORITY),
        "pair_columns": list(PairFeatures.columns),
        "state_columns": list(STATE_COLUMNS),
        "neighbour_columns": list(NEIGHBOUR_COLUMNS),
        "snapshot_relations": list(SNAPSHOT_RELATIONS),
    }


def _check_card(told: Any, source: Path) -> None:
    parts = ("format", "vocabulary", "config", "trained_until", "records_fingerprint", "acceptance")
    missing = [name for name in parts if not isinstance(told, dict) or name not in told]
    if missing:
        raise CheckpointError(f"{source / 'model.json'} lacks {', '.join(missing)}. Train the model anew.")


def _stored_records(folder: Path, fingerprint: str) -> Network:
    """The records as they were saved: validated then, so that a view of the past may lack later contacts."""
    try:
        tables = {path.stem: pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"{folder}: the records stored with the model cannot be read ({error}). "
            "Give others with `network`."
        ) from error
    records = Network(MappingProxyType(tables))
    if records.fingerprint != fingerprint:
        raise CheckpointError(
            f"{folder}: the records stored with the model are not those that it was saved with. "
            "Give others with `network`, or train it anew."
        )
    return records


def _check_vocabulary(told: dict[str, Any], source: Path) -> None:
    if told.get("format") != FORMAT:
        raise CheckpointError(
            f"{source}: the model is stored in format {told.get('format')}, this version reads {FORMAT}. "
            "Train it anew."
        )
    stored, current = told["vocabulary"], vocabulary()
    for name, now in current.items():
        then = stored.get(name)
        if then == now:
            continue
        if isinstance(now, list) and isinstance(then, list):
            lost, new = _difference(then, now), _difference(now, then)
            detail = f"only in the model: {lost or 'none'}; only here: {new or 'none'}"
        else:
            detail = f"{then} in the model, {now} here"
        raise CheckpointError(
            f"{source}: the model was made under another schema: {name} differs ({detail}). Train it anew."
        )


def _difference(some: Sequence[str], others: Sequence[str]) -> str:
    only = [name for name in some if name not in set(others)]
    return ", ".join(only[:5]) + (f" and {len(only) - 5} more" if len(only) > 5 else "")


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
