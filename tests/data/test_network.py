from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.data.frames import sound_tables

from influence.data import Network
from influence.errors import ConfigError, DataError

DAY_0 = pd.Timestamp("2024-01-01", tz="UTC")
PEOPLE = ["p0", "p1", "p2"]

days = st.integers(0, 20)
later = st.none() | days
QUICK = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _at(day: int | None) -> pd.Timestamp | None:
    return None if day is None else DAY_0 + pd.Timedelta(days=day)


def _people(first_event: int) -> pd.DataFrame:
    ids = [f"p{number}" for number in range(10)]
    return pd.DataFrame({"contact_id": [*ids, "p0"], "observed_at": [None] * 10 + [_at(first_event)]})


def _invitation(number: int, sent: int, delay: int, outcome: str) -> dict[str, Any]:
    return {
        "invitation_id": f"i{number}",
        "sender_id": PEOPLE[number % 2],
        "recipient_id": "p2",
        "outcome": outcome,
        "sent_at": _at(sent),
        "responded_at": _at(None if outcome == "pending" else sent + delay),
        "observed_until": _at(50),
    }


def _connection(number: int, made: int | None, kept: int | None) -> dict[str, Any]:
    until = None if kept is None else (made or 0) + kept
    return {"source_id": f"p{number}", "target_id": "p9", "connected_at": _at(made), "removed_at": _at(until)}


def _deal(number: int, opened: int, lasted: int | None) -> dict[str, Any]:
    closed = None if lasted is None else opened + lasted
    won = None if closed is None else number % 2 == 0
    times = {"opened_at": _at(opened), "closed_at": _at(closed)}
    return {"deal_id": f"d{number}", "company_id": "c", "won": won, **times}


def _content(number: int, made: int, seen: int | None) -> dict[str, Any]:
    observed = None if seen is None else made + seen
    return {"content_id": number, "author_id": "p1", "at": _at(made), "observed_at": _at(observed)}


@st.composite
def raw_tables(draw: st.DrawFn) -> dict[str, pd.DataFrame]:
    """Small tables of every kind of visibility; observed_until is given, as a reader would."""

    def some(make: Callable[..., dict[str, Any]], *cells: st.SearchStrategy[Any]) -> pd.DataFrame:
        drawn = draw(st.lists(st.tuples(*cells), max_size=4))
        rows = [make(number, *row) for number, row in enumerate(drawn)]
        columns = list(make(0, 0, *[0] * (len(cells) - 2), None))
        return pd.DataFrame(rows, columns=columns, dtype=object)

    events = draw(st.lists(days, min_size=1, max_size=4))
    deals = some(_deal, days, later)
    outcomes = st.sampled_from(["accepted", "declined", "withdrawn", "pending"])
    return {
        "contacts": _people(events[0]),
        "invitations": some(_invitation, days, days, outcomes),
        "connections": some(_connection, later, later),
        "deals": deals,
        "deal_roles": pd.DataFrame({"deal_id": deals["deal_id"], "contact_id": "p1", "side": "buy"}),
        "interactions": pd.DataFrame(
            {
                "event_id": range(len(events)),
                "actor_id": "p0",
                "kind": "like",
                "at": [_at(day) for day in events],
            }
        ),
        "contents": some(_content, days, later),
    }


def _assert_same(one: Network, other: Network) -> None:
    assert set(one.tables) == set(other.tables)
    for name, rows in one.tables.items():
        pd.testing.assert_frame_equal(rows, other.tables[name])


@QUICK
@given(raw_tables(), days)
def test_as_of__twice__same_as_once(tables: dict[str, pd.DataFrame], day: int) -> None:
    past = Network.from_tables(tables).as_of(_at(day))
    _assert_same(past.as_of(_at(day)), past)


@QUICK
@given(raw_tables(), days, days)
def test_as_of__of_an_as_of__is_the_earlier_of_both(
    tables: dict[str, pd.DataFrame], one: int, other: int
) -> None:
    network = Network.from_tables(tables)
    _assert_same(network.as_of(_at(one)).as_of(_at(other)), network.as_of(_at(min(one, other))))


