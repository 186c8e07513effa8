"""New pairs period by period: who is asked about, and that nothing later is seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from influence.data import Network
from influence.graph.partner_columns.standing import gained, low_rank_tie
from influence.graph.partners import Links, PartnerGraph, moment_code
from influence.tasks.partners import PartnersConfig
from influence.training.partner_periods import LOOKED_BACK, new_pairs, period_stage, periods, standing_ties
from influence.training.partner_windows import History

CODES = ("AT", "BE", "CH", "DE", "ES", "FR", "GB")
FIRST = pd.Timestamp("2020-04-01", tz="UTC")


def _at(period: int) -> pd.Timestamp:
    return FIRST + pd.DateOffset(months=3 * period)


def _network(*links: tuple[str, int]) -> Network:
    """Links as ("ATDE", period)."""
    rows = [
        {"source_id": pair[:2], "target_id": pair[2:], "kind": "partner", "at": _at(period)}
        for pair, period in links
    ]
    companies = pd.DataFrame({"company_id": CODES, "country": CODES})
    return Network.from_tables({"companies": companies, "company_links": pd.DataFrame(rows)})


EARLY = (("ATBE", 0), ("CHDE", 0), ("ATCH", 1), ("ESFR", 2), ("BEAT", 3))


def _history(*links: tuple[str, int]) -> History:
    return History.of_network(_network(*EARLY, *links), "companies", PartnersConfig())


def _pairs(asked: object) -> dict[str, tuple[set[str], set[str]]]:
    """Source -> candidates, hits."""
    lists, ids = asked.lists, asked.graph.ids  # type: ignore[attr-defined]
    found: dict[str, tuple[set[str], set[str]]] = {}
    for source, target, hit in zip(ids[lists.source], ids[lists.target], lists.hit, strict=True):
        candidates, hits = found.setdefault(source, (set(), set()))
        candidates.add(target)
        if hit:
            hits.add(target)
    return found


def test_periods__the_first_year__is_only_looked_back_on() -> None:
    history = _history(("ATDE", 4), ("ATES", 6))
    assert LOOKED_BACK == 4
    assert periods(history).tolist() == [moment_code(_at(4)), moment_code(_at(6))]


def test_new_pairs__asked_from_both_ends__of_all_with_whom_there_was_nothing() -> None:
    history = _history(("DEAT", 4), ("ATDE", 4), ("ATCH", 4))  # the last one is not new
    found = new_pairs(history, moment_code(_at(4)))
    assert _pairs(found.asked) == {
        "AT": ({"DE", "ES", "FR"}, {"DE"}),  # linked with BE and CH; GB has no figure yet
        "DE": ({"AT", "BE", "ES", "FR"}, {"AT"}),  # linked with CH
    }
    assert found.n_strange == 0
    assert (found.asked.lists.log_q == 0).all()


def test_new_pairs__an_end_without_figures_so_far__cannot_be_asked_about() -> None:
    found = new_pairs(_history(("ATGB", 4), ("ATDE", 4)), moment_code(_at(4)))
    assert set(_pairs(found.asked)) == {"AT", "DE"}
    assert found.n_strange == 1


def test_new_pairs__later_figures__change_nothing() -> None:
    one = new_pairs(_history(("ATDE", 4)), moment_code(_at(4))).asked
    other = new_pairs(_history(("ATDE", 4), ("BEDE", 5), ("ATGB", 5)), moment_code(_at(4))).asked
    np.testing.assert_array_equal(one.columns.values, other.columns.values)
    np.testing.assert_array_equal(one.lists.target, other.lists.target)


def test_new_pairs__the_period_s_own_figures__are_in_no_column() -> None:
    moment = moment_code(_at(4))
    one = new_pairs(_history(("ATDE", 4)), moment).asked
    other = new_pairs(_history(("ATDE", 4), ("ATES", 4), ("ESAT", 4)), moment).asked
    asked_of = [asked.columns.values[asked.graph.ids[asked.lists.source] == "AT"] for asked in (one, other)]
    np.testing.assert_array_equal(*asked_of)


def test_standing_ties__every_tie__is_hidden_once_from_both_ends() -> None:
    history = _history(("ATDE", 4))
    config = PartnersConfig(hidden_share=0.34)
    folds = list(standing_ties(history, moment_code(_at(5)), config, np.random.default_rng(1)))
    hidden = [(source, hit) for asked in folds for source, (_, hits) in _pairs(asked).items() for hit in hits]
    assert len(folds) == 3
    assert len(hidden) == len(set(hidden))
    for asked in folds:
        rows = asked.lists.hit
        assert not asked.graph.are_linked(asked.lists.source, asked.lists.target)[rows].any()
        for source, (candidates, hits) in _pairs(asked).items():
            tied = {"AT": {"BE", "CH", "DE"}, "BE": {"AT"}, "CH": {"AT", "DE"}, "DE": {"AT", "CH"}}
            assert not (candidates - hits) & tied.get(source, set())


@pytest.mark.parametrize("standing", [False, True])
def test_period_stage__parts__are_told_apart_by_time(standing: bool) -> None:
    history = _history(("ATDE", 4), ("BEDE", 5), ("CHES", 6), ("BEES", 7))
    config = PartnersConfig(standing=standing, hidden_share=0.34)
    stage = period_stage(history, config, moment_code(_at(6)), moment_code(_at(7)), 0)
    assert [asked.graph.at for asked in stage.validation] == [moment_code(_at(6))]
    assert [asked.graph.at for asked in stage.train[:2]] == [moment_code(_at(4)), moment_code(_at(5))]
    assert all(asked.graph.at <= moment_code(_at(6)) for asked in stage.train)
    assert (len(stage.train) > 2) == standing


def test_gained__partners_first_met_within_the_year__each_once() -> None:
    history = _history(("DEAT", 5), ("ATDE", 6), ("BEAT", 6))
    graph = history.graph(_at(7))
    # From 2020-12-31 on new: ES-FR (2020-10) is older, DE-AT counts once, BE-AT is not new.
    assert dict(zip(graph.ids, gained(graph), strict=True)) == {
        "AT": 1, "BE": 0, "CH": 0, "DE": 1, "ES": 0, "FR": 0, "GB": 0,
    }  # fmt: skip


def _two_groups(n: int) -> PartnerGraph:
    """Two groups of entities; nine of ten pairs within them are linked, one of ten across."""
    rng = np.random.default_rng(3)
    ids = [f"f{number:02}" for number in range(2 * n)]
    first, second = np.triu_indices(2 * n, 1)
    linked = rng.random(len(first)) < np.where((first < n) == (second < n), 0.9, 0.1)
    links = pd.DataFrame({"source_id": np.array(ids)[first], "target_id": np.array(ids)[second]})[linked]
    companies = pd.DataFrame({"company_id": ids, "country": "AT"})
    network = Network.from_tables(
        {"companies": companies, "company_links": links.assign(kind="partner", at=_at(0))}
    )
    return PartnerGraph.of_network(network, "companies", _at(1))


@pytest.mark.parametrize("n", [4, 20])
def test_low_rank_tie__all_pairs__are_the_nearest_matrix_of_that_rank(n: int) -> None:
    graph = _two_groups(n)
    values, vectors = np.linalg.eigh(graph.ties.toarray().astype(np.float64))
    largest = np.argsort(-np.abs(values))[:4]
    nearest = (vectors[:, largest] * values[largest]) @ vectors[:, largest].T
    every = np.arange(2 * n)
    found = low_rank_tie(graph, np.repeat(every, 2 * n), np.tile(every, 2 * n))
    np.testing.assert_allclose(found.reshape(2 * n, 2 * n), nearest, atol=1e-6)


def _of_ties(source: np.ndarray, target: np.ndarray, n: int) -> PartnerGraph:
    """Ties between some of `n` entities."""
    links = Links(source, target, np.zeros(len(source), np.int64), np.ones(len(source), np.float32))
    return replace(_two_groups(n // 2), links=links)


def test_leading__groups_alike_through_and_through__the_same_answer_each_time() -> None:
    n, size = 30, 5
    source, target = np.triu_indices(n, 1)
    within = source // size == target // size  # six groups, everybody tied with everybody in each
    once, again = (_of_ties(source[within], target[within], n) for _ in range(2))
    every = np.arange(n)
    told = [low_rank_tie(graph, np.repeat(every, n), np.tile(every, n)) for graph in (once, again)]
    np.testing.assert_allclose(told[0], told[1], atol=1e-9)


def test_leading__no_ties_yet__nothing_expected_of_any_pair() -> None:
    graph = _of_ties(np.zeros(0, np.int64), np.zeros(0, np.int64), 20)
    assert (low_rank_tie(graph, np.arange(19), np.arange(1, 20)) == 0).all()


def test_low_rank_tie__ties_that_the_pattern_expects__stand_above_others() -> None:
    graph, n = _two_groups(20), 20
    source, target = np.nonzero(~graph.ties.toarray().astype(bool) & ~np.eye(2 * n, dtype=bool))
    found = low_rank_tie(graph, source, target)
    within = (source < n) == (target < n)
    assert found[within].mean() > 0.5 + found[~within].mean()
