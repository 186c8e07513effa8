from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from tests.data.frames import Tables, sound_tables, spoilt

from influence.data import Network
from influence.data.coercion import MAX_CELL
from influence.data.validation import validate
from influence.errors import DataError
from influence.schema import PANDAS_DTYPES, TABLES


def _problems(tables: Tables) -> list[str]:
    with pytest.raises(DataError) as caught:
        validate(tables)
    return list(caught.value.problems)


CELLS = [
    # table, column, row, cell, the whole sentence
    ("invitations", "outcome", 2, "acepted",
     "invitations.outcome is an unknown value ('acepted') in 1 row (3). Did you mean 'accepted'?"),
    ("invitations", "recipient_id", 1, "ann",
     "invitations.recipient_id is the sender in 1 row (2). Drop invitations to oneself."),
    ("invitations", "responded_at", 0, "2023-12-31",
     "invitations.responded_at is before sent_at in 1 row (1). Correct or drop them."),
    ("invitations", "responded_at", 1, None,
     "invitations.responded_at is missing although the outcome is known in 1 row (2). "
     "Give the time of the answer, or outcome 'unknown' where it was not kept."),
    ("invitations", "responded_at", 2, "2024-01-09",
     "invitations.responded_at is given although the outcome is pending in 1 row (3). "
     "Give the outcome, or leave responded_at empty."),
    ("invitations", "observed_until", 2, "2024-01-01",
     "invitations.observed_until is before sent_at in 1 row (3). Correct or drop them."),
    ("invitations", "observed_until", 1, "2024-01-29",
     "invitations.responded_at is after observed_until in 1 row (2). "
     "Set observed_until to when the records were taken."),
    ("invitations", "sent_at", 0, "1970-01-01",
     "invitations.sent_at is before 1990-01-01 in 1 row (1). "
     "Check the time format (seconds or milliseconds, order of day and month)."),
    ("interactions", "at", 1, "2024-06-01T00:00:01",
     "interactions.at is after the export (2024-06-01T00:00:00Z) in 1 row (2). "
     "Correct them, or sources.exported_at."),
    ("invitations", "sent_at", 2, "soon",
     "invitations.sent_at is not a time ('soon') in 1 row (3). Write times as 2026-01-31T08:00:00Z."),
    ("invitations", "sent_at", 2, "now",
     "invitations.sent_at is not a time ('now') in 1 row (3). Write times as 2026-01-31T08:00:00Z."),
    ("invitations", "sent_at", 2, "2024-01-03T08:00:00+02:00",
     "invitations.sent_at mixes time zones (most rows: none; others: +02:00) in 1 row (3). "
     "Convert all times to one zone, best UTC."),
    ("invitations", "sent_at", 1, None,
     "invitations.sent_at is missing in 1 row (2). Fill it in, or drop the rows."),
    ("invitations", "sent_at", 1, float("nan"),
     "invitations.sent_at is missing in 1 row (2). Fill it in, or drop the rows."),
    ("invitations", "sender_id", 0, float("nan"),
     "invitations.sender_id is missing in 1 row (1). Fill it in, or drop the rows."),
    ("invitations", "sender_id", 0, "",
     "invitations.sender_id is missing in 1 row (1). Fill it in, or drop the rows."),
    ("invitations", "sender_id", 0, "eva",
     "invitations.sender_id names an id that contacts lacks ('eva') in 1 row (1). "
     "Add it to contacts, or drop the rows."),
    ("interactions", "content_id", 0, "poem",
     "interactions.content_id names an id that contents lacks ('poem') in 1 row (1). "
     "Add it to contents, or drop the rows."),
    ("invitations", "invitation_id", 2, "i0",
     "invitations.invitation_id repeats a key of an earlier row ('i0') in 1 row (3). Keep one row per key."),
    ("connections", "target_id", 0, "ann",
     "connections.target_id is the source in 1 row (1). Drop connections to oneself."),
    ("connections", "removed_at", 1, "2024-01-31",
     "connections.removed_at is before connected_at in 1 row (2). Correct or drop them."),
    ("company_links", "target_id", 0, "acme",
     "company_links.target_id is the source in 1 row (1). Drop links of a company to itself."),
    ("contacts", "country", 2, "Nambia",
     "contacts.country names no country ('Nambia') in 1 row (3). "
     "Did you mean 'Namibia' or 'Zambia' or 'Gambia'? "
     "Write a name or an ISO 3166-1 code: Germany, DE, DEU."),
    ("companies", "country", 1, "YUG",
     "companies.country names no country ('YUG') in 1 row (2). 'YUG' became RS, ME: choose one. "
     "Write a name or an ISO 3166-1 code: Germany, DE, DEU."),
    ("companies", "currency", 0, "Euro",
     "companies.currency is not an ISO 4217 code ('Euro') in 1 row (1). "
     "Write three capital letters, such as EUR."),
    ("contacts", "profile_quality", 3, 1.5,
     "contacts.profile_quality is outside 0 to 1 ('1.5') in 1 row (4). Correct or drop them."),
    ("contacts", "n_connections", 3, -1,
     "contacts.n_connections is outside 0 or more ('-1') in 1 row (4). Correct or drop them."),
    ("contacts", "n_connections", 3, 1.5,
     "contacts.n_connections is not a whole number ('1.5') in 1 row (4). Round it, or leave it empty."),
    ("contacts", "n_connections", 3, 1e300,
     "contacts.n_connections is not a whole number ('1e+300') in 1 row (4). Round it, or leave it empty."),
    ("contacts", "profile_quality", 0, "good",
     "contacts.profile_quality is not a number ('good') in 1 row (1). Write 12.5, or leave it empty."),
    ("companies", "revenue", 0, float("inf"),
     "companies.revenue is infinite in 1 row (1). Give a finite number, or leave it empty."),
    ("companies", "revenue", 1, float("-inf"),
     "companies.revenue is infinite in 1 row (2). Give a finite number, or leave it empty."),
    ("interactions", "sentiment", 0, -1.01,
     "interactions.sentiment is outside -1 to 1 ('-1.01') in 1 row (1). Correct or drop them."),
    ("contacts", "is_own_team", 2, "perhaps",
     "contacts.is_own_team is neither true nor false ('perhaps') in 1 row (3). Write true or false."),
    ("deals", "closed_at", 0, None,
     "deals.closed_at is missing although won is known in 1 row (1). "
     "Give the day of closing, or leave won empty."),
    ("deals", "closed_at", 0, "2023-12-31",
     "deals.closed_at is before opened_at in 1 row (1). Correct or drop them."),
    ("contents", "observed_at", 0, "2024-01-04",
     "contents.observed_at is before at in 1 row (1). Correct or drop them."),
    ("contacts", "industry", 1, "x" * 10_000_000,
     "contacts.industry holds a cell of more than 1,048,576 characters in 1 row (2). Shorten or drop it."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "column", "row", "cell", "sentence"),
    CELLS,
    ids=[f"{c[0]}.{c[1]}-{i}" for i, c in enumerate(CELLS)],
)
def test_validate__one_cell_at_fault__one_sentence_says_what_where_and_remedy(
    table: str, column: str, row: int, cell: object, sentence: str
) -> None:
    assert _problems(spoilt(table, column, row, cell)) == [sentence]


