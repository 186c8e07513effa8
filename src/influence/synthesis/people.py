"""Firms, people, and the traits that no table names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from influence.schema import SENIORITY
from influence.synthesis.config import SECONDS_PER_DAY, WorldConfig
from influence.synthesis.places import countries
from influence.synthesis.sampling import Floats, Groups, Ints, draw_weighted

INDUSTRIES = (
    "software", "machinery", "automotive", "chemicals", "logistics", "finance", "health", "retail",
    "energy", "construction", "food", "electronics", "education", "media", "consulting", "textiles",
)  # fmt: skip
TOPICS = (
    "machining", "automation", "pricing", "logistics", "compliance", "recruiting",
    "data", "sustainability", "sales", "security", "finance", "design",
)  # fmt: skip
JOB_FUNCTIONS = ("sales", "engineering", "purchasing", "marketing", "finance", "operations", "people", "it")
SENIORITY_SHARE = (0.12, 0.20, 0.26, 0.17, 0.11, 0.07, 0.07)
SIZE_BANDS = (0, 50, 250, 5_000)
"""Lower ends of the bands of firm size, in employees."""
FIRM_SIZE_SHARE = (0.70, 0.18, 0.09, 0.03)
# 90-9-1: many lurk, some contribute, a few write most.  Actions per year before scaling.
ACTIVITY_SHARE = (0.90, 0.09, 0.01)
ACTIVITY_RATE = (2.0, 20.0, 300.0)
CIRCLE_TOPIC = 0.5
"""Chance that a person's main topic is that of the circle; else any topic, evenly."""


@dataclass(frozen=True)
class Firms:
    """Firms by position; the own firm is number 0."""

    country: Ints
    industry: Ints
    employees: Ints
    band: Ints
    """[firms] position in `SIZE_BANDS`."""
    founded: Ints
    circle: Ints
    """[firms] the circle in which most of its people move."""


@dataclass(frozen=True)
class People:
    """People by position: what the tables show, then the traits that they do not."""

    firm: Ints
    country: Ints
    industry: Ints
    job_function: Ints
    seniority: Ints
    """[n] position in `schema.SENIORITY` at the start."""
    promoted_at: Ints
    """[n] seconds since the start at which seniority rises by one; beyond the end: never."""
    quality: Floats
    """[n] completeness of the profile, 0 to 1."""
    own_team: np.ndarray
    circle: Ints
    """[n] hidden community: ties are dense inside, openness is shared."""
    second_circle: Ints
    """[n] another circle with looser ties to it."""
    interest: Ints
    """[n] hidden main topic."""
    activity: Floats
    """[n] actions along ties per year."""
    sociability: Floats
    """[n] weight when ties are formed."""
    popularity: Floats
    """[n] weight when recipients of invitations are chosen."""
    openness: Floats
    """[n] individual part of the readiness to accept, in standard deviations."""
    haste: Floats
    """[n] individual part of answering fast, in standard deviations."""
    appeal: Floats
    """[n] how readily this sender is accepted, in standard deviations."""
    circle_openness: Floats
    """[circles] part of the openness that a circle shares, in standard deviations."""
    circle_haste: Floats
    """[circles] part of the haste that a circle shares, in standard deviations."""
    circle_interest: Ints
    """[circles] main topic of the circle."""

    def seniority_at(self, person: Ints, at: Ints) -> Ints:
        """Seniority of each person strictly after any promotion before `at` (seconds)."""
        return self.seniority[person] + (self.promoted_at[person] < at)


