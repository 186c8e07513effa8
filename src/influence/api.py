"""The public face: read records, fit or load a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pandas as pd

from influence import experiment, readers
from influence.addresses import REGISTERED
from influence.config import Config, load_config, parse_config
from influence.data import Network
from influence.prediction import Model
from influence.progress import Tell, bars, is_watched, silent
from influence.settings import parse_settings

__all__ = ["fit", "load", "read"]


def read(
    path: str | Path | Sequence[str | Path],
    *,
    reader: str | None = None,
    set_aside: str | Path | None = None,
    progress: bool | None = None,
    **settings: object,
) -> Network:
    """Records as a validated network; the kind of source is recognised by its content.

    Parameters
    ----------
    path
        A folder or a file of records, or several, which become one network.
    reader
        The reader to use instead of the one recognised; `influence list` names them.
    set_aside
        A folder that receives the rows at fault; without it they are an error.
    progress
        Whether it tells how far it is, as for `fit`.
    **settings
        Fields of `influence.readers.ReadingConfig`.

    Raises
    ------
    InfluenceError
        If nothing recognises the place, or records are at fault; every fault is listed.
    """
    asked = parse_settings(readers.ReadingConfig, settings, source="reading")
    with _telling(progress) as tell:
        return readers.read(path, reader, set_aside, asked, tell)


def fit(
    network: Network,
    config: Config | Mapping[str, Any] | str | Path | None = None,
    *,
    at: str | pd.Timestamp | None = None,
    progress: bool | None = None,
) -> Model:
    """Train a model on what was visible strictly before `at` (by default, on everything).

    Parameters
    ----------
    network
        The records to learn from; the model keeps them to answer from.
    config
        A configuration, a mapping of what departs from the defaults (`{"seeds": [0]}`), or the file of one;
        by default the defaults.
    progress
        Whether it tells how far it is, in bars or in lines of a log; by default in a terminal or a notebook.

    Raises
    ------
    InfluenceError
        If the configuration is at fault, or the records are too few to learn from.
    """
    chosen = _config_of(config)
    if chosen.engine == "ray":
        from influence.experiment_on_ray import fit_on_ray

        return fit_on_ray(network, chosen, at=at)
    with _telling(progress) as tell:
        return experiment.fit(network, chosen, at=at, progress=tell)


def _telling(asked: bool | None) -> AbstractContextManager[Tell]:
    """What hears of progress: bars where they are asked for or, unless asked, where somebody sees them."""
    return bars() if (is_watched() if asked is None else asked) else nullcontext(silent)


def _config_of(given: Config | Mapping[str, Any] | str | Path | None) -> Config:
    if isinstance(given, Config):
        return given
    if given is None or isinstance(given, Mapping):
        return parse_config(given or {})
    return load_config(given)


def load(place: str | Path, *, network: Network | None = None) -> Model:
    """A stored model: a folder, or an MLflow address such as `models:/influence@champion`.

    Parameters
    ----------
    place
        The folder, or the address.
    network
        Records to answer from, instead of those stored with the model.

    Raises
    ------
    InfluenceError
        If there is no model, or it was made under another schema.
    """
    if not str(place).startswith(REGISTERED):
        return Model.load(place, network)
    from influence.tracking import fetch

    folder, registered_as = fetch(str(place))
    return Model.load(folder, network, registered_as)
