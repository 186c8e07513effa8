"""Distance over the earth."""

from __future__ import annotations

import numpy as np

EARTH_RADIUS_KM = 6_371.0088
"""Mean radius of the earth (IUGG)."""


def great_circle_km(
    latitude_a: np.ndarray, longitude_a: np.ndarray, latitude_b: np.ndarray, longitude_b: np.ndarray
) -> np.ndarray:
    """Distance over the sphere in km between points in degrees (haversine formula); NaN where one is NaN."""
    lat_a, lon_a, lat_b, lon_b = (np.radians(x) for x in (latitude_a, longitude_a, latitude_b, longitude_b))
    half = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
