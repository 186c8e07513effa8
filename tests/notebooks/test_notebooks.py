"""The notebook runs from top to bottom, as a reader would run it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("nbclient", reason="the notebook extra is not installed")
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.util import run_sync

FOLDER = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(scope="module")
def kernel() -> Iterator[AsyncKernelManager]:
    """One for all notebooks, since loading PyTorch takes longer than most of their cells."""
    manager = AsyncKernelManager()
    yield manager
    run_sync(manager.shutdown_kernel)(now=True)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebook__run_from_top_to_bottom__shows_its_pictures(
    path: Path, kernel: AsyncKernelManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MPLBACKEND", raising=False)  # streamlit sets it on import, for every child process
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs for cell in code), "commit notebooks without outputs"
    notebook.cells.insert(0, nbformat.v4.new_code_cell("%reset -f"))
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(FOLDER)}}, km=kernel).execute()
    shown = [output.get("data", {}) for cell in code for output in cell.outputs]
    drawn = [data for data in shown if "image/png" in data or " size " in data.get("text/plain", "")]
    assert drawn, "no picture"
    assert all("image/png" in data for data in drawn), "a picture is only named"
