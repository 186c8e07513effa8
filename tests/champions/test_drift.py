"""What moved is told apart from what always moves; only forecasts that fail call for a new training."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.champions.conftest import TRAINED_UNTIL, Places
from tests.commands import ran
from tests.experiment.worlds import network
from tests.graph.worlds import at

from influence.cli import drifting
from influence.data import Network
from influence.errors import DataError
from influence.evaluation.drift import DriftConfig, drift, variance_of_auc
from influence.evaluation.moves import COLD, RATE, Inputs, Move, _distances, moves, prediction_bound
from influence.graph.pairs import PairFeatures
from influence.prediction import Model

SPARING = DriftConfig(fewest=20)
N, N_WINDOWS = 40, 10
COLUMN = {name: i for i, name in enumerate(PairFeatures.columns)}


def test_prediction_bound__five_values__by_hand() -> None:
    """Mean 3, standard deviation 1.5811, t(0.95, 4) = 2.1318, sqrt(1 + 1/5) = 1.0954."""
    assert prediction_bound(np.arange(1.0, 6.0), 0.05) == pytest.approx(6.6925, abs=1e-4)
    assert prediction_bound(np.array([1.0]), 0.05) == float("inf")


def test_prediction_bound__independent_values__exceeded_as_often_as_said() -> None:
    drawn = np.random.default_rng(0).normal(size=(4000, 9))
    exceeded = [row[-1] > prediction_bound(row[:-1], 0.1) for row in drawn]
    assert np.mean(exceeded) == pytest.approx(0.1, abs=0.015)


def test_variance_of_auc__by_hand() -> None:
    """Q1 = 0.6, Q2 = 0.642857: (0.1875 + 9 * 0.0375 + 19 * 0.080357) / 200."""
    assert variance_of_auc(0.75, 10, 20) == pytest.approx(0.0102589, abs=1e-6)


def inputs(n: int, seed: int, growing: float = 0.0) -> Inputs:
    """Normal features, a third accepted, nobody cold; on demand every feature grows with time."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, len(COLUMN))) + growing * np.arange(n)[:, None] / N
    return Inputs(features.astype(np.float32), (rng.random(n) < 1 / 3).astype(float), np.zeros(n))


def unusual(new: Inputs, training: Inputs | None = None) -> dict[str, Move]:
    known = inputs((N_WINDOWS + 1) * N, 0) if training is None else training
    return {move.name: move for move in moves(known, new, N, N_WINDOWS, 0.01) if move.is_unusual}


def test_distances__ties_and_the_unknown__as_scipy_has_them() -> None:
    rng = np.random.default_rng(0)
    before = np.column_stack(
        [rng.normal(size=40), rng.integers(0, 3, 40), np.full(40, np.nan), rng.normal(size=40)]
    )
    after = np.column_stack(
        [rng.normal(size=25), rng.integers(1, 4, 25), np.full(25, np.nan), np.full(25, np.nan)]
    )
    expected = [stats.ks_2samp(*columns).statistic for columns in zip(before.T[:2], after.T[:2], strict=True)]
    np.testing.assert_allclose(_distances(before, after), [*expected, 0.0, 1.0])


def test_moves__nothing_changed__nothing_unusual() -> None:
    assert not any(unusual(inputs(N, seed)) for seed in (1, 2, 3))


def test_moves__one_group_shifted__that_group_alone_and_its_feature_named() -> None:
    new = inputs(N, 1)
    of_sender = [i for name, i in COLUMN.items() if name.startswith("sender.")]
    new.features[:, of_sender] += 1
    new.features[:, of_sender[3]] += 5
    found = unusual(new)
    assert found.keys() == {"the sender's own history"}
    (move,) = found.values()
    assert move.most_moved == PairFeatures.columns[of_sender[3]]
    assert move.most_moved in move.told


def test_moves__steady_growth__nothing_unusual_until_it_jumps() -> None:
    everything = inputs((N_WINDOWS + 2) * N, 3, growing=0.5)
    cut = (N_WINDOWS + 1) * N
    past = Inputs(everything.features[:cut], everything.accepted[:cut], everything.is_cold[:cut])
    new = Inputs(everything.features[cut:], everything.accepted[cut:], everything.is_cold[cut:])
    assert not unusual(new, past)
    assert len(unusual(Inputs(new.features + 3, new.accepted, new.is_cold), past)) > 3


def test_moves__feature_no_longer_known__unusual() -> None:
    new = inputs(N, 1)
    new.features[:, COLUMN["has_note"]] = np.nan
    assert unusual(new).keys() == {"invitations with a note"}


