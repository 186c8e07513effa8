"""One development's queries, shared by the tests of training."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.experiment.worlds import network

from influence.data.splits import SplitConfig
from influence.evaluation.protocol import Study
from influence.training.mixture import Stage


@pytest.fixture(scope="session")
def study() -> Study:
    return Study.of(network())


@pytest.fixture(scope="session")
def stage(study: Study) -> Stage:
    split = study.split(SplitConfig())
    return study.stage(split.train, split.validation, split.validation_from, pd.Timestamp(split.test_from))
