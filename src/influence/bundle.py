"""A model on disk: JSON, safetensors, LightGBM text and Parquet in a folder; nothing that runs when read."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import pandas as pd

from influence import schema
from influence.addresses import FORGOTTEN, MODEL_FILE, check_model
from influence.config import Config, dump, parse_config
from influence.data import Network, to_utc
from influence.data.identities import aliases
from influence.data.pseudonyms import default_key_file, key_of
from influence.errors import CheckpointError, ConfigError, DataError, few, nearest
from influence.evaluation.model_card import CARD_FILE, model_card
from influence.files import atomic_folder, content_digest
from influence.graph.loading import NEIGHBOUR_COLUMNS
from influence.graph.pairs import PairFeatures
from influence.graph.snapshots import SNAPSHOT_RELATIONS
from influence.graph.state import STATE_COLUMNS
from influence.graph.temporal import CODES
from influence.readers import write_tables
from influence.readers.stored import RECORDS, is_stored, keep_stored, read_stored

ALIASES = "aliases.parquet"


class Learnt(Protocol):
    """What was learnt for a task."""

    def save(self, folder: Path) -> Mapping[str, Any] | None:
        """Write it into a folder of its own; returns what is needed besides to read it, as JSON."""
        ...


Loader = Callable[[Path, Mapping[str, Any], Config], Any]
"""(folder, what `Learnt.save` returned, configuration) -> what was learnt."""


@dataclass(frozen=True)
class Bundle:
    """What a model is made of."""

    network: Network
    config: Config
    heads: Mapping[str, Learnt]
    """Task -> what was learnt for it, of every task that the model was trained for."""
    trained_until: pd.Timestamp
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Pseudonyms of profiles and addresses -> contact id, so that a list of people may name them by these."""

    @property
    def tasks(self) -> tuple[str, ...]:
        """The questions that it can answer."""
        return tuple(self.heads)

    def card(self, summary: Mapping[str, Any] | None = None, command: str | None = None) -> str:
        """The model card, in Markdown: see `influence.evaluation.model_card`."""
        return model_card(
            self.network,
            tasks=self.tasks,
            trained_until=self.trained_until,
            departures=dump(self.config, departures_only=True),
            summary=summary,
            command=command,
        )

    def write(self, target: Path, card: str | None = None) -> None:
        """Write everything, or nothing; an earlier model there gives way.

        Parameters
        ----------
        card
            The model card; by default one without an evaluation.

        Raises
        ------
        ConfigError
            If the folder holds something that is no model.
        """
        if target.is_file():
            raise ConfigError(f"{str(target)!r} is a file. Name a new folder for the model.")
        if target.exists() and any(target.iterdir()) and not (target / MODEL_FILE).exists():
            raise ConfigError(f"{str(target)!r} holds other files. Name a new folder for the model.")
        with atomic_folder(target) as new:
            heads = {task: dict(head.save(new / task) or {}) for task, head in self.heads.items()}
            fingerprint = _keep_records(self.network, new)
            _write_aliases({**self.aliases, **self._aliases()}, new / ALIASES)
            told = {
                "format": FORMAT,
                "vocabulary": vocabulary(),
                "config": dump(self.config),
                "trained_until": self.trained_until.isoformat(),
                "records_fingerprint": fingerprint,
                "heads": heads,
            }
            (new / MODEL_FILE).write_text(json.dumps(told, indent=1))
            (new / CARD_FILE).write_text(card or self.card(), encoding="utf-8")

    def digest(self) -> str:
        """SHA-256 over what was learnt and how: the same for whatever records it answers from."""
        with tempfile.TemporaryDirectory() as folder:
            replace(self, network=Network({}), aliases={}).write(Path(folder) / "learnt")
            (Path(folder) / "learnt" / CARD_FILE).unlink()  # tells of it, and answers nothing
            return content_digest(Path(folder) / "learnt")

    def _aliases(self) -> dict[str, str]:
        """Those that the records' identities give, where there is a key."""
        file = self.config.reading.key_file or default_key_file()
        if "identities" not in self.network or not file.is_file():
            return {}
        return aliases(self.network, key_of(file)[0])

    @classmethod
    def read(cls, source: Path, loaders: Mapping[str, Loader], network: Network | None = None) -> Bundle:
        """Read what `write` wrote; `network` replaces the stored records.

        Parameters
        ----------
        loaders
            Task -> what reads its head.

        Raises
        ------
        CheckpointError
            If the folder holds no model, or one made under another schema; the message names what differs.
        """
        told = _read_card(source)
        config = parse_config(told["config"], f"{source / MODEL_FILE}")
        heads = {
            task: _loader(task, loaders, source)(source / task, kept, config)
            for task, kept in told["heads"].items()
        }
        if network is None:
            network = _kept_records(source, told)
        until, known_as = to_utc(told["trained_until"]), _read_aliases(source / ALIASES)
        return cls(network, config, heads, until, known_as)


