"""Attribution on planted worlds, on next to nothing, and on a stored model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import spearmanr

from influence.contagion.attribution import Attribution, AttributionConfig, Log
from influence.contagion.covariates import Covariates
from influence.contagion.likelihood import CandidateHazard, log_total
from influence.contagion.risk import AtRisk
from influence.contagion.shares import RULES, Shares
from influence.contagion.takeups import Exposures, TakeUps, ties_of
from influence.contagion.transmission import REACTIONS, Transmission, TransmissionConfig
from influence.data import Network
from influence.errors import ConfigError, DataError
from influence.graph.temporal import TemporalGraph, microseconds
from influence.graph.ties import Ties
from influence.synthesis.config import WorldConfig
from influence.synthesis.world import World, simulate

CONFIG = AttributionConfig(epochs=15, n_draws=20)


@dataclass(frozen=True)
class Fitted:
    """Everything that shares are made of."""

    take_ups: TakeUps
    ties: Ties
    exposures: Exposures
    at_risk: AtRisk
    covariates: Covariates
    attribution: Attribution
    until: int

    @property
    def shares(self) -> Shares:
        return self.attribution.shares(self.take_ups, self.exposures, self.covariates)


def fit(network: Network, config: AttributionConfig = CONFIG) -> Fitted:
    take_ups = TakeUps.of(network)
    network_ties = ties_of(
        TemporalGraph(Network({**network.tables, "interactions": network.table("interactions")[:0]}))
    )
    until = int(microseconds(pd.Series([network.last_observed_at]))[0])
    exposures = Exposures.along(take_ups, network_ties)
    at_risk = AtRisk.along(take_ups, network_ties, until)
    covariates = Covariates.of(network, take_ups)
    log = Log.of(take_ups, exposures, at_risk, covariates, until, config)
    attribution = Attribution.fit(log, config, len(take_ups.topics))
    return Fitted(take_ups, network_ties, exposures, at_risk, covariates, attribution, until)


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(WorldConfig(n_contacts=1_200, seed=3, n_topics=3, n_items=150))


@pytest.fixture(scope="module")
def fitted(world: World) -> Fitted:
    return fit(world.network)


def truth(world: World, take_ups: TakeUps) -> pd.Series:
    """The position of each take-up's parent; -1 where it came from outside."""
    key = pd.MultiIndex.from_arrays([take_ups.contact_ids[take_ups.contact], take_ups.items[take_ups.item]])
    parents = world.truth["parents"].set_index(["contact_id", "item"]).loc[key, "parent_id"]
    return take_ups.contact_ids.get_indexer(pd.Index(parents))


def top1(shares: Shares, take_ups: TakeUps, parent: np.ndarray) -> float:
    """How often the candidate with the highest share is the parent, of the take-ups that have one."""
    hit = []
    for position in np.flatnonzero((parent >= 0) & (shares.exposures.n_candidates > 0)):
        a, b = shares.exposures.ptr[position : position + 2]
        best = shares.share[a:b] == shares.share[a:b].max()
        hit.append((take_ups.contact[shares.exposures.row[a:b]][best] == parent[position]).mean())
    return float(np.mean(hit))


def test_attribution__planted_world__shares_sum_to_one_and_beat_the_rules(
    world: World, fitted: Fitted
) -> None:
    shares, parent = fitted.shares, truth(world, fitted.take_ups)
    total = np.bincount(shares.exposures.position, shares.share, len(parent)) + shares.outside
    np.testing.assert_allclose(total, 1)
    assert (shares.outside[shares.exposures.n_candidates == 0] == 1).all()
    assert ((shares.low <= shares.share) & (shares.share <= shares.high)).all()
    rules = [rule(fitted.take_ups, fitted.exposures) for all_of in RULES.values() for rule in all_of]
    assert top1(shares, fitted.take_ups, parent) > max(top1(rule, fitted.take_ups, parent) for rule in rules)


