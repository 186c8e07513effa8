"""Champions as a user moves them: by commands, in a store of their own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from tests.champions.conftest import Places, edit
from tests.commands import Ran, Run, runner
from tests.experiment.worlds import network

import influence
from influence.errors import ConfigError
from influence.prediction import Model
from influence.tracking import Registry

CHAMPION = "models:/influence@champion"
FEW = ("--set", "fewest=50", "--set", "n_resamples=50")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys)


def test_promote__one_after_another_and_back__alias_follows(
    run: Run, places: Places, spoiled: Model, store: Path
) -> None:
    first = run("promote", places.spoiled)
    assert first.status == 0
    assert "There is no champion yet" in first.out
    pairs = network().table("invitations").tail(5)[["sender_id", "recipient_id"]]
    expected = spoiled.predict("acceptance", pairs)
    pd.testing.assert_frame_equal(influence.load(CHAMPION).predict("acceptance", pairs), expected)

    better = run("promote", places.good, "--data", places.records, "--json", "found.json", *FEW)
    assert better.status == 0
    assert "is better by more than one standard error" in better.out
    assert "Version 2 is the champion" in better.out
    figures = json.loads(Path("found.json").read_text())
    assert figures["takes_over"]
    assert figures["judged_on"] == "promotion window"
    assert figures["methods"].keys() == {"candidate", "champion"}

    worse = run("promote", "models:/influence/1", "--data", places.records, *FEW)
    assert worse.status == 1
    assert worse.out.endswith("The champion stays: version 2.\n")

    again = run("promote", places.good, *FEW)
    assert (again.status, "champion already, version 2" in again.out) == (0, True)

    back = run("promote", "--rollback")
    assert back == Ran(0, "Version 1 is the champion again, instead of version 2.\n", "")
    pd.testing.assert_frame_equal(influence.load(CHAMPION).predict("acceptance", pairs), expected)
    assert run("promote", "--rollback").status == 2
    assert run("runs").out.count("promote") == 2
    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{store}")
    client.set_registered_model_alias("influence", "champion", "2")  # by other hands
    assert Registry().champions() == ("1", "2")
    assert Registry().addresses() == (CHAMPION, "models:/influence/2", "models:/influence/1")
    kept = client.search_model_versions("name='influence'")
    assert sorted(str(one.version) for one in kept) == ["1", "2"]


def test_promote__refused_or_dry__store_as_it_was(run: Run, places: Places, store: Path) -> None:
    dry = run("promote", places.good, "--dry-run")
    assert (dry.status, "nothing was moved" in dry.out) == (0, True)
    assert not store.exists()
    assert run("promote", places.good).status == 0
    assert run("promote", places.spoiled, "--data", places.records, *FEW).status == 1
    assert "fewest=NUMBER" in run("promote", places.spoiled, "--set", "fewest=5000").err
    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{store}")
    assert len(client.search_model_versions("name='influence'")) == 1
    assert len(client.search_runs([one.experiment_id for one in client.search_experiments()])) == 1


def test_promote__champion_of_another_schema__told_and_only_replaced_on_demand(
    run: Run, places: Places, tmp_path: Path, store: Path
) -> None:
    old = tmp_path / "old"
    shutil.copytree(places.good, old)
    assert run("promote", old).status == 0
    for card in (tmp_path / "mlruns").rglob("model.json"):
        edit(card.parent, lambda told: told["vocabulary"].update(schema_version=0))
    refused = run("promote", places.spoiled, "--data", places.records, *FEW)
    assert refused.status == 2
    assert "another schema: schema_version differs" in refused.err
    assert "--replace" in refused.err
    replaced = run("promote", places.spoiled, "--replace")
    assert replaced.status == 0
    assert "Version 2 is the champion" in replaced.out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Promote what?"),
        (("--rollback",), "nothing to roll back to: there is no champion"),
        (("GOOD", "--rollback"), "name no candidate"),
        (("absent",), "There is no model 'absent'. Train one"),
        (("models:/influence/4",), "mlflow.db' here"),
        (("GOOD", "--set", "fewst=3"), "Did you mean 'fewest'?"),
        (("GOOD", "--set", "fewest=0"), "fewest = 0"),
    ],
)
def test_promote__bad_input__says_what_and_makes_no_store(
    run: Run, places: Places, store: Path, words: tuple[str, ...], sentence: str
) -> None:
    ran = run("promote", *(places.good if word == "GOOD" else word for word in words))
    assert ran.status == 2
    assert sentence in ran.err
    assert not store.exists()


def test_version_of__model_of_another_name__refused(store: Path) -> None:
    with pytest.raises(ConfigError, match="another name"):
        Registry().version_of("models:/forecasts/3")
    assert Registry().version_of("models:/influence/3") is None
