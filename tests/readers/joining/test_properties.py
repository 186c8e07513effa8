"""What holds whatever the sources hold."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.readers.joining.people import source

from influence.readers import ReadingConfig, Records
from influence.readers.config import JoiningConfig
from influence.readers.joining import join, match
from influence.readers.joining.observed import columns_of

ASKED = ReadingConfig()
NAMES = st.sampled_from(
    ["Anna Schmidt", "Schmidt, A.", "Anna Schmitd", "Bob Meier", "Zoë Xu", "Dr. Bob Meier", "B"]
)
PERSON = st.fixed_dictionaries(
    {
        "id": st.sampled_from(
            ["profile:a", "profile:b", "email:x@acme.com", "email:info@acme.com", "1", "2", "3", "4"]
        )
    },
    optional={
        "profile": st.sampled_from(["a", "b", "c"]),
        "email": st.sampled_from(["x@acme.com", "y@acme.com", "z@bolt.io", "info@acme.com"]),
        "name": NAMES,
        "employer": st.sampled_from(["Acme GmbH", "ACME", "Bolt", "Acmee"]),
    },
)
PEOPLE = st.lists(PERSON, min_size=1, max_size=5, unique_by=lambda person: person["id"])


def _source(number: int, people: list[dict[str, str]]) -> Records:
    ids = [person["id"] for person in people]
    ties = [(a, b) for a, b in pairwise(ids)]
    ties = pd.DataFrame(ties, columns=["source_id", "target_id"]).assign(
        connected_at=f"2024-0{number + 1}-01"
    )
    asked = ties.rename(columns={"source_id": "sender_id", "target_id": "recipient_id"}).drop(
        columns="connected_at"
    )
    asked = asked.assign(
        invitation_id=[f"{number}-{n}" for n in range(len(asked))], sent_at="2024-01-01", outcome="pending"
    )
    return source(
        f"s{number}:0", people, f"2026-01-0{number + 1}T00:00:00Z", connections=ties, invitations=asked
    )


SOURCES = st.lists(PEOPLE, min_size=2, max_size=3).map(
    lambda each: [_source(n, people) for n, people in enumerate(each)]
)


def _comparable(records: Records) -> dict[str, pd.DataFrame]:
    return {
        name: rows.sort_values(list(rows.columns), ignore_index=True) for name, rows in records.tables.items()
    }


def _assert_same(one: Records, other: Records) -> None:
    left, right = _comparable(one), _comparable(other)
    assert set(left) == set(right)
    for name, rows in left.items():
        pd.testing.assert_frame_equal(rows, right[name])


@settings(max_examples=6)
@given(SOURCES, st.randoms(use_true_random=False))
def test_join__order_of_sources_and_rows__changes_nothing(found: list[Records], mixed: random.Random) -> None:
    others = [
        Records(
            {
                name: rows.sample(frac=1, random_state=mixed.randrange(99))
                for name, rows in each.tables.items()
            }
        )
        for each in found
    ]
    mixed.shuffle(others)
    _assert_same(join(found, ASKED), join(others, ASKED))


@settings(max_examples=6)
@given(SOURCES)
def test_join__sources_read_twice__nobody_and_nothing_added(found: list[Records]) -> None:
    _assert_same(join(found, ASKED), join([*found, *found], ASKED))


@settings(max_examples=6)
@given(SOURCES)
def test_join__any_sources__every_id_known_and_every_record_traced(found: list[Records]) -> None:
    tables = join(found, ASKED).tables
    known, matches = set(tables["contacts"]["contact_id"]), tables["matches"]
    for name, column in columns_of(tables, "contacts"):
        assert set(tables[name][column].dropna()) <= known
    records = {
        (own, each.tables["sources"]["source_id"].iloc[0])
        for each in found
        for own in each.tables["contacts"]["contact_id"]
    }
    assert set(zip(matches["record_id"], matches["source_id"], strict=True)) == records
    assert set(matches["contact_id"]) == known


@settings(max_examples=6)
@given(SOURCES)
def test_join__names_alone__never_two_records_of_one_source(found: list[Records]) -> None:
    who = match(found, JoiningConfig(by=("name",)))
    rows = pd.DataFrame({"contact": who.contact, "source": who.observed.of})
    assert not rows.duplicated().any()


@settings(max_examples=6)
@given(SOURCES, st.randoms(use_true_random=False))
def test_join__apart_decided__never_one(
    tmp_path_factory: object, found: list[Records], mixed: random.Random
) -> None:
    who = match(found, JoiningConfig())
    ids, sources = who.observed.ids.tolist(), [f"s{n}:0" for n in who.observed.of]
    one, two = mixed.randrange(len(ids)), mixed.randrange(len(ids))
    if ids[one] == ids[two] and sources[one] == sources[two]:
        return
    path = Path(str(tmp_path_factory.mktemp("d"))) / "decisions.csv"  # type: ignore[attr-defined]
    row = {
        "decision": "apart",
        "record_one": ids[one],
        "source_one": sources[one],
        "record_two": ids[two],
        "source_two": sources[two],
    }
    pd.DataFrame([row]).to_csv(path, index=False)
    decided = match(found, JoiningConfig(decisions=path))
    assert decided.n_unknown == 0
    assert decided.contact[one] != decided.contact[two]
