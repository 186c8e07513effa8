"""What `benchmarks.kills` kills: a command, what a reader may see of it, and what it must end with.

Another one is a function here and a line in `SUBJECTS`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from influence.batch.places import MANIFEST
from influence.files import content_digest
from influence.readers.stored import COLUMNS, RECORDS, read_stored

CONFIG = """
seeds: [0]
output: {output}
encoder: {{width: 16, heads: 2, fan_out: [4]}}
training: {{max_epochs: 4}}
trees: {{max_rounds: 40}}
tracking: {{enabled: false}}
"""
N_PARTS = 10
AT = "2025-05-01"


@dataclass(frozen=True)
class Given:
    """What the commands start from."""

    folder: Path
    rows: int

    @property
    def world(self) -> Path:
        """Records."""
        return self.folder / "world"

    @property
    def model(self) -> Path:
        """A model trained on them."""
        return self.folder / "model"

    @property
    def pairs(self) -> Path:
        """Pairs to score."""
        return self.folder / "pairs.parquet"


@dataclass(frozen=True)
class Subject:
    """A command that may be killed, and started again with the same words.

    Attributes
    ----------
    words : of the command, for a folder that it works in
    result : digest of what it ends with in that folder
    look : fails if a reader finds something half-written; told the folder and the expected result
    stage : how far a killed one had come
    """

    name: str
    words: Callable[[Path], Sequence[str]]
    result: Callable[[Path], str]
    look: Callable[[Path, str], None]
    stage: Callable[[Path], str]


def prepare(folder: Path, n_contacts: int, n_rows: int, run: Callable[[Sequence[str], None], bool]) -> Given:
    """A world, a model and pairs."""
    given = Given(folder, n_rows)
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(CONFIG.format(output=given.model))
    assert run(["synth", str(given.world), "--contacts", str(n_contacts)], None)
    assert run(["train", str(folder / "config.yaml"), "--data", str(given.world)], None)
    people = np.asarray(pd.read_parquet(given.world / "contacts.parquet")["contact_id"].unique(), object)
    drawn = np.random.default_rng(0).integers(len(people), size=(n_rows, 2))
    pairs = pd.DataFrame(people[drawn], columns=["sender_id", "recipient_id"])
    pairs.to_parquet(given.pairs, row_group_size=max(1, n_rows // 7))
    return given


def scoring(given: Given) -> Subject:
    """`influence score` into a folder of parts."""
    part_rows = str(-(-given.rows // N_PARTS))

    def words(folder: Path) -> list[str]:
        places = [str(given.model), str(given.pairs), str(folder)]
        return ["score", *places, "--at", AT, "--partition-rows", part_rows]

    def stage(folder: Path) -> str:
        if not (folder / MANIFEST).exists():
            return "before the first part"
        told = json.loads((folder / MANIFEST).read_text())
        if told["finished"]:
            return "after the last part"
        return "among the parts" if told["parts"] else "before the first part"

    return Subject("scoring", words, content_digest, _look_at_parts, stage)


def _look_at_parts(folder: Path, expected: str) -> None:
    """Every visible part is whole, and the manifest tells no part that is not there as it says."""
    if not (folder / MANIFEST).exists():
        return
    told = json.loads((folder / MANIFEST).read_text())
    for part in told["parts"]:
        content = (folder / part["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == part["sha256"], f"{part['file']} is not as it is told"
    visible = sorted(folder.glob("[!._]*"))
    n_rows = sum(pq.read_table(path).num_rows for path in visible)
    assert n_rows >= sum(part["rows"] for part in told["parts"]), "a part that is told of cannot be seen"
    if visible:
        assert len(pd.read_parquet(folder)) >= n_rows, "a reader of the folder misses rows"
    if told["finished"]:
        found = sorted(path.name for path in folder.iterdir())
        assert content_digest(folder) == expected, f"what is told to be finished differs: {found}"


def training(given: Given) -> Subject:
    """`influence train`, snapshots and all."""

    def words(folder: Path) -> list[str]:
        folder.mkdir(parents=True, exist_ok=True)
        config = str(given.folder / "config.yaml")
        return ["train", config, "--data", str(given.world), "--set", f"output={folder / 'model'}"]

    def result(folder: Path) -> str:
        """Of the model, but for the place that it was told to be stored in."""
        card = json.loads((folder / "model" / "model.json").read_text())
        card["config"]["output"] = "model"
        rest = {
            path.relative_to(folder).as_posix(): content_digest(path)
            for path in sorted((folder / "model").rglob("*"))
            if not path.is_dir() and path.name != "model.json"
        }
        return hashlib.sha256(json.dumps([card, rest], sort_keys=True).encode()).hexdigest()

    def look(folder: Path, expected: str) -> None:
        try:
            found = result(folder)
        except FileNotFoundError:  # not there yet, or just giving way to a later one
            return
        assert found == expected, "a model is visible that is not whole"

    def stage(folder: Path) -> str:
        if (folder / "model").exists():
            return "after the model was stored"
        snapshots = list((folder / ".training").rglob("state.json"))
        return "with a snapshot" if snapshots else "before the first snapshot"

    return Subject("training", words, result, look, stage)


def building(given: Given) -> Subject:
    """`influence build-graph`, in many small steps."""

    def words(folder: Path) -> list[str]:
        folder.mkdir(parents=True, exist_ok=True)
        return ["build-graph", str(given.world), str(folder / "graph"), "--memory-mib", "1"]

    def result(folder: Path) -> str:
        return content_digest(folder / "graph")

    def look(folder: Path, expected: str) -> None:
        if (folder / "graph").exists():
            read_stored(folder / "graph")
            assert result(folder) == expected, "a graph is visible that is not whole"

    def stage(folder: Path) -> str:
        if (folder / "graph").exists():
            return "after the graph was there"
        begun = max(folder.glob(".graph-*"), key=lambda path: path.stat().st_mtime, default=None)
        if begun is None or not (begun / RECORDS).exists():
            return "before the first table"
        return "among the columns" if (begun / COLUMNS).exists() else "among the tables"

    return Subject("building", words, result, look, stage)


SUBJECTS: dict[str, Callable[[Given], Subject]] = {
    "scoring": scoring,
    "training": training,
    "building": building,
}
