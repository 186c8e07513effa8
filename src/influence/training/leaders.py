"""The fitted leadership: everybody's expected credit in a coming window, and what it rests on.

Where the records name people and take-ups are too few, nothing of credit is learnt: who is named is told from
the records themselves (`training.named`).
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from influence.data import Network, to_utc
from influence.errors import DataError
from influence.model.credit import checkpoint_error
from influence.model.encoder import EncoderConfig
from influence.model.expectation import Expectation
from influence.model.trees import TreesConfig
from influence.tasks.leadership import GROUPS, Candidates, LeadershipConfig, candidates_at
from influence.training.credit import Floats, Rows, load_forecaster
from influence.training.credit_mix import MODEL, PARTS, CreditMix, CreditStage, develop
from influence.training.loop import TrainingConfig
from influence.training.parts import Recipe

N_BACKGROUNDS = 4
"""Typical rows that stand in for a group that is left out."""
FILE, BACKGROUND = "leaders.json", "background.safetensors"


@dataclass(frozen=True)
class CreditOutlook:
    """Who is expected to be credited with how many take-ups of others, and why.

    Attributes
    ----------
    config : how it was learnt
    given, received : forecasters of influence and of susceptibility
    columns : names of a row's own columns, "<group>.<column>"
    background : typical rows that stand in for a group that is left out
    window_take_ups, window_days : the coming window: so many take-ups of everybody, which last took so long
    """

    config: LeadershipConfig
    given: CreditMix
    received: CreditMix
    columns: tuple[str, ...]
    background: Rows
    window_take_ups: int
    window_days: float

    @classmethod
    def fit(cls, known: Network, config: LeadershipConfig, recipe: Recipe) -> CreditOutlook:
        """Learn from all that is given.

        Raises
        ------
        DataError
            If there is nothing to learn from: no take-ups, one adopter, nobody who followed a neighbour.
        """
        stage = CreditStage.of(known, config)
        columns, seed = stage.latest.columns, recipe.seeds[0]
        parts = {name: develop(PARTS[name](recipe, columns), stage) for name in MODEL}
        follow = {"boosted_trees": develop(PARTS["boosted_trees"](recipe, columns), stage, received=True)}
        return cls(
            config,
            CreditMix.of(parts, stage, seed),
            CreditMix.of(follow, stage, seed, received=True),
            columns,
            stage.everything[0].spread(N_BACKGROUNDS),
            stage.window_take_ups,
            stage.window_days,
        )

    def candidates(self, network: Network, at: str | pd.Timestamp) -> Candidates:
        """Everybody who had taken something up strictly before `at`, one row per person and topic.

        Raises
        ------
        DataError
            If nothing had been taken up before.
        """
        candidates = candidates_at(network, to_utc(at), self.config)
        if candidates.columns != self.columns:
            raise DataError(
                "adoptions: the records name topics and the model was learnt without them, or the other way "
                "round. Train on records of the same kind."
            )
        return candidates

    def profiles(self, candidates: Candidates) -> pd.DataFrame:
        """What is expected of each candidate.

        Returns
        -------
        DataFrame
            contact_id, topic (NA where the records know none); `influence`, the take-ups of others that the
            person is expected to be credited with in the coming window (`window_take_ups`, `window_days`),
            and `low`, `high`, between which 95 % of what will be credited lies; `susceptibility`, the own
            take-ups expected to be credited to neighbours; `n_observations`, own take-ups so far, of the
            topic where there is one.
        """
        rows, n = Rows.of([candidates]), candidates.n_observations
        members = self.given.members(rows)
        expectation = self.given.expectation
        low, high = expectation.interval(members.mean(0), members.var(0), n)
        return pd.DataFrame(
            {
                "contact_id": pd.Series(candidates.contact_id, dtype="str"),
                "topic": pd.Series(candidates.topic, dtype="str"),
                "influence": np.exp(expectation.log_mean(members.mean(0))),
                "low": low,
                "high": high,
                "susceptibility": np.exp(self.received.log_mean(rows)),
                "n_observations": n,
            }
        )

    def sides(self, candidates: Candidates) -> pd.DataFrame:
        """The `base` and the three groups of each candidate: exact Shapley values that sum to log(influence).

        A group that is left out is that of a background row; averaged over those (Shapley 1953; the eight
        coalitions of three groups are all valued).  Takes many times as long as the influence alone.
        """
        rows = Rows.of([candidates])
        place = {
            group: [i for i, name in enumerate(self.columns) if name.startswith(group)] for group in GROUPS
        }
        coalitions = (kept for size in range(4) for kept in itertools.combinations(GROUPS, size))
        value = {kept: self._value(rows, place, kept) for kept in coalitions}
        found = {"base": value[()]}
        for group in GROUPS:
            others = [other for other in GROUPS if other != group]
            total = np.zeros(len(rows))
            for size, weight in ((0, 1 / 3), (1, 1 / 6), (2, 1 / 3)):
                for kept in itertools.combinations(others, size):
                    joined = tuple(name for name in GROUPS if name in kept or name == group)
                    total += weight * (value[joined] - value[kept])
            found[group] = total
        return pd.DataFrame(found)

    def _value(self, rows: Rows, place: Mapping[str, list[int]], kept: tuple[str, ...]) -> Floats:
        """The log of the expected credit where only the kept groups are a row's own, [n]."""
        if len(kept) == len(GROUPS):
            return self.given.log_mean(rows)
        if not kept:
            return np.full(len(rows), self.given.log_mean(self.background).mean())
        total = np.zeros(len(rows))
        for row in range(len(self.background)):
            x = np.repeat(self.background.x[row : row + 1], len(rows), axis=0)
            for group in kept:
                x[:, place[group]] = rows.x[:, place[group]]
            around = rows.neighbours
            if GROUPS[2] not in kept:
                around = np.repeat(self.background.neighbours[row : row + 1], len(rows), axis=0)
            total += self.given.log_mean(Rows(x, around))
        return total / len(self.background)

    def save(self, place: Path) -> dict[str, Any]:
        """Write the weights into a folder; returns what else is needed to read them, as JSON."""
        save_file({"x": self.background.x, "neighbours": self.background.neighbours}, place / BACKGROUND)
        return {
            "columns": list(self.columns),
            "window_take_ups": self.window_take_ups,
            "window_days": self.window_days,
            "given": _save_mix(self.given, place / "given"),
            "received": _save_mix(self.received, place / "received"),
        }

    @classmethod
    def load(
        cls, place: Path, told: Mapping[str, Any], config: LeadershipConfig,
        settings: tuple[EncoderConfig, TreesConfig, TrainingConfig],
    ) -> CreditOutlook:  # fmt: skip
        """Read what `save` wrote and told."""
        background = load_file(place / BACKGROUND)
        return cls(
            config,
            _load_mix(told["given"], place / "given", settings),
            _load_mix(told["received"], place / "received", settings),
            tuple(told["columns"]),
            Rows(background["x"], background["neighbours"]),
            told["window_take_ups"],
            told["window_days"],
        )


