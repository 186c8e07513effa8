"""Countries as people write them."""

from __future__ import annotations

import pandas as pd
import pytest
from babel import Locale

from influence.geography import countries, nearest_name, to_alpha2

SPELLINGS = {
    "DE": "Deutschland|Allemagne|Alemania|germany|DEU|de|GERMANY|Federal Republic of Germany|德国|Германия",
    "NL": "The Netherlands|Netherlands|Holland|Pays-Bas|Netherlands, The",
    "KR": "Korea, Republic of|Republic of Korea|South Korea|Korea, South|Korea, Rep.|Südkorea",
    "KP": "North Korea|Korea, Democratic People's Republic of|DPRK",
    "CZ": "Czechia|Czech Republic|CZECH REP.|Česko",
    "CI": "Ivory Coast|Côte d'Ivoire|Côte d’Ivoire|COTE D'IVOIRE|Elfenbeinküste|CIV",
    "US": "USA|U.S.|U. S. A.|U.S.A.|United States|United States of America|us|États-Unis|Vereinigte Staaten",
    "GB": "UK|U.K.|GB|GBR|England|Scotland|wales|Northern Ireland|Great Britain|Vereinigtes Königreich",
    "FR": "FR|France|French Republic|Frankreich",
    "TH": "泰國|泰国|Thaïlande",
    "IR": "Irão|Iran, Islamic Rep.of|Iran (Islamic Republic of)",
    "GF": "Guyane|French Guiana",
    "GR": "EL|GR|GRC|Greece|Hellas|Grèce",
    "RO": "ROM|ROU|Romania|Rumänien",
    "CD": "ZAR|COD|Zaire|DR Congo|Congo, Dem. Rep.|Democratic Republic of the Congo",
    "CG": "Congo|Republic of the Congo|Congo, Rep.|Congo-Brazzaville",
    "TL": "TMP|East Timor|Timor-Leste",
    "MM": "BUR|Burma|Myanmar",
    "NA": "NA|Namibia|NAM",
    "XK": "XK|XKX|Kosovo",
    "TR": "Turkey|Türkiye|Turkiye|Türkei",
    "KN": "St. Kitts & Nevis|Saint Kitts and Nevis|St Kitts and Nevis",
    "BA": "Bosnia|Bosnia & Herzegovina|Bosnia and Herzegovina",
    "GW": "Guinea-Bissau|Guinea Bissau",
    "XA": "XA|xa",
    "AA": "AA",
    "QM": "QM",
    "ZZ": "ZZ",
}
UNKNOWN = (
    "YUG", "YU", "ANT", "SCG", "SUN", "CSK", "Yugoslavia", "Netherlands Antilles",
    "EU", "European Union", "Africa", "Asia", "World",
    "Korea", "Kongo", "Virgin Islands", "na", "Na", "N/A.", "Germny", "276", "QL", "XYZ", "?",
)  # fmt: skip
MISSING = ("", " ", "nan", "NaN", "None", "null", "n/a", "<NA>", None, float("nan"), pd.NA)


@pytest.mark.parametrize(
    ("code", "spelling"), [(c, s) for c, row in SPELLINGS.items() for s in row.split("|")]
)
def test_to_alpha2__usual_spelling__code(code: str, spelling: str) -> None:
    found = to_alpha2(pd.Series([spelling, f"  {spelling} "]))
    assert found.codes.tolist() == [code, code] and not found.unknown


@pytest.mark.parametrize("spelling", UNKNOWN)
def test_to_alpha2__dissolved_aggregate_or_misspelt__listed_not_guessed(spelling: str) -> None:
    found = to_alpha2(pd.Series(["DE", spelling, spelling], index=[7, 8, 9], name="where"))
    assert found.unknown == {spelling: 2}
    expected = pd.Series(["DE", pd.NA, pd.NA], index=[7, 8, 9], name="where", dtype="str")
    pd.testing.assert_series_equal(found.codes, expected)


def test_to_alpha2__missing__na_and_not_listed() -> None:
    found = to_alpha2(pd.Series([*MISSING, "NA"], dtype=object))
    assert found.codes.isna().tolist() == [True] * len(MISSING) + [False]
    assert not found.unknown


def test_to_alpha2__several_unknown__most_frequent_first() -> None:
    found = to_alpha2(pd.Series(["foo", "bar", "bar", "DE"]))
    assert list(found.unknown.items()) == [("bar", 2), ("foo", 1)]


def test_to_alpha2__megabytes_in_a_cell__unknown_at_once() -> None:
    text = "Germany " * 500_000
    assert to_alpha2(pd.Series([text])).unknown == {text: 1}
    assert len(nearest_name(text)) < 500


def test_to_alpha2__no_cells__empty() -> None:
    found = to_alpha2(pd.Series([], dtype="str"))
    assert found.codes.empty and found.codes.dtype == "str" and not found.unknown


@pytest.mark.parametrize("language", ["en", "fr", "de", "es", "it", "pt", "nl", "pl", "ru", "zh", "ja", "ar"])
def test_to_alpha2__every_name_in_a_language__its_code(language: str) -> None:
    names = Locale.parse(language).territories
    # Kongo is one country's name in Polish and another's in Norwegian.
    codes = [code for code in countries()["country"] if (language, code) != ("pl", "CG")]
    assert to_alpha2(pd.Series([names[code] for code in codes])).codes.tolist() == codes


def test_to_alpha2__every_code_and_own_name__itself() -> None:
    table = countries()
    for column in ("country", "alpha3", "name"):
        assert to_alpha2(table[column]).codes.tolist() == table["country"].tolist()


@pytest.mark.parametrize(
    ("spelling", "hint"),
    [
        ("Germny", "Did you mean 'Germany' or 'Guernsey'?"),
        ("UNITED STATE", "Did you mean 'United States'"),
        ("yug", "'yug' became RS, ME: choose one."),
        ("na", "Write NA for Namibia"),
        ("x" * 100, "are known, such as"),
    ],
)
def test_nearest_name__unknown__what_may_have_been_meant(spelling: str, hint: str) -> None:
    assert hint in nearest_name(spelling)
