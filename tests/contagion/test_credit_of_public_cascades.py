"""Past credit on the public cascades against the figures known; runs where INFLUENCE_DATA names the data."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from influence.metrics import kendall, ndcg_at_5pct
from influence.readers import read
from influence.tasks.leadership import History

ROOT = os.environ.get("INFLUENCE_DATA")
pytestmark = pytest.mark.skipif(not ROOT, reason="INFLUENCE_DATA is not set: no public data here")


@pytest.mark.parametrize(
    ("dataset", "n_people", "tau", "ndcg", "alone"),
    [("cascades_android", 2_857, 0.357, 0.797, 0.432), ("cascades_christianity", 1_416, 0.436, 0.667, 0.143)],
)
def test_past_credit__public_cascades__figures_as_known(
    dataset: str, n_people: int, tau: float, ndcg: float, alone: float
) -> None:
    assert ROOT is not None
    history = History.of(read(Path(ROOT) / "leadership" / dataset))
    cut, end = history.moment(0.8), int(history.take_ups.at.max()) + 1
    people = np.unique(history.take_ups.before(cut).contact)
    after = history.credit.between(cut, end)
    label, past = after.given()[people], history.credit.between(0, cut).given()[people]
    assert len(people) == n_people
    assert (kendall(label, past), ndcg_at_5pct(label, past)) == pytest.approx((tau, ndcg), abs=6e-4)
    n_after = (history.take_ups.at >= cut).sum()
    assert 1 - after.share.sum() / n_after == pytest.approx(alone, abs=6e-4)
