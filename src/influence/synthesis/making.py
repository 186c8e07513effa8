"""The order in which a world comes about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from influence.progress import Tell, silent
from influence.synthesis import acceptance, activity
from influence.synthesis.acceptance import Answers, Facts, Laws
from influence.synthesis.activity import Actions
from influence.synthesis.config import WorldConfig
from influence.synthesis.contents import Contents, make_contents
from influence.synthesis.leaders import Sway, make_sway
from influence.synthesis.partners import Affinity, Deals, Links, make_affinity, make_deals, make_links
from influence.synthesis.people import Firms, People, make_firms, make_people
from influence.synthesis.requests import Requests, make_follow_up, make_requests, make_warm_up
from influence.synthesis.sampling import Adjacency
from influence.synthesis.takeup import TakeUps, make_take_ups
from influence.synthesis.ties import Ties, make_ties

STEPS = ("people and ties", "interactions", "invitations", "answers", "take-ups", "links and deals")
"""What a world comes about in, as it is told."""


@dataclass(frozen=True)
class Making:
    """A world in positions and seconds, before it is written into tables."""

    config: WorldConfig
    firms: Firms
    people: People
    sway: Sway
    ties: Ties
    """Ties without a recorded invitation."""
    all_ties: Ties
    """These, then the ties that acceptances made."""
    lists: Adjacency
    """Neighbour lists of `ties`."""
    requests: Requests
    facts: Facts
    laws: Laws
    answers: Answers
    actions: Actions
    """All interactions: along ties, before invitations, after acceptances."""
    contents: Contents
    take_ups: TakeUps
    affinity: Affinity
    links: Links
    deals: Deals


def make(config: WorldConfig, progress: Tell = silent) -> Making:
    """Let a world come about: people, ties, actions, invitations, answers, take-ups, links, deals."""

    def begin(step: str) -> None:
        progress(f"simulating {step}", STEPS.index(step), len(STEPS))

    begin("people and ties")
    firms, circle_country = make_firms(config)
    people = make_people(config, firms, circle_country)
    sway = make_sway(config, people)
    ties = make_ties(config, people)
    lists = Adjacency.of(ties.source, ties.target, config.n_contacts)
    begin("interactions")
    along_ties = activity.make_actions(config, people, sway, ties, lists)
    begin("invitations")
    requests = make_requests(config, people, ties, lists)
    warm_up = make_warm_up(config, people, requests)
    facts = acceptance.see_facts(config, firms, people, requests, warm_up, along_ties)
    begin("answers")
    laws = acceptance.fitted(config, people, ties, lists, requests, facts)
    answers = acceptance.draw_answers(config, laws, people, ties, lists, requests, facts)
    follow_up = make_follow_up(config, people, requests, answers.accepted_at)
    all_ties = with_won_ties(config, ties, requests, answers)
    ties = all_ties.take(slice(len(ties)))  # a view: they are many
    begin("take-ups")
    lists_then = Adjacency.of(all_ties.source, all_ties.target, config.n_contacts)
    take_ups = make_take_ups(config, people, sway, all_ties, lists_then)
    begin("links and deals")
    affinity = make_affinity(config)
    return Making(
        config=config,
        firms=firms,
        people=people,
        sway=sway,
        ties=ties,
        all_ties=all_ties,
        lists=lists,
        requests=requests,
        facts=facts,
        laws=laws,
        answers=answers,
        actions=Actions.concatenate([along_ties, warm_up, follow_up]),
        contents=make_contents(config, people),
        take_ups=take_ups,
        affinity=affinity,
        links=make_links(config, firms, affinity),
        deals=make_deals(config, firms, people, affinity, requests, answers.accepted_at),
    )


def with_won_ties(config: WorldConfig, ties: Ties, requests: Requests, answers: Answers) -> Ties:
    """The ties without a recorded invitation, then those that acceptances made."""
    won = np.flatnonzero(answers.accepted_at <= config.seconds)
    never = np.full(len(won), config.seconds + 1)
    columns = (
        (ties.source, requests.sender[won]),
        (ties.target, requests.recipient[won]),
        (ties.connected_at, answers.accepted_at[won]),
        (ties.removed_at, never),
    )
    return Ties(*(np.concatenate([ours, new.astype(np.int32)]) for ours, new in columns))
