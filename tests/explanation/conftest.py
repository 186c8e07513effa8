"""A small world with its truth, and a model that has learnt from it; made once for all tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

import influence
from influence.config import parse_config
from influence.explanation import Explainer
from influence.explanation.groups import NAMES
from influence.graph.pairs import Queries
from influence.prediction import Model
from influence.synthesis import WorldConfig, simulate
from influence.tasks.acceptance import queries_of

SETTINGS = {
    "seeds": [0],
    "encoder": {"width": 16, "heads": 2, "fan_out": [6]},
    "trees": {"max_rounds": 80, "learning_rate": 0.1},
    "training": {"max_epochs": 3},
}


@dataclass(frozen=True)
class Explained:
    """Later requests of the world, what the reasons say of them, and what is true."""

    model: Model
    requests: pd.DataFrame
    queries: Queries
    told: pd.DataFrame
    worth: pd.DataFrame

    def explainer(self, n_backgrounds: int, seed: int = 0) -> Explainer:
        face, invitations = self.model.acceptance_face, self.model.network.table("invitations")
        return Explainer(face.features, face.calibrated, invitations, n_backgrounds, seed)


@pytest.fixture(scope="session")
def explained(tmp_path_factory: pytest.TempPathFactory) -> Explained:
    world = simulate(WorldConfig(n_contacts=1500, seed=0))
    invitations = world.network.table("invitations").sort_values("sent_at", ignore_index=True)
    cut = invitations["sent_at"].quantile(0.85)
    config = parse_config(SETTINGS | {"output": str(tmp_path_factory.mktemp("world") / "model")})
    model = influence.fit(world.network, config, at=cut).with_network(world.network)
    later = invitations[invitations["sent_at"] >= cut]
    requests = later.iloc[np.linspace(0, len(later) - 1, 60).astype(int)].reset_index(drop=True)
    queries = queries_of(requests, model.acceptance_face.features.graph)
    worth = world.truth["worth"].set_index("invitation_id").loc[requests["invitation_id"]]
    bare = Explained(model, requests, queries, pd.DataFrame(), worth.reset_index(drop=True))
    numbers = bare.explainer(12).attribute(queries).contributions
    return Explained(model, requests, queries, pd.DataFrame(numbers, columns=list(NAMES)), bare.worth)
