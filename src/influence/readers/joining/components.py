"""What belongs together, once single links are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def stars(item: NDArray[np.int64], key: pd.Series) -> NDArray[np.int64]:
    """The first item of each key, linked with each other item of that key, in the order given [k, 2]."""
    items = pd.Series(item, key.index)
    first = items.groupby(key).transform("first")
    other = (items != first).to_numpy(np.bool_)
    return np.column_stack([first[other], items[other]]).astype(np.int64).reshape(-1, 2)


def joined(of: NDArray[np.int64], links: NDArray[np.int64]) -> NDArray[np.int64]:
    """The groups `of` items, int64 [n], once those of linked items [k, 2] are one; numbered from 0."""
    size = int(of.max(initial=-1)) + 1
    edges = coo_array((np.ones(len(links)), (of[links[:, 0]], of[links[:, 1]])), shape=(size, size))
    _, component = connected_components(edges, directed=False)
    return np.unique(component[of], return_inverse=True)[1].astype(np.int64)
