"""What past links tell of pairs that never met: precedents, affinity of words, persistence, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from influence.data import Network
from influence.graph.partner_columns import precedents as precedents_module
from influence.graph.partner_columns.direct import direct_columns
from influence.graph.partner_columns.fit import fit_columns
from influence.graph.partner_columns.precedents import precedents
from influence.graph.partner_columns.words import activity_words, by_rarity, rarest_shared, unit_rows
from influence.graph.partners import PartnerGraph

AT = pd.Timestamp("2024-01-01", tz="UTC")
BEFORE, AFTER = pd.Timestamp("2023-05-05", tz="UTC"), AT
COMPANIES = pd.DataFrame(
    {
        "company_id": ["b1", "b2", "g1", "m1", "m2", "x1"],
        "country": ["DE", "FR", "PL", "PL", "FR", None],
        "industry": ["brewing", "brewing", "glass", "malt", "malt", None],
    }
)


def graph(*links: tuple[str, str, pd.Timestamp]) -> PartnerGraph:
    rows = pd.DataFrame(links, columns=["source_id", "target_id", "at"]).assign(kind="supplier")
    network = Network.from_tables({"companies": COMPANIES, "company_links": rows})
    return PartnerGraph.of_network(network, "companies", AT)


def columns(made: PartnerGraph, *pairs: tuple[str, str]) -> dict[str, np.ndarray]:
    source, target = (made.positions(list(ends)) for ends in zip(*pairs, strict=True))
    found = {**fit_columns(made, source, target), **direct_columns(made, source, target)}
    return {name: np.asarray(values, np.float64) for name, values in found.items()}


def test_rarest_shared__several_words__the_rarest_that_both_have() -> None:
    words = csr_matrix(np.array([[1, 1, 1], [1, 1, 0], [1, 0, 1], [1, 0, 0], [0, 0, 0]], np.float32))
    a, b = np.array([0, 0, 1, 0, 0]), np.array([1, 2, 2, 3, 4])
    # The first word is had by four of five rows, the others by two each.
    wanted = [np.log(1 + 5 / 2), np.log(1 + 5 / 2), np.log(1 + 5 / 4), np.log(1 + 5 / 4), np.nan]
    np.testing.assert_allclose(rarest_shared(words, a, b), wanted, rtol=1e-6)


def test_rarest_shared__nothing_in_common_or_no_words_at_all__zero_or_missing() -> None:
    apart = csr_matrix(np.eye(2, dtype=np.float32))
    assert rarest_shared(apart, np.array([0]), np.array([1])).tolist() == [0.0]
    assert np.isnan(rarest_shared(csr_matrix((2, 0), dtype=np.float32), np.array([0]), np.array([1]))).all()
    assert len(rarest_shared(apart, np.zeros(0, np.int64), np.zeros(0, np.int64))) == 0


def test_affinity__brewer_bought_malt_twice__information_by_hand() -> None:
    made = graph(("b1", "m1", BEFORE), ("b1", "m2", BEFORE), ("g1", "m1", BEFORE))
    found = columns(made, ("b2", "m2"), ("b2", "g1"), ("b2", "x1"))
    # brewing -> malt: 2 links, 2 x 3 / 3 = 2 expected; brewing -> glass: none, none expected
    np.testing.assert_allclose(found["affinity"], [np.log(3 / 3), np.log(1 / 1), np.nan])


def test_precedents__like_source_and_like_target__above_the_others() -> None:
    made = graph(("b1", "m1", BEFORE), ("g1", "b1", BEFORE))
    found = columns(made, ("b2", "m2"), ("b2", "b1"), ("b2", "x1"))
    for power in (1, 2, 4):
        told = found[f"precedents_{power}"]
        # brewer -> malt happened once, by chance 1 x 1 / 2; brewer -> brewer never
        np.testing.assert_allclose(told[:2], [np.log(2 / 1.5), np.log(1 / 1.5)], rtol=1e-5)
        assert np.isnan(told[2])


def test_precedents__link_at_or_after_the_moment__changes_nothing() -> None:
    pairs = (("b2", "m2"), ("m1", "b2"), ("b2", "g1"))
    before = columns(graph(("b1", "m1", BEFORE)), *pairs)
    later = columns(graph(("b1", "m1", BEFORE), ("b2", "g1", AFTER), ("m1", "b2", AFTER)), *pairs)
    for name, values in before.items():
        np.testing.assert_array_equal(values, later[name], err_msg=name)


def test_persistence__partners_in_one_country__by_hand() -> None:
    made = graph(("b1", "m1", BEFORE), ("b1", "g1", BEFORE), ("b2", "m2", BEFORE))
    found = columns(made, ("b1", "m1"), ("b1", "m2"), ("b1", "x1"))["persistence"]
    # partners by country over all ends: 2 each, so that each share is 3 / 9; both of b1 are in PL
    np.testing.assert_allclose(found, [np.log((2 + 2 / 3) / 4 * 3), np.log((2 / 3) / 4 * 3), np.nan])


def test_likeness__to_earlier_partners__nearest_and_all() -> None:
    made = graph(("b1", "m1", BEFORE), ("b1", "g1", BEFORE))
    found = columns(made, ("b1", "m2"), ("b2", "m2"))
    assert found["like_nearest_partner"][0] == pytest.approx(1.0, abs=1e-6)
    assert 0 < found["like_all_partners"][0] < 1
    assert np.isnan(found["like_nearest_partner"][1])


def test_seen_from_either_end__contacts__affinity_is_symmetric() -> None:
    people = pd.DataFrame(
        {"contact_id": ["a", "b", "c"], "country": "DE", "industry": ["malt", "glass", "malt"]}
    )
    ties = pd.DataFrame({"source_id": ["a"], "target_id": ["b"]})
    made = PartnerGraph.of_network(
        Network.from_tables({"contacts": people, "connections": ties}), "contacts", AT
    )
    there, back = (
        fit_columns(made, *(made.positions([x]) for x in ends)) for ends in (("c", "b"), ("b", "c"))
    )
    np.testing.assert_allclose(there["affinity"], back["affinity"])
    assert there["affinity"][0] > 0


def described(n: int, seed: int) -> PartnerGraph:
    """Firms of which several share a description, some have none, and some are linked twice."""
    rng = np.random.default_rng(seed)
    trades = np.array(["malt", "brewing", "glass|brewing", "glass|malt|hops", "hops", None], object)
    companies = pd.DataFrame(
        {
            "company_id": [f"c{i:02}" for i in range(n)],
            "country": rng.choice(["DE", "FR", "PL"], n),
            "industry": rng.choice(trades, n),
        }
    )
    ends = rng.integers(0, n, (3 * n, 2))
    ends = ends[ends[:, 0] != ends[:, 1]]
    links = pd.DataFrame(
        {
            "source_id": companies["company_id"].to_numpy()[ends[:, 0]],
            "target_id": companies["company_id"].to_numpy()[ends[:, 1]],
            "kind": "supplier",
            "at": BEFORE + pd.to_timedelta(np.arange(len(ends)), unit="D"),
        }
    )
    network = Network.from_tables({"companies": companies, "company_links": links})
    return PartnerGraph.of_network(network, "companies", AT)


@pytest.mark.parametrize("cells", [1, 20_000_000])
def test_precedents__descriptions_shared__as_link_by_link(
    cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precedents_module, "CELLS_AT_A_TIME", cells)
    made = described(30, 4)
    alike = unit_rows(by_rarity(activity_words(made)))
    cosine = (alike @ alike.T).toarray().astype(np.float64)
    source, target = (end.ravel() for end in np.meshgrid(np.arange(30), np.arange(30)))
    for power, found in zip((1, 4), precedents(made, alike, source, target, (1, 4)), strict=True):
        for u, v, value in zip(source, target, found, strict=True):
            like_u, like_v = cosine[u, made.links.source] ** power, cosine[v, made.links.target] ** power
            chance = like_u.sum() * like_v.sum() / len(made.links)
            unknown = not (cosine[u, u] and cosine[v, v])
            expected = np.nan if unknown else np.log(((like_u * like_v).sum() + 1) / (chance + 1))
            np.testing.assert_allclose(value, expected, rtol=1e-4, atol=1e-5)
