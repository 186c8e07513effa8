"""The world's positions and seconds as tables of the schema."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from influence.schema import INTERACTION_KINDS, OUTCOMES, SENIORITY, TABLES
from influence.synthesis import places
from influence.synthesis.acceptance import Answers
from influence.synthesis.activity import KIND, Actions
from influence.synthesis.config import WorldConfig
from influence.synthesis.contents import Contents, reactions_to
from influence.synthesis.leaders import Sway
from influence.synthesis.making import Making
from influence.synthesis.partners import LINK_KINDS, Deals, Links
from influence.synthesis.people import INDUSTRIES, JOB_FUNCTIONS, TOPICS, Firms, People
from influence.synthesis.requests import Requests
from influence.synthesis.sampling import Adjacency, Ints, parts
from influence.synthesis.takeup import TakeUps
from influence.synthesis.ties import Ties

SOURCE = "synthetic"


def names(prefix: str, size: int) -> pd.Series:
    """Ids such as p0000012, one per position."""
    return prefix + pd.Series(np.arange(size)).astype("str").str.zfill(len(str(max(size - 1, 1))))


def pick(values: pd.Series | tuple[str, ...] | list[str], position: Ints) -> pd.Series:
    """The values at these positions as a string column; NA where the position is -1."""
    column = values if isinstance(values, pd.Series) else pd.Series(list(values), dtype="str")
    return pd.Series(column.array.take(position, allow_fill=True))


def moments(config: WorldConfig, seconds: Ints) -> pd.Series:
    """Seconds since the start as UTC timestamps; NaT beyond the end of the window."""
    start = np.datetime64(config.started_at.tz_localize(None), "us")
    stamps = start + np.asarray(seconds).clip(max=config.seconds + 1) * np.timedelta64(1_000_000, "us")
    stamps[np.asarray(seconds) > config.seconds] = np.datetime64("NaT")
    return pd.Series(stamps).dt.tz_localize("UTC")


def conform(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the schema's columns in its order."""
    return rows[[column.name for column in TABLES[name].columns if column.name in rows]]


class Ids:
    """The id columns of a world."""

    def __init__(self, config: WorldConfig) -> None:
        self.contact = names("p", config.n_contacts)
        self.company = names("f", config.companies)


def contact_rows(config: WorldConfig, ids: Ids, people: People, ties: Ties, lists: Adjacency) -> pd.DataFrame:
    """First observation of everyone just before the window; a second at each promotion."""
    rng = config.rng("contact rows")
    n = config.n_contacts
    promoted = np.flatnonzero(people.promoted_at <= config.seconds)
    person = np.concatenate([np.arange(n), promoted])
    at = np.concatenate([-1 - rng.integers(0, 30 * 86_400, n), people.promoted_at[promoted]])
    before = ties.connected_at < 0
    early = np.bincount(ties.source[before], minlength=n) + np.bincount(ties.target[before], minlength=n)
    degree = np.concatenate([early, lists.degree[promoted]])
    seen = rng.random(n)[person]
    # Profiles count ties to people outside these records too.
    unrecorded = rng.lognormal(0.3, 0.25, n)
    rows = pd.DataFrame(
        {
            "contact_id": pick(ids.contact, person),
            "observed_at": moments(config, at),
            "company_id": pick(ids.company, people.firm[person]),
            "country": pick(list(places.countries(config.n_countries)["country"]), people.country[person]),
            "industry": pick(INDUSTRIES, people.industry[person]),
            "job_function": pick(JOB_FUNCTIONS, np.where(seen < 0.95, people.job_function[person], -1)),
            "seniority": pick(SENIORITY, people.seniority_at(person, at + 1)),
            "n_connections": pd.array((degree * unrecorded[person]).round().astype(np.int64), dtype="Int64"),
            "profile_quality": people.quality[person],
            "is_own_team": pd.array(people.own_team[person], dtype="boolean"),
            "source": pd.Series(SOURCE, index=range(len(person)), dtype="str"),
        }
    )
    return conform("contacts", rows)


