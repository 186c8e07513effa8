"""What commands take in: records by configuration, models by their place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from influence.addresses import MODEL_FILE, check_model, existing, is_address
from influence.cli.terminal import say_notes
from influence.databases import engine_of
from influence.progress import bars, one_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from influence.addresses import Place
    from influence.config import Config
    from influence.data import Network
    from influence.readers import ReadingConfig


def read_told(
    places: Place | Sequence[str],
    reader: str | None = None,
    set_aside: Path | None = None,
    config: ReadingConfig | None = None,
) -> Network:
    """What `readers.read` reads; how far it is goes to standard error meanwhile."""
    from influence import readers

    with bars() as tell:
        return readers.read(places, reader, set_aside, config, tell)


def prepare(
    path: Path,
    data: Place | None,
    overrides: list[str] | None,
    set_aside: Path | None = None,
    quiet: bool = False,
) -> tuple[Config, Network]:
    """The resolved configuration and the network that it asks for.

    Quietly: what the reader has to say is told by another process.
    """
    from influence.config import load_config, resolve_data

    config = load_config(path, overrides or ())
    place = resolve_data(config, data)
    from influence import readers
    from influence.addresses import name_of

    read = readers.read if quiet else read_told
    network = read(place, config.reader, set_aside, config.reading)
    if not quiet:
        say_notes(network)
    readers.check_kept(network, now())
    return config.named(name_of(place)), network


def check_records(place: Place | None) -> None:
    """See that there is something at the place of records, where one is named; reading it comes later.

    Raises
    ------
    InfluenceError
        If there is not, or an address leads nowhere; no database is asked.
    """
    if place is None:
        return
    if is_address(place):
        engine_of(str(place))
    else:
        existing(Path(place), "Check the path of the records.")


def read_records(place: Place, reading: ReadingConfig | None = None) -> Network:
    """The records of a folder or a database; what the reader has to say goes to standard error."""
    from influence import readers

    asked = (reading or readers.ReadingConfig()).model_copy(update={"at": now()})
    network = read_told(place, config=asked)
    say_notes(network)
    return network


def reading_settings(overrides: list[str] | None) -> ReadingConfig:
    """What `--set` asks of reading; a key may begin with `reading.`, as it does in a configuration."""
    from influence.readers import ReadingConfig
    from influence.settings import parse_settings

    keys = [override.removeprefix("reading.") for override in overrides or ()]
    return parse_settings(ReadingConfig, {}, keys, "reading")


def records_or_model(place: str) -> Network:
    """The records of a folder or a database, or those that the model in a folder was stored with."""
    from influence import api

    return api.load(place).network if (Path(place) / MODEL_FILE).is_file() else read_records(place)


def load_model(place: str, data: Place | None) -> Any:
    """The model at a place, answering from other records where they are given, read as it was trained."""
    check_model(place)  # before all that answers from it is imported
    check_records(data)
    from influence import api
    from influence.data import Network

    if data is None:
        with one_step("loading the model"):
            model = api.load(place)
        say_notes(model.network)
        return model
    model = api.load(place, network=Network({}))  # those stored with it need not even be there
    asked = model.config.reading.model_copy(update={"at": now()})
    return model.with_network(read_told(data, config=asked))


def check_moment(at: str | None) -> None:
    """See that a moment, where one is given, can be read.

    Raises
    ------
    ConfigError
        If it cannot.
    """
    from influence.data import to_utc

    if at is not None:
        to_utc(at)


def now() -> pd.Timestamp:
    """The clock's moment: nothing below the command line reads it."""
    import pandas as pd

    return pd.Timestamp.now("UTC")
