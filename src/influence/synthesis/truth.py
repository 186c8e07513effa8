"""The truth of a world: what no record names, one table per subject, ids as in the records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from influence.synthesis import acceptance as law
from influence.synthesis.facts import achieved_facts
from influence.synthesis.forecast import best_forecast, to_horizons
from influence.synthesis.making import Making
from influence.synthesis.people import TOPICS
from influence.synthesis.tables import Ids, moments, names, pick


def truth_tables(making: Making, ids: Ids) -> Iterator[tuple[str, pd.DataFrame]]:
    """Every table of the truth, one after another.

    Yields
    ------
    name, rows
        ``acceptance``: chances of every invitation under the laws with all traits, and the best forecast
        given the observables.  ``worth``: what each kind of evidence adds to the logit of every invitation;
        the rest of it is the same for all, the season, or a shared topic, which no record shows.
        ``traits``: one row per contact.  ``influence``: one row per contact and topic, p(u -> v, topic) =
        influence of u x susceptibility of v, at most 0.6.  ``parents``: who swayed whom (NA: from outside)
        and the chance of that given all take-ups.  ``partners``: pairs of firms that considered each
        other, and when; the own firm with every other.
    """
    yield "acceptance", _acceptance(making)
    yield "worth", _worth(making)
    yield "traits", _traits(making, ids)
    yield "influence", _influence(making, ids)
    yield "parents", _parents(making, ids)
    yield "partners", _partners(making, ids)


def world_facts(making: Making) -> dict[str, Any]:
    """Settings, laws and what the world turned out to be, ready for JSON."""
    laws = {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in vars(making.laws).items()
    }
    facts = achieved_facts(
        making.config, making.firms, making.people, making.ties, making.lists, making.requests,
        making.answers, making.actions,
    )  # fmt: skip
    return {
        "config": making.config.model_dump(),
        "effect": making.config.effect,
        "laws": laws if making.config.effect else {"constant_chance": law.OVERALL_RATE},
        "facts": facts,
    }


def _acceptance(making: Making) -> pd.DataFrame:
    answers = making.answers
    true = to_horizons(answers.p_ever, answers.p_fast)
    best = best_forecast(
        making.config, making.laws, making.people, making.requests, making.facts, answers, making.actions
    )
    return pd.DataFrame(
        {
            "invitation_id": names("i", len(making.requests)),
            "p_at_once": true.p_at_once,
            "p_within_3_weeks": true.p_within_3_weeks,
            "p_ever": answers.p_ever,
            "best_p_at_once": best.p_at_once,
            "best_p_within_3_weeks": best.p_within_3_weeks,
            "n_mutual": answers.mutual,
        }
    )


def _worth(making: Making) -> pd.DataFrame:
    laws, facts, people = making.laws, making.facts, making.people
    recipient, sender = making.requests.recipient, making.requests.sender
    circle = people.circle_openness[people.circle[recipient]]
    terms = {
        "mutual": laws.mutual_peak * law.mutual_worth(making.answers.mutual),
        "dealings": laws.warmth * np.log1p(facts.warmth),
        "recipient_habit": laws.openness * people.openness[recipient],
        "recipient_load": laws.load * np.log1p(facts.load),
        "recipient_activity": laws.activity * np.log1p(facts.own_actions),
        "recipient_profile": laws.seniority[facts.seniority],
        "recipient_company": laws.band[facts.band],
        "recipient_circle": laws.busy * facts.busyness + laws.circle * circle,
        "sender_record": laws.appeal * people.appeal[sender],
        "sender_profile": laws.quality * facts.quality,
        "geography": laws.same_country * facts.same_country,
        "similarity": laws.same_industry * facts.same_industry + laws.seniority_gap * facts.gap,
        "note": laws.note[facts.seniority] * facts.note,
    }
    on = float(making.config.effect)
    ids = pd.DataFrame({"invitation_id": names("i", len(making.requests))})
    return ids.assign(**{name: on * term for name, term in terms.items()})


def _traits(making: Making, ids: Ids) -> pd.DataFrame:
    people, laws, on = making.people, making.laws, float(making.config.effect)
    return pd.DataFrame(
        {
            "contact_id": ids.contact,
            "circle": people.circle,
            "second_circle": people.second_circle,
            "main_topic": pick(TOPICS, people.interest),
            "openness": on
            * (laws.circle * people.circle_openness[people.circle] + laws.openness * people.openness),
            "appeal": on * laws.appeal * people.appeal,
            "haste": on
            * (laws.haste_circle * people.circle_haste[people.circle] + laws.haste * people.haste),
            "actions_per_window": people.activity,
            "is_leader": making.sway.leader,
        }
    )


def _influence(making: Making, ids: Ids) -> pd.DataFrame:
    n, topics = making.sway.influence.shape
    return pd.DataFrame(
        {
            "contact_id": pick(ids.contact, np.repeat(np.arange(n), topics)),
            "topic": pick(TOPICS, np.tile(np.arange(topics), n)),
            "influence": making.sway.influence.ravel(),
            "susceptibility": making.sway.susceptibility.ravel(),
        }
    )


def _parents(making: Making, ids: Ids) -> pd.DataFrame:
    found = making.take_ups
    return pd.DataFrame(
        {
            "contact_id": pick(ids.contact, found.person),
            "item": pick(names("x", making.config.n_items), found.item),
            "parent_id": pick(ids.contact, found.parent),
            "p_parent": found.share,
        }
    )


def _partners(making: Making, ids: Ids) -> pd.DataFrame:
    links, size = making.links, making.config.companies
    others = np.arange(1, size)
    own = np.zeros(size - 1, np.int64)
    direct = making.affinity.direct(making.firms, own, others)
    both = pd.DataFrame(
        {
            "source_id": pick(ids.company, np.concatenate([links.source, own])),
            "target_id": pick(ids.company, np.concatenate([links.target, others])),
            "direct": np.concatenate([links.direct, direct]),
            "indirect": np.concatenate([links.indirect, making.links.indirect_to_own(size)]),
            "considered": np.repeat([True, False], [len(links.at), size - 1]),
            "linked": np.concatenate([links.linked, np.zeros(size - 1, bool)]),
        }
    )
    # when they considered each other; of the own firm with every other, never
    both["at"] = pd.concat(
        [moments(making.config, links.at), pd.Series(pd.NaT, range(size - 1), "datetime64[us, UTC]")],
        ignore_index=True,
    )
    both["affinity"] = both["direct"] + both["indirect"]
    return both
