"""What pairs of countries share, and how far apart they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import influence
from influence.geography import PAIR_COLUMNS, Geography, great_circle_km
from influence.geography.pairs import LEAST_KM

SHIPPED = Geography.build()


def fact(geography: Geography, column: str, source: str, target: str) -> float:
    return float(geography.pairs([source], [target])[0, PAIR_COLUMNS.index(column)])


@pytest.mark.parametrize(
    ("source", "target", "km"),
    # Worked out with the spherical law of cosines from an atlas's places of the capitals.
    [("DE", "FR", 878), ("GB", "US", 5_897), ("JP", "AU", 7_960), ("BR", "ZA", 7_888), ("NZ", "ES", 19_850)],
)
def test_distance__capitals__within_one_per_cent(source: str, target: str, km: float) -> None:
    assert np.exp(fact(SHIPPED, "log_distance_km", source, target)) == pytest.approx(km, rel=0.01)


def test_great_circle__quarter_and_half_of_the_globe__by_hand() -> None:
    zero, quarter = np.zeros(3), np.array([0.0, 90.0, 180.0])
    expected = np.pi * 6_371.0088 * np.array([0.0, 0.5, 1.0])
    np.testing.assert_allclose(great_circle_km(zero, zero, zero, quarter), expected, atol=1e-6)
    assert np.isnan(great_circle_km(np.array([np.nan]), zero[:1], zero[:1], zero[:1]))


@pytest.mark.parametrize(
    ("column", "source", "target", "value"),
    [
        ("shares_border", "DE", "FR", 1), ("shares_border", "DE", "ES", 0), ("shares_border", "AU", "NZ", 0),
        ("shares_language", "DE", "AT", 1), ("shares_language", "BE", "NL", 1),
        ("shares_language", "DE", "FR", 0),
        ("shares_language", "US", "IN", 1), ("shares_bloc", "DE", "PL", 1), ("shares_bloc", "DE", "NO", 1),
        ("shares_bloc", "DE", "CH", 0), ("shares_bloc", "JP", "NZ", 1), ("shares_currency", "DE", "FR", 1),
        ("shares_currency", "DE", "PL", 0), ("shares_currency", "NA", "ZA", 1),
        ("shares_currency", "EC", "US", 1),
    ],
)  # fmt: skip
def test_pairs__well_known__as_the_atlas_says(column: str, source: str, target: str, value: float) -> None:
    assert fact(SHIPPED, column, source, target) == fact(SHIPPED, column, target, source) == value


def test_pairs__not_shipped__unknown() -> None:
    for column in ("colonial_tie", "cultural_distance", "log_trade"):
        assert np.isnan(fact(SHIPPED, column, "GB", "IN"))
    assert np.isnan(fact(SHIPPED, "log_distance_km", "AQ", "FR"))
    assert np.isnan(fact(SHIPPED, "shares_language", "AQ", "FR"))


def test_pairs__own_country__nearest_and_all_shared_even_if_anonymous() -> None:
    found = pd.DataFrame(SHIPPED.pairs(["DE", "XA", "AQ"], ["DE", "XA", "AQ"]), columns=PAIR_COLUMNS)
    assert (found["log_distance_km"] == np.float32(np.log(LEAST_KM))).all()
    assert (found.filter(like="shares_") == 1).all(axis=None)
    assert (found["cultural_distance"] == 0).all() and found["log_trade"].isna().all()
    assert fact(SHIPPED, "log_distance_km", "IT", "VA") == np.float32(np.log(LEAST_KM))


def test_pairs__missing_or_anonymous__unknown_throughout() -> None:
    found = SHIPPED.pairs(pd.Series(["DE", None, "XA", None, "XA"]), ["XA", "DE", "XB", None, "FR"])
    assert found.shape == (5, len(PAIR_COLUMNS)) and found.dtype == np.float32
    assert np.isnan(found).all()


def test_pairs__many__those_of_the_matrices() -> None:
    rows, columns = np.array([3, 7, 0]), np.array([5, 1, 249])
    found = SHIPPED.pairs(SHIPPED.codes[rows], SHIPPED.codes[columns])
    for position, name in enumerate(PAIR_COLUMNS):
        np.testing.assert_array_equal(found[:, position], SHIPPED.matrix(name)[rows, columns])


@pytest.mark.parametrize("column", PAIR_COLUMNS)
def test_matrix__shipped__symmetric_and_not_to_be_written_to(column: str) -> None:
    matrix = SHIPPED.matrix(column)
    assert matrix.shape == (250, 250)
    np.testing.assert_array_equal(matrix, matrix.T)
    with pytest.raises(ValueError, match="read-only"):
        matrix[0, 0] = 1


def test_build__countries_given__cells_replace_the_shipped_ones_and_codes_are_added() -> None:
    mine = pd.DataFrame(
        {
            "country": ["XA", "DE"],
            "capital_latitude": [48.87, None],
            "capital_longitude": [2.33, None],
            "languages": ["de", "xx"],
            "borders": ["FR", None],
            "blocs": [None, "CLUB"],
        }
    )
    found = Geography.build(mine)
    assert len(found.codes) == 251
    assert fact(found, "log_distance_km", "XA", "FR") == np.float32(np.log(LEAST_KM))
    assert fact(found, "shares_border", "FR", "XA") == 1 and fact(found, "shares_border", "DE", "FR") == 1
    assert np.isnan(fact(found, "shares_bloc", "XA", "FR")) and fact(found, "shares_bloc", "DE", "PL") == 0
    assert fact(found, "shares_language", "XA", "AT") == 1 and fact(found, "shares_language", "DE", "AT") == 0
    assert fact(found, "log_distance_km", "DE", "FR") == fact(SHIPPED, "log_distance_km", "DE", "FR")


def test_build__pairs_given__known_cells_replace_both_ways_unless_both_are_given() -> None:
    mine = pd.DataFrame(
        {
            "source_country": ["DE", "GB", "IN", "XB"],
            "target_country": ["FR", "IN", "GB", "DE"],
            "distance_km": [1_000.0, None, None, 50.0],
            "shares_language": pd.array([True, None, None, None], dtype="boolean"),
            "cultural_distance": [None, 1.0, 2.0, None],
        }
    )
    found = Geography.build(country_pairs=[mine])
    assert fact(found, "log_distance_km", "FR", "DE") == np.float32(np.log(1_000))
    assert fact(found, "shares_language", "FR", "DE") == 1
    assert fact(found, "shares_border", "FR", "DE") == 1
    assert (fact(found, "cultural_distance", "GB", "IN"), fact(found, "cultural_distance", "IN", "GB")) == (
        1,
        2,
    )
    assert fact(found, "log_distance_km", "GB", "IN") == fact(SHIPPED, "log_distance_km", "GB", "IN")
    assert fact(found, "log_distance_km", "DE", "XB") == np.float32(np.log(LEAST_KM))


def test_read__names_codes_and_namibia__survive_the_round_trip(tmp_path: Path) -> None:
    rows = pd.DataFrame(
        {"contact_id": list("abcdef"), "country": ["NA", "Namibia", "UK", "Deutschland", "XA", None]}
    )
    rows.to_csv(tmp_path / "contacts.csv", index=False)
    first = influence.read(tmp_path).table("contacts")
    assert first["country"].tolist()[:5] == ["NA", "NA", "GB", "DE", "XA"]
    assert pd.isna(first["country"].iloc[5])
    first.to_csv(tmp_path / "contacts.csv", index=False)
    pd.testing.assert_frame_equal(influence.read(tmp_path).table("contacts"), first)
