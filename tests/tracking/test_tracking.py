"""Runs and models kept by MLflow, in a store of their own; nothing is looked up anywhere else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pytest
from tests.experiment.worlds import network, quick_config

import influence
from influence import experiment, tracking
from influence.config import dump
from influence.errors import CheckpointError, ConfigError
from influence.evaluation.summary import summarise
from influence.prediction import Model
from influence.tracking import Tracker, TrackingConfig, registry, runs
from influence.training.loop import Progress

NAN = float("nan")
PICKLED = (".pkl", ".pickle", ".pth", ".pt", ".joblib")


@dataclass(frozen=True)
class Kept:
    """A run that went through everything, and the model that it kept."""

    folder: Path
    store: str
    run_id: str
    model: Model
    config: dict[str, Any]

    @property
    def run(self) -> Any:
        return mlflow.MlflowClient(tracking_uri=self.store).get_run(self.run_id)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("tracked")
    store = f"sqlite:///{folder / 'mlflow.db'}"
    settings = quick_config(folder, dataset="random", tracking={"uri": store, "register_model": True})
    model = experiment.fit(network(), settings)
    model.save(folder / "model")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            patch.setenv(name, "http://127.0.0.1:9")
        with begun(settings.tracking, dump(settings)) as tracker:
            for epoch in told_epochs():
                tracker.epoch("seed_0.gnn", epoch)
            tracker.log_evaluation(summary(), predictions())
            answers = {"acceptance": model.predict("acceptance", tracking.example("acceptance"))}
            tracker.log_model(model.save, answers)
    client = mlflow.MlflowClient(tracking_uri=store)
    experiment_id = client.get_experiment_by_name("influence").experiment_id
    (found,) = client.search_runs([experiment_id], "tags.command != ''")
    client.set_registered_model_alias("influence", "champion", "1")
    return Kept(folder, store, found.info.run_id, model, dump(settings))


def begun(settings: TrackingConfig, config: dict[str, Any]) -> Tracker:
    return tracking.start(settings, command="evaluate", config=config, network=network())


def told_epochs() -> list[Progress]:
    """Two members that choose, and one that is fitted again."""
    criteria = [(1, 0.9), (2, 0.8), (1, 0.7), (1, NAN)]
    return [Progress(epoch, 2, epoch / 4, criterion, 1.0) for epoch, criterion in criteria]


def predictions() -> pd.DataFrame:
    rows = [
        (f"q{row}", "c", method, 0, row % 3, 0.1 + 0.02 * row * sign, 0.3 + 0.02 * row * sign, 0.0)
        for row in range(30)
        for method, sign in (("model", 1), ("prior", 0))
    ]
    forecasts = ["p_at_once", "p_within_3_weeks", "p_declined"]
    return pd.DataFrame(rows, columns=["query_id", "candidate_id", "method", "seed", "label", *forecasts])


def summary() -> dict[str, Any]:
    ids = [f"q{row}" for row in range(30)]
    return summarise(
        predictions(),
        task="acceptance",
        dataset="random",
        counts={"n_train": 60, "n_validation": 20, "n_test": 30},
        slices={"cold_contacts": pd.Series([row < 20 for row in range(30)], index=ids)},
        n_resamples=20,
    )


@pytest.fixture
def here(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> Kept:
    """MLflow as a user has set it up."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", kept.store)
    return kept


def test_run__over__params_and_tags_tell_what_it_was_made_of(kept: Kept) -> None:
    data, tags = kept.run.data, kept.run.data.tags
    assert kept.run.info.status == "FINISHED"
    assert data.params["encoder.width"] == "8"
    assert data.params["training.max_epochs"] == "2"
    assert (tags["command"], tags["dataset"]) == ("evaluate", "random")
    assert tags["data_fingerprint"] == network().fingerprint
    assert tags["rows.invitations"] == "600"
    assert tags["git_commit"] == "unknown" or len(tags["git_commit"].removesuffix("-dirty")) == 40
    assert tags["version"]
    artifacts = kept.folder / "mlruns" / kept.run_id / "artifacts"
    assert json.loads((artifacts / "config.json").read_text()) == kept.config


