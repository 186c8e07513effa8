"""Where models and records come from: folders, the registry in use, and files given in the browser."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pandas as pd

from influence import api, readers
from influence.addresses import MODEL_FILE, is_address
from influence.data import Network
from influence.errors import ConfigError
from influence.prediction import Model
from influence.schema import TABLES
from influence.tracking import Registry


class Upload(Protocol):
    """A file given in the browser."""

    name: str

    def getvalue(self) -> bytes:
        """Its content."""
        ...


def known_models(runs: Path = Path("runs")) -> list[str]:
    """Models to choose from: the champion and the versions of the registry in use, and folders below `runs`.

    A registry that does not answer is left out: the folders are there all the same.
    """
    folders = sorted(str(card.parent) for card in runs.glob(f"**/{MODEL_FILE}"))
    try:
        return [*Registry().addresses(), *folders]
    except ConfigError:
        return folders


def load(place: str, records: Sequence[str], uploads: Sequence[Upload], at: pd.Timestamp) -> Model:
    """A model, answering from the records at some places and in some files, read as one network, if any.

    Parameters
    ----------
    at
        The moment of reading: sources that must not be kept so long are not read.

    Raises
    ------
    InfluenceError
        If there is no model, or the records cannot be read.
    """
    if not records and not uploads:
        return api.load(place)
    model = api.load(place, network=Network({}))
    with tempfile.TemporaryDirectory(prefix="influence-app-") as folder:
        places = [one if is_address(one) else Path(one) for one in records]
        places += dict.fromkeys(_kept(upload, Path(folder)) for upload in uploads)
        asked = model.config.reading.model_copy(update={"at": at.to_pydatetime()})
        return model.with_network(readers.read(places[0] if len(places) == 1 else places, config=asked))


def _kept(upload: Upload, folder: Path) -> Path:
    """Where an upload is to be read: tables of the vocabulary together, every other file by itself."""
    name = Path(upload.name).name or "file"  # its last part only, wherever it claims to lie
    is_table = Path(name).stem in TABLES
    own = folder / ("tables" if is_table else f"{len(list(folder.iterdir()))}")
    own.mkdir(exist_ok=is_table)
    (own / name).write_bytes(upload.getvalue())
    return own if is_table else own / name
