"""Partners as users ask about them: parts that add up, limits that hold, errors that help."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.prediction.partner_worlds import START, market, quick_partners

from influence import experiment
from influence.errors import ConfigError, DataError
from influence.graph.partner_columns import GROUPS, PairColumns
from influence.model.partners import PartnerTrees
from influence.prediction import Model
from influence.prediction import partner_view as view_module
from influence.prediction.partners import capped

AT = START + pd.Timedelta(days=600)


@pytest.fixture(scope="module")
def model() -> Model:
    return experiment.fit(market(), quick_partners(), at=AT).with_network(market())


def asked(*pairs: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["source_id", "target_id"])


def test_recommend__one_company__best_first_abroad_and_new(model: Model) -> None:
    found = model.recommend("partners", company_id="c00", k=7, at=AT)
    records = market().as_of(AT)
    country = records.table("companies").set_index("company_id")["country"]
    links = records.table("company_links")
    known = set(links.loc[links["source_id"] == "c00", "target_id"])
    known |= set(links.loc[links["target_id"] == "c00", "source_id"])
    assert len(found) == 7
    assert found["score"].is_monotonic_decreasing
    assert (found["country"] != country["c00"]).all()
    assert (found["country"] == country.reindex(found["target_id"]).to_numpy()).all()
    assert not known & set(found["target_id"])


def test_recommend__linked_asked_for__names_them_too(model: Model) -> None:
    new = model.recommend("partners", company_id="c00", k=60, at=AT)
    both = model.recommend("partners", company_id="c00", k=60, at=AT, linked=True)
    assert set(new["target_id"]) < set(both["target_id"])


def test_recommend__parts__sum_to_the_score_and_equal_predict(model: Model) -> None:
    found = model.recommend("partners", company_id=["c00", "c05"], k=5, at=AT)
    np.testing.assert_allclose(found[list(GROUPS)].sum(axis=1), found["score"])
    told = model.predict("partners", found[["source_id", "target_id"]], at=AT)
    for name in ("score", "p_partner", *GROUPS):
        np.testing.assert_allclose(told[name], found[name], rtol=1e-6, atol=1e-9)


def test_recommend__chances__of_all_candidates_sum_to_the_links_expected(model: Model) -> None:
    found = model.recommend("partners", company_id="c03", k=60, at=AT)
    view = model.partners_face.view(AT)
    source = view.positions(["c03"], "company_id")
    expected = model.partners_face.partners.expected_links(view.graph, np.array(source))[0]
    share = np.exp(found["score"]) / np.exp(found["score"]).sum()
    correction = model.partners_face.partners.correction
    np.testing.assert_allclose(-np.log1p(-found["p_partner"]), correction(expected * share.to_numpy()))


def test_recommend__few_named__parts_of_those_alone(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    parts = PartnerTrees.parts

    def counted(trees: PartnerTrees, columns: PairColumns) -> np.ndarray:
        asked.append(len(columns.values))
        return parts(trees, columns)

    monkeypatch.setattr(PartnerTrees, "parts", counted)
    found = model.with_network(market()).recommend("partners", company_id=["c00", "c05"], k=4, at=AT)
    assert asked == [len(found)] == [8]


def test_recommend__nobody_abroad__empty_with_its_reason(model: Model) -> None:
    companies = market().table("companies")
    at_home = companies["country"].where(companies["country"].isna(), "DE")
    network = market().with_tables(companies=companies.assign(country=at_home))
    found = model.with_network(network).recommend("partners", company_id="c00", k=4, at=AT)
    assert len(found) == 0
    assert found.attrs["sentences"]


def test_recommend__per_country_and_countries__hold(model: Model) -> None:
    found = model.recommend("partners", company_id="c00", k=10, at=AT, per_country=2)
    assert found["country"].value_counts().max() == 2
    own = market().table("companies").set_index("company_id").loc["c00", "country"]
    only = next(code for code in ("FR", "NA") if code != own)
    found = model.recommend("partners", company_id="c00", k=4, at=AT, countries=only, industries=["malt"])
    assert set(found["country"]) == {only}
    assert set(found["industry"]) == {"malt"}


def test_recommend__per_partner__caps_the_load_and_says_its_cost(model: Model) -> None:
    senders = [f"c{i:02d}" for i in range(0, 30, 3)]
    free = model.recommend("partners", company_id=senders, k=3, at=AT)
    held = model.recommend("partners", company_id=senders, k=3, at=AT, per_partner=1)
    assert free["target_id"].value_counts().max() > 1
    assert held["target_id"].value_counts().max() == 1
    assert any("costs" in sentence for sentence in held.attrs["sentences"])
    assert held["p_partner"].sum() <= free["p_partner"].sum()
    loose = model.recommend("partners", company_id=senders, k=3, at=AT, per_partner=len(senders))
    pd.testing.assert_frame_equal(loose, free)
    assert loose.attrs["sentences"][-1].startswith("The cap on sources per partner costs nothing")


def test_capped__worked_by_hand__greatest_chances_first() -> None:
    rows = pd.DataFrame(
        {"source": [1, 1, 2, 2], "target": [8, 9, 8, 9], "p_partner": [0.5, 0.1, 0.4, 0.3], "score": 0.0}
    )
    kept = capped(rows, k=1, per_partner=1)
    assert list(zip(kept["source"], kept["target"], strict=True)) == [(1, 8), (2, 9)]


def test_predict__order_and_index__kept_and_equal_to_single_rows(model: Model) -> None:
    rows = asked(("c01", "c02"), ("c07", "c03"), ("c01", "c08"), ("c02", "c01")).set_index(
        pd.Index([9, 4, 7, 1])
    )
    both = model.predict("partners", rows, at=AT)
    assert list(both.index) == [9, 4, 7, 1]
    turned = model.predict("partners", rows.iloc[::-1], at=AT)
    pd.testing.assert_frame_equal(turned.iloc[::-1], both, rtol=1e-6)
    single = model.predict("partners", rows.loc[[7]], at=AT)
    pd.testing.assert_frame_equal(single, both.loc[[7]], rtol=1e-6)


def test_predict__stranger__keeps_its_row_and_is_marked(model: Model) -> None:
    found = model.predict("partners", asked(("c01", "nobody"), ("c01", "c59"), ("c01", "c02")), at=AT)
    assert found["is_cold_target"].tolist() == [True, True, False]
    assert np.isfinite(found["score"]).all()
    assert found["p_partner"].isna().tolist()[:2] == [True, True]


def test_explain__contributions__sum_to_the_score_and_are_told(model: Model) -> None:
    rows = model.recommend("partners", company_id="c00", k=4, at=AT)[["source_id", "target_id"]]
    told = model.explain("partners", rows, at=AT)
    because = told[[f"because.{group}" for group in GROUPS]].sum(axis=1)
    np.testing.assert_allclose(told["base"] + because, told["score"])
    assert told["reasons"].str.contains("distance").all()
    assert told["reasons"].str.contains("own links").all()


def test_explain__unlike_businesses__both_are_named(model: Model) -> None:
    graph = model.partners_face.view(AT).graph
    industry = graph.texts("industry", np.arange(len(graph.ids)))
    other = next(i for i, one in enumerate(industry) if one != industry[0])
    told = model.explain("partners", asked((graph.ids[0], graph.ids[other])), at=AT)
    assert f"what both do ({industry[0]} and {industry[other]}): " in told["reasons"][0]


def test_recommend__bad_questions__say_what_and_the_remedy(model: Model) -> None:
    ask = model.recommend
    with pytest.raises(DataError, match=r"'c0' is on no record by then. Did you mean"):
        ask("partners", company_id="c0", at=AT)
    with pytest.raises(DataError, match=r"no country is known of 'c59'"):
        ask("partners", company_id="c59", at=AT)
    with pytest.raises(DataError, match=r"nobody's country is 'GB'"):
        ask("partners", company_id="c00", countries=["GB"], at=AT)
    with pytest.raises(ConfigError, match=r"Give `company_id`, who looks for them instead of `contact_id`"):
        ask("partners", contact_id="c00", at=AT)
    with pytest.raises(ConfigError, match=r"per_country is 0"):
        ask("partners", company_id="c00", per_country=0, at=AT)
    with pytest.raises(ConfigError, match=r"does not heed `topic`"):
        ask("partners", company_id="c00", topic="malt", at=AT)
    with pytest.raises(DataError, match=r"are the same in 1 row "):
        model.predict("partners", asked(("c01", "c01")), at=AT)
    with pytest.raises(DataError, match=r"lack target_id"):
        model.predict("partners", pd.DataFrame({"source_id": ["c01"]}), at=AT)


def test_recommend__country_without_candidates__empty_answer_with_its_reason(model: Model) -> None:
    own = market().table("companies").set_index("company_id").loc["c00", "country"]
    found = model.recommend("partners", company_id="c00", countries=own, at=AT)
    assert len(found) == 0
    assert "no candidate abroad" in found.attrs["sentences"][0]
    assert {"score", "base", "via", "reasons"} <= set(model.explain("partners", found, at=AT).columns)


def test_save__and_load__gives_the_same_numbers(model: Model, tmp_path: Path) -> None:
    rows = asked(("c01", "c02"), ("c07", "c03"))
    model.save(tmp_path / "model")
    again = Model.load(tmp_path / "model")
    pd.testing.assert_frame_equal(
        again.predict("partners", rows, at=AT), model.predict("partners", rows, at=AT)
    )
    assert again.tasks == ("partners",)


def test_fit__too_few_links__says_so() -> None:
    with pytest.raises(DataError, match=r"too few; it takes 20 of each"):
        experiment.fit(market(n_links=40), quick_partners())


def test_fit__links_without_any_date__asked_at_any_moment() -> None:
    links = market().table("company_links")
    undated = market().with_tables(company_links=links.assign(at=pd.NaT))
    found = experiment.fit(undated, quick_partners()).recommend("partners", company_id="c00", k=5)
    assert len(found) == 5
    linked = set(links.loc[links["source_id"] == "c00", "target_id"])
    assert not linked & set(found["target_id"])


def test_view__more_candidates_than_scored__retrieved_and_sampled(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete = model.recommend("partners", company_id="c00", k=3, at=AT)
    for name, number in (("ALL_SCORED", 20), ("N_RETRIEVED", 25), ("N_SAMPLED", 8)):
        monkeypatch.setattr(view_module, name, number)
    fresh = model.with_network(market())
    found = fresh.recommend("partners", company_id="c00", k=3, at=AT)
    assert len(found) == 3
    # The sum over all candidates is estimated: the same pairs keep about the same chances.
    again = fresh.predict("partners", complete[["source_id", "target_id"]], at=AT)
    np.testing.assert_allclose(np.log(again["p_partner"]), np.log(complete["p_partner"]), atol=0.7)


def test_shortlist__all_retrieved__equals_recommending_one_by_one(model: Model) -> None:
    view = model.partners_face.view(AT)
    sources = view.graph.positions(["c00", "c05", "c11"])
    found = view.shortlist(sources, k=4, n_retrieved=15)
    single = model.recommend("partners", company_id=["c00", "c05", "c11"], k=4, at=AT)
    assert view.graph.ids[found["source"]].tolist() == single["source_id"].tolist()
    assert view.graph.ids[found["target"]].tolist() == single["target_id"].tolist()
    np.testing.assert_allclose(found["score"], single["score"])


def test_fit__own_file_of_colonial_ties__told_in_the_markets(tmp_path: Path) -> None:
    file = tmp_path / "dist.csv"
    file.write_text("iso_o;iso_d;colony\nDEU;NAM;1\nDEU;FRA;0\n", encoding="utf-8")
    config = quick_partners(geography={"colonial_ties": str(file)})
    fitted = experiment.fit(market(), config, at=AT)
    own = next(i for i, land in enumerate(market().table("companies")["country"]) if land == "DE")
    told = fitted.markets(company_id=f"c{own:02d}").set_index("country")["colonial_tie"]
    assert (told["NA"], told["FR"]) == (1, 0)
    assert np.isnan(told["PL"])


@pytest.mark.slow
def test_audit__partners__no_prediction_moves() -> None:
    found = experiment.audit(market(n_links=500), quick_partners(), n_cuts=1, n_pairs=30)
    assert found.n_checked == 60
    assert found.n_moved == 0