def test_moves__rates__change_beyond_single_rows() -> None:
    new = inputs(N, 1)
    assert unusual(Inputs(new.features, np.ones(N), np.ones(N))).keys() == {RATE, COLD}
    assert not unusual(Inputs(new.features, new.accepted, np.arange(N) == 0))


def test_moves__acceptance_halved__noticed_over_several_windows() -> None:
    new = inputs(10 * N, 1)
    fewer = (np.random.default_rng(2).random(10 * N) < 1 / 6).astype(float)
    found = unusual(Inputs(new.features, fewer, new.is_cold))
    assert found.keys() == {RATE}
    assert (found[RATE].before, found[RATE].now) == pytest.approx((1 / 3, 1 / 6), abs=0.05)


def test_drift__same_world_goes_on__no_need_to_retrain(good: Model) -> None:
    found = drift(good, network(), SPARING)
    assert found.status == "no drift"
    assert found.n_judged == 220
    assert len(found.checks) == 3
    assert found.sentence.startswith("No sign of drift")


def test_drift__forecasts_too_sure__retrain_and_says_why(spoiled: Model) -> None:
    found = drift(spoiled, network(), SPARING)
    assert found.status == "retrain"
    assert "calibration error, 21 d" in found.sentence
    assert "train the model anew" in found.sentence


def to_strangers() -> Network:
    """Since the training ended, only people that the records had never met were invited."""
    rows = network().table("invitations")
    later = rows["sent_at"] >= TRAINED_UNTIL
    strangers = pd.Series([f"stranger {i}" for i in range(len(rows))], dtype="str")
    contacts = network().table("contacts")
    added = pd.DataFrame({"contact_id": strangers[later], "observed_at": at(-100.0)})
    return network().with_tables(
        invitations=rows.assign(recipient_id=rows["recipient_id"].mask(later, strangers)),
        contacts=pd.concat((contacts, added), ignore_index=True).astype(contacts.dtypes),
    )


def test_drift__only_strangers_invited__inputs_moved(good: Model) -> None:
    found = drift(good, to_strangers(), SPARING)
    told = {move.name: move for move in found.moves}
    assert found.status in ("inputs moved", "retrain")
    assert (told[COLD].before, told[COLD].now) == (0.0, 1.0)
    assert told[COLD].is_unusual
    assert told["the recipient's own history"].is_unusual
    assert "from 0% to 100%" in found.sentence


def test_drift__too_early_for_outcomes__says_that_forecasts_cannot_be_judged(
    good: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    found = drift(good, network().as_of(at(148)), SPARING)
    assert found.status == "outcomes unknown"
    assert found.checks == ()
    assert "cannot be judged yet" in found.sentence
    drifting._show(found)
    assert "nan" not in capsys.readouterr().out, "no rate is known yet"


@pytest.mark.parametrize(
    ("records", "config", "words"),
    [
        (network().as_of(TRAINED_UNTIL), SPARING, "hold 0 invitations sent since 2025-05-11"),
        (network(), DriftConfig(fewest=200), "no training statistics .* it takes 2400"),
    ],
)
def test_drift__too_few__says_how_many_it_takes(
    good: Model, records: Network, config: DriftConfig, words: str
) -> None:
    with pytest.raises(DataError, match=words):
        drift(good, records, config)


FEW = ("--set", "fewest=20")


def test_command__drift__table_verdict_and_json(
    places: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("drift", places.spoiled, "--data", places.records, "--json", tmp_path / "drift.json", *FEW)
    assert ran(*words) == 0
    out = capsys.readouterr().out
    assert "mutual connections" in out
    assert out.rstrip().splitlines()[-1].startswith("The forecasts no longer hold")
    told = json.loads((tmp_path / "drift.json").read_text())
    assert told["status"] == "retrain"
    assert set(told["moves"]["acceptance rate"]) >= {"distance", "usual", "before", "now", "is_unusual"}
    assert ran(*words, "--fail-on-drift") == 1


def test_command__model_without_its_records__told_with_remedy(
    places: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(places.good, bare)
    shutil.rmtree(bare / "records")
    assert ran("drift", bare, "--data", places.records, *FEW) == 2
    err = capsys.readouterr().err
    assert "without training statistics" in err
    assert "train it anew" in err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("drift", "absent", "--data", "RECORDS"), "There is no model 'absent'. Train one"),
        (("drift", "GOOD", "--data", "absent"), "absent"),
        (("drift", "GOOD", "--data", "RECORDS", "--set", "input_levl=0.1"), "Did you mean 'input_level'?"),
        (("drift", "GOOD"), "--data"),
    ],
)
def test_command__bad_input__says_what(
    places: Places, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    stand_for = {"GOOD": places.good, "RECORDS": places.records}
    assert ran(*(stand_for.get(word, word) for word in words)) == 2
    assert sentence in capsys.readouterr().err
