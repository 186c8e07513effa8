"""Settings of the whole test suite."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from influence.tracking import store

# Two cores are shared by everything that runs here: no deadline per example.  The same examples every time.
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")


@pytest.fixture(autouse=True)
def key_file(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The key of pseudonyms lies apart from the user's own, and from the sources that a test writes."""
    file = tmp_path_factory.mktemp("key") / "key"
    monkeypatch.setenv("INFLUENCE_KEY_FILE", str(file))
    return file


@pytest.fixture(scope="session", autouse=True)
def stores_copied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """MLflow makes the tables of one local store; every other begins as a copy of it."""
    first, make = tmp_path_factory.mktemp("store") / "mlflow.db", store.make_tables

    def copied(file: Path) -> None:
        if not first.exists():
            make(first)
        shutil.copyfile(first, file)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(store, "make_tables", copied)
        yield
