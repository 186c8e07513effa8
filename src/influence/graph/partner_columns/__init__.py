"""What tells one possible partner from another, pair by pair, in four groups that stay apart to the end.

Columns are named "<group>.<column>".  All of them hold for the moment of the graph, and none names an id:
what is learnt from them carries over to partners never seen before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from influence.graph.partner_columns.columns import Columns, PairColumns
from influence.graph.partner_columns.direct import direct_columns
from influence.graph.partner_columns.fit import fit_columns
from influence.graph.partner_columns.gravity import gravity_columns
from influence.graph.partner_columns.indirect import indirect_columns
from influence.graph.partners import Ints, PartnerGraph

__all__ = ["GROUPS", "PairColumns", "pair_columns"]

GroupColumns = Callable[[PartnerGraph, Ints, Ints], Columns]
BY_GROUP: Mapping[str, GroupColumns] = MappingProxyType(
    {
        "fit": fit_columns,
        "gravity": gravity_columns,
        "direct": direct_columns,
        "indirect": indirect_columns,
    }
)
"""Group -> its columns: what fits what; how far apart the countries are; how well each end is linked; who
stands between.  One file each."""
GROUPS = tuple(BY_GROUP)


def pair_columns(graph: PartnerGraph, source: Ints, target: Ints) -> PairColumns:
    """Every column of pairs of positions, each int64 [pairs]."""
    found = {
        f"{group}.{name}": values
        for group, of_group in BY_GROUP.items()
        for name, values in of_group(graph, source, target).items()
    }
    return PairColumns(tuple(found), np.column_stack(list(found.values())).astype(np.float32))
