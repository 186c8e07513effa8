"""What batch scoring writes beside what the model answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.experiment.worlds import network
from tests.graph.worlds import at

from influence import batch
from influence.prediction import Model
from influence.tasks.acceptance import OUTPUT_COLUMNS


@pytest.fixture
def asked(tmp_path: Path) -> pd.DataFrame:
    pairs = network().table("invitations").tail(150)[["sender_id", "recipient_id"]].reset_index(drop=True)
    pairs.loc[7, "recipient_id"] = "a stranger"
    pairs.to_parquet(tmp_path / "pairs.parquet")
    return pairs


@pytest.mark.parametrize("target", ["scores", "scores.parquet"])
def test_score__chunks_as_large_as_asked_at_once__bitwise_as_predict(
    model: Model, asked: pd.DataFrame, tmp_path: Path, target: str
) -> None:
    batch.score(model, tmp_path / "pairs.parquet", tmp_path / target, at=at(150), partition_rows=150)
    found = pd.read_parquet(tmp_path / target)
    expected = model.predict("acceptance", asked, at=at(150))
    pd.testing.assert_frame_equal(found[expected.columns], expected, check_exact=True)
    assert found["is_cold_recipient"][7]
    assert set(found["model_version"]) == {model.version}
    assert set(found["data_until"]) == {model.data_until}


@pytest.mark.parametrize(("chunk_rows", "partition_rows"), [(7, 50), (64, 64), (1, 149)])
def test_score__other_chunks__same_order_and_within_a_millionth(
    model: Model, asked: pd.DataFrame, tmp_path: Path, chunk_rows: int, partition_rows: int
) -> None:
    size = {"chunk_rows": chunk_rows, "partition_rows": partition_rows}
    batch.score(model, tmp_path / "pairs.parquet", tmp_path / "scores", at=at(150), **size)
    found = pd.read_parquet(tmp_path / "scores")
    expected = model.predict("acceptance", asked, at=at(150))
    assert found["recipient_id"].tolist() == asked["recipient_id"].tolist()
    columns = list(OUTPUT_COLUMNS)
    np.testing.assert_allclose(found[columns], expected[columns], rtol=0, atol=1e-6)


def test_version__stored_or_answering_from_other_records__the_same(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    loaded = Model.load(tmp_path / "model")
    assert loaded.version == model.version
    assert len(model.version) == 12
    fresher = loaded.with_network(network().as_of(at(140)))
    assert fresher.version == model.version
    assert fresher.fingerprint != model.fingerprint
    assert fresher.data_until == at(140) < model.data_until
    other = Model(model.network, model.config, model.heads, at(131))
    assert other.version != model.version


def test_version__loaded_from_a_registry__the_registry_s(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    registered = Model.load(tmp_path / "model", registered_as="influence/3")
    assert registered.version == "influence/3"
    assert registered.with_network(network()).version == "influence/3"
    assert registered.fingerprint == model.fingerprint