def test_transmission__planted_world__influence_recovered_better_than_by_degree(
    world: World, fitted: Fitted
) -> None:
    given = (fitted.take_ups, fitted.exposures, fitted.at_risk, fitted.covariates, fitted.attribution)
    found = Transmission.fit(*given, fitted.until, TransmissionConfig())
    taken = fitted.take_ups
    shares, parent = found.shares, truth(world, taken)
    assert top1(shares, taken, parent) > top1(fitted.shares, taken, parent)
    assert ((shares.low <= shares.share) & (shares.share <= shares.high)).all()
    total = np.bincount(shares.exposures.position, shares.share, len(parent)) + shares.outside
    np.testing.assert_allclose(total, 1)
    planted = world.truth["influence"].pivot(index="contact_id", columns="topic", values="influence")
    true = planted.loc[taken.contact_ids, taken.topics].to_numpy()
    seen = np.zeros(true.shape, bool)
    seen[taken.contact[fitted.at_risk.row], taken.topic[fitted.at_risk.row]] = True
    degree = np.broadcast_to(np.diff(fitted.ties.ptr)[:, None], true.shape)
    by_model = spearmanr(found.influence[:, 1:][seen], true[seen]).statistic
    assert by_model > 0.2
    assert by_model > abs(spearmanr(degree[seen], true[seen]).statistic) + 0.1
    ptr, target, p = found.along(fitted.ties, fitted.covariates, str(taken.topics[0]), fitted.until)
    assert len(ptr) == len(taken.contact_ids) + 1
    assert ptr[-1] == len(target) == len(p)
    assert ((p > 0) & (p <= found.cap)).all()
    assert (found.influence_low < found.influence).all()
    unseen = ~seen.any(1)
    np.testing.assert_allclose(found.influence[unseen], 1)  # not the chance of a draw
    width = np.log(found.influence_high / found.influence_low)[:, 1:]
    assert width[unseen].min() > width[seen].min()
    relative = true * found.influence[:, 1:][seen].mean() / true[seen].mean()
    held = (found.influence_low[:, 1:] <= relative) & (relative <= found.influence_high[:, 1:])
    assert held[seen].mean() > 0.9
    with pytest.raises(ConfigError, match="No take-up has the topic"):
        found.column("astrology")
    assert 0 < found.watched <= 1
    risk, topic = fitted.at_risk, taken.topic[fitted.at_risk.row] + 1
    tie = np.searchsorted(
        REACTIONS, fitted.covariates.n_reactions_before(risk.row, risk.contact), side="right"
    )
    p = found.base[topic, tie] * found.influence[taken.contact[risk.row], topic]
    p = found.watched * np.minimum(p * found.susceptibility[risk.contact, topic], found.cap)
    assert p.sum() == pytest.approx(shares.share.sum(), rel=0.1), (
        "what is foretold of the past is what was seen"
    )


def test_transmission__topics_that_spread_and_that_do_not__levels_of_their_own() -> None:
    rng, log = np.random.default_rng(1), []
    people = [f"p{place:02d}" for place in range(40)]
    ties = [(who, people[(place + step) % 40]) for place, who in enumerate(people) for step in (1, 2, 3)]
    near = {who: [b if a == who else a for a, b in ties if who in (a, b)] for who in people}
    for item in range(60):
        first = str(rng.choice(people))
        followers = rng.choice(near[first], 3, replace=False) if item % 2 else []
        log += [(first, f"x{item}", 0.0), *((str(who), f"x{item}", rng.exponential(5)) for who in followers)]
    network = few(log, ties)
    rows = network.table("adoptions")
    spreads = rows["item"].str[1:].astype(int) % 2 == 1
    topic = pd.Series(np.where(spreads, "catching", "dull"), dtype="str")
    fitted = fit(network.with_tables(adoptions=rows.assign(topic=topic)))
    given = (fitted.take_ups, fitted.exposures, fitted.at_risk, fitted.covariates, fitted.attribution)
    found = Transmission.fit(*given, fitted.until, TransmissionConfig())
    catching, dull = (found.base[found.column(name)].max() for name in ("catching", "dull"))
    assert catching > 3 * dull


