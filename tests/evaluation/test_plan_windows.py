"""Rehearsals of plans in windows before the test."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from benchmarks.plan_windows import METHODS, windows
from tests.experiment.worlds import network, quick_config

from influence.config import Config
from influence.data import Network
from influence.evaluation.protocol import Study
from influence.metrics.checks import Outcome

ONE_DAY = pd.Timedelta(days=1)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return quick_config(tmp_path)


def start_of_test(config: Config) -> pd.Timestamp:
    return Study.of(network()).split(config.split).test_from


def found(records: Network, config: Config) -> pd.DataFrame:
    return pd.concat(windows(Study.of(records), 2, 0, config), ignore_index=True)


def test_windows__of_every_method__one_after_the_other_and_a_day_before_the_test(config: Config) -> None:
    told = found(network(), config)
    assert set(told["method"]) == set(METHODS)
    assert set(told["label"]) == {Outcome.AT_ONCE, Outcome.NEITHER}
    sent = {window: rows["sent_at"] for window, rows in told[told["method"] == "model"].groupby("window")}
    assert sent[2].max() <= sent[1].min()
    assert sent[1].max() + ONE_DAY < start_of_test(config)


def test_windows__everything_from_the_test_on_is_otherwise__the_same_to_the_bit(config: Config) -> None:
    start, tables = start_of_test(config), dict(network().tables)
    invitations = tables["invitations"]
    later = invitations["sent_at"] >= start
    turned = later & invitations["outcome"].isin(("declined", "pending"))  # others move the split itself
    assert turned.any()
    tables["invitations"] = invitations.assign(
        outcome=invitations["outcome"].mask(turned, "accepted"),
        responded_at=invitations["responded_at"].mask(turned, invitations["sent_at"] + ONE_DAY / 2),
    )
    answered = invitations["outcome"].isin(("accepted", "declined")) & (invitations["responded_at"] >= start)
    late = answered & ~later
    assert late.any()
    tables["invitations"].loc[late, "outcome"] = "pending"
    tables["invitations"].loc[late, "responded_at"] = pd.NaT
    pd.testing.assert_frame_equal(found(Network(tables), config), found(network(), config), check_exact=True)
