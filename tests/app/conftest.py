"""One model, trained once for all tests of the app."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.app.worlds import saved_model


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_model(tmp_path_factory.mktemp("app"))
