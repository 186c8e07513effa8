"""Models from a graph on disk are those from its tables; `max_rows` leaves the test whole."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.experiment.worlds import network, quick_config
from tests.graph.worlds import random_network
from typer.testing import CliRunner

import influence
from influence import experiment, tracking
from influence.cli import app
from influence.errors import CheckpointError, DataError
from influence.evaluation.model_card import CARD_FILE
from influence.evaluation.protocol import Study
from influence.graph.building import build_graph
from influence.prediction import Model
from influence.readers import stored, write_tables
from influence.readers.source import read_parquet
from influence.readers.streaming import STREAMED
from influence.tracking import TrackingConfig


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("records") / "tables"
    write_tables(network(), folder)
    return folder


@pytest.fixture(scope="module")
def graph(records: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graph") / "graph"
    build_graph(records, folder, 1)
    return folder


@pytest.fixture(scope="module")
def model(graph: Path, tmp_path_factory: pytest.TempPathFactory) -> Model:
    return experiment.fit(influence.read(graph), quick_config(tmp_path_factory.mktemp("fit")))


def pairs() -> pd.DataFrame:
    return network().table("invitations")[["sender_id", "recipient_id"]].drop_duplicates().head(50)


def test_fit__graph_on_disk__the_model_of_the_tables(records: Path, model: Model, tmp_path: Path) -> None:
    expected = experiment.fit(influence.read(records), quick_config(tmp_path)).predict("acceptance", pairs())
    pd.testing.assert_frame_equal(model.predict("acceptance", pairs()), expected, check_exact=True)


def test_predict__records_from_disk__as_from_the_tables(records: Path, graph: Path, model: Model) -> None:
    found, expected = (
        model.with_network(influence.read(place)).predict("acceptance", pairs(), at="2030-01-01")
        for place in (graph, records)
    )
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_track__graph_on_disk__its_files_lie_in_the_store_by_links(
    graph: Path, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = TrackingConfig(uri=f"sqlite:///{tmp_path / 'mlflow.db'}", register_model=True)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", settings.store)
    answers = {"acceptance": model.predict("acceptance", tracking.example("acceptance"))}
    with tracking.start(settings, command="train", config={}, network=model.network) as tracker:
        tracker.log_model(model.save, answers)
    loaded = influence.load("models:/influence/1")
    assert loaded.network.graph is not None
    assert loaded.network.graph.is_relative_to(tmp_path / "mlruns")
    columns = sorted((graph / "columns").iterdir())
    assert columns
    for path in columns:
        assert path.samefile(loaded.network.graph / "columns" / path.name)
    found = loaded.predict("acceptance", pairs())
    pd.testing.assert_frame_equal(found, model.predict("acceptance", pairs()), check_exact=True)


def test_save__graph_on_disk__answers_as_one_saved_from_tables(
    records: Path, model: Model, tmp_path: Path
) -> None:
    model.save(tmp_path / "stored")
    model.with_network(influence.read(records)).save(tmp_path / "tables")
    of_graph, of_tables = (influence.load(tmp_path / name) for name in ("stored", "tables"))
    assert of_graph.network.graph == tmp_path / "stored"
    assert of_tables.network.graph is None
    pd.testing.assert_frame_equal(
        of_graph.predict("acceptance", pairs()), of_tables.predict("acceptance", pairs()), check_exact=True
    )
    for name, rows in of_tables.network.tables.items():
        pd.testing.assert_frame_equal(of_graph.network.table(name), rows)
    told = [(tmp_path / name / CARD_FILE).read_text() for name in ("stored", "tables")]
    fingerprints = re.compile("Records `[0-9a-f]+`")
    assert fingerprints.sub("", told[0]) == fingerprints.sub("", told[1])


def test_save__graph_on_disk__its_streamed_tables_are_never_read(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(path: Path) -> pd.DataFrame:
        assert path.stem not in STREAMED, f"{path.stem} was read whole"
        return read_parquet(path)

    monkeypatch.setattr(stored, "read_parquet", read)
    model.save(tmp_path / "model")
    influence.load(tmp_path / "model").predict("acceptance", pairs())


def test_save__graph_on_disk__stays_when_the_graph_goes(records: Path, model: Model, tmp_path: Path) -> None:
    build_graph(records, tmp_path / "graph", 1)
    model.with_network(influence.read(tmp_path / "graph")).save(tmp_path / "model")
    shutil.rmtree(tmp_path / "graph")
    found = influence.load(tmp_path / "model").predict("acceptance", pairs())
    pd.testing.assert_frame_equal(found, model.predict("acceptance", pairs()), check_exact=True)


def test_load__another_model_takes_the_place__old_numbers_or_an_error(
    records: Path, model: Model, tmp_path: Path
) -> None:
    model.save(tmp_path / "model")
    loaded = influence.load(tmp_path / "model")
    expected = loaded.predict("acceptance", pairs())
    write_tables(random_network(2, n_people=40, n_invitations=300, days=200.0), tmp_path / "others")
    build_graph(tmp_path / "others", tmp_path / "graph", 1)
    model.with_network(influence.read(tmp_path / "graph")).save(tmp_path / "model")
    pd.testing.assert_frame_equal(loaded.predict("acceptance", pairs()), expected, check_exact=True)
    with pytest.raises(DataError, match="has changed since it was opened"):
        loaded.network.table("interactions")


def test_load__graph_of_a_model_cut_short__told(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    column = tmp_path / "model" / "columns" / "edges.at.npy"
    content = column.read_bytes()
    column.unlink()  # the graph that the model learnt from has the same file
    column.write_bytes(content[:-1])
    with pytest.raises(CheckpointError, match=r"edges\.at\.npy is missing or not as it was written"):
        influence.load(tmp_path / "model")


def test_load__graph_of_other_records__told(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    manifest = tmp_path / "model" / "graph.json"
    told = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(told | {"fingerprint": "0" * 64}))
    with pytest.raises(CheckpointError, match="are not those that it was saved with"):
        influence.load(tmp_path / "model")


def test_build_graph__as_a_user_runs_it__tells_and_goes_on(records: Path, tmp_path: Path) -> None:
    words = ["build-graph", str(records), str(tmp_path / "graph"), "--memory-mib", "8"]
    first, again = (CliRunner().invoke(app, words) for _ in range(2))
    assert first.exit_code == again.exit_code == 0
    assert f"The graph is in {tmp_path / 'graph'}" in first.stdout
    assert "invitations" in first.stdout
    assert "is already in" in again.stdout


def test_build_graph__no_folder__told(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "influence.cli", "build-graph", "nowhere", str(tmp_path / "graph")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 2
    assert "'nowhere' is no folder" in ran.stderr
    assert not (tmp_path / "graph").exists()


@pytest.mark.slow
def test_build_graph__killed_at_any_moment__nothing_looks_finished(records: Path, tmp_path: Path) -> None:
    target = tmp_path / "graph"
    words = [sys.executable, "-m", "influence.cli", "build-graph", str(records), str(target)]
    for seconds in np.random.default_rng(0).uniform(0.5, 8.0, 6):
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        process.kill()
        process.wait()
        if target.exists():  # it was quicker: whole then
            influence.read(target)
    build_graph(records, target, 1)
    build_graph(records, tmp_path / "undisturbed", 1)
    for path in sorted((tmp_path / "undisturbed").rglob("*.*")):
        assert path.read_bytes() == (target / path.relative_to(tmp_path / "undisturbed")).read_bytes()


def test_stage__max_rows__evenly_spread_and_no_more() -> None:
    study = Study.of(network())
    split = study.split(quick_config(Path()).split)
    cut = split.train, split.validation, split.validation_from, split.test_from
    whole, part = study.stage(*cut), study.stage(*cut, 100)
    at = part.everything.queries.at
    assert len(at) == 100 < len(whole.everything)
    # No gap is wider than a few of the even steps: the sample follows the invitations through time.
    place = np.searchsorted(whole.everything.queries.at, at)
    assert np.diff(place).max() <= np.ceil(len(whole.everything) / 99)
    shares = [len(stage.validation) / len(stage.everything) for stage in (whole, part)]
    assert shares[1] == pytest.approx(shares[0], abs=0.02)
    assert set(part.train.queries.at) <= set(whole.train.queries.at)


def test_stage__more_rows_than_there_are__all() -> None:
    study = Study.of(network())
    split = study.split(quick_config(Path()).split)
    cut = split.train, split.validation, split.validation_from, split.test_from
    assert len(study.stage(*cut, 10**6).everything) == len(study.stage(*cut).everything)


def test_evaluate__max_rows__the_test_keeps_all_rows(tmp_path: Path) -> None:
    few = quick_config(tmp_path, split={"max_rows": 150})
    found = experiment.evaluate(network(), few)
    split = Study.of(network()).split(few.split)
    assert found.summary["n_test"] == len(split.test)


def test_part__rows_in_a_row__views_of_the_whole() -> None:
    study = Study.of(network())
    split = study.split(quick_config(Path()).split)
    stage = study.stage(split.train, split.validation, split.validation_from, split.test_from)
    assert np.shares_memory(stage.train.pair, stage.everything.pair)
    np.testing.assert_array_equal(stage.validation.pair, study.queries[split.validation].pair)
