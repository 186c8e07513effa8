"""The edges that the rows of a table give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.graph.worlds import random_network

from influence.graph import temporal
from influence.graph.temporal import CODES, edges_of


def test_edges_of__interactions__one_for_each_row_of_a_known_kind() -> None:
    network = random_network(3)
    rows = network.table("interactions")
    edges = edges_of("interactions", rows, network.contact_ids)
    names = np.array(list(CODES))[edges.relation]
    found = sorted(
        zip(names, network.contact_ids[edges.source], network.contact_ids[edges.target], strict=True)
    )
    assert found == sorted(zip(rows["kind"], rows["actor_id"], rows["target_id"], strict=True))


def test_edges_of__two_relations_of_the_same_rows__each_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    network = random_network(3)
    twin = replace(temporal.CONTACT_RELATIONS["message"], name="twin")
    monkeypatch.setitem(temporal.CONTACT_RELATIONS, "twin", twin)
    monkeypatch.setitem(temporal.CODES, "twin", len(CODES))
    edges = edges_of("interactions", network.table("interactions"), network.contact_ids)
    of, like = (edges.where(edges.relation == CODES[name]) for name in ("message", "twin"))
    assert len(of) > 0
    np.testing.assert_array_equal(of.at, like.at)
    np.testing.assert_array_equal(of.source, like.source)
