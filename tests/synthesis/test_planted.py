"""What is planted for leadership and partners, and a no-effect world in which nothing is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from scipy.stats import chi2_contingency, spearmanr

from influence.explanation.groups import NAMES
from influence.synthesis import World
from influence.synthesis.acceptance import drift
from influence.synthesis.leaders import MOST
from influence.synthesis.making import Making


def parents(world: World) -> pd.DataFrame:
    """Every take-up with the moment of its own and, where somebody swayed the person, of the parent's."""
    adoptions = world.network.table("adoptions")[["contact_id", "item", "at", "topic"]]
    rows = world.truth["parents"].merge(adoptions, on=["contact_id", "item"], validate="1:1")
    earlier = adoptions.rename(columns={"contact_id": "parent_id", "at": "parent_at"})
    return rows.merge(earlier[["parent_id", "item", "parent_at"]], on=["parent_id", "item"], how="left")


def test_parents__who_swayed__took_it_up_earlier_and_was_tied(world: World) -> None:
    swayed = parents(world).dropna(subset="parent_id").reset_index(names="row")
    assert len(swayed) > 100
    assert (swayed["parent_at"] < swayed["at"]).all()
    ties = world.network.table("connections")
    met = pd.concat(
        [
            swayed.merge(ties, left_on=["contact_id", "parent_id"], right_on=ends)
            for ends in (["source_id", "target_id"], ["target_id", "source_id"])
        ]
    )
    standing = (met["connected_at"] < met["parent_at"]) & ~(met["removed_at"] <= met["at"])
    assert set(met.loc[standing, "row"]) == set(swayed["row"])


def test_parents__chance_of_the_parent__a_chance_and_certain_where_alone(world: World) -> None:
    rows = world.truth["parents"]
    assert rows["p_parent"].between(0, 1, inclusive="right").all()
    assert (rows["p_parent"] < 0.999).any()
    first = parents(world).sort_values("at").drop_duplicates("item")
    assert first["parent_id"].isna().all()
    assert (first["p_parent"] > 0.999).all()


def test_influence__per_topic__sways_more_and_is_not_degree(world: World) -> None:
    sway = world.truth["influence"]
    total = sway.groupby("contact_id")["influence"].max()
    ties = world.network.table("connections")
    degree = (
        pd.concat([ties["source_id"], ties["target_id"]]).value_counts().reindex(total.index, fill_value=0)
    )
    assert abs(spearmanr(total, degree).statistic) < 0.1
    credited = parents(world)["parent_id"].value_counts().reindex(total.index, fill_value=0)
    traits = world.truth["traits"].set_index("contact_id")
    leads = traits["is_leader"].reindex(total.index)
    assert 0.01 < leads.mean() < 0.03
    assert credited[leads].mean() > 1.5 * credited[~leads].mean()
    assert total[leads].median() > 4 * total[~leads].median()
    assert (sway["susceptibility"] > 0).all()
    assert 0 < MOST < 1


def test_partners__affinity__says_how_often_firms_link_up(world: World) -> None:
    rows = world.truth["partners"]
    np.testing.assert_allclose(rows["affinity"], rows["direct"] + rows["indirect"])
    asked = rows[rows["considered"]]
    chance = expit(asked["affinity"].to_numpy())
    for part in np.array_split(np.argsort(chance), 5):
        spread = np.sqrt((chance[part] * (1 - chance[part])).sum()) / len(part)
        assert abs(asked["linked"].to_numpy()[part].mean() - chance[part].mean()) < 3.5 * spread
    assert (asked["indirect"] > 0).mean() > 0.05
    assert asked["linked"].sum() == len(world.network.table("company_links"))


def test_partners__own_firm__an_affinity_for_every_other_firm(world: World) -> None:
    rows = world.truth["partners"]
    own = rows[~rows["considered"]]
    firms = set(world.network.table("companies")["company_id"])
    assert own["source_id"].nunique() == 1
    assert set(own["target_id"]) == firms - set(own["source_id"])


def independence(world: World) -> dict[str, float]:
    """p-values of independence of acceptance and what could have explained it, over settled invitations."""
    rows = world.network.table("invitations").merge(world.truth["acceptance"], on="invitation_id")
    rows = rows[rows["sent_at"] < rows["observed_until"] - pd.Timedelta(days=90)]
    people = world.network.table("contacts").drop_duplicates("contact_id").set_index("contact_id")
    firms = world.network.table("companies").set_index("company_id")
    of = {side: people.reindex(rows[f"{side}_id"]) for side in ("sender", "recipient")}
    staff = firms.reindex(of["recipient"]["company_id"])["employees"].to_numpy(float)
    circle = world.truth["traits"].set_index("contact_id")["circle"].reindex(rows["recipient_id"])
    country = {side: each["country"].to_numpy(object) for side, each in of.items()}
    groups = {
        "mutual connections": pd.cut(rows["n_mutual"], [-1, 0, 2, 5, 10, 20, 10**6]).astype(str).to_numpy(),
        "seniority": of["recipient"]["seniority"].astype(str).to_numpy(),
        "firm size": np.digitize(staff, [50, 250, 5_000]),
        "same country": country["sender"] == country["recipient"],
        "circle": circle.to_numpy(),
        "sender's profile": np.digitize(of["sender"]["profile_quality"].to_numpy(float), [0.5, 0.65, 0.8]),
        "month": rows["sent_at"].dt.month.to_numpy(),
    }
    accepted = (rows["outcome"] == "accepted").to_numpy()
    return {name: chi2_contingency(pd.crosstab(group, accepted)).pvalue for name, group in groups.items()}