@pytest.mark.parametrize(
    ("column", "cell"),
    [("sent_at", "x" * 2_000_000), ("responded_at", "2024" * 600_000), ("has_note", "y" * 2_000_000)],
)
def test_validate__huge_cell_that_is_no_text__message_stays_short(column: str, cell: str) -> None:
    problems = _problems(spoilt("invitations", column, 1, cell))
    assert problems[0].startswith(f"invitations.{column} ")
    assert len("".join(problems)) < 1_000


@pytest.mark.parametrize("letter", ["x", "é"])  # one byte, two bytes
def test_validate__text_as_long_as_allowed__one_letter_more_is_refused(letter: str) -> None:
    longest = letter * MAX_CELL
    kept = validate(spoilt("contacts", "job_function", 1, longest))
    assert kept["contacts"]["job_function"].iloc[1] == longest
    (problem,) = _problems(spoilt("contacts", "job_function", 1, longest + letter))
    assert problem.startswith("contacts.job_function holds a cell of more than 1,048,576 characters in 1 row")


def test_validate__sound_tables__hold_all_columns_in_order_and_type() -> None:
    for name, rows in validate(sound_tables()).items():
        assert list(rows.columns) == [column.name for column in TABLES[name].columns]
        for column in TABLES[name].columns:
            assert str(rows[column.name].dtype) == PANDAS_DTYPES[column.kind], f"{name}.{column.name}"


def test_validate__several_tables_at_fault__all_told_in_one_error() -> None:
    tables = {**sound_tables(), **spoilt("invitations", "sent_at", 0, "1970-01-01")}
    tables["contacts"] = tables["contacts"].assign(country=["NA", "x", "y", "z"], foo=1)
    tables["deals"] = tables["deals"].drop(columns="opened_at")
    tables["inivtations"] = tables["invitations"]
    problems = _problems(tables)
    assert len(problems) == 5
    assert (
        "contacts.foo is an unknown column. Known: company_id, " in problems[1]
        or "contacts.foo" in problems[0]
    )
    text = "\n".join(problems)
    assert "contacts.country names no country ('x', 'y', 'z') in 3 rows (2, 3, 4)." in text
    assert "deals.opened_at is a required column and absent. Add it." in text
    assert "inivtations is no table of the vocabulary. Did you mean 'invitations' or 'interactions'" in text
    assert "invitations.sent_at is before 1990-01-01 in 1 row (1)." in text


