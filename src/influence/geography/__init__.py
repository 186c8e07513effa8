"""Countries: their codes and names, where they lie, what they share, and how far apart they are."""

from influence.geography.config import GeographyConfig, load_geography
from influence.geography.distances import great_circle_km
from influence.geography.names import Resolved, nearest_name, to_alpha2
from influence.geography.pairs import PAIR_COLUMNS, Geography
from influence.geography.table import countries

__all__ = [
    "PAIR_COLUMNS",
    "Geography",
    "GeographyConfig",
    "Resolved",
    "countries",
    "great_circle_km",
    "load_geography",
    "nearest_name",
    "to_alpha2",
]