FORMAT = 4
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


def _loader(task: str, loaders: Mapping[str, Loader], source: Path) -> Loader:
    if task not in loaders:
        raise CheckpointError(
            f"{source}: the model answers {task!r}, a task that is not known here. {nearest(task, loaders)}"
        )
    return loaders[task]


def _write_aliases(known_as: Mapping[str, str], path: Path) -> None:
    if known_as:
        rows = pd.DataFrame({"alias": list(known_as), "contact_id": list(known_as.values())}, dtype="str")
        rows.to_parquet(path, index=False)


def _read_aliases(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    rows = pd.read_parquet(path)
    return dict(zip(rows["alias"], rows["contact_id"], strict=True))


def _read_card(source: Path) -> dict[str, Any]:
    check_model(source)
    try:
        told = json.loads((source / MODEL_FILE).read_text())
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"{str(source)!r} holds no readable {MODEL_FILE}. Train one: influence train CONFIG"
        ) from error
    _check_card(told, source)
    _check_vocabulary(told, source)
    return told


def _check_card(told: Any, source: Path) -> None:
    parts = ("format", "vocabulary", "config", "trained_until", "records_fingerprint", "heads")
    missing = [name for name in parts if not isinstance(told, dict) or name not in told]
    if missing:
        raise CheckpointError(f"{source / MODEL_FILE} lacks {', '.join(missing)}. Train the model anew.")


def _forgotten(told: dict[str, Any]) -> tuple[str, ...]:
    if not told.get(FORGOTTEN):
        return ()
    return ("People were forgotten from these records after the model had learnt: train it anew.",)


def _keep_records(network: Network, folder: Path) -> str:
    """Lay what the model answers from beside it, nobody's name among it; returns the fingerprint."""
    if network.graph is not None:
        keep_stored(network, folder)
        return network.fingerprint
    records = network.impersonal()
    write_tables(records, folder / RECORDS)
    return records.fingerprint


def _kept_records(source: Path, told: dict[str, Any]) -> Network:
    """The records as they were saved: validated then, so that a view of the past may lack later contacts."""
    folder = source / RECORDS
    try:
        records = read_stored(source) if is_stored(source) else _tables(folder, _forgotten(told))
    except (OSError, ValueError, DataError) as error:
        raise CheckpointError(
            f"{folder}: the records stored with the model cannot be read ({error}). "
            "Give others with `network`."
        ) from error
    if records.fingerprint != told["records_fingerprint"]:
        raise CheckpointError(
            f"{folder}: the records stored with the model are not those that it was saved with. "
            "Give others with `network`, or train it anew."
        )
    return records


def _tables(folder: Path, notes: tuple[str, ...]) -> Network:
    tables = {path.stem: pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}
    return Network(MappingProxyType(tables), notes)


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
    return few([name for name in some if name not in set(others)])
