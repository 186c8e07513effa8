"""What the commands hand to the parts behind them, and what they do with the answer.

The parts are stood in for, so that every road is walked in no time; `test_end_to_end.py` takes the real
ones.
"""

from __future__ import annotations

import json
import shlex
import sys
import time
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.commands import ran

import influence
from influence import addresses, progress, tracking
from influence.batch import on_ray
from influence.cli import places
from influence.config import Config
from influence.data import Network
from influence.engine import RayConfig
from influence.progress import Tell
from influence.readers import write_tables
from influence.tracking import TrackingConfig
from influence.training.workers import ALONE, Workers


@dataclass
class StandIn:
    """A model that writes down what it was asked."""

    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    tasks = ("acceptance",)
    network = Network({})
    config = Config()

    def with_network(self, network: Network) -> StandIn:
        """Itself, noting what it answers from."""
        self.asked.append(("with_network", {"network": network}))
        return self

    def card(self, summary: dict[str, Any] | None = None, command: str | None = None) -> str:
        return f"# Model card\n{command}\n"

    def save(self, folder: Path, card: str | None = None) -> None:
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / "weights").write_text("w")
        (Path(folder) / "card").write_text(card or "")

    def predict(self, task: str, pairs: pd.DataFrame, at: object = None) -> pd.DataFrame:
        self.asked.append((task, {"at": at}))
        return pairs[["sender_id", "recipient_id"]].assign(p_within_3_weeks=0.25)

    def explain(self, task: str, pairs: pd.DataFrame, at: object = None) -> pd.DataFrame:
        self.asked.append((f"reasons for {task}", {"at": at}))
        told = pairs[[name for name in pairs.columns if name.endswith("_id")]]
        return told.assign(**{"because.mutual": 0.5}, reasons="7 mutual connections: +0.5")

    def recommend(self, task: str, progress: Tell, **asked: Any) -> pd.DataFrame:
        progress(task, 1, 1)
        self.asked.append((task, asked))
        found = pd.DataFrame({"recipient_id": ["bo", "cy"], "p_within_3_weeks": [0.5, 0.25]})
        found.attrs["sentences"] = ("Of 2 invitations 0.8 are expected to be accepted.",)
        return found


@dataclass(frozen=True)
class Audited:
    n_checked: int
    n_moved: int
    sentences: tuple[str, ...]


@dataclass
class Stage:
    """The stand-ins, and what reached them."""

    model: StandIn
    calls: list[tuple[str, Network, Config]]
    n_moved: int = 0


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    stage = Stage(StandIn(), [])

    def fit(
        network: Network,
        config: Config,
        progress: Callable[[str, int, int], None],
        on_epoch: Callable[[str, object], None],
        workers: Workers,
    ) -> StandIn:
        assert workers is ALONE
        stage.calls.append(("fit", network, config))
        on_epoch("seed_0.gnn", None)
        progress("training", 1, 2)
        return stage.model

    def audit(network: Network, config: Config, progress: Callable[[str, int, int], None]) -> Audited:
        stage.calls.append(("audit", network, config))
        return Audited(7, stage.n_moved, ("Three cuts were tried.",))

    def load(place: str, network: Network | None = None) -> StandIn:
        stage.model.asked.append(("load", {"place": place, "network": network}))
        return stage.model

    for room in (addresses, places):
        monkeypatch.setattr(room, "check_model", lambda place: None)  # the stand-in lies nowhere
    parts = {"experiment": {"fit": fit, "audit": audit}, "api": {"load": load}}
    for name, members in parts.items():
        part = types.ModuleType(f"influence.{name}")
        vars(part).update(members)
        monkeypatch.setitem(sys.modules, f"influence.{name}", part)
        monkeypatch.setattr(influence, name, part, raising=False)
    return stage


@pytest.fixture
def records(tmp_path: Path) -> Path:
    folder = tmp_path / "records"
    invitations = pd.DataFrame(
        {
            "invitation_id": ["i1"],
            "sender_id": ["ana"],
            "recipient_id": ["bo"],
            "sent_at": pd.to_datetime(["2024-01-01"], utc=True),
            "outcome": ["pending"],
        }
    )
    write_tables(Network.from_tables({"invitations": invitations}), folder)
    return folder


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(f"output: {tmp_path / 'model'}\ntracking: {{enabled: false}}\n", encoding="utf-8")
    return path


