"""Settings of the whole test suite."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# Two cores are shared by everything that runs here: no deadline per example.  The same examples every time.
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")


@pytest.fixture(autouse=True)
def key_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The key of pseudonyms, never the user's own."""
    path = tmp_path / "influence-key"
    monkeypatch.setenv("INFLUENCE_KEY_FILE", str(path))
    return path