def test_validate__several_faults_in_one_column__all_told_at_once() -> None:
    tables = spoilt("invitations", "sent_at", 0, "soon")
    tables["invitations"].loc[1, "sent_at"] = None
    tables["invitations"].loc[2, ["sent_at", "recipient_id"]] = ["1970-01-01", "bob"]
    assert [problem.split(". ")[0] for problem in _problems(tables)] == [
        "invitations.sent_at is not a time ('soon') in 1 row (1)",
        "invitations.sent_at is missing in 1 row (2)",
        "invitations.sent_at is before 1990-01-01 in 1 row (3)",
        "invitations.recipient_id is the sender in 1 row (3)",
    ]


def test_validate__ids_missing__not_told_as_repeated() -> None:
    rows = pd.DataFrame({"contact_id": [None, None, "a"]})
    assert _problems({"contacts": rows}) == [
        "contacts.contact_id is missing in 2 rows (1, 2). Fill it in, or drop the rows."
    ]


def test_validate__misspelt_column__nearest_name_is_given() -> None:
    tables = sound_tables()
    tables["invitations"]["responded"] = None
    assert _problems(tables) == [
        "invitations.responded is an unknown column. Did you mean 'responded_at'? Rename or drop it."
    ]


def test_validate__column_twice__refused() -> None:
    tables = sound_tables()
    tables["contacts"] = pd.concat([tables["contacts"], tables["contacts"][["country"]]], axis=1)
    assert _problems(tables) == ["contacts.country stands in several columns. Keep one of them."]


def test_validate__many_rows_at_fault__counted_and_the_first_five_named() -> None:
    rows = pd.DataFrame({"contact_id": range(1200), "n_connections": -1})
    assert _problems({"contacts": rows}) == [
        "contacts.n_connections is outside 0 or more ('-1') in 1,200 rows (1, 2, 3, 4, 5, ...). "
        "Correct or drop them."
    ]


@pytest.mark.parametrize("tables", [{}, {"contacts": pd.DataFrame({"contact_id": []})}])
def test_validate__not_a_single_row__refused_with_remedy(tables: Tables) -> None:
    assert _problems(tables) == [
        "The network holds no rows. Give at least one table with one row, such as invitations."
    ]


def test_validate__one_empty_table_among_others__fine() -> None:
    tables = sound_tables()
    tables["adoptions"] = pd.DataFrame({"contact_id": [], "item": [], "at": []})
    assert len(validate(tables)["adoptions"]) == 0


def test_validate__not_a_frame__refused() -> None:
    assert _problems({"contacts": [1]}) == ["contacts is a list. Give a pandas DataFrame."]  # type: ignore[dict-item]


def test_validate__two_undated_rows_of_one_contact__repeat_the_key() -> None:
    rows = pd.DataFrame({"contact_id": ["ann", "ann", "ann"], "observed_at": [None, "2024-01-01", None]})
    assert _problems({"contacts": rows}) == [
        "contacts.contact_id+observed_at repeats a key of an earlier row ('ann', 'NaT') in 1 row (3). "
        "Keep one row per key."
    ]


def test_validate__country_na__is_namibia() -> None:
    contacts = validate(sound_tables())["contacts"]
    assert contacts["country"].iloc[0] == "NA"
    assert pd.isna(contacts["country"].iloc[2])


def test_validate__names_and_other_codes__alpha2() -> None:
    tables = sound_tables()
    tables["contacts"] = tables["contacts"].assign(country=["UK", "Deutschland", "CIV", "nan"])
    assert validate(tables)["contacts"]["country"].tolist()[:3] == ["GB", "DE", "CI"]
    assert validate(tables)["contacts"]["country"].isna().tolist() == [False, False, False, True]


def test_validate__referenced_table_absent__nothing_dangles() -> None:
    tables = {"invitations": sound_tables()["invitations"]}
    assert len(validate(tables)["invitations"]) == 3


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([7, 8], ["7", "8"]),
        ([7.0, 8.0], ["7", "8"]),
        (["007", "7"], ["007", "7"]),
        ([2**60 + 1, 8], [str(2**60 + 1), "8"]),
        ([1.5, 2.0], ["1.5", "2"]),
        (pd.Categorical(["b", "a"]), ["b", "a"]),
    ],
)
def test_validate__ids_of_any_type__become_text(ids: object, expected: list[str]) -> None:
    rows = validate({"contacts": pd.DataFrame({"contact_id": ids})})["contacts"]
    assert rows["contact_id"].tolist() == expected