def test_train__records_given__model_stored_where_the_config_says(
    stage: Stage,
    config: Path,
    records: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("influence.progress.is_watched", lambda: True)
    assert ran("train", config, "--data", records, "--set", "seeds=[4]") == 0
    ((part, network, settings),) = stage.calls
    assert part == "fit"
    assert network.table("invitations")["sender_id"].tolist() == ["ana"]
    assert settings.seeds == (4,)
    assert settings.dataset == "records"
    assert (tmp_path / "model" / "weights").exists()
    told = capsys.readouterr()
    assert str(tmp_path / "model") in told.out
    assert "training" in told.err
    assert "training" not in told.out


@dataclass
class Diary:
    """A tracker that writes down what it heard."""

    folder: Path
    heard: list[str] = field(default_factory=list)

    def __enter__(self) -> Diary:
        return self

    def __exit__(self, *_: object) -> None:
        self.heard.append("over")

    def epoch(self, part: str, progress: object) -> None:
        self.heard.append(f"epoch of {part}")

    def log_evaluation(self, summary: dict[str, Any], predictions: pd.DataFrame) -> None:
        self.heard.append(f"evaluation of {summary['dataset']}")

    def log_model(self, save: Callable[[Path], None], answers: dict[str, pd.DataFrame]) -> None:
        save(self.folder)
        assert (self.folder / "weights").exists()
        self.heard.append(f"model, {len(answers['acceptance'])} answers")


def test_train__tracking_on__model_tracked_after_it_is_stored(
    stage: Stage, config: Path, records: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    diary = Diary(tmp_path / "tracked")

    def start(settings: TrackingConfig, *, command: str, config: dict[str, Any], network: Network) -> Diary:
        assert settings.enabled
        assert command == "train"
        assert config["dataset"] == "records"
        assert not (tmp_path / "model").exists()
        return diary

    monkeypatch.setattr(tracking, "start", start)
    assert ran("train", config, "--data", records, "--set", "tracking.enabled=true") == 0
    assert diary.heard == ["epoch of seed_0.gnn", "model, 2 answers", "over"]
    assert (tmp_path / "model" / "weights").exists()


def test_train__slow_store__a_line_says_what_is_waited_for(
    stage: Stage,
    config: Path,
    records: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Slow(Diary):
        def log_model(self, save: Any, answers: Any) -> None:
            time.sleep(0.3)

    def start(*_: object, **__: object) -> Diary:
        time.sleep(0.3)
        return Slow(tmp_path / "tracked")

    monkeypatch.setattr(tracking, "start", start)
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.05)
    assert ran("train", config, "--data", records, "--set", "tracking.enabled=true") == 0
    told = capsys.readouterr().err
    assert "opening a tracked run" in told
    assert "tracking the model" in told


def test_train__place_named__model_stored_there_and_told_that_it_is_another_s(
    stage: Stage, config: Path, records: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "it's: 7"
    assert ran("train", config, "--data", records, "--model", place) == 0
    assert "in place of" not in capsys.readouterr().out
    assert ran("train", config, "--data", records, "--model", place) == 0
    assert f"{place}, in place of the earlier one. Next: " in capsys.readouterr().out
    assert (place / "weights").exists()
    command = shlex.join(["influence", "train", *map(str, (config, "--data", records, "--model", place))])
    assert command in (place / "card").read_text(), "the card tells how to make it again"
    assert not (tmp_path / "model").exists()
    assert stage.calls[0][2].output == place


def test_train__dataset_named_in_config__keeps_its_name(stage: Stage, config: Path, records: Path) -> None:
    assert ran("train", config, "--data", records, "--set", "dataset=mine") == 0
    assert stage.calls[0][2].dataset == "mine"


@pytest.mark.parametrize(("n_moved", "status"), [(0, 0), (3, 1)])
def test_audit__predictions_moved__decide_the_status(
    stage: Stage,
    config: Path,
    records: Path,
    capsys: pytest.CaptureFixture[str],
    n_moved: int,
    status: int,
) -> None:
    stage.n_moved = n_moved
    assert ran("audit", config, "--data", records) == status
    assert capsys.readouterr().out == f"Three cuts were tried.\n{n_moved} of 7 predictions moved.\n"


def test_train__rows_at_fault__error_unless_set_aside(
    stage: Stage, config: Path, records: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = pd.read_parquet(records / "invitations.parquet")
    wrong = rows.assign(invitation_id="i2", recipient_id="ana")
    pd.concat([rows, wrong]).to_parquet(records / "invitations.parquet")
    assert ran("train", config, "--data", records) == 2
    assert "invitations" in capsys.readouterr().err
    assert not stage.calls
    assert ran("train", config, "--data", records, "--set-aside", tmp_path / "aside") == 0
    assert stage.calls[0][1].table("invitations")["invitation_id"].tolist() == ["i1"]
    assert list((tmp_path / "aside").iterdir())


def test_score__pairs__scored_at_the_moment_asked_for(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text("sender_id,recipient_id\nana,bo\nana,cy\n")
    assert ran("score", "runs/m", tmp_path / "pairs.csv", tmp_path / "out.parquet", "--at", "2024-02-01") == 0
    assert stage.model.asked == [
        ("load", {"place": "runs/m", "network": None}),
        ("acceptance", {"at": "2024-02-01"}),
    ]
    assert pd.read_parquet(tmp_path / "out.parquet")["p_within_3_weeks"].tolist() == [0.25, 0.25]


def test_score__newer_records_given__model_sees_them(stage: Stage, records: Path, tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text("sender_id,recipient_id\nana,bo\n")
    assert ran("score", "m", tmp_path / "pairs.csv", tmp_path / "out.csv", "--data", records) == 0
    given = dict(stage.model.asked)["with_network"]["network"]
    assert given.table("invitations")["sender_id"].tolist() == ["ana"]


@pytest.mark.parametrize(("asked", "n_workers"), [((), 5), (("--workers", 3), 3)])
def test_score__on_ray__as_many_workers_as_the_model_says_or_the_command(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, asked: tuple[object, ...], n_workers: int
) -> None:
    started = []

    def score(model: object, source: str, target: str, config: RayConfig, **_: object) -> int:
        started.append(config.workers)
        return 1

    stage.model.config = Config(ray=RayConfig(workers=5))
    (tmp_path / "pairs.parquet").touch()
    monkeypatch.setattr(on_ray, "score_on_ray", score)
    assert ran("score", "m", tmp_path / "pairs.parquet", tmp_path / "out", "--engine", "ray", *asked) == 0
    assert started == [n_workers]


def test_recommend__only_what_was_given__reaches_the_model(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        ran(
            "recommend", "m", "partners", "--company", "acme", "--country", "DE", "--country", "PL", "-k", "2"
        )
        == 0
    )
    asked = {"company_id": "acme", "countries": ["DE", "PL"], "k": 2, "at": None}
    assert stage.model.asked[-1] == ("partners", asked)
    assert capsys.readouterr().out.split() == ["recipient_id", "p_within_3_weeks", "bo", "0.50", "cy", "0.25"]


def test_recommend__limits_of_a_plan__reach_the_model_and_its_sentences_are_told_apart(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    limits = ("--weekly-quota", 3, "--per-company", 2, "--per-recipient", 1, "--suppress", tmp_path / "x.csv")
    words = (
        "recommend",
        "m",
        "acceptance",
        "--sender",
        "ana",
        "--sender",
        "bo",
        *limits,
        "--at",
        "2024-02-01",
    )
    assert ran(*words) == 0
    asked = {"sender_id": ["ana", "bo"], "k": 20, "at": "2024-02-01", "weekly_quota": 3}
    asked |= {"per_company": 2, "per_recipient": 1, "suppress": tmp_path / "x.csv"}
    assert stage.model.asked[-1] == ("acceptance", asked)
    told = capsys.readouterr()
    assert "0.8 are expected" in told.err
    assert "expected" not in told.out


def test_score__reasons_wanted__asked_for_the_same_moment(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text("sender_id,recipient_id\nana,bo\n")
    words = ("score", "m", tmp_path / "pairs.csv", tmp_path / "out.csv", "--explain", "--at", "2024-02-01")
    assert ran(*words) == 0
    asked = {"at": "2024-02-01"}
    assert stage.model.asked[1:] == [("acceptance", asked), ("reasons for acceptance", asked)]
    scored = pd.read_csv(tmp_path / "out.csv")
    assert list(scored.columns)[2:] == ["p_within_3_weeks", "because.mutual", "reasons"]


def test_recommend__people_by_name__their_ids_reach_the_model(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = pd.DataFrame(
        {"contact_id": ["x1", "x2"], "kind": "name", "value": ["Ana Day", "Cy"], "source_id": "s"}
    )
    tables = {"contacts": told[["contact_id"]], "sources": told[["source_id"]].head(1), "identities": told}
    monkeypatch.setattr(stage.model, "network", Network.from_tables(tables))
    assert (
        ran("recommend", "m", "introductions", "--contact", "cy", "--sender", "Ana Day", "--sender", "di")
        == 0
    )
    asked = stage.model.asked[-1][1]
    assert (asked["contact_id"], asked["sender_id"]) == ("x2", ["x1", "di"])


def test_recommend__introductions__whom_to_reach_and_the_cap_reach_the_model(stage: Stage) -> None:
    assert ran("recommend", "m", "introductions", "--contact", "cy", "--contact", "di", "--max-asks", 1) == 0
    asked = {"contact_id": ["cy", "di"], "max_asks": 1, "k": 20, "at": None}
    assert stage.model.asked[-1] == ("introductions", asked)
    assert ran("recommend", "m", "introductions", "--deal", "d1", "--sender", "ana") == 0
    assert stage.model.asked[-1] == (
        "introductions",
        {"deal_id": "d1", "sender_id": ["ana"], "k": 20, "at": None},
    )


def test_recommend__reasons_wanted__words_on_the_terminal_and_all_columns_in_the_file(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("recommend", "m", "acceptance", "--sender", "ana", "--explain")
    assert ran(*words) == 0
    told = capsys.readouterr().out
    assert "7 mutual connections: +0.5" in told
    assert "because.mutual" not in told
    assert ran(*words, "--output", tmp_path / "out.csv") == 0
    assert pd.read_csv(tmp_path / "out.csv")["because.mutual"].tolist() == [0.5, 0.5]


def test_recommend__output_file__written_whole(stage: Stage, tmp_path: Path) -> None:
    assert ran("recommend", "m", "acceptance", "--sender", "ana", "--output", tmp_path / "out.csv") == 0
    assert pd.read_csv(tmp_path / "out.csv")["recipient_id"].tolist() == ["bo", "cy"]
    assert ran("recommend", "m", "acceptance", "--output", tmp_path / "out.xls") == 2


def predictions() -> pd.DataFrame:
    return pd.DataFrame(
        [
            (f"q{row}", "c", method, 0, row % 3, 0.1 + 0.02 * row * sign, 0.3 + 0.02 * row * sign, 0.0)
            for row in range(30)
            for method, sign in (("model", 1), ("prior", 0))
        ],
        columns=[
            *("query_id", "candidate_id", "method", "seed", "label"),
            *("p_at_once", "p_within_3_weeks", "p_declined"),
        ],
    )


def test_evaluate_then_report__model_folder__holds_all_that_the_page_needs(
    stage: Stage,
    config: Path,
    records: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from influence.evaluation.summary import summarise

    def evaluate(network: Network, config: Config, progress: object, **_: object) -> object:
        assert not len(network.table("invitations"))  # sent later than --at
        assert config.output == out / "model"
        counts = {"n_train": 60, "n_validation": 20, "n_test": 30}
        dataset = str(config.dataset)
        figures = summarise(predictions(), task="acceptance", dataset=dataset, counts=counts, n_resamples=20)
        return types.SimpleNamespace(summary=figures, predictions=predictions(), model=stage.model)

    monkeypatch.setattr(sys.modules["influence.experiment"], "evaluate", evaluate, raising=False)
    out = tmp_path / "out"
    words = ("--json", out / "e.json", "--predictions", out / "p.parquet", "--model", out / "model")
    words = (*words, "--at", "2023-06-01")
    assert ran("evaluate", config, "--data", records, *words, "--set", "seeds=[0]") == 0
    figures = json.loads((out / "e.json").read_text())
    assert figures["dataset"] == "records"
    assert set(figures["methods"]) == {"model", "prior"}
    assert len(pd.read_parquet(out / "p.parquet")) == 60
    told = capsys.readouterr().out
    assert "model" in told
    assert "prior" in told
    written: list[tuple[Any, Path, dict[str, Any]]] = []
    monkeypatch.setattr(
        "influence.reporting.write_report", lambda model, page, **asked: written.append((model, page, asked))
    )
    assert ran("report", out / "model", "--language", "fr", "--tables", out / "rows") == 0
    [(model, page, asked)] = written
    assert (model, page) == (stage.model, out / "report.fr.html")
    assert (asked["language"], asked["at"], asked["tables"]) == ("fr", None, out / "rows")
    evaluated = asked["evaluated"]
    command = f"influence evaluate {config} --data {records} --at 2023-06-01 --set 'seeds=[0]'"
    assert evaluated.card["command"] == command
    assert evaluated.summary == figures
    assert len(evaluated.predictions) == 60
