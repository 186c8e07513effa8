"""What two countries share, and how far apart they are, for every pair at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from influence.geography.distances import great_circle_km
from influence.geography.table import countries as shipped_countries

PAIR_COLUMNS = (
    "log_distance_km",
    "shares_border",
    "shares_language",
    "shares_bloc",
    "shares_currency",
    "colonial_tie",
    "cultural_distance",
    "log_trade",
)
"""What is known of a pair of countries, in the order of the last axis of `Geography.values`."""

LEAST_KM = 100.0
"""Distances below count as this, that of a country to itself included: home is never farther than abroad."""

_WORDS = {"shares_language": "languages", "shares_bloc": "blocs", "shares_currency": "currencies"}
_OWN = {
    "log_distance_km": np.log(LEAST_KM),
    "colonial_tie": 0.0,
    "cultural_distance": 0.0,
    "log_trade": np.nan,
}
_OWN_VALUES = np.array([_OWN.get(name, 1.0) for name in PAIR_COLUMNS], dtype=np.float32)
"""A country and itself: it shares everything.  True of a country about which nothing else is known."""


@dataclass(frozen=True, eq=False)
class Geography:
    """Facts about pairs of countries.

    Attributes
    ----------
    codes : the countries, ISO 3166-1 alpha-2 [n]
    values : float32 [n, n, len(PAIR_COLUMNS)] from country (first axis) to country; NaN where unknown
    notes : what could not be used of the files given, in plain sentences
    """

    codes: pd.Index
    values: NDArray[np.float32]
    notes: tuple[str, ...] = ()

    @classmethod
    def build(
        cls,
        countries: pd.DataFrame | None = None,
        country_pairs: Sequence[pd.DataFrame] = (),
        notes: Iterable[str] = (),
    ) -> Geography:
        """The shipped table with what is given laid over it.

        Parameters
        ----------
        countries
            In the form of the vocabulary: a cell that is given replaces the shipped one, and a code of the
            user's own (`XA`) is added.
        country_pairs
            Tables in the form of the vocabulary's `country_pairs`, which may hold columns of their own name
            in `PAIR_COLUMNS` too; later ones go over earlier ones.  A pair given one way only holds both
            ways.
        """
        table = _overlaid(shipped_countries(), countries, country_pairs)
        codes = pd.Index(table["country"], dtype="str", name="country")
        values = np.stack([_derived(table, name) for name in PAIR_COLUMNS], axis=-1).astype(np.float32)
        for pairs in country_pairs:
            _lay_over(values, codes, pairs)
        values[np.arange(len(codes)), np.arange(len(codes))] = _OWN_VALUES
        values.setflags(write=False)
        return cls(codes, values, tuple(notes))

    def matrix(self, column: str) -> NDArray[np.float32]:
        """One of `PAIR_COLUMNS` as [n, n], in the order of `codes`."""
        return self.values[:, :, PAIR_COLUMNS.index(column)]

    def pairs(self, source_codes: ArrayLike, target_codes: ArrayLike) -> NDArray[np.float32]:
        """Facts of pairs given as codes.

        Parameters
        ----------
        source_codes, target_codes : [n] alpha-2; NA, or a code about which nothing is known, is allowed

        Returns
        -------
        float32 [n, len(PAIR_COLUMNS)], NaN where unknown
        """
        source, target = (pd.Series(np.asarray(side), dtype="str") for side in (source_codes, target_codes))
        rows, columns = (self.codes.get_indexer(pd.Index(side)) for side in (source, target))
        found = self.values[rows, columns]
        found[(rows < 0) | (columns < 0)] = np.nan
        same = (source == target).to_numpy(np.bool_, na_value=False)
        found[same] = _OWN_VALUES
        return found


def _overlaid(table: pd.DataFrame, given: pd.DataFrame | None, pairs: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The shipped table, cells that are given in the place of its own, and countries of the user's own."""
    shipped = table.set_index("country")
    mine = shipped.iloc[:0] if given is None else given.set_index("country")
    ends = [codes for rows in pairs for codes in (rows["source_country"], rows["target_country"])]
    codes = pd.Index(sorted({*shipped.index, *mine.index, *(code for end in ends for code in end.dropna())}))
    mine = mine.reindex(index=codes, columns=shipped.columns)
    return mine.where(mine.notna(), shipped.reindex(codes)).rename_axis("country").reset_index()


def _derived(table: pd.DataFrame, column: str) -> NDArray[np.float64]:
    """[n, n] what the table of countries says of each pair; NaN where it says nothing."""
    if column == "log_distance_km":
        return _log_km(_distances(table))
    if column == "shares_border":
        return _borders(table)
    if column in _WORDS:
        return _shared(table[_WORDS[column]])
    return np.full((len(table), len(table)), np.nan)


def _distances(table: pd.DataFrame) -> NDArray[np.float64]:
    latitude, longitude = (
        table[name].to_numpy(np.float64, na_value=np.nan)
        for name in ("capital_latitude", "capital_longitude")
    )
    return great_circle_km(latitude[:, None], longitude[:, None], latitude[None, :], longitude[None, :])


def _log_km(km: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.log(np.maximum(km, LEAST_KM))


def _borders(table: pd.DataFrame) -> NDArray[np.float64]:
    """1 where either names the other; NaN where neither does and one's borders are unknown."""
    names = table["borders"].str.get_dummies(" ").reindex(columns=table["country"], fill_value=0)
    named = names.to_numpy(np.float64)
    unknown = table["borders"].isna().to_numpy()
    either = np.maximum(named, named.T)
    return np.where((either == 0) & (unknown[:, None] | unknown[None, :]), np.nan, either)


def _shared(words: pd.Series) -> NDArray[np.float64]:
    """1 where two countries have a word in common, else 0; NaN where one's words are unknown."""
    dummies = words.str.get_dummies(" ").to_numpy(np.float64)
    shared = (dummies @ dummies.T > 0).astype(np.float64)
    unknown = words.isna().to_numpy()
    return np.where(unknown[:, None] | unknown[None, :], np.nan, shared)


def _lay_over(values: NDArray[np.float32], codes: pd.Index, pairs: pd.DataFrame) -> None:
    """Write known cells of `pairs` into `values`, mirrored first: a pair given both ways keeps both."""
    source = codes.get_indexer(pd.Index(pairs["source_country"]))
    target = codes.get_indexer(pd.Index(pairs["target_country"]))
    given = pairs
    if "distance_km" in pairs:
        given = given.assign(
            log_distance_km=_log_km(pairs["distance_km"].to_numpy(np.float64, na_value=np.nan))
        )
    for position, name in enumerate(PAIR_COLUMNS):
        if name in given:
            cells = given[name].to_numpy(np.float32, na_value=np.nan)
            known = ~np.isnan(cells) & (source >= 0) & (target >= 0)
            for first, second in ((target, source), (source, target)):
                values[first[known], second[known], position] = cells[known]
