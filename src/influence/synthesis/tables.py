"""The world's positions and seconds as tables of the schema."""

from __future__ import annotations

import numpy as np
import pandas as pd

from influence.schema import INTERACTION_KINDS, OUTCOMES, SENIORITY, TABLES
from influence.synthesis.acceptance import Answers
from influence.synthesis.activity import Actions
from influence.synthesis.config import WorldConfig
from influence.synthesis.people import INDUSTRIES, JOB_FUNCTIONS, TOPICS, Firms, People
from influence.synthesis.places import countries
from influence.synthesis.requests import Requests
from influence.synthesis.sampling import Adjacency, Floats, Ints
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


def contact_rows(
    config: WorldConfig, ids: Ids, people: People, ties: Ties, lists: Adjacency, unrecorded: Floats
) -> pd.DataFrame:
    """First observation of everyone just before the window; a second at each promotion."""
    rng = config.rng("contact rows")
    n = config.n_contacts
    promoted = np.flatnonzero(people.promoted_at <= config.seconds)
    person = np.concatenate([np.arange(n), promoted])
    at = np.concatenate([-1 - rng.integers(0, 30 * 86_400, n), people.promoted_at[promoted]])
    early = np.bincount(
        np.concatenate([ties.source, ties.target]), np.tile(ties.connected_at < 0, 2), minlength=n
    )
    degree = np.concatenate([early, lists.degree[promoted]])
    seen = rng.random(n)[person]
    rows = pd.DataFrame(
        {
            "contact_id": pick(ids.contact, person),
            "observed_at": moments(config, at),
            "company_id": pick(ids.company, people.firm[person]),
            "country": pick(list(countries(config.n_countries)["country"]), people.country[person]),
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
            "country": pick(list(countries(config.n_countries)["country"]), firms.country),
            "industry": pick(INDUSTRIES, firms.industry),
            "employees": pd.array(firms.employees, dtype="Int64"),
            "founded_year": pd.array(firms.founded, dtype="Int64"),
            "revenue": np.where(rng.random(len(revenue)) < 0.7, revenue, np.nan),
            "currency": pd.Series("EUR", index=range(len(revenue)), dtype="str"),
            "domain": ids.company + ".example",
        }
    )
    return conform("companies", rows)


def connection_rows(
    config: WorldConfig, ids: Ids, ties: Ties, requests: Requests, answers: Answers
) -> pd.DataFrame:
    """Ties without a recorded invitation, then those that acceptances made."""
    won = np.flatnonzero(answers.accepted_at <= config.seconds)
    removed = np.concatenate([ties.removed_at, np.full(len(won), config.seconds + 1)])
    connected = np.concatenate([ties.connected_at, answers.accepted_at[won]])
    order = np.argsort(connected, kind="stable")
    rows = pd.DataFrame(
        {
            "source_id": pick(ids.contact, np.concatenate([ties.source, requests.sender[won]])[order]),
            "target_id": pick(ids.contact, np.concatenate([ties.target, requests.recipient[won]])[order]),
            "connected_at": moments(config, connected[order]),
            "removed_at": moments(config, removed[order]),
            "direction": pick(("mutual",), np.zeros(len(order), np.int64)),
        }
    )
    return conform("connections", rows)


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


def interaction_rows(config: WorldConfig, ids: Ids, actions: Actions) -> pd.DataFrame:
    """Every action, in order of time."""
    rng = config.rng("interaction rows")
    size = len(actions)
    # Only words carry a tone.
    worded = np.isin(
        actions.kind, [INTERACTION_KINDS.index(kind) for kind in ("message", "comment", "email", "mention")]
    )
    rows = pd.DataFrame(
        {
            "event_id": names("e", size),
            "actor_id": pick(ids.contact, actions.actor),
            "target_id": pick(ids.contact, actions.target),
            "kind": pick(INTERACTION_KINDS, actions.kind),
            "at": moments(config, actions.at),
            "topic": pick(TOPICS, actions.topic),
            "sentiment": np.where(worded, np.tanh(rng.normal(0.3, 0.6, size)).round(3), np.nan),
        }
    )
    return conform("interactions", rows)
