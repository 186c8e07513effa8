"""The report on villages: by hand, and what it says of few of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from influence.data import Network
from influence.errors import DataError
from influence.evaluation.ground_truth import Scored
from influence.evaluation.leaders import PROTOCOLS, protocol_for
from influence.evaluation.leaders.villages import _partial
from influence.evaluation.summary import summarise
from influence.tasks.leadership import LeadershipConfig


def villages(n: int) -> Network:
    """Village k: k + 3 households in a ring, the first informed, k of the others take part."""
    homes, ties, leads, took = [], [], [], []
    for k in range(n):
        own = [f"{k:02d}-{i:02d}" for i in range(k + 3)]
        homes += [(name, f"v{k:02d}") for name in own]
        ties += list(zip(own, own[1:] + own[:1], strict=True))
        leads.append(own[0])
        took += own[1 : 1 + k]
    names = [name for name, _ in homes]
    return Network.from_tables(
        {
            "contacts": pd.DataFrame(homes, columns=["contact_id", "company_id"]),
            "connections": pd.DataFrame(ties, columns=["source_id", "target_id"]),
            "traits": pd.DataFrame(
                {"contact_id": names, "name": "leader", "value": [float(name in leads) for name in names]}
            ),
            "adoptions": pd.DataFrame({"contact_id": took, "item": "loan"}),
        }
    )


def report(network: Network) -> Scored:
    def nothing(seed: int) -> None:
        raise AssertionError("nothing is trained")

    return PROTOCOLS["villages"].compare(network, LeadershipConfig(), nothing, (0,), lambda *_: None)  # type: ignore[arg-type]


@pytest.mark.slow
def test_villages__take_up_rising_with_size__correlates_with_it_wholly() -> None:
    network = villages(9)
    assert protocol_for(network).name == "villages"
    found = report(network)
    label = found.predictions.drop_duplicates("query_id").set_index("query_id")["label"]
    assert label["v03"] == pytest.approx(3 / 5)  # three of the five that were not informed
    summary = summarise(found.predictions, task="leadership", dataset="invented", counts=found.counts,
                        judge=found.judge, by=found.by, n_resamples=50)  # fmt: skip
    assert summary["methods"]["n_households"]["spearman"]["value"] == pytest.approx(1.0)
    assert summary["methods"]["eigenvector_centrality"]["kendall"]["value"] == pytest.approx(-1.0)
    assert summary["differences"] == {}
    assert "decide nothing" in found.told["remark"]


def test_partial__hand_worked__what_size_explains_is_taken_out() -> None:
    rng = np.random.default_rng(0)
    size = rng.normal(size=400)
    rows = np.column_stack((size + rng.normal(size=400) / 3, size + rng.normal(size=400) / 3, size))
    assert abs(_partial(rows)) < 0.15 < np.corrcoef(rows[:, 0], rows[:, 1])[0, 1]


def test_villages__two_of_them__error_says_how_many_are_needed() -> None:
    with pytest.raises(DataError, match="2 villages"):
        report(villages(2))