def test_transmission__who_takes_up_everything_unmoved__is_less_credit_to_those_before() -> None:
    """Both come after `a` as often and as soon, but `keen` takes up as much that nobody else does."""
    rng = np.random.default_rng(0)
    log, people = [], ["a", "keen", "moved", *(f"p{place}" for place in range(60))]
    for item in range(40):
        if item % 2:
            log.append(("a", f"x{item}", 0.0))
            log += [(who, f"x{item}", rng.exponential(10)) for who in ("keen", "moved")]
        else:
            log += [("p0", f"x{item}", 0.0), ("keen", f"x{item}", rng.exponential(10))]
    ties = [("a", who) for who in people[1:]]
    fitted = fit(few(log, ties))
    given = (fitted.take_ups, fitted.exposures, fitted.at_risk, fitted.covariates, fitted.attribution)
    shares = Transmission.fit(*given, fitted.until, TransmissionConfig()).shares
    taker = fitted.take_ups.contact_ids[fitted.take_ups.contact[shares.exposures.take_up]]
    of = {who: shares.share[taker == who].mean() for who in ("keen", "moved")}
    assert of["keen"] < of["moved"] - 0.1


def test_attribution__no_effect__comes_from_outside() -> None:
    fitted = fit(simulate(WorldConfig(n_contacts=1_200, seed=1, effect=False, n_items=100)).network)
    shares = fitted.shares
    some = shares.exposures.n_candidates > 0
    assert some.sum() > 30
    assert shares.outside[some].mean() > 0.7


def few(adoptions: list[tuple[str, str, float]], ties: list[tuple[str, str]]) -> Network:
    who, what, day = zip(*adoptions, strict=True)
    at = pd.Timestamp("2020-01-01", tz="UTC") + pd.to_timedelta(day, unit="D")
    return Network.from_tables(
        {
            "adoptions": pd.DataFrame({"contact_id": who, "item": what, "at": at}),
            "connections": pd.DataFrame(ties, columns=["source_id", "target_id"]),
        }
    )


def test_attribution__nobody_before__says_so() -> None:
    for network in (few([("a", "x", 0)], [("a", "b")]), few([("a", "x", 0), ("b", "x", 0)], [("a", "b")])):
        with pytest.raises(DataError, match="no take-up has anybody before"):
            fit(network)


def test_attribution__cycles_and_simultaneous__shares_still_sum_to_one() -> None:
    log = [("a", "x", 0), ("b", "x", 1), ("c", "x", 1), ("d", "x", 3), ("a", "y", 2)]
    fitted = fit(few(log, [("a", "b"), ("b", "c"), ("c", "a"), ("a", "d"), ("b", "d")]))
    shares = fitted.shares
    total = np.bincount(shares.exposures.position, shares.share, len(log)) + shares.outside
    np.testing.assert_allclose(total, 1)
    assert shares.exposures.n_candidates.tolist() == [0, 1, 1, 2, 0]


def test_attribution__little_data__wider_intervals_than_much(fitted: Fitted) -> None:
    scarce = fit(few([("a", "x", 0), ("c", "x", 1), ("b", "x", 4)], [("a", "b"), ("b", "c")])).shares
    much = fitted.shares
    contested = much.exposures.n_candidates[much.exposures.position] > 1
    assert (scarce.high - scarce.low).mean() > 2 * (much.high - much.low)[contested].mean()
    assert (scarce.outside_high - scarce.outside_low)[2] > 0.1


def test_log_total__any_scale__is_the_log_of_the_sum() -> None:
    each, outside = torch.tensor([-800.0, -801.0, 2.0]), torch.tensor([-802.0, 1.0, -5.0])
    total = log_total(each, torch.tensor([0, 0, 1]), outside)
    expected = [-800 + np.log(1 + np.exp(-1) + np.exp(-2)), np.log(np.exp(2) + np.exp(1)), -5.0]
    np.testing.assert_allclose(total.numpy(), expected, rtol=1e-6)


def test_density__integrated__is_what_has_elapsed() -> None:
    hazard = CandidateHazard(2, 0, 1)
    with torch.no_grad():
        hazard.delay.copy_(torch.randn(hazard.delay.shape, generator=torch.Generator().manual_seed(0)))
    grid = torch.logspace(-2, 6, 40_001, dtype=torch.float64).float()
    density = hazard.log_density(grid).exp().detach().double().numpy()
    area = np.trapezoid(density, grid.double().numpy())
    assert abs(area - float((hazard.elapsed(grid[-1:]) - hazard.elapsed(grid[:1])).detach())) < 1e-3