@dataclass(frozen=True)
class Leaders:
    """What was learnt of who leads.

    Attributes
    ----------
    config : how it was learnt
    credit : what is expected from take-ups; None where the records held nominations, and too few take-ups
    until : the end of what it was learnt from
    lacking : why there is no `credit`, in words
    """

    config: LeadershipConfig
    credit: CreditOutlook | None
    until: pd.Timestamp
    lacking: str = ""

    @classmethod
    def fit(
        cls, network: Network, config: LeadershipConfig, recipe: Recipe, until: str | pd.Timestamp
    ) -> Leaders:
        """Learn from what was visible strictly before `until`.

        Raises
        ------
        DataError
            If there is nothing to learn from: no nominations, and no take-ups, or those of one adopter alone,
            or nobody who followed a neighbour.
        """
        end = to_utc(until)
        known = network.as_of(end)
        try:
            return cls(config, CreditOutlook.fit(known, config, recipe), end)
        except DataError as error:
            if not len(known.table("nominations")):
                raise
            return cls(config, None, end, str(error))

    def save(self, folder: str | Path) -> None:
        """Write into a folder: JSON, safetensors and LightGBM's text, nothing that runs code when read."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        told: dict[str, Any] = {
            "config": self.config.model_dump(mode="json"),
            "until": self.until.isoformat(),
            "lacking": self.lacking,
        }
        told |= {} if self.credit is None else self.credit.save(place)
        (place / FILE).write_text(json.dumps(told), encoding="utf-8")

    @classmethod
    def load(
        cls, folder: str | Path, encoder: EncoderConfig, trees: TreesConfig, training: TrainingConfig
    ) -> Leaders:
        """Read what `save` wrote; the settings are those that it was trained with.

        Raises
        ------
        CheckpointError
            If a file is missing or damaged, or the weights are of another shape.
        """
        place, settings = Path(folder), (encoder, trees, training)
        try:
            told = json.loads((place / FILE).read_text(encoding="utf-8"))
            config = LeadershipConfig.model_validate(told["config"])
            credit = CreditOutlook.load(place, told, config, settings) if "given" in told else None
            return cls(config, credit, pd.Timestamp(told["until"]), told.get("lacking", ""))
        except (OSError, KeyError, ValueError, SafetensorError) as error:
            raise checkpoint_error(place, error) from error


def _save_mix(mixed: CreditMix, folder: Path) -> dict[str, Any]:
    parts = {name: part.save(folder / name) for name, part in mixed.forecasters.items()}
    return {"weights": dict(mixed.weights), "expectation": mixed.expectation.as_json(), "parts": parts}


def _load_mix(
    told: Mapping[str, Any], folder: Path, settings: tuple[EncoderConfig, TreesConfig, TrainingConfig]
) -> CreditMix:
    parts = {name: load_forecaster(folder / name, part, *settings) for name, part in told["parts"].items()}
    return CreditMix(parts, told["weights"], Expectation.of(told["expectation"]))