def test_no_effect__acceptance__independent_of_everything_that_matters_elsewhere(
    world: World, no_effect: World
) -> None:
    nothing, something = independence(no_effect), independence(world)
    assert min(nothing.values()) > 0.01 / len(nothing), nothing
    for name in ("mutual connections", "seniority", "firm size", "same country", "circle"):
        assert something[name] < 1e-4, name


def test_no_effect__truth__one_chance_for_all_and_forecast_as_such(no_effect: World) -> None:
    rows = no_effect.truth["acceptance"]
    for name in ("p_at_once", "p_within_3_weeks", "p_ever", "best_p_at_once", "best_p_within_3_weeks"):
        assert rows[name].nunique() == 1, name
    assert rows["best_p_within_3_weeks"].iloc[0] == pytest.approx(rows["p_within_3_weeks"].iloc[0])
    traits = no_effect.truth["traits"]
    assert not traits[["openness", "appeal", "haste"]].to_numpy().any()
    assert not no_effect.facts["effect"]


def test_no_effect__take_ups__nobody_sways_anybody(world: World, no_effect: World) -> None:
    assert no_effect.truth["parents"]["parent_id"].isna().all()
    assert not no_effect.truth["influence"]["influence"].to_numpy().any()
    assert not no_effect.truth["traits"]["is_leader"].any()
    volume = len(no_effect.network.table("adoptions")) / len(world.network.table("adoptions"))
    assert 0.5 < volume < 2


def test_no_effect__partners__no_affinity_and_links_blind_to_country_and_graph(
    world: World, no_effect: World
) -> None:
    assert no_effect.truth["partners"]["affinity"].nunique() == 1
    assert domestic(no_effect) == pytest.approx(domestic_by_chance(no_effect), abs=0.02)
    assert domestic(world) > domestic_by_chance(world) + 0.2
    assert closed(no_effect) < 2 * by_chance(no_effect)
    assert closed(world) > 3 * by_chance(world)


def _links(world: World) -> tuple[pd.DataFrame, pd.Series]:
    return world.network.table("company_links"), world.network.table("companies").set_index("company_id")[
        "country"
    ]


def domestic(world: World) -> float:
    """Share of links within one country."""
    links, country = _links(world)
    ends = (country.reindex(links[side]).to_numpy(object) for side in ("source_id", "target_id"))
    return float(np.equal(*ends).mean())


def domestic_by_chance(world: World) -> float:
    """The same, were both ends drawn at random."""
    return float((_links(world)[1].value_counts(normalize=True) ** 2).sum())


def closed(world: World) -> float:
    """Share of the firms' pairs of partners who are partners themselves."""
    links, country = _links(world)
    position = pd.Series(np.arange(len(country)), index=country.index)
    tied = np.zeros((len(country), len(country)))
    tied[position[links["source_id"]], position[links["target_id"]]] = 1
    tied = np.maximum(tied, tied.T)
    degree = tied.sum(1)
    return float(np.trace(tied @ tied @ tied) / (degree * (degree - 1)).sum())


def by_chance(world: World) -> float:
    """Share of all pairs of firms who are partners."""
    links, country = _links(world)
    return len(links) / (len(country) * (len(country) - 1) / 2)


def test_worth__with_what_no_reason_names__sums_to_the_planted_chance(making: Making, world: World) -> None:
    worth = world.truth["worth"].set_index("invitation_id")
    laws, people, requests = making.laws, making.people, making.requests
    shared_topic = people.interest[requests.sender] == people.interest[requests.recipient]
    rest = laws.intercept + drift(laws, requests.at, making.config.seconds) + laws.match * shared_topic
    chance = world.truth["acceptance"].set_index("invitation_id")["p_ever"]
    np.testing.assert_allclose(worth.sum(axis=1) + rest, logit(chance), atol=1e-6)
    assert (worth.std() > 0.02).all()


def test_worth__no_effect__nothing_is_worth_anything(no_effect: World) -> None:
    assert not no_effect.truth["worth"].drop(columns="invitation_id").to_numpy().any()


def test_worth__columns__groups_that_explanations_tell(world: World) -> None:
    assert set(world.truth["worth"].columns) - {"invitation_id"} < set(NAMES)
