"""Which files of their own users lay over the shipped geography."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pandas as pd
from pydantic import model_validator

from influence.geography.culture import hofstede, inglehart_welzel
from influence.geography.pairs import Geography
from influence.geography.reading import PairFacts
from influence.geography.ties import colonial_ties, trade
from influence.settings import Settings


class GeographyConfig(Settings):
    """Files with facts that are not shipped; every one is optional."""

    colonial_ties: Path | None = None
    """CEPII's `dist_cepii` as CSV: `iso_o`, `iso_d`, `colony`."""
    hofstede: Path | None = None
    """Hofstede's dimensions: `iso3` and one column per dimension."""
    hofstede_dimensions: tuple[str, ...] = ("pdi", "idv", "mas", "uai")
    """The columns that the Kogut-Singh index takes the mean over; more of them leave fewer countries."""
    inglehart_welzel: Path | None = None
    """Places on the cultural map: `iso3`, `year`, `tradagg`, `survsagg`.  Instead of `hofstede`."""
    trade: Path | None = None
    """Flows between countries: `i`, `j`, `Fij`."""

    @model_validator(mode="after")
    def _one_culture(self) -> Self:
        if self.hofstede and self.inglehart_welzel:
            raise ValueError("give hofstede or inglehart_welzel, not both: their distances differ in scale.")
        if not self.hofstede_dimensions:
            raise ValueError("hofstede_dimensions must name at least one column.")
        return self


def load_geography(
    config: GeographyConfig | None = None,
    countries: pd.DataFrame | None = None,
    country_pairs: pd.DataFrame | None = None,
) -> Geography:
    """The shipped geography; over it the files of `config`, and over these the tables of a team's records.

    Parameters
    ----------
    countries, country_pairs
        Tables of the vocabulary, if the records have them.

    Raises
    ------
    ConfigError, DataError
        If a file is absent or has not the form described.
    """
    facts = list(_facts(config or GeographyConfig()))
    own = [] if country_pairs is None else [country_pairs]
    notes = (note for fact in facts for note in fact.notes)
    return Geography.build(countries, [*(fact.pairs for fact in facts), *own], notes)


def _facts(config: GeographyConfig) -> Iterator[PairFacts]:
    if config.colonial_ties:
        yield colonial_ties(config.colonial_ties)
    if config.hofstede:
        yield hofstede(config.hofstede, config.hofstede_dimensions)
    if config.inglehart_welzel:
        yield inglehart_welzel(config.inglehart_welzel)
    if config.trade:
        yield trade(config.trade)