def test_run__split__dates_follow_each_other_and_are_inputs(kept: Kept) -> None:
    tags = kept.run.data.tags
    assert (tags["data.train.rows"], tags["data.test.rows"]) == ("60", "30")
    bounds = [tags[f"data.{part}.from"] for part in ("train", "validation", "test")]
    assert bounds == sorted(bounds)
    assert tags["data.train.until"] == tags["data.validation.from"]
    assert tags["data.validation.until"] == tags["data.test.from"] < tags["data.test.until"]
    inputs = kept.run.inputs.dataset_inputs
    assert {one.dataset.name for one in inputs} == {"random.train", "random.validation", "random.test"}
    assert {one.dataset.digest for one in inputs} == {network().fingerprint[:36]}


def test_run__evaluation__every_figure_under_one_name(kept: Kept) -> None:
    metrics, figures = kept.run.data.metrics, summary()
    auc = figures["methods"]["model"]["auc"]
    assert metrics["model.auc"] == pytest.approx(auc["value"])
    assert metrics["model.auc.low"] == pytest.approx(auc["low"])
    assert metrics["difference.prior.brier"] == pytest.approx(
        figures["differences"]["prior"]["brier"]["value"]
    )
    cold = figures["slices"]["cold_contacts"]["methods"]["model"]["brier"]["value"]
    assert metrics["slice.cold_contacts.model.brier"] == pytest.approx(cold)
    assert {"model.ece_1d", "model.ece_21d"} <= metrics.keys()


def test_run__methods__runs_below_it_under_plain_names(kept: Kept) -> None:
    client = mlflow.MlflowClient(tracking_uri=kept.store)
    below = client.search_runs(
        [kept.run.info.experiment_id],
        f"tags.`mlflow.parentRunId` = '{kept.run_id}'",
        order_by=["metrics.brier"],
    )
    methods, cold = summary()["methods"], summary()["slices"]["cold_contacts"]["methods"]
    assert {run.info.run_name for run in below} == set(methods)
    for run in below:
        assert run.info.status == "FINISHED"
        name, told = run.data.tags["method"], run.data.metrics
        assert told["brier"] == pytest.approx(methods[name]["brier"]["value"])
        assert told["brier.high"] == pytest.approx(methods[name]["brier"]["high"])
        assert told["slice.cold_contacts.brier"] == pytest.approx(cold[name]["brier"]["value"])
    assert not any(key.startswith("prior.") for key in kept.run.data.metrics), "each figure once"


def test_run__model__its_card_is_the_description_and_an_artifact(kept: Kept) -> None:
    card = (kept.folder / "model" / "MODEL_CARD.md").read_text("utf-8")
    assert (kept.folder / "mlruns" / kept.run_id / "artifacts" / "MODEL_CARD.md").read_text("utf-8") == card
    assert kept.run.data.tags["mlflow.note.content"] == card[:5_000]


def test_run__epochs__members_and_phases_apart(kept: Kept) -> None:
    client = mlflow.MlflowClient(tracking_uri=kept.store)
    history = client.get_metric_history(kept.run_id, "training.seed_0.gnn.select_0.criterion")
    assert [(one.step, one.value) for one in history] == [(1, 0.9), (2, 0.8)]
    metrics = kept.run.data.metrics
    assert metrics["training.seed_0.gnn.select_1.criterion"] == 0.7
    assert metrics["training.seed_0.gnn.refit_0.train_loss"] == 0.25
    assert "training.seed_0.gnn.refit_0.criterion" not in metrics


def test_run__artifacts__pictures_json_and_predictions_but_no_pickle(kept: Kept) -> None:
    artifacts = kept.folder / "mlruns" / kept.run_id / "artifacts"
    pictures = {path.stem for path in (artifacts / "figures").glob("*.png")}
    assert {"comparison", "reliability", "gains", "delay", "slices"} <= pictures
    assert json.loads((artifacts / "evaluation.json").read_text())["n_test"] == 30
    pd.testing.assert_frame_equal(pd.read_parquet(artifacts / "predictions.parquet"), predictions())
    files = [path for path in (kept.folder / "mlruns").rglob("*") if path.is_file()]
    assert not [path for path in files if path.suffix in PICKLED or path.read_bytes()[:1] == b"\x80"]


