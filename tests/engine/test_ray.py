"""Ray as the engine: two nodes against one process, and workers that are killed."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
import pytest
from tests.engine.nodes import called, killing
from tests.experiment.worlds import network, quick_config

from influence import api, batch, experiment
from influence.batch.on_ray import score_on_ray
from influence.batch.places import paths_of
from influence.config import Config, parse_config
from influence.engine import RayConfig
from influence.errors import ConfigError, DataError, InfluenceError
from influence.files import content_digest
from influence.graph.loading import QuerySet
from influence.prediction import Model
from influence.tasks.acceptance import queries_of

N_PAIRS = 12_000
ENCODER = {"width": 8, "heads": 2, "fan_out": [4], "dropout": 0.0, "input_dropout": 0.0}
UNUSED = cast(Model, object())
"""Where all is refused before anything is asked of the model."""


def config(folder: Path, **changes: object) -> Config:
    training = {"max_epochs": 12, "patience": 12, "batch_size": 16, "device": "cpu"}
    return quick_config(folder, encoder=ENCODER, training=training, **changes)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ray")


@pytest.fixture(scope="module")
def model(place: Path) -> Model:
    return experiment.fit(network(), config(place))


@pytest.fixture(scope="module")
def pairs(place: Path) -> Path:
    ids, draw = network().table("contacts")["contact_id"].unique(), np.random.default_rng(0)
    rows = pd.DataFrame(draw.choice(ids, (N_PAIRS, 2)), columns=["sender_id", "recipient_id"])
    rows.assign(row=np.arange(N_PAIRS)).to_parquet(place / "pairs.parquet", index=False)
    return place / "pairs.parquet"


@pytest.fixture(scope="module")
def cluster(place: Path) -> Iterator[RayConfig]:
    """Two nodes of two processors each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_AUTH_MODE", "disabled")
        from ray.cluster_utils import Cluster

        one = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False})
        one.add_node(num_cpus=2)
        one.wait_for_nodes()
        yield RayConfig(address=one.address, workers=2)
        one.shutdown()


def parts(folder: Path) -> pd.DataFrame:
    paths = sorted(folder.glob("*.parquet"))
    assert [path.name for path in paths] == [f"part-{i:05}.parquet" for i in range(len(paths))]
    return pd.concat([pd.read_parquet(path) for path in paths], ignore_index=True)


@pytest.mark.slow
def test_score_on_ray__two_nodes__the_file_of_one_process_in_parts(
    place: Path, model: Model, pairs: Path, cluster: RayConfig
) -> None:
    batch.score(model, pairs, place / "local.parquet")
    assert score_on_ray(model, pairs, place / "two", cluster, chunk_rows=4_000) == N_PAIRS
    assert len(list((place / "two").iterdir())) > 1
    pd.testing.assert_frame_equal(parts(place / "two"), pd.read_parquet(place / "local.parquet"), atol=1e-6)
    told = json.loads((place / "two" / "_manifest.json").read_text())
    assert (told["finished"], told["rows"], told["input"]["rows"]) == (True, N_PAIRS, N_PAIRS)
    assert told["model"]["fingerprint"] == model.fingerprint
    assert [part["file"] for part in told["parts"]] == [
        path.name for path in sorted((place / "two").glob("*.parquet"))
    ]
    assert {part["file"]: part["sha256"] for part in told["parts"]} == {
        path.name: content_digest(path) for path in (place / "two").glob("*.parquet")
    }
    assert paths_of(place / "two"), "a finished run may be scored in turn"


@pytest.mark.slow
def test_score_on_ray__a_worker_killed_midway__no_row_lost_doubled_or_changed(
    place: Path, model: Model, pairs: Path, cluster: RayConfig
) -> None:
    batch.score(model, pairs, place / "undisturbed.parquet")
    seen: list[float] = []

    def at_work() -> bool:
        if called("ray::MapWorker") and not seen:
            seen.append(time.monotonic())
        return bool(seen) and any((place).glob(".killed-*/*.parquet"))

    with killing("ray::MapWorker", at_work) as killed:
        score_on_ray(model, pairs, place / "killed", cluster, chunk_rows=250)
    assert len(killed) == 1
    pd.testing.assert_frame_equal(
        parts(place / "killed"), pd.read_parquet(place / "undisturbed.parquet"), atol=1e-6
    )


@pytest.mark.slow
def test_score_on_ray__a_worker_complains__told_plainly_and_nothing_left(
    place: Path, model: Model, pairs: Path, cluster: RayConfig
) -> None:
    with pytest.raises(InfluenceError, match="nonsense"):
        score_on_ray(model, pairs, place / "none", cluster, at="nonsense")
    assert not list(place.glob("*none*"))


def logits(model: Model) -> np.ndarray:
    """What the network alone gives for the latest invitations."""
    face = model.acceptance_face
    asked = model.network.table("invitations").tail(60)
    queries = QuerySet(face.features, queries_of(asked, face.features.graph))
    return face.combination.forecasters["gnn"].logits(queries)


@pytest.mark.slow
def test_fit__engine_ray_and_a_worker_killed_midway__the_model_of_one_process(
    place: Path, model: Model, cluster: RayConfig
) -> None:
    folder = place / "trained"
    asked = config(folder, engine="ray", ray=cluster.model_dump())

    def has_snapshot() -> bool:
        return any((folder / ".training").glob("*/*/*/*/state.json"))

    with killing("ray::RayTrainWorker", has_snapshot) as killed:
        trained = api.fit(network(), asked)
    assert len(killed) == 1
    np.testing.assert_allclose(logits(trained), logits(model), atol=2e-3)
    assert not list(folder.iterdir()), "nothing is left behind"


def test_score_on_ray__an_empty_id__refused_by_row_before_any_worker_starts(tmp_path: Path) -> None:
    rows = pd.DataFrame({"sender_id": ["a", "b"], "recipient_id": ["c", ""]})
    rows.to_parquet(tmp_path / "pairs.parquet")
    with pytest.raises(DataError, match=r"recipient_id is empty in 1 row \(2\)"):
        score_on_ray(UNUSED, tmp_path / "pairs.parquet", tmp_path / "out", RayConfig())
    assert not (tmp_path / "out").exists()


def test_score_on_ray__input_as_csv__refused(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text("sender_id,recipient_id\na,b\n")
    with pytest.raises(ConfigError, match="on Ray, input is Parquet"):
        score_on_ray(UNUSED, tmp_path / "pairs.csv", tmp_path / "out", RayConfig())


def test_score_on_ray__a_database_or_a_file_as_output__refused_without_a_word_of_the_password(
    tmp_path: Path, pairs: Path
) -> None:
    with pytest.raises(ConfigError, match="use engine local") as refused:
        score_on_ray(UNUSED, "postgresql://ana:secret@host/db#pairs", tmp_path / "out", RayConfig())
    assert "secret" not in str(refused.value)
    with pytest.raises(ConfigError, match="the output is a folder"):
        score_on_ray(UNUSED, pairs, tmp_path / "scores.parquet", RayConfig())
    assert not list(tmp_path.iterdir())


def test_engine_ray__extra_missing__named_and_nothing_written(
    tmp_path: Path, pairs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match=r"influence\[ray\]"):
        score_on_ray(UNUSED, pairs, tmp_path / "out", RayConfig())
    with pytest.raises(ConfigError, match=r"influence\[ray\]"):
        api.fit(network(), config(tmp_path, engine="ray"))
    assert not list(tmp_path.iterdir())


def test_config__another_engine__refused() -> None:
    with pytest.raises(ConfigError, match="engine = 'spark'"):
        parse_config({"engine": "spark"})
