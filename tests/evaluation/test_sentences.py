"""The sentences of an evaluation say what its figures support."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.evaluation.frames import COUNTS, predictions

from influence.evaluation.sentences import findings, limits
from influence.evaluation.summary import summarise

NOISE = {"model": 0.0, "boosted_trees": 2.5, "prior": 3.0}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return predictions(NOISE, n=400)


@pytest.fixture(scope="module")
def summary(frame: pd.DataFrame) -> dict[str, Any]:
    cold = pd.Series(np.arange(400) < 60, index=frame["query_id"].unique())
    slices = {"cold_contacts": cold, "cross_border": cold & False}
    return summarise(
        frame, task="acceptance", dataset="d", counts={**COUNTS, "n_test": 400}, slices=slices, n_resamples=50
    )


def test_findings__better_model__counts_shares_and_verdict(
    summary: dict[str, Any], frame: pd.DataFrame
) -> None:
    text = " ".join(findings(summary, frame))
    accepted = int(frame.loc[(frame["method"] == "model") & (frame["seed"] == 0), "label"].isin([1, 2]).sum())
    assert (
        f"tested on 400 requests sent after everything that it had learned from. Of these, {accepted} "
        in text
    )
    assert f"in {round(100 * summary['methods']['model']['auc']['value'])} of 100 cases" in text
    assert "ranks better than boosted trees" in text
    assert "without the network" not in text


def test_findings__model_worse_or_undecided__says_so(summary: dict[str, Any], frame: pd.DataFrame) -> None:
    for low, high, words in (
        (-0.03, -0.01, "ranks worse than boosted trees"),
        (-0.01, 0.01, "no clear difference"),
    ):
        auc = {"value": (low + high) / 2, "low": low, "high": high}
        told = findings({**summary, "differences": {"boosted_trees": {"auc": auc}}}, frame)
        assert any(words in sentence for sentence in told)


def test_findings__trees_better_calibrated__said_beside_the_margin(
    summary: dict[str, Any], frame: pd.DataFrame
) -> None:
    for low, words in ((0.01, True), (-0.01, False)):
        differences = {"boosted_trees": {"ece_21d": {"value": 0.02, "low": low, "high": 0.03}}}
        text = " ".join(findings({**summary, "differences": differences}, frame))
        assert ("Those of boosted trees came closer." in text) is words


def test_limits__small_and_empty_slices__named(summary: dict[str, Any]) -> None:
    text = " ".join(limits(summary))
    assert "cold contacts: only 60 test requests" in text
    assert "Anything about cross border: there were none" in text


def test_findings__nobody_accepted__no_claim_about_ranking() -> None:
    frame = predictions(NOISE, n=30).assign(label=0)
    summary = summarise(frame, task="acceptance", dataset="d", counts={**COUNTS, "n_test": 30}, n_resamples=5)
    text = " ".join(findings(summary, frame))
    assert "Only one kind of outcome occurred" in text
    assert "most promising" not in text
