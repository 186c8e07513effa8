"""The future never moves the past, and the audit would notice if it did."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.experiment.worlds import QUICK, network, quick_config
from tests.graph.worlds import at, random_network

from influence import experiment
from influence.data import Network
from influence.evaluation.audit import INVITED, alterations, audit_future

SPARING = {"training": {"max_epochs": 1, "batch_size": 128}, "trees": QUICK["trees"] | {"max_rounds": 5}}


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_audit__random_worlds__no_prediction_moves(seed: int, tmp_path: Path) -> None:
    records = random_network(seed, n_people=30, n_invitations=250, days=150.0)
    found = experiment.audit(records, quick_config(tmp_path, **SPARING), n_cuts=1, n_pairs=40)
    assert found.n_moved == 0
    assert found.n_checked == 80


def leaking(records: Network, cut: pd.Timestamp, pairs: pd.DataFrame) -> pd.DataFrame:
    """Reads the acceptance rate of the whole export, the future included."""
    rate = (records.table("invitations")["outcome"] == "accepted").mean()
    return pd.DataFrame({name: np.full(len(pairs), rate) for name in INVITED.numbers})


def late_answers(records: Network, cut: pd.Timestamp, pairs: pd.DataFrame) -> pd.DataFrame:
    """Reads nothing sent later, but later answers to what was sent before."""
    invitations = records.table("invitations")
    before = invitations[invitations["sent_at"] < cut]
    rate = (before["outcome"] == "accepted").mean()
    return pd.DataFrame({name: np.full(len(pairs), rate) for name in INVITED.numbers})


def honest(records: Network, cut: pd.Timestamp, pairs: pd.DataFrame) -> pd.DataFrame:
    return leaking(records.as_of(cut), cut, pairs)


@pytest.mark.parametrize(("answer", "moved"), [(leaking, True), (late_answers, True), (honest, False)])
def test_audit_future__answers_that_leak_or_not__told_apart(answer: object, moved: bool) -> None:
    found = audit_future(network(), [at(120), at(150)], answer, 30)  # type: ignore[arg-type]
    assert found.n_checked == 120
    assert (found.n_moved > 0) is moved
    assert any("moved" in sentence for sentence in found.sentences)
    assert all(sentence.startswith("From 2025-") for sentence in found.sentences)


def watched_unevenly() -> Network:
    """Some rows come from an earlier export than others."""
    records = network()
    invitations = records.table("invitations")
    until = invitations["observed_until"].mask(
        invitations.index % 3 == 0,
        invitations[["sent_at", "responded_at"]].max(axis=1) + pd.Timedelta(days=5),
    )
    return records.with_tables(invitations=invitations.assign(observed_until=until))


@pytest.mark.parametrize("make", [network, watched_unevenly])
@pytest.mark.parametrize("days", [90, 150.5])
def test_alterations__any_cut__the_past_as_it_was_and_the_future_not(make: object, days: float) -> None:
    records, cut = make(), at(days)  # type: ignore[operator]
    past = records.as_of(cut)
    for _, altered in alterations(records, cut, np.random.default_rng(0)):
        for name, rows in past.tables.items():
            key = list(rows.columns)
            shown = altered.as_of(cut).table(name).sort_values(key, ignore_index=True)
            pd.testing.assert_frame_equal(shown, rows.sort_values(key, ignore_index=True))
        assert altered.fingerprint != records.fingerprint


def test_audit__no_cuts__refused(tmp_path: Path) -> None:
    with pytest.raises(experiment.ConfigError, match="n_cuts"):
        experiment.audit(network(), quick_config(tmp_path), n_cuts=0)
    with pytest.raises(experiment.ConfigError, match="n_pairs"):
        experiment.audit(network(), quick_config(tmp_path), n_pairs=0)
