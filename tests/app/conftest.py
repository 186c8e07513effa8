"""One model, trained once for all tests of the app."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.app.worlds import saved_model


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_model(tmp_path_factory.mktemp("app"))


@pytest.fixture(autouse=True)
def main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit runs scripts as `__main__` and leaves them there: processes spawned later would run them."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
