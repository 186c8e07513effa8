"""What commands take in: records by configuration, models by their place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from influence.cli.terminal import say

if TYPE_CHECKING:
    import pandas as pd

    from influence.config import Config
    from influence.data import Network


def prepare(
    path: Path, data: Path | None, overrides: list[str] | None, set_aside: Path | None = None
) -> tuple[Config, Network]:
    """The resolved configuration and the network that it asks for."""
    from influence.config import load_config, resolve_data

    config = load_config(path, overrides or ())
    folder = resolve_data(config, data)
    from influence import readers

    network = readers.read(folder, config.reader, set_aside, config.reading)
    for note in network.notes:
        say(note)
    readers.check_kept(network, now())
    return config.named(folder.name), network


def read_records(folder: Path) -> Network:
    """The records of a folder; what the reader has to say goes to standard error."""
    from influence import readers

    network = readers.read(folder, config=readers.ReadingConfig(at=now()))
    for note in network.notes:
        say(note)
    return network


def records_or_model(folder: Path) -> Network:
    """The records of a folder, or those that the model in it was stored with."""
    from influence import api
    from influence.bundle import CARD

    return api.load(folder).network if (folder / CARD).is_file() else read_records(folder)


def load_model(place: str, data: Path | None) -> Any:
    """The model at a place, answering from the records of a folder where one is given."""
    from influence import api

    model = api.load(place, network=None if data is None else _kept_records(data))
    if data is None:
        for note in model.network.notes:
            say(note)
    return model


def _kept_records(data: Path) -> Network:
    """The records of a folder, as far as they may still be kept."""
    from influence import readers

    return readers.read(data, config=readers.ReadingConfig(at=now()))


def now() -> pd.Timestamp:
    """The clock's moment: nothing below the command line reads it."""
    import pandas as pd

    return pd.Timestamp.now("UTC")
