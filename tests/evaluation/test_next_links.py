"""Next links: who is a candidate, what the test shows, how lists and countries are ranked."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from tests.prediction.partner_worlds import COUNTRIES, market, quick_partners

from influence.data import Network
from influence.evaluation.ground_truth import Scored
from influence.evaluation.partners.asking import Test, judged
from influence.evaluation.partners.candidates import RULES
from influence.evaluation.partners.next_links import NEXT_LINKS
from influence.evaluation.partners.shortlist import shortlist
from influence.evaluation.ranks import rank_of
from influence.evaluation.summary import summarise
from influence.experiment import recipe_of
from influence.tasks.partners import Asked, PartnersConfig
from influence.training.partner_windows import History

CUT, END = pd.Timestamp("2025-07-01", tz="UTC"), pd.Timestamp("2025-12-01", tz="UTC")
CONFIG = PartnersConfig(window_days=60)


@cache
def test_windows() -> Test:
    return Test.of(History.of_network(market(), "companies", CONFIG), CONFIG, CUT, END)


test_windows.__test__ = False  # type: ignore[attr-defined]


def lists(rule: str, n: int = 9, **options: object) -> list[Asked]:
    return [one.asked for one in judged(test_windows(), rule, n, 0, **options)]  # type: ignore[arg-type]


@cache
def linked_ever(source: str) -> set[str]:
    rows = test_windows().history.network.table("company_links")
    rows = rows[rows["at"] < END]
    return {
        *rows.loc[rows["source_id"] == source, "target_id"],
        *rows.loc[rows["target_id"] == source, "source_id"],
    }


@pytest.mark.parametrize("rule", list(RULES))
def test_judged__every_rule__one_partner_among_foreigners_never_linked(rule: str) -> None:
    seen = 0
    for asked in lists(rule):
        graph, rows = asked.graph, asked.lists
        assert (np.bincount(rows.query, rows.hit) == 1).all()
        assert graph.is_foreign(rows.source, rows.target).all()
        for source, target in zip(rows.source[~rows.hit], rows.target[~rows.hit], strict=True):
            assert graph.ids[target] not in linked_ever(graph.ids[source])
            seen += 1
    assert seen > 50


def test_judged__linked_in_window__candidates_are_targets_of_the_test() -> None:
    links = test_windows().history.network.table("company_links")
    targets = set(links.loc[(links["at"] >= CUT) & (links["at"] < END), "target_id"])
    for asked in lists("linked_in_window"):
        assert set(asked.graph.ids[asked.lists.target]) <= targets


def test_judged__sampled__at_most_as_many_as_asked_for() -> None:
    assert max(np.bincount(asked.lists.query).max() for asked in lists("sampled", 9)) == 10
    assert max(np.bincount(asked.lists.query).max() for asked in lists("all", 9)) > 20


def test_judged__same_country__the_targets_country() -> None:
    for asked in lists("same_country"):
        country = asked.graph.country[asked.lists.target]
        np.testing.assert_array_equal(country, country[asked.lists.hit][asked.lists.query])


def test_judged__degree_matched__nobody_left_out_is_nearer() -> None:
    for matched, every in zip(lists("degree_matched"), lists("all"), strict=True):
        degree = matched.graph.degree
        for query in range(matched.lists.n_queries):
            own, all_ = (one.lists.target[one.lists.query == query] for one in (matched, every))
            gaps = np.sort(np.abs(degree[all_[1:]] - degree[all_[0]]))
            np.testing.assert_array_equal(np.sort(np.abs(degree[own[1:]] - degree[own[0]])), gaps[:9])


def test_judged__at_home__compatriots() -> None:
    found = lists("sampled", abroad=False)
    assert found
    for asked in found:
        np.testing.assert_array_equal(
            asked.graph.country[asked.lists.source], asked.graph.country[asked.lists.target]
        )


def test_judged__again__the_same_lists_named_by_their_links() -> None:
    first, second = (judged(test_windows(), "sampled", 5, 0, 20) for _ in range(2))
    ids = np.concatenate([one.query_ids for one in first])
    assert len(ids) == 20 == len(set(ids))
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a.asked.lists.target, b.asked.lists.target)
    source, rest = ids[0].split(" > ")
    target, day = rest.split(" @ ")
    rows = market().table("company_links")
    own = rows[(rows["source_id"] == source) & (rows["target_id"] == target)]
    assert (own["at"].dt.strftime("%Y-%m-%d") == day).any()


def test_judged__later_links_removed__columns_do_not_move() -> None:
    network = market()
    rows = network.table("company_links")
    start = CUT + pd.Timedelta(days=60)
    kept = rows[(rows["at"] < start) | (rows["at"] >= start + pd.Timedelta(days=60))]
    less = network.with_tables(company_links=kept.reset_index(drop=True))
    short = Test.of(History.of_network(less, "companies", CONFIG), CONFIG, CUT, start)
    for a, b in zip(judged(short, "all", 9, 0), judged(test_windows(), "all", 9, 0), strict=False):
        same = np.isin(b.asked.lists.target, a.asked.lists.target)
        assert same.any()
        np.testing.assert_array_equal(a.query_ids, b.query_ids)
        cells = [
            pd.DataFrame(
                one.asked.columns.values,
                pd.MultiIndex.from_arrays([one.asked.lists.source, one.asked.lists.target]),
            )
            for one in (a, b)
        ]
        first, second = (each[~each.index.duplicated()] for each in cells)
        both = first.index.intersection(second.index)
        pd.testing.assert_frame_equal(first.loc[both], second.loc[both])


def test_shortlist__score_of_the_true_country_alone__first() -> None:
    def cheats(asked: Asked) -> np.ndarray:
        return 9.0 * (asked.graph.country[asked.lists.target] == 1)

    found = shortlist(
        test_windows(), {"cheats": cheats, "blind": lambda asked: np.zeros(len(asked.lists))}, 0
    )
    assert found is not None
    second = found[(found["method"] == "cheats") & (found["candidate_id"] == COUNTRIES[1])]
    assert len(second) > 3
    assert (second["rank"] == 1).all()
    # the blind see how many candidates a country has, whatever share of them was drawn
    assert found.loc[found["method"] == "blind", "rank"].nunique() > 1
    assert (found["n_candidates"] == 3).all()


@cache
def compared() -> Scored:
    config = quick_partners(judged_among="sampled", n_judged=15, judged_also_among=["same_country"])
    return NEXT_LINKS.compare(
        market(), config.partners, lambda s: recipe_of(config, s, None), (0,), lambda *_: None
    )


@pytest.mark.slow
def test_compare__planted_fit__model_beats_chance_and_lists_can_be_ranked_again() -> None:
    found = compared()
    summary = summarise(
        found.predictions, task="partners", dataset="m", counts=found.counts, slices=found.slices,
        judge=found.judge, by=found.by, n_resamples=50,
    )  # fmt: skip
    mrr = {name: own["mrr"]["value"] for name, own in summary["methods"].items()}
    assert mrr["model"] > 1.3 * mrr["random"]
    assert set(mrr) >= {
        "model", "gnn", "model_without_gnn", "boosted_trees", "graphsage", "logistic_regression", "gravity",
        "popularity", "persistence", "category_similarity", "adamic_adar", "personalised_pagerank", "random",
    }  # fmt: skip
    assert found.told["negatives"]["same_country"]["methods"]["model"]["mrr"]["value"] > 0
    assert found.told["country_shortlist"]["n_test"] > 0
    assert found.candidates is not None
    rows = pd.concat([found.predictions, found.candidates]).query("method == 'model'")
    rows = rows.sort_values(["query_id", "label"], ascending=[True, False])
    again = rank_of(
        rows["score"].to_numpy(), rows["label"].to_numpy() == 1, pd.factorize(rows["query_id"])[0]
    )
    assert (1 / again).mean() == pytest.approx(mrr["model"])


def test_recognises__undated_links__no() -> None:
    assert NEXT_LINKS.recognises(market())
    links = market().table("company_links").assign(at=pd.NaT)
    assert not NEXT_LINKS.recognises(Network.from_tables({"company_links": links.assign(at=None)}))