@QUICK
@given(raw_tables(), days)
def test_as_of__any_time__nothing_at_or_after_it_is_left(tables: dict[str, pd.DataFrame], day: int) -> None:
    moment = _at(day)
    for name, rows in Network.from_tables(tables).as_of(moment).tables.items():
        for column in rows.columns[[str(dtype).startswith("datetime64") for dtype in rows.dtypes]]:
            limit = rows[column] <= moment if column == "observed_until" else rows[column] < moment
            assert (limit | rows[column].isna()).all(), f"{name}.{column}"


@QUICK
@given(raw_tables(), days)
def test_as_of__any_time__is_sound(tables: dict[str, pd.DataFrame], day: int) -> None:
    past = Network.from_tables(tables).as_of(_at(day))
    if any(len(rows) for rows in past.tables.values()):
        _assert_same(Network.from_tables(past.tables), past)


def _rewrite_the_future(tables: dict[str, pd.DataFrame], moment: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """Drop what happened at or after `moment`, undo what ended then, and add something new."""
    rows = {name: frame.copy() for name, frame in tables.items()}
    drop = {
        "invitations": "sent_at",
        "connections": "connected_at",
        "deals": "opened_at",
        "interactions": "at",
        "contents": "at",
    }
    for name, column in drop.items():
        rows[name] = rows[name][~(pd.to_datetime(rows[name][column], utc=True) >= moment)].copy()
    undo = {
        "invitations": ("responded_at", "outcome", "pending"),
        "connections": ("removed_at", "removed_at", None),
    }
    undo["deals"] = ("closed_at", "won", None)
    for name, (at, column, value) in undo.items():
        late = pd.to_datetime(rows[name][at], utc=True) >= moment
        rows[name].loc[late, column] = value
        rows[name].loc[late, at] = None
    rows["deal_roles"] = rows["deal_roles"][rows["deal_roles"]["deal_id"].isin(rows["deals"]["deal_id"])]
    event = {"event_id": "new", "actor_id": "p9", "kind": "share", "at": moment}
    rows["interactions"] = pd.concat(
        [rows["interactions"], pd.DataFrame([event], dtype=object)], ignore_index=True
    )
    return rows


@QUICK
@given(raw_tables(), days)
def test_as_of__another_future__same_past(tables: dict[str, pd.DataFrame], day: int) -> None:
    moment = _at(day)
    assert moment is not None
    altered = Network.from_tables(_rewrite_the_future(tables, moment))
    _assert_same(altered.as_of(moment), Network.from_tables(tables).as_of(moment))


def test_as_of__answer_at_or_after_the_cut__hidden() -> None:
    network = Network.from_tables(sound_tables())
    rows = network.as_of("2024-01-01T09:00:00Z").table("invitations")
    assert rows["invitation_id"].tolist() == ["i0"]
    assert rows["outcome"].tolist() == ["pending"]
    assert rows["responded_at"].isna().all()
    assert rows["observed_until"].tolist() == [pd.Timestamp("2024-01-01T09:00:00Z")]
    rows = network.as_of("2024-01-01T09:00:01Z").table("invitations")
    assert rows["outcome"].tolist() == ["accepted"]


def test_as_of__deal_not_yet_opened__its_roles_are_hidden_too() -> None:
    network = Network.from_tables(sound_tables())
    assert len(network.as_of("2024-01-01").table("deal_roles")) == 0
    assert len(network.as_of("2024-01-02").table("deal_roles")) == 1


def test_as_of__content_not_yet_published__hidden_although_undated() -> None:
    network = Network.from_tables(sound_tables())
    assert len(network.as_of("2024-01-05").table("contents")) == 0
    assert len(network.as_of("2024-01-06").table("contents")) == 1


@pytest.mark.parametrize("at", ["yesterday?", "", None, [1]])
def test_as_of__not_a_time__config_error(at: Any) -> None:
    with pytest.raises(ConfigError, match="2026-01-31"):
        Network.from_tables(sound_tables()).as_of(at)


def test_ids__of_all_tables__sorted_and_complete() -> None:
    tables = sound_tables()
    del tables["contacts"], tables["companies"]
    network = Network.from_tables(tables)
    assert network.contact_ids.tolist() == ["ann", "bob", "cem"]
    assert network.company_ids.tolist() == ["acme", "bolt"]


def test_table__absent__is_empty_with_all_columns() -> None:
    network = Network.from_tables({"contacts": pd.DataFrame({"contact_id": [1]})})
    assert "deals" not in network
    assert list(network.table("deals").columns)[:2] == ["deal_id", "company_id"]
    with pytest.raises(ConfigError, match="Did you mean 'deals'"):
        network.table("deal")


def test_fingerprint__same_records__same_and_one_cell__another() -> None:
    tables = sound_tables()
    assert Network.from_tables(tables).fingerprint == Network.from_tables(sound_tables()).fingerprint
    tables["contacts"]["n_connections"] = [11, None, 0, 7]
    assert Network.from_tables(tables).fingerprint != Network.from_tables(sound_tables()).fingerprint


def test_with_tables__rows_at_fault__refused() -> None:
    network = Network.from_tables(sound_tables(), ["a note"])
    assert network.with_tables(sources=pd.DataFrame({"source_id": ["t"]})).notes == ("a note",)
    with pytest.raises(DataError, match="names an id that contacts lacks"):
        network.with_tables(
            contacts=pd.DataFrame({"contact_id": ["dot"]}),
            invitations=network.table("invitations").assign(sender_id="dot2"),
        )


def test_last_observed_at__no_times__data_error() -> None:
    assert Network.from_tables(sound_tables()).last_observed_at == pd.Timestamp("2024-06-01", tz="UTC")
    with pytest.raises(DataError, match="no times"):
        _ = Network.from_tables({"contacts": pd.DataFrame({"contact_id": [1]})}).last_observed_at


def test_with_names__ids_and_words__names_where_they_are_known() -> None:
    ann, bo = "a" * 24, "b" * 24
    told = pd.DataFrame(
        {"contact_id": [ann, ann], "kind": "name", "value": ["Ann", "Anna"], "source_id": "s"}
    )
    contacts, sources = pd.DataFrame({"contact_id": [ann, bo]}), pd.DataFrame({"source_id": ["s"]})
    network = Network.from_tables({"contacts": contacts, "sources": sources, "identities": told})
    answer = pd.DataFrame({"sender_id": [ann, bo], "reasons": [f"through {ann} and {bo}", f"x{ann}"]}, [7, 8])
    named = network.with_names(answer)
    assert named.columns.tolist() == ["sender_id", "sender_name", "reasons"]
    assert named["sender_name"].tolist()[0] == "Ann"
    assert named["sender_name"].isna().tolist() == [False, True]
    assert named["reasons"].tolist() == [f"through Ann and {bo}", f"x{ann}"]
    assert named.index.tolist() == [7, 8]
    way = network.with_names(pd.DataFrame({"endorser_id": [ann], "path": [f"{ann} > {bo}"]}))
    assert way.loc[0, ["endorser_name", "path"]].tolist() == ["Ann", f"Ann > {bo}"]
    ends = pd.DataFrame({"source_id": ["acme"], "target_id": [ann]})
    assert network.with_names(ends).columns.tolist() == ["source_id", "target_id", "target_name"]


def test_profiles__some_told__address_of_the_first_and_nothing_of_others() -> None:
    told = pd.DataFrame(
        {"contact_id": ["a", "a", "b"], "kind": ["profile", "profile", "name"],
         "value": ["zoë-1", "zoe", "Bo"], "source_id": "s"}
    )  # fmt: skip
    contacts, sources = pd.DataFrame({"contact_id": ["a", "b"]}), pd.DataFrame({"source_id": ["s"]})
    network = Network.from_tables({"contacts": contacts, "sources": sources, "identities": told})
    assert network.profiles.to_dict() == {"a": "https://www.linkedin.com/in/zo%C3%AB-1"}
    assert not len(Network.from_tables({"contacts": contacts}).profiles)


def test_id_of__id_or_name__contact_and_nobody_where_several_are_called_so() -> None:
    told = pd.DataFrame(
        {"contact_id": ["a", "b", "c"], "kind": "name", "value": ["Ann Lee", "Bo", "Bo"], "source_id": "s"}
    )
    contacts, sources = pd.DataFrame({"contact_id": ["a", "b", "c"]}), pd.DataFrame({"source_id": ["s"]})
    network = Network.from_tables({"contacts": contacts, "sources": sources, "identities": told})
    assert [network.id_of(one) for one in ("a", " ann lee", "zoe")] == ["a", "a", "zoe"]
    with pytest.raises(DataError, match="what 2 people are called"):
        network.id_of("Bo")
