"""The notebook runs from top to bottom, as a reader would run it."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

pytest.importorskip("nbclient", reason="the notebook extra is not installed")
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebook__run_from_top_to_bottom__shows_its_pictures(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MPLBACKEND", raising=False)  # streamlit sets it on import, for every child process
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs for cell in code), "commit notebooks without outputs"
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(FOLDER)}}).execute()
    shown = [output.get("data", {}) for cell in code for output in cell.outputs]
    drawn = [data for data in shown if "image/png" in data or " size " in data.get("text/plain", "")]
    assert drawn, "no picture"
    assert all("image/png" in data for data in drawn), "a picture is only named"
