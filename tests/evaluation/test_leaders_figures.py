"""Every kind of evidence has its figure, and none where nothing could be told."""

from __future__ import annotations

import numpy as np
from tests.contagion.logs import network_of, random_log

from influence.contagion.evidence import gather
from influence.evaluation.leaders.figures import evidence_figures
from influence.evaluation.picture import png


def test_evidence_figures__enough_data__one_each_and_the_same_twice() -> None:
    found = gather(network_of(*random_log(2, contagious=True)), rng=np.random.default_rng(0))
    drawn = evidence_figures(found)
    assert list(drawn) == ["shuffle", "within_communities", "concentration", "back_test", "matched"]
    again = evidence_figures(found)
    for name, figure in drawn.items():
        assert png(figure, 30) == png(again[name], 30)
    axes = drawn["shuffle"].axes[0]
    assert axes.lines[-1].get_ydata().tolist() == found.shuffle.followed.tolist()
    bars = [bar.get_width() for bar in drawn["back_test"].axes[0].patches]
    assert bars == [found.back_test.chance, found.back_test.by_degree, found.back_test.share]


def test_evidence_figures__nothing_to_tell__none() -> None:
    found = gather(network_of([("a", "x", 0), ("b", "x", 1)], [("c", "d")]), rng=np.random.default_rng(0))
    assert evidence_figures(found) == {}