def test_pyfunc__loaded_by_mlflow__answers_as_the_model(here: Kept) -> None:
    pairs = network().table("invitations").tail(9)[["sender_id", "recipient_id", "sent_at", "has_note"]]
    served = mlflow.pyfunc.load_model(f"runs:/{here.run_id}/model")
    pd.testing.assert_frame_equal(served.predict(pairs), here.model.predict("acceptance", pairs))
    ids, moment = pairs[["sender_id", "recipient_id"]], "2025-04-01"
    expected = here.model.predict("acceptance", ids, at=moment)
    pd.testing.assert_frame_equal(served.predict(ids, params={"at": moment}), expected)
    assert served.metadata.signature.outputs.input_names() == expected.columns.tolist()
    needed = (
        Path(mlflow.artifacts.download_artifacts(f"runs:/{here.run_id}/model")) / "requirements.txt"
    ).read_text()
    assert "torch==" in needed
    assert "influence" not in needed
    assert "+" not in needed


@pytest.mark.parametrize("place", ["runs:/RUN/model", "models:/influence/1", "models:/influence@champion"])
def test_load__address_of_a_kept_model__the_same_answers(here: Kept, place: str) -> None:
    loaded = influence.load(place.replace("RUN", here.run_id))
    pairs = network().table("invitations").tail(5)[["sender_id", "recipient_id"]]
    expected = here.model.predict("acceptance", pairs)
    pd.testing.assert_frame_equal(loaded.predict("acceptance", pairs), expected)
    assert os.environ["MLFLOW_TRACKING_URI"] == here.store
    assert loaded.version == "influence/1"


def test_load__run_without_a_version__known_by_what_it_has_learnt(
    here: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracking.Registry, "version_of", lambda self, address: None)
    assert influence.load(f"runs:/{here.run_id}/model").version == here.model.version


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("models:/influence@best", "Known: models:/influence@champion, models:/influence/1."),
        ("models:/influence/7", "version=7"),
        ("runs:/abc/model", "abc"),
        ("runs:/RUN/nothing", "nothing"),
    ],
)
def test_download__no_such_model__says_what_is_known(here: Kept, place: str, words: str) -> None:
    with pytest.raises(CheckpointError, match="cannot be had") as told:
        tracking.download(place.replace("RUN", here.run_id))
    assert words in str(told.value)


def test_download__files_on_a_disk_of_this_machine__read_where_they_lie(here: Kept) -> None:
    for place in ("models:/influence@champion", f"runs:/{here.run_id}/model"):
        folder = tracking.download(place)
        assert folder.is_relative_to(here.folder / "mlruns")
        assert {path.name for path in folder.iterdir()} == {
            path.name for path in (here.folder / "model").iterdir()
        }


