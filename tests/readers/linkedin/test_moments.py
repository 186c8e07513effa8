"""Dates of both generations and of three languages."""

from __future__ import annotations

import pandas as pd
import pytest

from influence.readers.linkedin.moments import moments, month_names


@pytest.mark.parametrize(
    ("cell", "at", "is_day"),
    [
        ("12 Mar 2019", "2019-03-12", True),
        ("12 Mar 19", "2019-03-12", True),
        ("1 Sept. 2020", "2020-09-01", True),
        ("12. März 2019", "2019-03-12", True),
        ("3. Dez. 21", "2021-12-03", True),
        ("14 févr. 2022", "2022-02-14", True),
        ("14 août 2022", "2022-08-14", True),
        ("2 juil. 2022", "2022-07-02", True),
        ("5/12/21, 3:14 PM", "2021-05-12 15:14", False),
        ("5/12/21, 3:14\u202fPM", "2021-05-12 15:14", False),
        ("5/12/21, 12:05 AM", "2021-05-12 00:05", False),
        ("5/12/21, 12:05 PM", "2021-05-12 12:05", False),
        ("12.05.21, 15:14", "2021-05-12 15:14", False),
        ("12/05/2021 15:14", "2021-05-12 15:14", False),
        ("2023-05-01 14:22:10 UTC", "2023-05-01 14:22:10", False),
        ("2023-05-01 14:22:10", "2023-05-01 14:22:10", False),
        ("2023-05-01T14:22:10Z", "2023-05-01 14:22:10", False),
        ("2023-05-01T14:22:10+02:00", "2023-05-01 12:22:10", False),
        ("2023-05-01T14:22:10-0530", "2023-05-01 19:52:10", False),
        ("2015/11/23 15:48:52 UTC", "2015-11-23 15:48:52", False),
        ("2023-05-01", "2023-05-01", True),
    ],
)
def test_moments__a_cell__as_written(cell: str, at: str, is_day: bool) -> None:
    found = moments(pd.Series([cell, ""]), month_names({}))
    assert found.at.tolist()[0] == pd.Timestamp(at, tz="UTC")
    assert found.is_day.tolist() == [is_day, False]
    assert found.latest.tolist()[0] == pd.Timestamp(at, tz="UTC") + pd.Timedelta(days=int(is_day))
    assert found.at.isna().tolist() == [False, True]


@pytest.mark.parametrize(
    "cell",
    ["", "soon", "now", "today", "31 Feb 2020", "12 Foo 2019", "5/12/21, 13:14 PM", "25:00",
     "13/13/21, 1:00 PM", "0/5/21, 3:14 PM",
     "2023-05-01 24:00:00", "2023-05-01 10:61:00",
     "99999999999999999999", "1 Mar 20190", "\u0661\u0662 Mar 2019", "2023-05-01T14:22:10+99:00"],
)  # fmt: skip
def test_moments__no_date__missing(cell: str) -> None:
    assert moments(pd.Series([cell]), month_names({})).at.isna().all()


def test_moments__day_beyond_twelve_anywhere__decides_for_the_column() -> None:
    """A clock of 12 hours goes with American dates, unless a 13th month would come of it."""
    months = month_names({})
    american = moments(pd.Series(["5/4/21, 3:14 PM", "5/13/21, 3:14 PM"]), months).at
    other = moments(pd.Series(["5/4/21, 3:14 PM", "13/5/21, 3:14 PM"]), months).at
    plain = moments(pd.Series(["5/4/21, 15:14", "5/13/21, 15:14"]), months).at
    assert american.dt.month.tolist() == [5, 5]
    assert other.dt.month.tolist() == [4, 5]
    assert plain.dt.month.tolist() == [5, 5]


def test_month_names__of_the_user__beside_the_known() -> None:
    names = month_names({"lis.": 11})
    assert moments(pd.Series(["4 lis 2020"]), names).at[0] == pd.Timestamp("2020-11-04", tz="UTC")
    assert names["mar"] == 3 and names["mai"] == 5


def test_moments__no_rows__no_moments() -> None:
    found = moments(pd.Series([], dtype="str"), month_names({}))
    assert found.at.dtype == "datetime64[us, UTC]" and len(found.at) == 0
