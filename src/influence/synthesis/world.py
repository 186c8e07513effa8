"""The synthetic world as a whole: a network of records, and the truth beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from influence.data.network import Network
from influence.synthesis import acceptance as law
from influence.synthesis import activity, places, tables
from influence.synthesis.acceptance import Answers
from influence.synthesis.config import WorldConfig
from influence.synthesis.forecast import Forecast, best_forecast, to_horizons
from influence.synthesis.people import make_firms, make_people
from influence.synthesis.requests import make_follow_up, make_requests, make_warm_up
from influence.synthesis.sampling import Adjacency
from influence.synthesis.ties import make_ties


@dataclass(frozen=True)
class World:
    """A simulated world."""

    network: Network
    """What a team would have on record."""
    truth: Mapping[str, pd.DataFrame]
    """What no record names: one table per subject."""


def simulate(config: WorldConfig) -> World:
    """Simulate a world; the same settings give the same world."""
    firms, circle_country = make_firms(config)
    people = make_people(config, firms, circle_country)
    ties = make_ties(config, people)
    lists = Adjacency.of(ties.source, ties.target, config.n_contacts)
    actions = activity.make_actions(config, people, ties, lists)
    requests = make_requests(config, people, ties, lists)
    warm_up = make_warm_up(config, people, requests)
    facts = law.see_facts(config, firms, people, requests, warm_up, actions)
    laws = law.fitted(config, people, ties, lists, requests, facts)
    answers = law.draw_answers(config, laws, people, ties, lists, requests, facts)
    follow_up = make_follow_up(config, people, requests, answers.accepted_at)
    everything = activity.Actions.concatenate([actions, warm_up, follow_up])
    ids = tables.Ids(config)
    unrecorded = config.rng("unrecorded").lognormal(0.3, 0.25, config.n_contacts)
    land = places.countries(config.n_countries)
    rows = {
        "contacts": tables.contact_rows(config, ids, people, ties, lists, unrecorded),
        "companies": tables.company_rows(config, ids, firms),
        "connections": tables.connection_rows(config, ids, ties, requests, answers),
        "invitations": tables.invitation_rows(config, ids, requests, answers),
        "interactions": tables.interaction_rows(config, ids, everything),
        "countries": tables.conform("countries", land),
        "country_pairs": places.country_pairs(land),
    }
    best = best_forecast(config, laws, people, requests, facts, answers, everything)
    truth = {"acceptance": _acceptance_truth(answers, best)}
    return World(Network.from_tables(rows, notes=(f"A synthetic world, seed {config.seed}.",)), truth)


def _acceptance_truth(answers: Answers, best: Forecast) -> pd.DataFrame:
    true = to_horizons(answers.p_ever, answers.p_fast)
    return pd.DataFrame(
        {
            "invitation_id": tables.names("i", len(answers.p_ever)),
            "p_at_once": true.p_at_once,
            "p_within_3_weeks": true.p_within_3_weeks,
            "best_p_at_once": best.p_at_once,
            "best_p_within_3_weeks": best.p_within_3_weeks,
        }
    )


def synthesize(n_contacts: int = 2_000, *, seed: int = 0, effect: bool = True, **settings: object) -> Network:
    """The records of a synthetic world.

    Parameters
    ----------
    n_contacts
        People in the records.
    seed
        The same seed gives the same tables.
    effect
        False: the no-effect world, in which the graph explains nothing.
    **settings
        Further fields of `WorldConfig`.
    """
    return simulate(WorldConfig(n_contacts=n_contacts, seed=seed, effect=effect, **settings)).network  # type: ignore[arg-type]
