"""Columns of pairs of possible partners, by name and group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Columns = Mapping[str, NDArray[np.floating]]
"""Name -> values [pairs] of one group."""


@dataclass(frozen=True)
class PairColumns:
    """Columns of pairs: `values` float32 [pairs, len(names)], NaN where not defined."""

    names: tuple[str, ...]
    values: NDArray[np.float32]

    def column(self, name: str) -> NDArray[np.float32]:
        """The values of one column."""
        return self.values[:, self.names.index(name)]

    def of_group(self, group: str) -> list[int]:
        """Positions of a group's columns."""
        return [place for place, name in enumerate(self.names) if name.startswith(f"{group}.")]
