"""A model as it is kept: what was learnt, over which records, and what tells it from others."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import pandas as pd

from influence.bundle import Bundle, Learnt
from influence.config import Config
from influence.data import Network
from influence.errors import DataError
from influence.evaluation.model_card import CARD_FILE
from influence.files import content_digest
from influence.prediction.heads import HEADS

VERSION_DIGITS = 12
"""Hexadecimal digits of a digest that tell one model from another."""


class StoredModel:
    """What was learnt, the records that it answers from, and what tells it from other models.

    Parameters
    ----------
    network
        The records; fresher ones may be given later with `with_network`.
    config
        What it was trained with.
    heads
        Task -> what was learnt for it, of every task that it was trained for.
    aliases
        Pseudonyms of profiles and addresses -> contact id, where these were known when it was saved.
    registered_as
        The version of a registry that it was loaded from, such as influence/3.
    trained_until
        The model knows nothing of what became visible at this moment or later, except through the records it
        reads its features from.
    """

    def __init__(
        self,
        network: Network,
        config: Config,
        heads: Mapping[str, Learnt],
        trained_until: pd.Timestamp,
        aliases: Mapping[str, str] | None = None,
        registered_as: str | None = None,
    ) -> None:
        self.network, self.config, self.trained_until = network, config, trained_until
        self.heads, self._aliases = dict(heads), dict(aliases or {})
        self._registered_as = registered_as

    def with_network(self, network: Network) -> Self:
        """The same model answering from other records, of later date as a rule."""
        return type(self)(
            network, self.config, self.heads, self.trained_until, self._aliases, self._registered_as
        )

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over what `save` writes: models that could answer differently have different ones."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "model"
            self.save(folder)
            (folder / CARD_FILE).unlink()  # tells of the model, and answers nothing
            return content_digest(folder)

    @cached_property
    def version(self) -> str:
        """The version of a registry, else a digest of what it has learnt; the same over any records."""
        return self._registered_as or self._bundle.digest()[:VERSION_DIGITS]

    @property
    def data_until(self) -> pd.Timestamp:
        """The end of the records that it answers from; NaT where none of them has a time."""
        try:
            return self.network.last_observed_at
        except DataError:
            return pd.Timestamp("NaT")

    def card(self, summary: Mapping[str, Any] | None = None, command: str | None = None) -> str:
        """The model card, in Markdown; better with the `summary` of an evaluation, and its `command`."""
        return self._bundle.card(summary, command)

    def save(self, folder: str | Path, card: str | None = None) -> None:
        """Write the model and its records into a folder: JSON, safetensors, LightGBM text, Parquet.

        The folder appears, or takes the place of an earlier model, only once everything is written.

        Parameters
        ----------
        card
            The text of MODEL_CARD.md; by default `card()`, which knows of no evaluation.

        Raises
        ------
        ConfigError
            If the folder holds something that is no model.
        """
        self._bundle.write(Path(folder), card)

    @property
    def _bundle(self) -> Bundle:
        return Bundle(self.network, self.config, self.heads, self.trained_until, self._aliases)

    @classmethod
    def load(
        cls, folder: str | Path, network: Network | None = None, registered_as: str | None = None
    ) -> Self:
        """Read what `save` wrote; `network` replaces the records stored with the model.

        Raises
        ------
        CheckpointError
            If the folder holds no model, or one made under another schema; the message names what differs.
        """
        loaders = {task: head.load for task, head in HEADS.items()}
        kept = Bundle.read(Path(folder), loaders, network)
        return cls(kept.network, kept.config, kept.heads, kept.trained_until, kept.aliases, registered_as)
