"""Times, amounts, names and ids as exports write them."""

from __future__ import annotations

import time

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fuzz.attempts import LONGEST_S

from influence.readers.crm.numbers import amounts, whole_numbers
from influence.readers.crm.people import contact_ids, location_countries, named_people, own_ids
from influence.readers.crm.times import day_goes_first, read_times
from influence.readers.crm.words import all_emails, domains, emails, folded, slugs
from influence.readers.joining import spelling


def series(*cells: str) -> pd.Series:
    return pd.Series(list(cells), dtype="str")


@pytest.mark.parametrize(
    ("cell", "day_first", "expected"),
    [
        ("2024-01-15", False, "2024-01-15T00:00:00"),
        ("2024-01-15 10:30", False, "2024-01-15T10:30:00"),
        ("2024-01-15T10:30:00.000+0000", False, "2024-01-15T10:30:00"),
        ("2024-01-15T10:30:00+02:00", False, "2024-01-15T08:30:00"),
        ("3/4/2024", False, "2024-03-04T00:00:00"),
        ("3/4/2024", True, "2024-04-03T00:00:00"),
        ("3/4/2024 12:05 AM", False, "2024-03-04T00:05:00"),
        ("3/4/2024 12:05 PM", False, "2024-03-04T12:05:00"),
        ("5/12/21, 3:14 PM", False, "2021-05-12T15:14:00"),
        ("12/31/99", False, "1999-12-31T00:00:00"),
        ("15.01.2024 10:00", True, "2024-01-15T10:00:00"),
        ("01-13-2024 23:10:05", False, "2024-01-13T23:10:05"),
        ("3 Jan 2024", False, "2024-01-03T00:00:00"),
        ("January 3, 2024 3:04 PM", False, "2024-01-03T15:04:00"),
        ("3. März 2024", False, "2024-03-03T00:00:00"),
        ("15 févr. 2024", False, "2024-02-15T00:00:00"),
        ("4 août 2024", False, "2024-08-04T00:00:00"),
        ("4 juin 2024", False, "2024-06-04T00:00:00"),
        ("4 juillet 2024", False, "2024-07-04T00:00:00"),
        ("1705314600000", False, "2024-01-15T10:30:00"),
        ("1705314600", False, "2024-01-15T10:30:00"),
        ("1705314600030", False, "2024-01-15T10:30:00.030"),
        ("2024-01-15T10:30:00.123456789Z", False, "2024-01-15T10:30:00.123456"),
        ("1582-10-10 08:00:00.5", False, "1582-10-10T08:00:00.5"),
    ],
)  # fmt: skip
def test_times__usual_spelling__read(cell: str, day_first: bool, expected: str) -> None:
    times = read_times(series(cell), day_first)
    assert times.at.iloc[0] == pd.Timestamp(expected, tz="UTC")
    assert bool(times.day_only.iloc[0]) == (":" not in cell and not cell.isdigit())


@pytest.mark.parametrize(
    "cell",
    [
        "2024-02-30",
        "soon",
        "13/13/2024",
        "25:00",
        "now",
        "1/1/2024 25:00",
        "12",
        "1/1/2024 13:00 PM",
        "2024-01-15T10:30:00+24:00",
        "0000-01-01",
        "١/٢/2024",
    ],
)
def test_times__no_date__unreadable_not_guessed(cell: str) -> None:
    times = read_times(series(cell, ""), False)
    assert times.unreadable.tolist() == [True, False]
    assert times.at.isna().all()


def test_times__missing_cell__neither_a_time_nor_unreadable() -> None:
    times = read_times(pd.Series(["2024-01-15", None], dtype="str", index=[7, 3]), False)
    assert times.at.isna().tolist() == [False, True]
    assert times.day_only.tolist() == [True, False]
    assert not times.unreadable.any()
    assert times.at.index.tolist() == [7, 3]


def test_times__day_alone__known_at_its_end() -> None:
    known = read_times(series("2024-01-15", "2024-01-15 08:00"), False).known_at()
    assert known.tolist() == [
        pd.Timestamp("2024-01-15T23:59:59Z"), pd.Timestamp("2024-01-15T08:00:00Z"),
    ]  # fmt: skip


def test_times__far_away__no_overflow() -> None:
    known = read_times(series("9999-12-31", "0001-01-01", ""), False).known_at()
    assert known.dt.year.tolist()[:2] == [9999, 1]


@given(
    st.datetimes(min_value=pd.Timestamp("1970-01-01"), max_value=pd.Timestamp("2069-12-31")),
    st.sampled_from(["%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%m/%d/%y, %I:%M:%S %p"]),
)
def test_times__any_moment_in_any_spelling__round_trip(moment: pd.Timestamp, spelling: str) -> None:
    read = read_times(series(moment.strftime(spelling)), spelling.startswith("%d")).at.iloc[0]
    assert read == pd.Timestamp(moment).floor("s").tz_localize("UTC")