def company_rows(config: WorldConfig, ids: Ids, firms: Firms) -> pd.DataFrame:
    """One observation of every firm, before the window."""
    rng = config.rng("company rows")
    revenue = (firms.employees * rng.lognormal(12.0, 0.5, len(firms.employees))).round(-3)
    rows = pd.DataFrame(
        {
            "company_id": ids.company,
            "observed_at": moments(config, np.full(len(revenue), -31 * 86_400)),
            "country": pick(list(places.countries(config.n_countries)["country"]), firms.country),
            "industry": pick(INDUSTRIES, firms.industry),
            "employees": pd.array(firms.employees, dtype="Int64"),
            "founded_year": pd.array(firms.founded, dtype="Int64"),
            "revenue": np.where(rng.random(len(revenue)) < 0.7, revenue, np.nan),
            "currency": pd.Series("EUR", index=range(len(revenue)), dtype="str"),
            "domain": ids.company + ".example",
        }
    )
    return conform("companies", rows)


def connection_rows(config: WorldConfig, ids: Ids, ties: Ties) -> Iterator[pd.DataFrame]:
    """Ties in the order in which they formed, some millions at a time."""
    order = np.argsort(ties.connected_at, kind="stable")
    for part in parts(len(order)):
        some = ties.take(order[part])
        rows = pd.DataFrame(
            {
                "source_id": pick(ids.contact, some.source),
                "target_id": pick(ids.contact, some.target),
                "connected_at": moments(config, some.connected_at),
                "removed_at": moments(config, some.removed_at),
                "direction": pick(("mutual",), np.zeros(len(some), np.int64)),
            }
        )
        yield conform("connections", rows)


def invitation_rows(config: WorldConfig, ids: Ids, requests: Requests, answers: Answers) -> pd.DataFrame:
    """Every invitation with what had become of it at the export."""
    size = len(requests)
    rows = pd.DataFrame(
        {
            "invitation_id": names("i", size),
            "sender_id": pick(ids.contact, requests.sender),
            "recipient_id": pick(ids.contact, requests.recipient),
            "sent_at": moments(config, requests.at),
            "time_resolution": pick(("second",), np.zeros(size, np.int64)),
            "has_note": pd.array(requests.note, dtype="boolean"),
            "outcome": pick(OUTCOMES, answers.outcome),
            "responded_at": moments(config, answers.responded_at),
            "observed_until": moments(config, np.full(size, config.seconds)),
        }
    )
    return conform("invitations", rows)


def interaction_rows(
    config: WorldConfig, ids: Ids, actions: Actions, contents: Contents, sway: Sway
) -> Iterator[pd.DataFrame]:
    """Every action, in order of time, some millions at a time; words to influential people are kinder."""
    rng = config.rng("interaction rows")
    event, content = names("e", len(actions)), names("c", len(contents))
    # Only words carry a tone.
    worded = [KIND[kind] for kind in ("message", "comment", "email", "mention")]
    for part in parts(len(actions)):
        some = actions.take(part)
        weight = sway.influence[some.target, some.topic] * config.degree
        tone = np.tanh(rng.normal(0.15, 0.6, len(some)) + 0.35 * np.log1p(weight))
        rows = pd.DataFrame(
            {
                "event_id": event.iloc[part].reset_index(drop=True),
                "actor_id": pick(ids.contact, some.actor),
                "target_id": pick(ids.contact, some.target),
                "kind": pick(INTERACTION_KINDS, some.kind),
                "at": moments(config, some.at),
                "topic": pick(TOPICS, some.topic),
                "content_id": pick(content, reactions_to(contents, some, config.n_topics)),
                "sentiment": np.where(np.isin(some.kind, worded), tone.round(3), np.nan),
            }
        )
        yield conform("interactions", rows)


def content_rows(config: WorldConfig, ids: Ids, contents: Contents) -> pd.DataFrame:
    """Every post as observed when it appeared; counts follow from the interactions."""
    rows = pd.DataFrame(
        {
            "content_id": names("c", len(contents)),
            "observed_at": moments(config, contents.at),
            "author_id": pick(ids.contact, contents.author),
            "at": moments(config, contents.at),
            "topic": pick(TOPICS, contents.topic),
        }
    )
    return conform("contents", rows)