def make_firms(config: WorldConfig) -> tuple[Firms, Ints]:
    """Draw the firms; also the home country of every circle, [circles]."""
    rng = config.rng("firms")
    n, weight = config.companies, countries(config.n_countries)["weight"].to_numpy()
    circle_country = draw_weighted(weight, config.circles, rng)
    circle = rng.integers(0, config.circles, n)
    country = np.where(rng.random(n) < 0.93, circle_country[circle], draw_weighted(weight, n, rng))
    band = rng.choice(len(FIRM_SIZE_SHARE), n, p=FIRM_SIZE_SHARE)
    band[0] = 1
    low = np.array([5, 50, 250, 5_000])[band]
    high = np.array([50, 250, 5_000, 60_000])[band]
    employees = np.exp(rng.uniform(np.log(low), np.log(high))).astype(np.int64).clip(low, high - (band < 3))
    founded = (2022 - rng.gamma(2.0, 12.0, n)).astype(np.int64).clip(1900, 2022)
    return Firms(
        country, rng.integers(0, config.n_industries, n), employees, band, founded, circle
    ), circle_country


def make_people(config: WorldConfig, firms: Firms, circle_country: Ints) -> People:
    """Draw the people, own team first."""
    rng = config.rng("people")
    n, circles = config.n_contacts, config.circles
    firm, own = _employers(config, firms, rng)
    country = np.where(
        rng.random(n) < 0.95, firms.country[firm], draw_weighted(np.ones(config.n_countries), n, rng)
    )
    circle, second = _circles(firms.circle[firm], country, circle_country, own, rng)
    circle_interest = rng.integers(0, config.n_topics, circles)
    seniority = rng.choice(len(SENIORITY), n, p=SENIORITY_SHARE)
    promoted = (rng.random(n) < 0.08) & (seniority < len(SENIORITY) - 1)
    activity = rng.gamma(2.0, 0.5, n) * np.array(ACTIVITY_RATE)[rng.choice(3, n, p=ACTIVITY_SHARE)]
    sociability = rng.lognormal(0.0, 0.5, n)
    return People(
        firm=firm,
        country=country,
        industry=firms.industry[firm],
        job_function=rng.integers(0, len(JOB_FUNCTIONS), n),
        seniority=seniority,
        promoted_at=np.where(promoted, rng.integers(SECONDS_PER_DAY, config.seconds, n), config.seconds + 1),
        quality=rng.beta(4.0, 2.0, n).round(3),
        own_team=own,
        circle=circle,
        second_circle=second,
        interest=np.where(
            rng.random(n) < CIRCLE_TOPIC, circle_interest[circle], rng.integers(0, config.n_topics, n)
        ),
        activity=activity * config.interactions_per_contact * n / max(activity.sum(), 1e-9),
        sociability=sociability,
        # Whom many know, many invite.
        popularity=sociability * rng.lognormal(0.0, 0.9, n),
        openness=rng.standard_normal(n),
        haste=rng.standard_normal(n),
        appeal=rng.standard_normal(n),
        circle_openness=rng.standard_normal(circles),
        circle_haste=rng.standard_normal(circles),
        circle_interest=circle_interest,
    )


def _employers(config: WorldConfig, firms: Firms, rng: np.random.Generator) -> tuple[Ints, np.ndarray]:
    """The firm of every person and who belongs to the own team (the staff of firm 0)."""
    # The records hold a few people of each firm: more of large firms, but far from in proportion.
    weight = np.array([1.0, 4.5, 10.0, 22.0])[firms.band]
    weight[0] = 0.0
    firm = draw_weighted(weight, config.n_contacts, rng)
    own = np.arange(config.n_contacts) < config.team
    firm[own] = 0
    return firm, own


def _circles(
    of_firm: Ints, country: Ints, circle_country: Ints, own: np.ndarray, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """The hidden circles of every person: the firm's, one of the country, or any; and a second one."""
    n, circles = len(country), len(circle_country)
    n_countries = int(max(country.max(), circle_country.max())) + 1
    by_country = Groups.of(circle_country, np.ones(circles), n_countries)

    def domestic() -> Ints:
        drawn = by_country.draw(country, rng)
        return np.where(drawn >= 0, drawn, rng.integers(0, circles, n))

    mode = rng.random(n)
    first = np.where(mode > 0.97, rng.integers(0, circles, n), domestic())
    # The own team is spread over the circles of its country: that is how it meets people.
    return np.where((mode < 0.4) & ~own, of_firm, first), domestic()
