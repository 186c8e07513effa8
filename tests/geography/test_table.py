"""The shipped table of countries."""

from __future__ import annotations

import pandas as pd
import pytest

from influence.geography import countries

TABLE = countries()
NOBODY_LIVES_THERE = {"AQ", "BV", "HM", "IO", "UM"}


def test_countries__codes__249_of_iso_and_kosovo() -> None:
    assert len(TABLE) == 250
    assert {"NA", "XK", "SS", "CW"} <= set(TABLE["country"])
    for column, pattern in (
        ("country", "[A-Z]{2}"),
        ("alpha3", "[A-Z]{3}"),
        ("currencies", "[A-Z]{3}( [A-Z]{3})?"),
    ):
        assert TABLE[column].dropna().str.fullmatch(pattern).all()
    for column in ("country", "alpha3", "name"):
        assert TABLE[column].is_unique and TABLE[column].notna().all()


def test_countries__borders__symmetric_known_and_never_to_itself() -> None:
    borders = {
        code: set(words.split()) for code, words in zip(TABLE["country"], TABLE["borders"], strict=True)
    }
    for code, neighbours in borders.items():
        assert neighbours <= set(borders) - {code}
        assert all(code in borders[other] for other in neighbours), code
    assert borders["PT"] == {"ES"} and borders["NA"] == {"AO", "BW", "ZA", "ZM"} and not borders["AU"]


def test_countries__capitals__known_but_where_nobody_lives() -> None:
    unknown = TABLE[TABLE["capital_latitude"].isna()]
    assert set(unknown["country"]) == NOBODY_LIVES_THERE
    assert unknown["capital"].isna().all() and unknown["capital_longitude"].isna().all()
    assert TABLE["capital_latitude"].abs().max() < 80 and TABLE["capital_longitude"].abs().max() <= 180


@pytest.mark.parametrize(
    ("bloc", "n", "member"),
    [("EU", 27, "HR"), ("EFTA", 4, "LI"), ("USMCA", 3, "MX"), ("ASEAN", 11, "TL"), ("RCEP", 15, "NZ"),
     ("CPTPP", 12, "GB"), ("GCC", 6, "OM"), ("EAEU", 5, "KZ"), ("MERCOSUR", 5, "BO"), ("ECOWAS", 12, "GH"),
     ("SADC", 16, "NA"), ("COMESA", 21, "TN"), ("EAC", 8, "SO"), ("SACU", 5, "LS"), ("CARICOM", 15, "HT"),
     ("EEA", 30, "NO")],
)  # fmt: skip
def test_countries__bloc__has_its_members(bloc: str, n: int, member: str) -> None:
    dependent = {"AX", "GF", "GP", "MF", "MQ", "RE", "YT", "PR"}
    members = {
        code for code, words in zip(TABLE["country"], TABLE["blocs"], strict=True) if bloc in words.split()
    }
    assert member in members
    assert len(members - dependent) == n


def test_countries__languages_and_currencies__national_ones_of_today() -> None:
    facts = TABLE.set_index("country")
    assert facts.loc["BE", "languages"] == "nl fr de"
    assert facts.loc["ES", "languages"] == "es"
    assert facts.loc[["DE", "GB", "HR", "NA"], "currencies"].tolist() == ["EUR", "GBP", "EUR", "ZAR NAD"]
    assert pd.isna(facts.loc["AQ", "languages"])


def test_countries__altered__next_call_is_sound() -> None:
    table = countries()
    table["name"] = "x"
    assert countries()["name"].iloc[0] == "Andorra"