def test_log_model__files_behind_a_server__handed_over_and_fetched(
    tmp_path: Path, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (runs, registry):
        monkeypatch.setattr(module, "local_folder", lambda place: None)
    settings = TrackingConfig(uri=f"sqlite:///{tmp_path / 'mlflow.db'}", register_model=True)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", settings.store)
    asked = tracking.example("acceptance")
    expected = kept.model.predict("acceptance", asked)
    with begun(settings, {}) as tracker:
        address = tracker.log_model(kept.model.save, {"acceptance": expected})
    for place in (address, "models:/influence/1"):
        assert not tracking.download(str(place)).is_relative_to(tmp_path / "mlruns")
        pd.testing.assert_frame_equal(influence.load(str(place)).predict("acceptance", asked), expected)


def test_log_model__disk_full_on_the_way__told_and_never_taken_for_a_model(
    tmp_path: Path, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: Path) -> None:
        raise OSError("disk full")

    settings = TrackingConfig(uri=f"sqlite:///{tmp_path / 'mlflow.db'}", register_model=True)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", settings.store)
    expected = kept.model.predict("acceptance", tracking.example("acceptance"))
    with pytest.raises(ConfigError, match="disk full"), begun(settings, {}) as tracker:
        tracker.log_model(full, {"acceptance": expected})
    assert tracking.Registry().addresses() == ()
    (run,) = tracking.latest_runs()
    with pytest.raises(CheckpointError, match=r"holds no model\.json"):
        tracking.download(f"runs:/{run.run_id}/model")


def test_download__variable_changed_later__heeded(here: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    tracking.download("models:/influence/1")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///elsewhere.db")
    assert mlflow.get_tracking_uri() == "sqlite:///elsewhere.db"


def test_download__no_store_here__none_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(CheckpointError, match=r"no 'mlflow\.db' here"):
        tracking.download("models:/influence@champion")
    assert not list(tmp_path.iterdir())


def test_server__unreachable__told_soon_and_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ana:secret@127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    began = time.perf_counter()
    with pytest.raises(CheckpointError, match="store that answers") as unread:
        tracking.download("models:/influence@champion")
    with pytest.raises(ConfigError, match=r"tracking\.enabled to false") as unwritten:
        begun(TrackingConfig(), {})
    assert time.perf_counter() - began < 30
    assert "secret" not in f"{unread.value}{unwritten.value}"


def test_tracker__store_lost_on_the_way__training_goes_on_and_the_end_tells(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker: Any = begun(TrackingConfig(uri=kept.store), {})

    def lost(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(tracker.client, "log_batch", lost)
    with pytest.raises(ConfigError, match="disk full"), tracker:
        for epoch in told_epochs():
            tracker.epoch("seed_0.gnn", epoch)
        tracker.log_evaluation(summary(), predictions())
    run = mlflow.MlflowClient(tracking_uri=kept.store).get_run(tracker.run_id)
    assert run.info.status == "FAILED"


@pytest.mark.parametrize("ended", [KeyboardInterrupt(), SystemExit(143)])
def test_tracker__asked_to_end__the_run_is_killed_and_not_left_running(
    kept: Kept, ended: BaseException
) -> None:
    tracker: Any = begun(TrackingConfig(uri=kept.store), {})
    with pytest.raises(type(ended)), tracker:
        raise ended
    run = mlflow.MlflowClient(tracking_uri=kept.store).get_run(tracker.run_id)
    assert run.info.status == "KILLED"


def test_tracker__off__hears_everything_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with begun(TrackingConfig(enabled=False), {}) as tracker:
        tracker.epoch("seed_0.gnn", told_epochs()[0])
        tracker.log_evaluation(summary(), predictions())
        tracker.log_model(lambda folder: None, {"acceptance": predictions()})
    assert not list(tmp_path.iterdir())


def test_config__address_with_a_password__refused() -> None:
    with pytest.raises(ConfigError, match="MLFLOW_TRACKING_URI"):
        quick_config(Path("runs"), tracking={"uri": "https://ana:secret@tracking.example"})


def test_config__no_address__the_environment_then_a_local_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://server")
    assert TrackingConfig().store == "http://server"
    assert TrackingConfig(uri="sqlite:///mine.db").store == "sqlite:///mine.db"
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert TrackingConfig().store == "sqlite:///mlflow.db"


@pytest.mark.slow
def test_package__imported_to_its_end__without_mlflow() -> None:
    code = "import sys, influence.api, influence.tracking; sys.exit('mlflow' in sys.modules)"
    environment = {**os.environ, "NUMBA_NUM_THREADS": "1"}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0


def test_latest_runs__after_an_evaluation__main_figures_and_its_files(here: Kept) -> None:
    (run,) = tracking.latest_runs("random")
    assert (run.run_id, run.command, run.status) == (here.run_id, "evaluate", "finished")
    assert run.metrics["model.auc"] == pytest.approx(summary()["methods"]["model"]["auc"]["value"])
    assert tracking.latest_runs("another") == []
    figures, rows, settings = tracking.recorded(here.run_id[:8])
    assert figures is not None
    assert figures["n_test"] == 30
    pd.testing.assert_frame_equal(rows, predictions())
    assert settings == here.config


def test_recorded__no_such_run__nearest_named(here: Kept) -> None:
    with pytest.raises(ConfigError, match="There is no run 'nothing'"):
        tracking.recorded("nothing")
