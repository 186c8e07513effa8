"""Sweeps: validation rows alone decide, a kill costs nothing, a wrong file is answered with its remedy."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
import yaml
from tests.commands import ran
from tests.experiment.worlds import network

from influence import sweep
from influence.config import Config, load_config
from influence.data import Network
from influence.errors import ConfigError, InfluenceError
from influence.evaluation.protocol import Study
from influence.sweep import SweepConfig, SweepResult, read_sweep
from influence.sweep.search import STORE
from influence.sweep.subject import Subject, validation_loss

ROOT = Path(__file__).parents[2]
SPACE = {"trees.num_leaves": [2, 4, 8], "trees.learning_rate": {"low": 0.01, "high": 0.5, "log": True}}
BASE = {
    "seeds": [0, 1],
    "trees": {"max_rounds": 12, "min_data_in_leaf": 10, "check_every": 4},
    "tracking": {"enabled": False},
}
QUICK: dict[str, Any] = {"method": "boosted_trees", "space": SPACE, "trials": 5, "base": BASE}


def written(folder: Path, **changes: Any) -> Path:
    """A sweep file in a folder; what it finds goes below it."""
    path = folder / "sweep.yaml"
    told = QUICK | {"output": str(folder / "out")} | changes
    path.write_text(yaml.safe_dump(told), encoding="utf-8")
    return path


def config(folder: Path, **changes: Any) -> SweepConfig:
    return read_sweep(written(folder, **changes))


def records() -> dict[str, Network]:
    return {"one": network(1), "two": network(2)}


def values(result: SweepResult) -> pd.DataFrame:
    """The table without trial numbers, which count killed trials too."""
    return result.trials.drop(columns="trial")


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> SweepResult:
    return sweep.run(records(), config(tmp_path_factory.mktemp("sweep")))


def test_run__two_data_sets__value_is_the_mean_loss_over_the_base(result: SweepResult) -> None:
    row = result.trials[result.trials["state"] == "complete"].iloc[0]
    assert row["value"] == pytest.approx((row["one"] + row["two"]) / 2)
    chosen = {"num_leaves": json.loads(row["trees.num_leaves"]), "learning_rate": row["trees.learning_rate"]}
    settings = SweepConfig.model_validate(
        {**QUICK, "base": {**BASE, "trees": {**BASE["trees"], **chosen}}}
    ).base
    base = SweepConfig.model_validate(QUICK).base
    subject = Subject.of("one", network(1), base)
    found = [
        validation_loss(settings, "boosted_trees", subject, seed, lambda *_: None)
        / validation_loss(base, "boosted_trees", subject, seed, lambda *_: None)
        for seed in (0, 1)
    ]
    assert row["one"] == pytest.approx(np.mean(found), rel=1e-9)


def test_run__trials__as_many_as_asked_within_the_space(result: SweepResult) -> None:
    assert len(result.trials) == QUICK["trials"]
    assert set(result.trials["trees.num_leaves"].map(json.loads)) <= {2, 4, 8}
    assert result.trials["trees.learning_rate"].between(0.01, 0.5).all()
    assert result.trials.loc[result.trials["state"] == "complete", "value"].nunique() > 1


def test_run__same_file_elsewhere__same_trials(result: SweepResult, tmp_path: Path) -> None:
    pd.testing.assert_frame_equal(sweep.run(records(), config(tmp_path)).trials, result.trials)


def other_test_outcomes(records: Network) -> Network:
    """Every outcome that the test rows could show turned round, and later people exchanged."""
    invitations = records.table("invitations")
    split = Study.of(records).split(SweepConfig().base.split)
    late = invitations["sent_at"] >= split.test_from
    other = invitations["outcome"].map({"accepted": "declined", "declined": "accepted"})
    assert late.sum() > 50
    changed = invitations["outcome"].where(~late | other.isna(), other).astype("str")
    assert (changed != invitations["outcome"]).sum() > 20
    return records.with_tables(invitations=invitations.assign(outcome=changed))


def test_run__all_test_outcomes_altered__no_value_moves(result: SweepResult, tmp_path: Path) -> None:
    altered = {name: other_test_outcomes(known) for name, known in records().items()}
    pd.testing.assert_frame_equal(sweep.run(altered, config(tmp_path)).trials, result.trials)


def test_subject__of_a_network__nothing_of_the_test_is_within_reach() -> None:
    base = SweepConfig().base
    split = Study.of(network()).split(base.split)
    subject = Subject.of("one", network(), base)
    latest = max(queries.queries.at.max() for queries in (subject.stage.validation, subject.stage.everything))
    assert latest < split.test_from.value // 1000
    assert len(subject.stage.train) == len(split.train)
    np.testing.assert_array_equal(
        subject.stage.validation.queries.at, Study.of(network()).queries.queries.at[split.validation]
    )


@pytest.mark.parametrize(
    "at_step", [pytest.param(2, marks=pytest.mark.slow), 7, pytest.param(12, marks=pytest.mark.slow)]
)
def test_run__killed_midway_and_run_again__as_if_undisturbed(
    result: SweepResult, tmp_path: Path, at_step: int
) -> None:
    def kill(what: str, done: int, total: int) -> None:
        if done == at_step:
            raise KeyboardInterrupt

    asked, steps = config(tmp_path), list[int]()
    with pytest.raises(KeyboardInterrupt):
        sweep.run(records(), asked, progress=kill)
    again = sweep.run(records(), asked, progress=lambda what, done, total: steps.append(done))
    pd.testing.assert_frame_equal(values(again), values(result))
    assert min(steps) == at_step, "what was done before the kill is not done again"


def test_run__more_trials_asked__earlier_ones_kept(result: SweepResult, tmp_path: Path) -> None:
    first = sweep.run(records(), config(tmp_path, trials=3))
    more = sweep.run(records(), config(tmp_path, trials=5))
    pd.testing.assert_frame_equal(more.trials.head(3), first.trials)
    pd.testing.assert_frame_equal(more.trials, result.trials)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"space": SPACE | {"trees.num_leaves": [2, 4]}}, "space.trees.num_leaves"),
        ({"method": "trees_with_neighbours"}, "method"),
        ({"base": BASE | {"seeds": [0]}}, "base.seeds"),
    ],
)
def test_run__resumed_with_another_definition__refused_by_name(
    tmp_path: Path, change: dict[str, Any], named: str
) -> None:
    one = {"one": network(1)}
    sweep.run(one, config(tmp_path, trials=1))
    with pytest.raises(ConfigError, match=rf"differs in {named}.*--anew"):
        sweep.run(one, config(tmp_path, trials=1, **change))
    assert len(sweep.run(one, config(tmp_path, trials=1, **change), anew=True).trials) == 1


def test_run__resumed_with_other_records__refused_by_name(tmp_path: Path) -> None:
    sweep.run({"one": network(1)}, config(tmp_path, trials=1))
    with pytest.raises(ConfigError, match=r"differs in records\.one"):
        sweep.run({"one": network(2)}, config(tmp_path, trials=1))


def test_run__store_is_no_sweep__told_with_the_remedy(tmp_path: Path) -> None:
    asked = config(tmp_path, trials=1)
    asked.output.mkdir()
    (asked.output / STORE).write_text("something else entirely" * 100)
    with pytest.raises(ConfigError, match="--anew"):
        sweep.run({"one": network(1)}, asked)


def test_run__combination_refused__the_trial_is_given_up_and_the_sweep_goes_on(tmp_path: Path) -> None:
    space = {"encoder.heads": [4, 16], "encoder.width": [48, 40]}
    found = sweep.run({"one": network(1)}, config(tmp_path, space=space, trials=6))
    refused = found.trials["encoder.heads"].eq("16") & found.trials["encoder.width"].eq("40")
    assert refused.any()
    assert not refused.all()
    assert (found.trials.loc[refused, "state"] == "pruned").all()
    assert (found.trials.loc[~refused, "state"] == "complete").all()


def test_run__nothing_better__the_base_is_what_to_train_with(tmp_path: Path) -> None:
    space = {"trees.learning_rate": [1e-6]}
    asked = config(tmp_path, space=space, trials=1)
    found = sweep.run({"one": network(1)}, asked)
    found.write(asked.output)
    kept = load_config(asked.output / "best.yaml")
    assert found.best is None
    assert "no trial beat" in (asked.output / "best.yaml").read_text("utf-8")
    assert (kept.trees, kept.training, kept.encoder) == (
        asked.base.trees, asked.base.training, asked.base.encoder,
    )  # fmt: skip


def test_write__nothing_departs__no_braces_but_a_file_that_is_the_defaults(tmp_path: Path) -> None:
    sweep.SweepResult(pd.DataFrame({"trial": [0]}), {}, None, {}).write(tmp_path)
    assert "{" not in (tmp_path / "best.yaml").read_text("utf-8")
    assert load_config(tmp_path / "best.yaml") == Config()


def test_run__best_over_a_base_that_departs__both_are_in_the_configuration(tmp_path: Path) -> None:
    base = BASE | {"trees": {"learning_rate": 1e-6, "max_rounds": 7}}
    found = sweep.run(
        {"one": network(1)}, config(tmp_path, base=base, space={"trees.learning_rate": [0.3]}, trials=1)
    )
    assert found.departures["trees"] == {"learning_rate": 0.3, "max_rounds": 7}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"space": {}}, "space is empty"),
        ({"space": {"trees.num_leavs": [2]}}, "'trees.num_leavs'. Did you mean 'num_leaves'"),
        ({"space": {"tree.num_leaves": [2]}}, "Did you mean 'trees.num_leaves'"),
        ({"space": {"split.test": [0.1]}}, "cannot be searched"),
        ({"space": {"seeds": [[0], [1]]}}, "cannot be searched"),
        ({"space": {"trees.num_leaves": [1]}}, "trees.num_leaves = 1"),
        ({"space": {"trees.num_leaves": {"low": 1, "high": 9}}}, "trees.num_leaves = 1"),
        ({"space": {"trees.num_leaves": {"low": 9, "high": 3}}}, "is not below"),
        ({"space": {"trees.learning_rate": {"low": 0, "high": 1, "log": True}}}, "logarithmic"),
        ({"space": {"trees.num_leaves": []}}, "empty list"),
        ({"methd": "gnn"}, "Did you mean 'method'"),
        ({"method": "gn"}, "Did you mean 'gnn'"),
        ({"base": {"trees": {"num_leavs": 3}}}, "Did you mean 'num_leaves'"),
        ({"worlds": {"a": {"n_contact": 300}}}, "'worlds.a.n_contact'. Did you mean 'n_contacts'"),
        ({"space": {"trees.num_leaves": {"low": 2, "hihg": 4}}}, "Did you mean 'high'"),
        ({"trials": 0}, "trials"),
    ],
)
def test_read_sweep__wrong_file__names_the_key_and_the_remedy(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigError) as error:
        config(tmp_path, **change)
    assert told in str(error.value)


def test_read_sweep__nested_space__as_if_dotted(tmp_path: Path) -> None:
    nested = {"trees": {"num_leaves": [2, 4, 8], "learning_rate": SPACE["trees.learning_rate"]}}
    assert config(tmp_path, space=nested).space == config(tmp_path).space


def test_run__no_records__told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--data"):
        sweep.run({}, config(tmp_path))


def test_run__optuna_absent__told_how_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(InfluenceError, match=r"pip install 'influence\[hpo\]'"):
        sweep.run({"one": network(1)}, config(tmp_path))


@pytest.mark.parametrize("path", sorted(ROOT.glob("experiments/*/sweep*.yaml")), ids=lambda path: path.name)
def test_shipped_sweep__read__is_sound(path: Path) -> None:
    assert read_sweep(path).trials > 1


WORLDS = {"small": {"n_contacts": 300, "seed": 1, "n_items": 5}}


def test_sweep_command__tracked__table_best_and_nested_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = f"sqlite:///{tmp_path / 'mlflow.db'}"
    base = BASE | {"seeds": [0], "tracking": {"uri": store}}
    space = {"trees.learning_rate": [0.3, 0.001]}
    path = written(
        tmp_path, worlds=WORLDS, trials=2, base=base | {"trees": {"learning_rate": 1e-6}}, space=space
    )
    assert ran("sweep", path) == 0
    told = capsys.readouterr().out
    assert "below the base settings" in told
    table = pd.read_csv(tmp_path / "out" / "trials.csv")
    assert len(table) == 2
    best = yaml.safe_load((tmp_path / "out" / "best.yaml").read_text("utf-8"))
    assert set(best) == {"trees"}
    assert load_config(tmp_path / "out" / "best.yaml").trees.learning_rate in (0.3, 0.001)
    assert ran("sweep", path, "--trials", 3) == 0
    client = mlflow.MlflowClient(tracking_uri=store)
    runs = client.search_runs([client.get_experiment_by_name("influence").experiment_id])
    children = [run for run in runs if "mlflow.parentRunId" in run.data.tags]
    (parent,) = [run for run in runs if run not in children]
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    assert len(children) == 3
    assert {run.data.params["trees.learning_rate"] for run in children} <= {"0.3", "0.001"}
    assert all(run.data.metrics["relative_loss"] > 0 for run in children)


@pytest.mark.slow
def test_sweep_command__killed_by_the_system__goes_on(tmp_path: Path) -> None:
    path = written(tmp_path, worlds=WORLDS, trials=60, space=SPACE, base=BASE)
    command = [sys.executable, "-m", "influence.cli", "sweep", str(path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    store = tmp_path / "out" / STORE
    deadline = time.monotonic() + 300
    while trials_in(store) < 3 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    process.kill()
    process.wait()
    before = trials_in(store)
    assert 3 <= before < 60
    assert ran("sweep", path, "--trials", before + 1) == 0
    table = pd.read_csv(tmp_path / "out" / "trials.csv")
    assert len(table) == before + 1
    assert table["state"].isin(["complete", "pruned"]).all()


def trials_in(store: Path) -> int:
    """Trials begun, as optuna's own store counts them."""
    import optuna

    if not store.exists():
        return 0
    try:
        return len(
            optuna.load_study(study_name="sweep", storage=f"sqlite:///{store}").get_trials(deepcopy=False)
        )
    except (KeyError, optuna.exceptions.StorageInternalError):  # not yet whole
        return 0


def test_sweep_command__wrong_file__status_2_and_one_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran("sweep", written(tmp_path, space={"trees.num_leavs": [2]})) == 2
    assert "num_leaves" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