@pytest.mark.parametrize(
    "times",
    [
        ["2024-05-01T10:00:00Z", "2024-05-01"],
        ["2024-05-01T10:00:00+02:00", "2024-05-01T08:00:00+01:00"],
        ["2024-05-01 10:00", "2024-05-01 10:00:00-0500"],
        [pd.Timestamp("2024-05-01", tz="Europe/Berlin"), pd.Timestamp("2024-05-01", tz="UTC")],
        [pd.Timestamp("2024-05-01"), pd.Timestamp("2024-05-01", tz="UTC")],
    ],
)
def test_validate__mixed_zones__refused(times: list[object]) -> None:
    rows = pd.DataFrame({"contact_id": [1, 2], "observed_at": pd.Series(times, dtype=object)})
    (problem,) = _problems({"contacts": rows})
    assert problem.startswith("contacts.observed_at mixes time zones (most rows: ")
    assert (
        problem.endswith("in 1 row (1). Convert all times to one zone, best UTC.")
        or "in 1 row (2)" in problem
    )


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (["2024-05-01T10:00:00+02:00", None], "2024-05-01T08:00:00Z"),
        (["2024-05-01T08:00:00Z", "2024-05-01T08:00:00+00:00"], "2024-05-01T08:00:00Z"),
        (["2024-05-01", "2024-05-01 08:00:00.25"], "2024-05-01T00:00:00Z"),
        (pd.to_datetime(["2024-05-01 10:00", None]).tz_localize("Europe/Berlin"), "2024-05-01T08:00:00Z"),
        (pd.to_datetime(["2024-05-01 10:00", None]), "2024-05-01T10:00:00Z"),
    ],
)
def test_validate__times_of_one_zone__become_utc(times: object, expected: str) -> None:
    rows = validate({"contacts": pd.DataFrame({"contact_id": [1, 2], "observed_at": times})})["contacts"]
    assert rows["observed_at"].iloc[0] == pd.Timestamp(expected)


def test_validate__numbers_as_times__refused_with_the_way_to_turn_them() -> None:
    rows = pd.DataFrame({"contact_id": [1, 2], "observed_at": [1082040961, 1082040962]})
    assert _problems({"contacts": rows}) == [
        "contacts.observed_at holds numbers where times belong in 2 rows (1, 2). "
        "Turn seconds since 1970 into times with pandas.to_datetime(..., unit='s', utc=True)."
    ]


def test_validate__answer_dated_by_the_day_of_sending__fine() -> None:
    tables = spoilt("invitations", "responded_at", 0, "2024-01-01")
    assert "is before sent_at" in _problems(tables)[0]
    tables["invitations"]["time_resolution"] = ["day", None, "second"]
    assert len(validate(tables)["invitations"]) == 3


def test_validate__observed_until_missing__is_the_export() -> None:
    tables = spoilt("invitations", "observed_until", 1, "2024-02-01")
    until = validate(tables)["invitations"]["observed_until"]
    assert until.tolist() == [pd.Timestamp(f"2024-0{month}-01", tz="UTC") for month in (6, 2, 6)]


def test_validate__observed_until_missing_and_no_export__is_the_latest_time_of_any_table() -> None:
    tables = sound_tables()
    del tables["sources"]
    until = validate(tables)["invitations"]["observed_until"]
    assert until.unique().tolist() == [pd.Timestamp("2024-03-01", tz="UTC")]  # a connection's removal


def test_validate__own_output__is_unchanged() -> None:
    once = validate(sound_tables())
    for name, rows in validate(once).items():
        pd.testing.assert_frame_equal(rows, once[name])


def test_validate__input__is_not_altered() -> None:
    tables, untouched = sound_tables(), sound_tables()
    validate(tables)
    for name in tables:
        pd.testing.assert_frame_equal(tables[name], untouched[name])


def test_validate__odd_index__rows_are_counted_by_position() -> None:
    rows = pd.DataFrame({"contact_id": ["a", "b"], "n_connections": [1, -1]}, index=[17, 17])
    assert "in 1 row (2)" in _problems({"contacts": rows})[0]


@pytest.mark.slow
def test_validate__a_million_rows__within_seconds() -> None:
    n, rng = 1_000_000, np.random.default_rng(0)
    rows = pd.DataFrame(
        {
            "invitation_id": np.arange(n),
            "sender_id": rng.integers(0, 5_000, n),
            "recipient_id": rng.integers(5_000, 9_000, n),
            "sent_at": pd.Timestamp("2024-01-01", tz="UTC")
            + pd.to_timedelta(rng.integers(0, 10**7, n), unit="s"),
            "outcome": "pending",
        }
    )
    start = time.perf_counter()
    Network.from_tables({"invitations": rows, "contacts": pd.DataFrame({"contact_id": np.arange(9_000)})})
    assert time.perf_counter() - start < 20