def adoption_rows(config: WorldConfig, ids: Ids, take_ups: TakeUps) -> pd.DataFrame:
    """Every take-up, in order of time."""
    order = np.argsort(take_ups.at, kind="stable")
    rows = pd.DataFrame(
        {
            "contact_id": pick(ids.contact, take_ups.person[order]),
            "item": pick(names("x", config.n_items), take_ups.item[order]),
            "at": moments(config, take_ups.at[order]),
            "topic": pick(TOPICS, take_ups.topic[take_ups.item[order]]),
        }
    )
    return conform("adoptions", rows)


def company_link_rows(config: WorldConfig, ids: Ids, links: Links) -> pd.DataFrame:
    """The pairs of firms that linked up."""
    kept = np.flatnonzero(links.linked)
    rows = pd.DataFrame(
        {
            "source_id": pick(ids.company, links.source[kept]),
            "target_id": pick(ids.company, links.target[kept]),
            "kind": pick(LINK_KINDS, links.kind[kept]),
            "at": moments(config, links.at[kept]),
        }
    )
    return conform("company_links", rows)


def deal_rows(config: WorldConfig, ids: Ids, deals: Deals) -> pd.DataFrame:
    """The own firm's deals; stage and result only once closed."""
    size, closed = len(deals.firm), deals.closed_at <= config.seconds
    won = pd.array(deals.won, dtype="boolean")
    won[~closed] = pd.NA
    rows = pd.DataFrame(
        {
            "deal_id": names("d", size),
            "company_id": pick(ids.company, deals.firm),
            "stage": pick(("closed_lost", "closed_won"), np.where(closed, deals.won.astype(np.int64), -1)),
            "amount": deals.amount,
            "currency": pick(("EUR",), np.zeros(size, np.int64)),
            "opened_at": moments(config, deals.opened_at),
            "closed_at": moments(config, deals.closed_at),
            "won": won,
        }
    )
    return conform("deals", rows)


def deal_role_rows(ids: Ids, deals: Deals) -> pd.DataFrame:
    """Who sold and who bought."""
    sells = deals.role_sells.astype(np.int64)
    rows = pd.DataFrame(
        {
            "deal_id": pick(names("d", len(deals.firm)), deals.role_deal),
            "contact_id": pick(ids.contact, deals.role_person),
            "side": pick(("buy", "sell"), sells),
            "role": pick(("decision_maker", "account_manager"), sells),
        }
    )
    return conform("deal_roles", rows)


def source_rows(config: WorldConfig) -> pd.DataFrame:
    """The one source of all rows."""
    rows = pd.DataFrame(
        {
            "source_id": pick((SOURCE,), np.zeros(1, np.int64)),
            "exported_at": moments(config, np.array([config.seconds])),
            "reader": pick((SOURCE,), np.zeros(1, np.int64)),
            "legal_basis": pick(("invented people",), np.zeros(1, np.int64)),
        }
    )
    return conform("sources", rows)


def all_tables(making: Making, ids: Ids) -> Iterator[tuple[str, pd.DataFrame]]:
    """The records of a world, table by table; a large table comes in several parts, one after another."""
    config, land = making.config, places.countries(making.config.n_countries)
    yield "contacts", contact_rows(config, ids, making.people, making.ties, making.lists)
    yield "companies", company_rows(config, ids, making.firms)
    for rows in connection_rows(config, ids, making.all_ties):
        yield "connections", rows
    yield "invitations", invitation_rows(config, ids, making.requests, making.answers)
    for rows in interaction_rows(config, ids, making.actions, making.contents, making.sway):
        yield "interactions", rows
    yield "contents", content_rows(config, ids, making.contents)
    yield "adoptions", adoption_rows(config, ids, making.take_ups)
    yield "deals", deal_rows(config, ids, making.deals)
    yield "deal_roles", deal_role_rows(ids, making.deals)
    yield "company_links", company_link_rows(config, ids, making.links)
    yield "countries", conform("countries", land)
    yield "country_pairs", places.country_pairs(land)
    yield "sources", source_rows(config)
