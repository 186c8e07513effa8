"""Ambassadors within limits: people, money, sentences, mixes, and clear answers to bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.contagion.ambassador_worlds import log_of, random_log

from influence.contagion.ambassadors import (
    AmbassadorLimits,
    Ambassadors,
    AttributedLog,
    BySpread,
    SpreadGraph,
    choose_ambassadors,
    mix_frontier,
)
from influence.errors import ConfigError, DataError


def stars() -> SpreadGraph:
    """Four who surely move 8, 6, 5 and 2 others of their own; `idle` moves nobody."""
    source = ["a"] * 8 + ["b"] * 6 + ["c"] * 5 + ["d"] * 2
    target = [f"f{i}" for i in range(len(source))]
    return SpreadGraph.build(source, target, 1.0, [*"abcd", "idle", *target])


def people(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame({"contact_id": [*"abcd", "idle"], **columns})


def chosen(given: SpreadGraph | AttributedLog, candidates: pd.DataFrame, **limits: object) -> Ambassadors:
    settings = AmbassadorLimits.model_validate(limits)
    source = BySpread(given, n_simulations=50) if isinstance(given, SpreadGraph) else given
    return choose_ambassadors(source, candidates, settings, np.random.default_rng(0), unit_value=50.0)


def ids(found: Ambassadors) -> list[str]:
    return found.people["contact_id"].tolist()


def test_choose__stars__in_order_with_their_worth_in_money() -> None:
    found = chosen(stars(), people(), k=3)
    assert ids(found) == ["a", "b", "c"]
    assert found.people["marginal"].tolist() == [9, 7, 6]
    assert found.people["expected"].tolist() == [9, 16, 22]
    assert found.people["value"].tolist() == [400, 300, 250]
    assert (found.expected, found.value) == (22, 950)
    assert np.isnan(found.cost)
    assert 0 < found.share_of_best <= 1


def test_choose__candidates_in_any_order__the_same_answer() -> None:
    candidates = people(cost=[4.0, 3.0, 2.0, 1.0, 1.0], company_id=["x", "x", "y", "y", "y"])
    one = chosen(stars(), candidates, k=3, budget=8, per_company=1)
    other = chosen(stars(), candidates[::-1], k=3, budget=8, per_company=1)
    pd.testing.assert_frame_equal(one.people, other.people)
    assert one.sentences == other.sentences
    assert ids(one) == ["a", "c"]
    assert one.cost == 6


@pytest.mark.parametrize(
    ("limits", "wanted"),
    [
        ({"k": 2, "exclude": ["a"]}, ["b", "c"]),
        ({"k": 2, "countries": ["DE"]}, ["b", "d"]),
        ({"k": 3, "countries": ["DE"], "include": ["c"]}, ["c", "b", "d"]),
        ({"k": 3, "industries": ["steel"], "topics": ["welding"]}, ["a", "d"]),
        ({"k": 4, "per_company": 1}, ["a", "c", "d"]),
        ({"k": 4, "budget": 5}, ["b", "c"]),
        ({"k": 4, "budget": 8}, ["b", "c", "d"]),
        ({"k": 20}, ["a", "b", "c", "d"]),
    ],
)
def test_choose__limits__kept(limits: dict[str, object], wanted: list[str]) -> None:
    candidates = people(
        cost=[6.0, 3.0, 2.0, 1.0, 0.5],
        country=["FR", "DE", pd.NA, "DE", "DE"],
        industry=["steel", "steel", "glass", "steel", "steel"],
        topic=["welding", "sales", "welding", "welding", "welding"],
        company_id=["x", "x", "y", None, None],
    )
    assert sorted(ids(chosen(stars(), candidates, **limits))) == sorted(wanted)


def test_choose__fewer_than_asked__says_why() -> None:
    found = chosen(stars(), people(country=["FR", "DE", "DE", "DE", "DE"]), k=9, countries=["DE"])
    assert ids(found) == ["b", "c", "d"]
    text = " ".join(found.sentences)
    assert "Of 5 candidates, 1 are of other countries, or of none known; 1 move nobody." in text
    found = chosen(stars(), people(), k=2, exclude=["nobody-known", "idle"])
    assert "1 ids to exclude are no candidates: nobody-known." in found.sentences


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"budget": 0.5}, "1 move nobody; 4 cost more than the whole budget"),
        ({"countries": ["IT"]}, "5 are of other countries"),
        ({"exclude": [*"abcd", "idle"]}, "5 are excluded"),
        ({"exclude": [*"abcd"]}, "1 move nobody"),
    ],
)
def test_choose__nobody_left__empty_with_the_reason(limits: dict[str, object], reason: str) -> None:
    candidates = people(cost=[6.0, 3.0, 2.0, 1.0, 0.6], country=["FR"] * 5)
    found = chosen(stars(), candidates, **limits)
    assert not len(found.people)
    assert (found.expected, found.cost, found.value) == (0, 0, 0)
    assert found.sentences[0] == "Nobody is chosen."
    assert reason in found.sentences[-1]


def test_choose__no_candidates_no_edges_or_no_credit__empty_never_a_ranking_out_of_nothing() -> None:
    assert chosen(stars(), people().iloc[:0]).sentences[-1] == "There are no candidates."
    bare = SpreadGraph.build([], [], [], [*"abcd", "idle"])
    assert "5 move nobody" in chosen(bare, people()).sentences[-1]
    lone = log_of([("a", 0), ("b", 1)], {})
    candidates = pd.DataFrame({"contact_id": ["c0", "c1"]})
    assert "2 move nobody" in chosen(lone, candidates).sentences[-1]


@pytest.mark.parametrize(
    ("candidates", "limits", "error", "message"),
    [
        (people(cost=[1, 0, 1, -2, 1]), {}, DataError, r"zero or less.*2 candidates \(b, d\)"),
        (people(cost=[1, np.nan, 1, 1, 1]), {"budget": 3}, DataError, "cost is missing"),
        (people(), {"budget": 3}, ConfigError, "column 'cost'"),
        (people(), {"countries": ["DE"]}, ConfigError, "column 'country'"),
        (people(), {"per_company": 1}, ConfigError, "column 'company_id'"),
        (people(), {"include": ["z"]}, ConfigError, "z must be chosen but are no candidates"),
        (people(), {"include": ["a"], "exclude": ["a"]}, ConfigError, "must be chosen and are excluded"),
        (people(), {"include": ["a", "b"], "k": 1}, ConfigError, "2 people must be chosen, but k is 1"),
        (people(cost=[9] * 5), {"include": ["a"], "budget": 5}, ConfigError, "cost 9.00, more than"),
        (people(company_id=["x"] * 5), {"include": ["a", "b"], "per_company": 1}, ConfigError, "one company"),
        (pd.DataFrame({"contact_id": ["a", "zoe"]}), {}, DataError, "not known: zoe"),
        (pd.DataFrame({"contact_id": ["a", "a"]}), {}, DataError, "stand there twice: a"),
        (pd.DataFrame({"contact": ["a"]}), {}, ConfigError, "Did you mean 'contact'"),
    ],
)
def test_choose__bad_input__says_what_is_wrong(
    candidates: pd.DataFrame, limits: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        chosen(stars(), candidates, **limits)


@pytest.mark.parametrize("unit_value", [0.0, -1.0, np.nan, np.inf])
def test_choose__unit_value_not_above_zero__refused(unit_value: float) -> None:
    with pytest.raises(ConfigError, match="unit_value"):
        choose_ambassadors(stars(), people(), AmbassadorLimits(), np.random.default_rng(0), unit_value)


def test_choose__overlapping_graph__parts_sum_to_the_whole() -> None:
    rng = np.random.default_rng(4)
    graph = SpreadGraph.weighted_cascade(rng.integers(60, size=400), rng.integers(60, size=400), range(60))
    candidates = pd.DataFrame({"contact_id": np.arange(60)})
    found = choose_ambassadors(
        graph, candidates, AmbassadorLimits(k=6), np.random.default_rng(2), unit_value=12.5, currency="EUR"
    )
    others = found.expected - 6
    assert found.people["part"].sum() == pytest.approx(others, rel=1e-12)
    assert found.value == pytest.approx(12.5 * others, rel=1e-12)
    assert found.people["marginal"].sum() == pytest.approx(found.expected, rel=1e-12)
    assert any("EUR" in sentence for sentence in found.sentences)
    again = choose_ambassadors(graph, candidates, AmbassadorLimits(k=6), np.random.default_rng(2))
    assert ids(again) == ids(found)
    assert again.people["value"].isna().all()


def test_choose__log__due_take_ups_with_parts_that_sum_and_intervals() -> None:
    log = random_log(np.random.default_rng(1), n_contacts=12, n_items=20)
    candidates = pd.DataFrame({"contact_id": log.take_ups.contact_ids})
    found = chosen(log, candidates, k=4)
    assert found.people["part"].sum() == pytest.approx(found.expected, rel=1e-12)
    assert (found.people["low"] < found.people["expected"]).all()
    assert (found.people["high"] > found.people["expected"]).all()
    assert "over the 20 items" in " ".join(found.sentences)


def test_frontier__two_roles__share_moves_from_leaders_to_seekers() -> None:
    candidates = people(leader=[9, 8, 3, 1, 0], seeker=[0, 1, 7, 6, 9])
    source = BySpread(stars(), n_simulations=20)
    found = mix_frontier(source, candidates, AmbassadorLimits(k=2), np.random.default_rng(0))
    assert found["share_of_seekers"].tolist() == [0, 0.5, 1]
    assert found["contact_ids"].map(list).tolist() == [["a", "b"], ["a", "c"], ["c", "d"]]
    assert found["expected"].tolist() == [16, 15, 9]
    assert found["seeker"].tolist() == [1, 7, 13]
    assert found["is_efficient"].all()
    with pytest.raises(ConfigError, match="'seeker'"):
        mix_frontier(source, people(leader=[1] * 5), AmbassadorLimits(), np.random.default_rng(0))


def test_worth__cascades_that_would_visit_too_many_edges__are_fewer_and_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from influence.contagion.ambassadors import sources

    source, chosen = BySpread(stars()), np.array([0], np.int64)
    assert source.worth(chosen, np.random.default_rng(0)).n_simulations == 10_000
    monkeypatch.setattr(sources, "MOST_EDGES", 1_500)
    few = source.worth(chosen, np.random.default_rng(0))
    assert sources.FEWEST <= few.n_simulations < 10_000
    assert f"in {few.n_simulations:,} simulated" in source.told(few)


@pytest.mark.parametrize(("largest", "is_doubted"), [(None, False), (3, True), (100, False)])
def test_choose__more_than_any_item_has_had__doubted_in_a_sentence(
    largest: int | None, is_doubted: bool
) -> None:
    graph = SpreadGraph.build(["a"] * 4, ["b", "c", "d", "e"], [0.9] * 4)
    given = BySpread(graph, n_simulations=200, largest=largest)
    candidates = pd.DataFrame({"contact_id": ["a", "b"]})
    found = choose_ambassadors(given, candidates, AmbassadorLimits(k=1), np.random.default_rng(0))
    assert 3 < found.expected < 100
    assert ("more than 3 take-ups" in found.caution) == is_doubted == bool(found.caution)
    assert (found.caution in found.sentences) == is_doubted
