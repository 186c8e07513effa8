"""Reasons in words: facts as they were, numbers with their sign, the largest first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.graph.worlds import at, random_network, small_network

from influence.data import Network
from influence.explanation.groups import NAMES
from influence.explanation.words import PHRASES, Evidence, evidence_of, reasons
from influence.graph.loading import QuerySet
from influence.graph.pairs import PairFeatures
from influence.graph.state import shrunk_part, shrunk_rate
from influence.tasks.acceptance import queries_of


def evidence(sender: str, recipient: str, days: float, network: Network | None = None) -> Evidence:
    features = PairFeatures(small_network() if network is None else network)
    pair = pd.DataFrame({"sender_id": [sender], "recipient_id": [recipient], "sent_at": [at(days)]})
    note = pd.array([True], dtype="boolean")
    return evidence_of(QuerySet(features, queries_of(pair.assign(has_note=note), features.graph)))[0]


@pytest.mark.parametrize(
    ("group", "days", "expected"),
    [
        ("mutual", 1.5, "no mutual connections"),
        ("mutual", 3.0, "1 mutual connection, cat"),
        ("mutual", 6.0, "2 mutual connections, the strongest through dan and cat"),
        ("dealings", 6.0, "no dealings before"),
        (
            "dealings",
            7.5,
            "2 dealings before, the latest a message by the sender 12 hours ago, 1 earlier request",
        ),
        ("dealings", 8.5, "3 dealings before, the latest a message by the recipient 12 hours ago"),
        ("recipient_habit", 6.0, "recipient never asked before"),
        ("recipient_habit", 6.9, "recipient accepted none of 2 requests"),
        (
            "recipient_habit",
            9.0,
            "recipient accepted 1 of 2 requests, after 1 day, the latest ann's 2 days",
        ),
        ("recipient_load", 6.2, "1 request open with the recipient, the latest came 5 hours ago"),
        ("recipient_load", 7.5, "1 request open with the recipient, the latest came 1 day ago"),
        ("recipient_activity", 7.5, "no actions by the recipient on record, 3 people around"),
        ("recipient_activity", 9.0, "1 action by the recipient, the latest 1 day ago, 2 people around"),
        ("sender_record", 6.0, "no earlier request by the sender"),
        ("sender_record", 9.0, "1 of 1 request by the sender accepted so far"),
        (
            "recipient_circle",
            9.0,
            "the recipient's last connections, requests and dealings, and 2 people around, whom nobody",
        ),
        ("recipient_profile", 9.0, "recipient is of unknown seniority"),
        ("recipient_company", 9.0, "nothing known of the recipient's company"),
        ("geography", 9.0, "countries unknown"),
        ("similarity", 9.0, "little known to compare the two by"),
        ("note", 9.0, "with a note"),
        ("time", 9.5, "asked on a Friday at 12 h UTC"),
    ],
)
def test_phrase__worked_by_hand__as_it_stood_before(group: str, days: float, expected: str) -> None:
    assert PHRASES[group](evidence("ann", "bob", days)).startswith(expected)


def test_phrase__answers_of_the_same_day__no_hours_that_many_records_do_not_know() -> None:
    found = evidence("ann", "bob", 9.0)
    quick = replace(found, value={**found.value, "recipient.accepted_out.mean_value": np.log1p(5 * 3_600)})
    assert "1 of 2 requests, within a day, the latest" in PHRASES["recipient_habit"](quick)


@pytest.mark.parametrize(
    ("group", "rate", "whole", "expected"),
    [
        (
            "recipient_circle",
            "recipient.surroundings.rate_accepting",
            "received",
            "2 people around, who accepted 1 of 2",
        ),
        (
            "sender_circle",
            "sender.surroundings.rate_accepted",
            "sent",
            "2 people around, with 1 of their 2 requests",
        ),
    ],
)
def test_phrase__people_around_asked__the_counts_themselves(
    group: str, rate: str, whole: str, expected: str
) -> None:
    found = evidence("ann", "bob", 9.0)
    told = {
        rate: shrunk_rate(np.array([1]), np.array([2]))[0],
        f"{rate.rpartition('.')[0]}.log_{whole}": np.log1p(2),
    }
    assert expected in PHRASES[group](replace(found, value={**found.value, **told}))


def test_shrunk_part__every_count__comes_back() -> None:
    part, whole = np.triu_indices(60)
    rates = shrunk_rate(part, whole).astype(np.float32)
    assert [shrunk_part(float(rate), int(n)) for rate, n in zip(rates, whole, strict=True)] == part.tolist()


def test_phrase__several_acceptances__typical_of_the_recipient() -> None:
    found = evidence("ann", "bob", 9.0)
    often = replace(found, value={**found.value, "recipient.accepted_out.log_count": np.log1p(2)})
    assert "accepted 2 of 2 requests, typically after 1 day, the latest" in PHRASES["recipient_habit"](often)


def test_phrase__attributes_known__told() -> None:
    network = random_network(2)
    contacts = network.table("contacts")
    row = contacts.iloc[0]
    found = evidence(row["contact_id"], contacts["contact_id"].iloc[1], 1.0, network)
    first, second = (contacts.iloc[i] for i in (0, 1))
    same = "same country" if first["country"] == second["country"] else "different countries"
    assert PHRASES["geography"](found).startswith(same)
    assert PHRASES["recipient_profile"](found) == f"recipient is of seniority {second['seniority']}"
    industry = "same industry" if first["industry"] == second["industry"] else "different industries"
    steps = 0 if first["seniority"] == second["seniority"] else 3
    apart = f"{steps} steps of seniority apart" if steps else "same seniority"
    assert PHRASES["similarity"](found) == f"{industry}, {apart}"


@pytest.mark.parametrize("group", NAMES)
def test_phrase__strangers__something_is_said(group: str) -> None:
    told = PHRASES[group](evidence("new", "newer", 9.0))
    assert told
    assert "nan" not in told


def test_reasons__several__four_largest_by_size_with_sign() -> None:
    contributions = np.zeros(len(NAMES))
    contributions[[NAMES.index(n) for n in ("note", "mutual", "geography", "dealings", "time")]] = (
        (-0.26, 0.44, 0.051, 1.5, 0.04)
    )  # fmt: skip
    told = reasons(evidence("ann", "bob", 6.0), contributions)
    assert told == (
        "no dealings before: +1.5; 2 mutual connections, the strongest through dan and cat: +0.4; "
        "with a note: -0.3; countries unknown: +0.1"
    )


def test_reasons__nothing_departs__said() -> None:
    assert "typical" in reasons(evidence("ann", "bob", 6.0), np.full(len(NAMES), 0.01))


def test_reasons__strangers__said_first() -> None:
    told = reasons(evidence("ann", "newer", 9.0), np.eye(len(NAMES))[0])
    assert told == "the records had not met the recipient; no mutual connections: +1.0"