@pytest.mark.parametrize(
    ("columns", "asked", "day_first", "n_notes"),
    [
        (["1/2/2024", "13/2/2024"], False, True, 0),
        (["1/2/2024", "1/24/2024"], True, False, 0),
        (["1/2/2024", "3/4/2024"], True, True, 1),
        (["1/2/2024", "3/4/2024"], False, False, 1),
        (["1.2.2024"], False, True, 0),
        (["13/1/2024", "1/13/2024"], False, False, 1),
        (["2024-01-02"], True, True, 0),
    ],
)
def test_order_of_day_and_month__evidence__decides(
    columns: list[str], asked: bool, day_first: bool, n_notes: int
) -> None:
    found, notes = day_goes_first({"Close Date": series(*columns)}, "deals.csv", asked)
    assert (found, len(notes)) == (day_first, n_notes)
    assert all("Close Date" in note and "--set day_first=" in note for note in notes)


def test_order_of_day_and_month__other_column_shows_it__holds_for_the_file() -> None:
    columns = {"Create Date": series("1/2/2024"), "Close Date": series("25/2/2024")}
    assert day_goes_first(columns, "deals.csv", asked=False) == (True, ())


@pytest.mark.parametrize(
    ("cells", "values", "codes"),
    [
        (["1,234.50", "€1,000", "$5", "(500)", "", "n/a"], [1234.5, 1000, 5, -500, None, None],
         [None, "EUR", None, None, None, None]),
        (["1.234,50 €", "1.000", "1,5"], [1234.5, 1000, 1.5], ["EUR", None, None]),
        (["1,234"], [1234], [None]),
        (["12.5", "1,5"], [12.5, 1.5], [None, None]),
        (["1.234.567"], [1234567], [None]),
        (["1 234 567,8 zł", "CHF 1'000.-"], [1234567.8, 1000], ["PLN", "CHF"]),
        (["USD 5,000,000", "-3"], [5e6, -3], ["USD", None]),
    ],
)  # fmt: skip
def test_amounts__usual_spellings__read(
    cells: list[str], values: list[float | None], codes: list[str | None]
) -> None:
    number, code = amounts(series(*cells))
    assert number.astype("object").where(number.notna(), None).tolist() == values
    assert code.astype("object").where(code.notna(), None).tolist() == codes


def test_whole_numbers__ranges__their_lower_end() -> None:
    assert whole_numbers(series("51-200", "1,000", "10 to 50", "5001+")).tolist() == [51, 1000, 10, 5001]


def test_ids__as_spreadsheets_spoil_them__mended() -> None:
    assert own_ids(series("123.0", " 5 ", "0012.00", "a.0")).tolist() == ["123", "5", "0012", "a.0"]
    assert own_ids(series("003A00000000001AAB", "003A00000000001"), short=True).nunique() == 1
    assert own_ids(series("003a00000000001", "003A00000000001"), short=True).nunique() == 2


def test_profiles_and_addresses__many_forms__one() -> None:
    found = slugs(
        series("https://www.LinkedIn.com/in/Ann-B%C3%A9/", "linkedin.com/in/ann-bé?x=1", "/in/ann-bé")
    )
    assert found.unique().tolist() == ["ann-bé"]
    assert slugs(series("https://www.linkedin.com/company/acme", "x", "")).isna().all()
    assert emails(series("Jane <Jane@X.com>", "x@y")).tolist()[0] == "jane@x.com"
    assert all_emails(series("a@b.co ::: C@d.de", "")).tolist() == ["a@b.co", "c@d.de"]
    assert domains(series("https://www.Acme.com/x", "acme.co.uk", "shop.b-c.de:80")).tolist() == [
        "acme.com", "acme.co.uk", "shop.b-c.de",
    ]  # fmt: skip
    assert domains(series("http://de.linkedin.com/company/x", "none", "")).isna().all()
    assert folded("  Müller & Søhne, GmbH.") == "muller sohne gmbh"


def test_contact_ids__profile_before_email_before_record() -> None:
    found = contact_ids(
        "hubspot", series("1", "2", "3"), series("A@b.co", "A@b.co", ""), series("/in/Ann", "", "")
    )
    assert found.tolist() == ["profile:ann", "email:a@b.co", "hubspot:3"]


def test_named_people__name_with_address__both_kept() -> None:
    found = named_people(series("Jo Fox (jo@us.com)", "Jo Fox", "max@us.com", ""), "hubspot")
    assert found["contact_id"].tolist()[:3] == ["email:jo@us.com", "hubspot:owner:jo fox", "email:max@us.com"]
    assert found["name"].tolist()[:2] == ["Jo Fox", "Jo Fox"]
    assert found.iloc[3].isna().all()


@pytest.mark.parametrize("letters", ["x", "a.", "x@", "/in/", "linkedin.", "_1", "(", " "])
def test_people__a_cell_of_one_long_word__no_search_from_each_of_its_letters(letters: str) -> None:
    cell, began = series(letters * (100_000 // len(letters))), time.process_time()
    named_people(cell, "hubspot"), all_emails(cell), spelling.name(cell[0])
    assert time.process_time() - began < LONGEST_S, "from each letter it takes minutes"


def test_locations__country_at_the_end__never_a_state() -> None:
    found = location_countries(
        series(
            "Reno, Nevada, United States",
            "Paris, France",
            "Dublin, CA",
            "Atlanta, Georgia",
            "London, UK",
            "Dover, DE",
        )
    )
    assert found.astype("object").where(found.notna(), None).tolist() == ["US", "FR", None, None, "GB", None]
