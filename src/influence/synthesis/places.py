"""Countries of the synthetic world: capitals, languages, borders and blocs, and the pairs of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from influence.geography import great_circle_km

# Code, latitude and longitude of the capital, languages, land borders, blocs, weight (people in the
# records), languages given by ISO 639-1.  General knowledge, rounded to hundredths of a degree.
_COUNTRIES: tuple[tuple[str, float, float, str, str, str, float], ...] = (
    ("DE", 52.52, 13.41, "de", "AT BE CH CZ DK FR NL PL", "EU", 14.0),
    ("US", 38.90, -77.04, "en", "CA MX", "USMCA", 12.0),
    ("FR", 48.86, 2.35, "fr", "BE CH DE ES IT", "EU", 9.0),
    ("GB", 51.51, -0.13, "en", "IE", "CPTPP", 9.0),
    ("PL", 52.23, 21.01, "pl", "CZ DE", "EU", 6.0),
    ("IT", 41.90, 12.50, "it", "AT CH FR", "EU", 7.0),
    ("ES", 40.42, -3.70, "es", "FR PT", "EU", 6.0),
    ("NL", 52.37, 4.90, "nl", "BE DE", "EU", 5.0),
    ("AT", 48.21, 16.37, "de", "CH CZ DE IT", "EU", 4.0),
    ("CH", 46.95, 7.45, "de fr it", "AT DE FR IT", "EFTA", 4.0),
    ("SE", 59.33, 18.07, "sv", "FI NO", "EU", 4.0),
    ("CN", 39.90, 116.41, "zh", "IN", "RCEP", 6.0),
    ("BE", 50.85, 4.35, "nl fr de", "DE FR NL", "EU", 3.0),
    ("CZ", 50.08, 14.44, "cs", "AT DE PL", "EU", 3.0),
    ("JP", 35.68, 139.69, "ja", "", "RCEP CPTPP", 5.0),
    ("DK", 55.68, 12.57, "da", "DE", "EU", 2.5),
    ("IN", 28.61, 77.21, "hi en", "CN", "", 5.0),
    ("CA", 45.42, -75.70, "en fr", "US", "USMCA CPTPP", 3.5),
    ("NO", 59.91, 10.75, "no", "FI SE", "EFTA", 2.0),
    ("FI", 60.17, 24.94, "fi sv", "NO SE", "EU", 2.0),
    ("IE", 53.35, -6.26, "en", "GB", "EU", 2.0),
    ("PT", 38.72, -9.14, "pt", "ES", "EU", 2.0),
    ("BR", -15.79, -47.88, "pt", "", "MERCOSUR", 3.5),
    ("MX", 19.43, -99.13, "es", "US", "USMCA CPTPP", 2.5),
    ("AU", -35.28, 149.13, "en", "", "RCEP CPTPP", 2.5),
)
# Unordered pairs with a colonial past in common.
_COLONIAL = frozenset(
    frozenset(pair)
    for pair in (
        ("GB", "US"), ("GB", "IN"), ("GB", "IE"), ("GB", "CA"), ("GB", "AU"),
        ("FR", "CA"), ("PT", "BR"), ("ES", "MX"), ("DK", "NO"), ("SE", "FI"),
    )
)  # fmt: skip


def countries(n_countries: int) -> pd.DataFrame:
    """The first `n_countries` of the built-in list as the table `countries`, plus a column `weight`.

    Borders are cut to the countries chosen.
    """
    rows = _COUNTRIES[:n_countries]
    chosen = {row[0] for row in rows}
    return pd.DataFrame(
        {
            "country": [row[0] for row in rows],
            "capital_latitude": [row[1] for row in rows],
            "capital_longitude": [row[2] for row in rows],
            "languages": [row[3] for row in rows],
            "borders": [" ".join(code for code in row[4].split() if code in chosen) for row in rows],
            "blocs": [row[5] for row in rows],
            "weight": [row[6] for row in rows],
        }
    )


def country_pairs(table: pd.DataFrame) -> pd.DataFrame:
    """Every ordered pair of different countries as the table `country_pairs`."""
    n = len(table)
    a, b = (side.ravel() for side in np.meshgrid(np.arange(n), np.arange(n), indexing="ij"))
    a, b = a[a != b], b[a != b]
    codes = table["country"].to_numpy(dtype=object)
    latitude, longitude = table["capital_latitude"].to_numpy(), table["capital_longitude"].to_numpy()
    words = {name: [set(text.split()) for text in table[name]] for name in ("languages", "borders", "blocs")}
    shared = {
        name: np.array([bool(words[name][i] & words[name][j]) for i, j in zip(a, b, strict=True)])
        for name in words
    }
    distance = great_circle_km(latitude[a], longitude[a], latitude[b], longitude[b])
    colonial = np.array([frozenset((codes[i], codes[j])) in _COLONIAL for i, j in zip(a, b, strict=True)])
    # No survey is shipped: a stand-in that grows with distance and shrinks with what is shared.
    cultural = 0.4 * np.log1p(distance / 500) + 0.8 * ~shared["languages"] + 0.3 * ~shared["blocs"]
    return pd.DataFrame(
        {
            "source_country": codes[a],
            "target_country": codes[b],
            "distance_km": distance.round(1),
            "shares_border": np.array([codes[j] in words["borders"][i] for i, j in zip(a, b, strict=True)]),
            "shares_language": shared["languages"],
            "colonial_tie": colonial,
            "cultural_distance": (cultural - 0.3 * colonial).clip(0).round(3),
        }
    )


def pair_matrix(table: pd.DataFrame, pairs: pd.DataFrame, column: str) -> np.ndarray:
    """A column of `country_pairs` as [country, country] in the order of `countries`; 0 on the diagonal."""
    position = pd.Series(np.arange(len(table)), index=table["country"])
    matrix = np.zeros((len(table), len(table)))
    matrix[position[pairs["source_country"]], position[pairs["target_country"]]] = pairs[column].astype(float)
    return matrix
