"""Colonial ties, cultural distance and trade from files that users bring."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from influence.errors import ConfigError, DataError, InfluenceError
from influence.geography import PAIR_COLUMNS, Geography, GeographyConfig, load_geography
from influence.geography.culture import kogut_singh
from influence.settings import parse_settings

HOFSTEDE = """iso3,country,one,two,three
AUT,Austria,10,40,1
DNK,Denmark,20,80,2
ESP,Spain,30,60,
,Nowhere,1,1,1
YUG,Yugoslavia,1,1,1
FRA,France,,50,3
AUT,Austria again,99,99,9
"""
WAVES = """iso3,year,tradagg,survsagg
AUT,2018,0.0,0.0
DNK,1990,9.0,9.0
DNK,2017,3.0,4.0
,2017,1.0,1.0
ESP,2019,,1.0
"""
COLONIES = """iso_o;iso_d;contig;colony;dist
GBR;IND;0;1;6500
IND;GBR;0;1;6500
GBR;FRA;1;0;340
ROM;TUR;0;1;500
ZAR;BEL;0;1;6000
YUG;TUR;0;1;900
GBR;JPN;0;.;9500
"""
TRADE = """i;j;Fij;Fji
FRA;GBR;99;999
GBR;FRA;999;99
FRA;USA;0;5
FRA;DEU;;5
FRA;ESP;-1;5
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "facts.csv"
    path.write_text(text, encoding="utf-8")
    return path


def fact(geography: Geography, column: str, source: str, target: str) -> float:
    return float(geography.pairs([source], [target])[0, PAIR_COLUMNS.index(column)])


def test_kogut_singh__two_dimensions__by_hand() -> None:
    # Variances 100 and 400: (100/100 + 1600/400)/2, (400/100 + 400/400)/2, (100/100 + 400/400)/2.
    found = kogut_singh(np.array([[10.0, 40.0], [20.0, 80.0], [30.0, 60.0]]))
    np.testing.assert_allclose(found, [[0, 2.5, 2.5], [2.5, 0, 1], [2.5, 1, 0]])


def test_kogut_singh__no_difference_or_nobody__zero() -> None:
    np.testing.assert_array_equal(kogut_singh(np.ones((3, 2))), np.zeros((3, 3)))
    assert kogut_singh(np.empty((0, 4))).shape == (0, 0)


def test_load__hofstede__kogut_singh_of_complete_countries_and_notes(tmp_path: Path) -> None:
    path = written(tmp_path, HOFSTEDE)
    found = load_geography(GeographyConfig(hofstede=path, hofstede_dimensions=("one", "two")))
    assert fact(found, "cultural_distance", "AT", "DK") == fact(found, "cultural_distance", "DK", "AT") == 2.5
    assert fact(found, "cultural_distance", "DK", "ES") == 1
    assert np.isnan(fact(found, "cultural_distance", "AT", "FR"))
    assert found.notes == (
        "facts.csv: 2 rows without a country in iso3 (YUG).",
        "facts.csv: 1 further rows of a country were left out.",
        "facts.csv: 1 countries lack a dimension (FR).",
    )


def test_load__inglehart_welzel__latest_wave_and_straight_line(tmp_path: Path) -> None:
    found = load_geography(GeographyConfig(inglehart_welzel=written(tmp_path, WAVES)))
    assert fact(found, "cultural_distance", "AT", "DK") == 5
    assert np.isnan(fact(found, "cultural_distance", "AT", "ES"))
    assert found.notes == (
        "facts.csv: 1 rows without a country in iso3 (no code given).",
        "facts.csv: 1 earlier waves of a country were left out.",
    )


def test_load__colonial_ties__legacy_codes_understood_and_the_rest_listed(tmp_path: Path) -> None:
    found = load_geography(GeographyConfig(colonial_ties=written(tmp_path, COLONIES)))
    assert fact(found, "colonial_tie", "GB", "IN") == 1
    assert fact(found, "colonial_tie", "FR", "GB") == 0
    assert fact(found, "colonial_tie", "TR", "RO") == 1
    assert fact(found, "colonial_tie", "CD", "BE") == 1
    assert np.isnan(fact(found, "colonial_tie", "GB", "JP"))
    assert found.notes == ("facts.csv: 1 rows without a country in iso_o (YUG).",)


def test_load__trade__each_way_in_logarithms(tmp_path: Path) -> None:
    found = load_geography(GeographyConfig(trade=written(tmp_path, TRADE)))
    assert fact(found, "log_trade", "FR", "GB") == pytest.approx(np.log(100))
    assert fact(found, "log_trade", "GB", "FR") == pytest.approx(np.log(1_000))
    assert fact(found, "log_trade", "FR", "US") == 0
    assert np.isnan(fact(found, "log_trade", "FR", "DE")) and np.isnan(fact(found, "log_trade", "FR", "ES"))


def test_load__records_with_pairs__go_over_the_files(tmp_path: Path) -> None:
    own = load_geography(GeographyConfig(inglehart_welzel=written(tmp_path, WAVES)))
    rows = {"source_country": ["AT"], "target_country": ["DK"], "cultural_distance": [7.0]}
    pairs = pd.DataFrame(rows)
    found = load_geography(GeographyConfig(inglehart_welzel=tmp_path / "facts.csv"), country_pairs=pairs)
    assert fact(own, "cultural_distance", "AT", "DK") == 5
    assert fact(found, "cultural_distance", "AT", "DK") == 7


@pytest.mark.parametrize(
    ("text", "kind", "what"),
    [
        (None, ConfigError, "There is no file"),
        ("", DataError, "cannot be read as CSV"),
        ("iso_o,iso_d,colonny\n", DataError, "lacks the column 'colony'. Did you mean 'colonny'"),
        ("iso_o,iso_d,colony\nFRA,DEU,0\nFRA,GBR,yes\n", DataError,
         "colony is not a number in 1 row ('yes' in row 2)"),
    ],
)  # fmt: skip
def test_load__file_at_fault__says_where_and_remedy(
    text: str | None, kind: type[InfluenceError], what: str, tmp_path: Path
) -> None:
    path = tmp_path / "absent.csv" if text is None else written(tmp_path, text)
    with pytest.raises(kind) as caught:
        load_geography(GeographyConfig(colonial_ties=path))
    assert what in str(caught.value) and path.name in str(caught.value)


def test_config__two_cultures_or_no_dimension__refused() -> None:
    with pytest.raises(ConfigError, match="not both"):
        parse_settings(GeographyConfig, {"hofstede": "a.csv", "inglehart_welzel": "b.csv"})
    with pytest.raises(ConfigError, match="at least one column"):
        parse_settings(GeographyConfig, {"hofstede_dimensions": []})
