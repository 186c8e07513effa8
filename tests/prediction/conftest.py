"""A model fitted on two thirds of a small world, shared by the tests of prediction."""

from __future__ import annotations

import pytest
from tests.experiment.worlds import network, quick_config
from tests.graph.worlds import at

from influence import experiment
from influence.prediction import Model


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    fitted = experiment.fit(network(), quick_config(tmp_path_factory.mktemp("fit")), at=at(130))
    return fitted.with_network(network())
