"""Links between firms, the affinity behind them, and the own firm's deals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from influence.schema import COMPANY_LINK_KINDS
from influence.synthesis import places
from influence.synthesis.acceptance import mutual_worth, sigmoid, walk
from influence.synthesis.config import SECONDS_PER_DAY, WorldConfig
from influence.synthesis.people import Firms, People
from influence.synthesis.requests import Requests
from influence.synthesis.sampling import Adjacency, Floats, Groups, Ints, unique_pairs

HISTORY_DAYS = 5 * 365
FACTORS = 4
INDIRECT_PEAK = 2.5
"""Worth of common partners at the peak, on the logit of a link."""
CANDIDATES = 14
"""Firms that every firm considers, before the window and again within it."""
AMONG_COMPATRIOTS = 0.5
"""Share of those that are drawn from the own country; of the rest anyone."""
AMONG_FURTHER = 0.4
"""Share of those in the window that are partners of partners, where there are any."""
BASE_RATE = 0.3


@dataclass(frozen=True)
class Affinity:
    """What draws two firms together, on the logit of a link."""

    industry_fit: Floats
    """[industries, industries] symmetric."""
    taste: Floats
    """[firms, FACTORS] latent fit of single firms."""
    gravity: Floats
    """[countries, countries] distance, border, language, colonial past."""
    level: float

    def direct(self, firms: Firms, a: Ints, b: Ints) -> Floats:
        """Direct affinity of each pair of firms."""
        fit = self.industry_fit[firms.industry[a], firms.industry[b]] + (self.taste[a] * self.taste[b]).sum(1)
        return self.level + fit + self.gravity[firms.country[a], firms.country[b]]


@dataclass(frozen=True)
class Links:
    """Pairs of firms that considered each other, in order of time, and whether they linked up."""

    source: Ints
    target: Ints
    at: Ints
    linked: np.ndarray
    direct: Floats
    indirect: Floats
    """Worth of the partners that both had at the time."""
    kind: Ints
    indirect_peak: float

    def indirect_to_own(self, n_firms: int) -> Floats:
        """[firms - 1] worth of the partners in common with the own firm, number 0, at the end."""
        a, b = self.source[self.linked], self.target[self.linked]
        partner = np.zeros(n_firms, bool)
        partner[b[a == 0]] = True
        partner[a[b == 0]] = True
        common = np.bincount(a[partner[b]], minlength=n_firms) + np.bincount(b[partner[a]], minlength=n_firms)
        return self.indirect_peak * mutual_worth(common[1:])


def make_affinity(config: WorldConfig) -> Affinity:
    """Draw the affinities; all zero but the level in the no-effect world."""
    rng = config.rng("affinity")
    land = places.countries(config.n_countries)
    pairs = places.country_pairs(land)
    distance, border, language, colonial = (
        places.pair_matrix(land, pairs, name)
        for name in ("distance_km", "shares_border", "shares_language", "colonial_tie")
    )
    gravity = -0.7 * np.log((distance + 300) / 300) + 0.4 * border + 0.6 * language + 0.3 * colonial
    fit = rng.normal(0, 0.8, (config.n_industries, config.n_industries))
    taste = rng.normal(0, 0.6, (config.companies, FACTORS))
    level = float(np.log(BASE_RATE / (1 - BASE_RATE)))
    on = float(config.effect)
    return Affinity(on * (fit + fit.T) / 2, on * taste, on * gravity, level + 0.6 * on)


def make_links(config: WorldConfig, firms: Firms, affinity: Affinity) -> Links:
    """Links of the years before by direct affinity, then links of the window that build on them."""
    rng = config.rng("links")
    n = config.companies
    past = _candidates(config, firms, rng, None)
    at = -np.sort(rng.integers(1, HISTORY_DAYS * SECONDS_PER_DAY, len(past[0])))[::-1]
    direct = affinity.direct(firms, *past)
    linked = rng.random(len(at)) < sigmoid(direct)
    lists = Adjacency.of(past[0][linked], past[1][linked], n)
    a, b = _candidates(config, firms, rng, lists)
    new = unique_pairs(np.concatenate([past[0], a]), np.concatenate([past[1], b]), n)
    new = rng.permutation(new[new >= len(at)] - len(at))
    a, b = a[new], b[new]
    when = np.sort(rng.integers(0, config.seconds, len(new)))
    base = affinity.direct(firms, a, b)
    peak = INDIRECT_PEAK * config.effect
    since = at[linked].astype(np.int32)
    forever = np.full(len(since), config.seconds + 1, np.int32)
    mutual, _, joined = walk(
        a, b, when, base, peak, rng.random(len(new)), np.zeros(len(new), np.int64), n,
        lists.start, lists.neighbour, lists.tie, since, forever,
    )  # fmt: skip
    return Links(
        source=np.concatenate([past[0], a]),
        target=np.concatenate([past[1], b]),
        at=np.concatenate([at, when]),
        linked=np.concatenate([linked, joined]),
        direct=np.concatenate([direct, base]),
        indirect=np.concatenate([np.zeros(len(at)), peak * mutual_worth(mutual)]),
        kind=rng.choice(3, len(at) + len(new), p=(0.4, 0.35, 0.25)),
        indirect_peak=peak,
    )


LINK_KINDS = ("supplier", "customer", "partner")
assert set(LINK_KINDS) <= set(COMPANY_LINK_KINDS)


def _candidates(
    config: WorldConfig, firms: Firms, rng: np.random.Generator, lists: Adjacency | None
) -> tuple[Ints, Ints]:
    """Pairs that consider each other, each once: compatriots, partners' partners, anyone.

    In the no-effect world only anyone: else country and graph would foretell links after all.
    """
    n = config.companies
    source = np.repeat(np.arange(n), CANDIDATES)
    anyone = rng.integers(0, n, len(source))
    same = Groups.of(firms.country, np.ones(n), int(firms.country.max()) + 1).draw(firms.country[source], rng)
    target = np.where((rng.random(len(source)) < AMONG_COMPATRIOTS) & config.effect, same, anyone)
    if lists is not None and config.effect:
        further = _neighbour(lists, _neighbour(lists, source, rng), rng)
        target = np.where((rng.random(len(source)) < AMONG_FURTHER) & (further >= 0), further, target)
    kept = rng.permutation(unique_pairs(source, target, n))
    return source[kept], target[kept]


def _neighbour(lists: Adjacency, person: Ints, rng: np.random.Generator) -> Ints:
    """A random neighbour of each; -1 where there is none."""
    known = np.maximum(person, 0)
    degree = lists.degree[known]
    slot = lists.start[known] + (rng.random(len(person)) * degree).astype(np.int64)
    found = (person >= 0) & (degree > 0)
    return (
        np.where(found, lists.neighbour[np.where(found, slot, 0)], -1)
        if len(lists.neighbour)
        else person * 0 - 1
    )


@dataclass(frozen=True)
class Deals:
    """Deals of the own firm; times in seconds since the start."""

    firm: Ints
    opened_at: Ints
    closed_at: Ints
    """Beyond the end where still open."""
    won: np.ndarray
    amount: Floats
    role_deal: Ints
    role_person: Ints
    role_sells: np.ndarray


def make_deals(
    config: WorldConfig,
    firms: Firms,
    people: People,
    affinity: Affinity,
    requests: Requests,
    accepted_at: Ints,
) -> Deals:
    """Deals opened after acceptances elsewhere; won where firms fit and people know each other."""
    rng = config.rng("deals")
    own = people.own_team
    through = np.flatnonzero((accepted_at < config.seconds) & own[requests.sender] & ~own[requests.recipient])
    through = np.sort(rng.choice(through, min(len(through), max(1, config.n_contacts // 25)), replace=False))
    firm = people.firm[requests.recipient[through]]
    opened = (
        accepted_at[through] + 3_600 + rng.exponential(30 * SECONDS_PER_DAY, len(through)).astype(np.int64)
    )
    kept = np.flatnonzero(opened < config.seconds)
    kept = kept[np.argsort(opened[kept], kind="stable")]
    through, firm, opened = through[kept], firm[kept], opened[kept]
    known = np.bincount(firm, minlength=config.companies)[firm] - 1
    fit = affinity.direct(firms, np.zeros(len(firm), np.int64), firm) + 0.5 * np.log1p(known) * config.effect
    closed = opened + (SECONDS_PER_DAY * rng.lognormal(np.log(60), 0.6, len(firm))).astype(np.int64)
    sellers, buyers = requests.sender[through], requests.recipient[through]
    colleague = Groups.of(people.firm, np.ones(len(people.firm)), config.companies).draw(firm, rng)
    colleague = np.where(colleague == buyers, -1, colleague)
    deal = np.arange(len(firm))
    more = np.flatnonzero(colleague >= 0)
    return Deals(
        firm=firm,
        opened_at=opened,
        closed_at=np.where(closed < config.seconds, closed, config.seconds + 1),
        won=rng.random(len(firm)) < sigmoid(fit),
        amount=rng.lognormal(10.0, 1.0, len(firm)).round(-2),
        role_deal=np.concatenate([deal, deal, more]),
        role_person=np.concatenate([sellers, buyers, colleague[more]]),
        role_sells=np.repeat([True, False], [len(deal), len(deal) + len(more)]),
    )
