"""The entry that docs/own_relation.md adds does what the page says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.docs import workspace
from tests.docs.blocks import ROOT, blocks_of

import influence
from influence.config import parse_config
from influence.readers.tables import write_tables

CHECK = """
import sys
import influence
from influence.graph.temporal import TemporalGraph
assert influence.__file__.startswith(sys.argv[1]), influence.__file__
network = influence.read(sys.argv[3])
n_withdrawn = (network.table("invitations")["outcome"] == "withdrawn").sum()
print(n_withdrawn, len(TemporalGraph(network).group("withdrew")))
influence.load(sys.argv[2])
"""


@pytest.mark.slow
def test_relation__one_entry__edges_appear_and_stored_models_are_refused(tmp_path: Path) -> None:
    [diff] = [
        block.text for block in blocks_of(ROOT / "docs" / "own_relation.md") if block.language == "diff"
    ]
    lines = diff.splitlines()
    before = "\n".join(line[1:] for line in lines if not line.startswith("+"))
    after = "\n".join(line[1:] for line in lines)
    shutil.copytree(
        ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
    )
    schema = tmp_path / "src" / "influence" / "schema.py"
    text = schema.read_text(encoding="utf-8")
    assert text.count(before) == 1, "the page shows lines that are not there"
    schema.write_text(text.replace(before, after), encoding="utf-8")

    network = influence.synthesize(300, seed=1)
    write_tables(network, tmp_path / "tables")
    influence.fit(network, parse_config(workspace.QUICK)).save(tmp_path / "model")
    found = subprocess.run(
        [sys.executable, "-c", CHECK, str(tmp_path), str(tmp_path / "model"), str(tmp_path / "tables")],
        env=os.environ | {"PYTHONPATH": str(tmp_path / "src")},
        capture_output=True,
        text=True,
        timeout=300,
    )
    n_withdrawn, n_edges = map(int, found.stdout.split())
    assert n_edges == n_withdrawn > 0
    assert "CheckpointError" in found.stderr
