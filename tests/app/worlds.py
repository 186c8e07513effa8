"""A small world with everything that the app shows, and a model of it that is quick to train."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import pandas as pd
from tests.experiment.worlds import quick_config

import influence
from influence import experiment
from influence.data import Network
from influence.prediction import Model

HOSTILE = "![x](http://example.invalid/x.png) <b>Zoë</b>"
"""A name that would make a browser fetch a picture, were it taken for Markdown."""


def world() -> Network:
    """Three hundred people, of whom the recipients have names."""
    return influence.synthesize(300, seed=1)


def named(network: Network) -> Network:
    """The same with names, everybody's hostile, and addresses of profiles."""
    ids = network.contact_ids
    names = pd.DataFrame({"contact_id": ids, "kind": "name", "value": [f"{HOSTILE} {one}" for one in ids]})
    told = pd.concat((names, pd.DataFrame({"contact_id": ids, "kind": "profile", "value": ids})))
    return network.with_tables(identities=told)


@cache
def trained() -> Model:
    """A model that answers every question; trained once for all tests of a process."""
    with tempfile.TemporaryDirectory() as folder:
        config = quick_config(Path(folder), tasks=["acceptance", "leadership", "partners"])
        return experiment.fit(world(), config)


def saved_model(folder: Path) -> Path:
    """The folder that holds it."""
    trained().save(folder / "model")
    return folder / "model"
