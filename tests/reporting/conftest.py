"""A little world, a model of all three tasks, and its reports in both languages: made once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

import influence
from influence.config import parse_config
from influence.data import Network
from influence.prediction import Model
from influence.reporting import write_report
from influence.synthesis import synthesize

QUICK = {
    "tasks": ["acceptance", "leadership", "partners"],
    "seeds": [0],
    "dataset": "little <world>",
    "encoder": {"width": 8, "fan_out": [4]},
    "training": {"max_epochs": 1, "batch_size": 256, "learning_rate": 0.01, "averaging": 0.9},
    "trees": {"max_rounds": 10, "check_every": 5, "min_data_in_leaf": 20},
    "partners": {"n_negatives": 10},
    "tracking": {"enabled": False},
}
K, QUOTA = 6, 3


@dataclass(frozen=True)
class Job:
    """Where the pages and their rows are, and the model that they were made from."""

    folder: Path
    model: Model

    def page(self, language: str) -> str:
        return (self.folder / f"{language}.html").read_text(encoding="utf-8")

    def rows(self, language: str) -> Path:
        return self.folder / f"{language}-rows"


@pytest.fixture(scope="session")
def little() -> Network:
    return synthesize(200, seed=1)


@pytest.fixture(scope="session")
def job(little: Network, tmp_path_factory: pytest.TempPathFactory) -> Job:
    folder, model = tmp_path_factory.mktemp("reports"), influence.fit(little, parse_config(QUICK))
    for language in ("en", "fr"):
        write_report(
            model,
            folder / f"{language}.html",
            language=language,
            weekly_quota=QUOTA,
            k=K,
            tables=folder / f"{language}-rows",
            with_map=False,
        )
    return Job(folder, model)
