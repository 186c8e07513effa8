"""Models of different worth, in folders, and the records that came after their training."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file, save_file
from tests.experiment.worlds import network, quick_config
from tests.graph.worlds import at

from influence import experiment
from influence.prediction import Model
from influence.readers import write_tables

TRAINED_UNTIL = at(130)


@dataclass(frozen=True)
class Places:
    """Folders; nobody may write into them."""

    good: Path
    """Trained on what was visible before day 130."""
    spoiled: Path
    """The same, its logits sixfold: far too sure of itself."""
    records: Path
    """All 200 days, watched for 30 more."""


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    folder = tmp_path_factory.mktemp("champions")
    found = Places(folder / "good", folder / "spoiled", folder / "records")
    experiment.fit(network(), quick_config(folder, dataset="random"), at=TRAINED_UNTIL).save(found.good)
    shutil.copytree(found.good, found.spoiled)
    edit(found.spoiled, too_sure)
    history = load_file(found.spoiled / "acceptance" / "history.safetensors")
    history["logits"] *= 6
    save_file(history, found.spoiled / "acceptance" / "history.safetensors")
    write_tables(network(), found.records)
    return found


def too_sure(card: dict[str, Any]) -> None:
    """Logits sixfold, and no recalibration to tame them."""
    told = card["heads"]["acceptance"]
    told["weights"] = {name: 6 * weight for name, weight in told["weights"].items()}
    told["calibration"]["strength"] = None


def edit(model: Path, change: Any) -> None:
    """Change the card of a stored model."""
    card = json.loads((model / "model.json").read_text())
    change(card)
    (model / "model.json").write_text(json.dumps(card))


@pytest.fixture(scope="session")
def good(places: Places) -> Model:
    return Model.load(places.good)


@pytest.fixture(scope="session")
def spoiled(places: Places) -> Model:
    return Model.load(places.spoiled)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store that has not been made yet, in the folder to work in.

    By its whole path: MLflow remembers connections by the address, and a relative one is another test's.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    return tmp_path / "mlflow.db"
