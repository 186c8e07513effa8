"""The logged model as a function of Spark columns, for those whose data live there."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.experiment.worlds import network, quick_config

from influence import experiment, load, tracking
from influence.tracking import TrackingConfig

pytest.importorskip("pyspark", reason="the extra `spark` is not installed")

ANSWERS = (
    "sender_id string, recipient_id string, p_at_once double, p_within_3_weeks double, p_declined double, "
    "p_no_answer double, median_days double, is_cold_sender boolean, is_cold_recipient boolean"
)


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        session = (
            SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .getOrCreate()
        )
        yield session
        session.stop()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A model logged as `influence train` does, in a store of its own."""
    folder = tmp_path_factory.mktemp("spark")
    settings, records = TrackingConfig(uri=f"sqlite:///{folder}/mlflow.db"), network()
    model = experiment.fit(records, quick_config(folder))
    answers = {"acceptance": model.predict("acceptance", tracking.example("acceptance"))}
    with tracking.start(settings, command="train", config={}, network=records) as tracker:
        found = tracker.log_model(model.save, answers)
    assert found is not None
    import mlflow

    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(settings.store)
    yield found
    mlflow.set_tracking_uri(before)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_spark_udf__two_partitions__the_answers_of_the_model(
    spark: Any, address: str, tmp_path: Path
) -> None:
    import mlflow
    from pyspark.sql.functions import struct

    model = load(address)
    asked = model.network.table("invitations")[["sender_id", "recipient_id"]].head(300).drop_duplicates()
    asked.reset_index(drop=True).to_parquet(tmp_path / "pairs.parquet", index=False)
    answer = mlflow.pyfunc.spark_udf(
        spark, address, result_type=ANSWERS, env_manager="local", params={"at": "2030-01-01"}
    )
    pairs = spark.read.parquet(str(tmp_path / "pairs.parquet")).repartition(2)
    rows = pairs.select(answer(struct("sender_id", "recipient_id")).alias("answer")).select("answer.*")
    found = pd.DataFrame(rows.collect(), columns=rows.columns)
    expected = model.predict("acceptance", asked, at="2030-01-01")
    keys = ["sender_id", "recipient_id"]
    found, expected = (each.sort_values(keys, ignore_index=True) for each in (found, expected))
    assert found[keys].to_numpy().tolist() == expected[keys].to_numpy().tolist()
    for name in expected.columns.drop(keys):
        pd.testing.assert_series_equal(
            found[name].astype(float), expected[name].astype(float), atol=1e-6, check_dtype=False
        )


def test_read__pyspark_installed__nothing_is_said_of_it() -> None:
    """pandera imports pyspark wherever it is, and pyspark warns of pandas 3: no concern of who reads."""
    code = (
        "import pandas as pd; from influence.data import Network; "
        "Network.from_tables({'contacts': pd.DataFrame({'contact_id': ['a']})})"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stderr) == (0, "")
