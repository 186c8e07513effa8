"""Who is who: the rules one by one."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.readers.joining.people import Person, contact_of, rule_of, source

from influence.data import Network
from influence.readers import ReadingConfig, Records
from influence.readers.config import JoiningConfig
from influence.readers.joining import join, match

ASKED = ReadingConfig()
ANNA = {"id": "profile:anna-s", "name": "Anna Schmidt", "employer": "Acme GmbH"}


def joined(*sources: list[Person]) -> Records:
    found = [source(f"kind{number}:0", people) for number, people in enumerate(sources)]
    return join(found, ASKED)


def reasons(*sources: list[Person]) -> list[str]:
    found = [source(f"kind{number}:0", people) for number, people in enumerate(sources)]
    return match(found, JoiningConfig()).ambiguous["reason"].tolist()


def test_join__one_source__untouched() -> None:
    records = source("crm:0", [ANNA])
    assert join([records], ASKED) is records


@pytest.mark.parametrize(
    ("other", "rule"),
    [
        ({"id": "crm:1", "profile": "https://www.linkedin.com/in/Anna-S/?x=1", "name": "A"}, "profile"),
        ({"id": "crm:1", "name": "Schmidt, Dr. Anna", "employer": "ACME, Inc."}, "name and company"),
        ({"id": "crm:1", "name": "Ánna Schmidt_a1b2c3", "employer": "acme"}, "name and company"),
        ({"id": "crm:1", "name": "Anna M. Schmidt", "employer": "Acme"}, "name and company"),
        ({"id": "crm:1", "name": "A. Schmidt", "employer": "Acme"}, "name and company"),
        ({"id": "crm:1", "name": "Anna Schmitd", "employer": "Acme"}, "name and company"),
        ({"id": "email:as@acme.com", "name": "Anna Schmidt"}, "name and company"),
    ],
)
def test_join__same_person_in_two_sources__one_contact(other: Person, rule: str) -> None:
    records = joined([ANNA], [other])
    assert contact_of(records) == {"profile:anna-s": "profile:anna-s", other["id"]: "profile:anna-s"}
    assert rule_of(records)[other["id"]] == rule
    assert records.tables["contacts"]["contact_id"].tolist() == ["profile:anna-s"]


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"id": "crm:1", "name": "Anna Schmidt"}, "like names, company unknown"),
        ({"id": "crm:1", "name": "Anna Schmidt", "employer": "Bolt"}, "like names, other company"),
        ({"id": "crm:1", "name": "Anna Meier", "employer": "Acme"}, None),
        ({"id": "crm:1", "name": "Anna", "employer": "Acme"}, None),
        ({"id": "crm:1", "name": "A. S.", "employer": "Acme"}, None),
    ],
)
def test_join__less_sure__not_joined(other: Person, reason: str | None) -> None:
    assert contact_of(joined([ANNA], [other]))["crm:1"] == "crm:1"
    assert reasons([ANNA], [other]) == ([reason] if reason else [])


def test_join__two_namesakes_at_one_company__ambiguous_and_apart() -> None:
    twins = [{**ANNA, "id": "crm:1"}, {**ANNA, "id": "crm:2"}]
    assert len(set(contact_of(joined([ANNA], twins)).values())) == 3
    assert reasons([ANNA], twins) == ["several candidates"] * 2


def test_join__common_name_at_a_large_company__ambiguous_where_a_rare_one_is_joined() -> None:
    many = [
        {
            "id": f"a:{n}",
            "name": f"{'Anna' if n % 3 else 'Ulla'} {'Schmidt' if n % 2 else f'Xu{n}'}",
            "employer": "Acme",
        }
        for n in range(12_000)
    ]
    common, rare = (
        {"name": "Anna Schmidt", "employer": "Acme"},
        {"name": "Zbigniew Kowal", "employer": "Acme"},
    )
    one = [*many[:4_000], {"id": "a:x", **rare}]
    two = [{"id": "b:x", **rare}, {"id": "b:y", **common}]
    contacts = contact_of(joined(one, two))
    assert contacts["b:x"] == "a:x"
    assert contacts["b:y"] == "b:y"


@pytest.mark.parametrize("inbox", ["info@acme.com", "sales.emea@acme.com", "no-reply@acme.com"])
def test_join__shared_inbox__never_matches(inbox: str) -> None:
    records = joined([{"id": "a:1", "email": inbox, "name": "Anna Schmidt"}], [{"id": "b:1", "email": inbox}])
    assert set(rule_of(records).values()) == {"alone"}


def test_join__address_of_several_people_of_one_source__never_matches() -> None:
    family = [
        {"id": "a:1", "email": "us@family.org", "name": "Anna Schmidt"},
        {"id": "a:2", "email": "us@family.org", "name": "Bob Schmidt"},
    ]
    assert set(rule_of(joined(family, [{"id": "b:1", "email": "us@family.org"}])).values()) == {"alone"}


def test_join__one_person_twice_in_one_source_with_one_address__one_contact() -> None:
    twice = [
        {"id": "a:1", "email": "Anna@acme.com", "name": "Anna Schmidt"},
        {"id": "a:2", "email": "anna@ACME.com", "name": "Schmidt, A."},
    ]
    assert set(contact_of(joined(twice, [{"id": "b:1"}])).values()) == {"a:1", "b:1"}


def test_join__one_address_other_names__ambiguous() -> None:
    one, other = {"id": "a:1", "email": "x@acme.com"}, {"id": "b:1", "email": "x@acme.com"}
    assert len(set(contact_of(joined([one], [other])).values())) == 1
    assert reasons([{**one, "name": "Anna Schmidt"}], [{**other, "name": "Bob Meier"}]) == [
        "one address, other names"
    ]


def test_join__nameless_record_between_two_names__joins_one_of_them_at_most() -> None:
    names = [
        {"id": f"{s}:1", "email": "x@acme.com", "name": n}
        for s, n in (("a", "Anna Schmidt"), ("b", "Bob Meier"))
    ]
    contacts = contact_of(joined([names[0]], [names[1]], [{"id": "c:1", "email": "x@acme.com"}]))
    assert contacts["a:1"] != contacts["b:1"]


def test_join__chain_that_ends_in_one_source__ambiguous() -> None:
    """a:1 = b:1 by profile, b:1 = a:2 by name: a:1 and a:2 would be one."""
    first = [
        {"id": "a:1", "profile": "as", "name": "Anna Schmidt", "employer": "Bolt"},
        {"id": "a:2", "name": "Anna Schmidt", "employer": "Acme"},
    ]
    second = [{"id": "b:1", "profile": "as", "name": "Anna Schmidt", "employer": "Acme"}]
    contacts = contact_of(joined(first, second))
    assert contacts["a:1"] == contacts["b:1"] != contacts["a:2"]


def test_join__conflict_through_a_third_source__nothing_of_it_joined() -> None:
    """Each link alone is sure: a:1 - b:1 at Acme, b:1 - a:2 at Bolt."""
    first = [
        {"id": "a:1", "name": "Zbigniew Kowal", "employer": "Acme"},
        {"id": "a:2", "name": "Zbigniew Kowal", "employer": "Bolt"},
    ]
    second = [{"id": "b:1", "name": "Zbigniew Kowal", "employer": "Acme"}]
    third = [
        {"id": "c:1", "name": "Zbigniew Kowal", "employer": "Acme"},
        {"id": "c:2", "name": "Z K", "employer": "Q"},
    ]
    third[0]["employer"] = "Bolt"
    contacts = contact_of(joined(first, second, third))
    assert contacts["a:1"] == contacts["b:1"]
    assert contacts["a:2"] == contacts["c:1"]


def test_join__same_own_id_in_two_exports__one_contact_unless_names_contradict() -> None:
    one, other = {"id": "crm:7", "name": "Anna Schmidt"}, {"id": "crm:7", "name": "Bob Meier"}
    assert set(contact_of(joined([one], [{**one, "name": "Anna Meier"}])).values()) == {"crm:7"}
    matches = joined([one], [other]).tables["matches"]
    assert sorted(matches["contact_id"]) == ["crm:7", "crm:7#kind1:0"]
    assert reasons([one], [other]) == ["one id, other names"]


@pytest.mark.parametrize(
    ("ids", "survivor"),
    [
        (("profile:z", "email:a@b.de", "a:1"), "profile:z"),
        (("email:z@b.de", "a:1", "b:1"), "email:z@b.de"),
        (("c:1", "a:1", "b:1"), "a:1"),
    ],
)
def test_join__surviving_id__profile_then_address_then_alphabet(ids: tuple[str, ...], survivor: str) -> None:
    people = [{"id": own, "email": "same@b.de", "profile": "same"} for own in ids]
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        assert set(contact_of(joined(*[[people[n]] for n in order])).values()) == {survivor}


def test_join__asked_for_profiles_alone__names_do_not_join() -> None:
    found = [source("a:0", [ANNA]), source("b:0", [{**ANNA, "id": "b:1"}])]
    by_profile = ReadingConfig(joining=JoiningConfig(by=("profile",)))
    assert len(set(contact_of(join(found, by_profile)).values())) == 2


def test_join__pool_of_two_archives__matches_name_the_sources_that_told() -> None:
    pool = source("archive:1", [ANNA, {"id": "profile:bob", "name": "Bob Meier"}])
    sources = pd.DataFrame({"source_id": ["archive:1", "archive:2"]})
    identities = pool.tables["identities"].assign(
        source_id=lambda rows: rows["source_id"].where(rows["contact_id"] != "profile:bob", "archive:2")
    )
    contacts = pool.tables["contacts"].drop(columns="source")
    records = join([Records({"contacts": contacts, "identities": identities, "sources": sources})], ASKED)
    matches = records.tables["matches"]
    assert sorted(zip(matches["record_id"], matches["source_id"], strict=True)) == [
        ("profile:anna-s", "archive:1"), ("profile:bob", "archive:2"),
    ]  # fmt: skip


def test_join__pool_of_archives_that_tell_of_one_person__counted_as_often_and_by_the_id() -> None:
    pool = source("archive:1", [ANNA, {"id": "profile:bob", "name": "Bob Meier"}])
    again = pool.tables["identities"].query("contact_id == 'profile:bob'").assign(source_id="archive:2")
    tables = {
        "contacts": pool.tables["contacts"].drop(columns="source"),
        "identities": pd.concat([pool.tables["identities"], again], ignore_index=True),
        "sources": pd.DataFrame({"source_id": ["archive:1", "archive:2"]}),
    }
    records = join([Records(tables)], ASKED)
    assert "3 records of 2 sources are 2 contacts (1 by id)." in records.notes
    assert rule_of(records) == {"profile:anna-s": "alone", "profile:bob": "id"}


def test_join__no_identities__same_ids_are_one() -> None:
    ties = pd.DataFrame({"source_id": ["1"], "target_id": ["2"], "connected_at": ["2024-01-01"]})
    plain = [
        Records({"connections": ties, "sources": pd.DataFrame({"source_id": [f"ties:{n}"]})})
        for n in range(2)
    ]
    records = join(plain, ASKED)
    assert len(records.tables["connections"]) == 1
    assert len(records.tables["matches"]) == 4


def test_join__what_it_says__how_many_and_how() -> None:
    said = joined(
        [ANNA], [{**ANNA, "id": "crm:1"}, {"id": "crm:2", "name": "Anna Schmidt", "employer": "Bolt"}]
    ).notes
    assert said[0] == "3 records of 2 sources are 2 contacts (1 by name and company)."


def test_join__result__a_valid_network() -> None:
    records = joined([ANNA], [{**ANNA, "id": "crm:1"}])
    assert Network.from_tables(records.tables).names.tolist() == ["Anna Schmidt"]
