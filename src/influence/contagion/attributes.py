"""Who one is: traits as columns, absolute and against the community."""

from __future__ import annotations

import numpy as np
import pandas as pd

from influence.contagion.nominations import Nominations, mean_within
from influence.data import Network


def attributes(network: Network, nominations: Nominations) -> pd.DataFrame:
    """Traits and seniority of the people, one row each, NaN where not known.

    Every column comes twice: as it is, and (`<name>.within`) as the distance from the community's mean in units
    of the spread within communities.
    """
    rows = network.table("traits").sort_values("observed_at", na_position="first", kind="stable")
    latest = rows.groupby(["contact_id", "name"])["value"].last().unstack()
    own = latest.reindex(nominations.people).astype(np.float64)
    own = own.loc[:, own.nunique() > 1]
    group = nominations.community
    filled = own.fillna(own.mean()).to_numpy(np.float64)
    apart = filled - mean_within(filled, group)
    spread = np.sqrt((apart**2).mean(axis=0))
    within = np.divide(apart, spread, out=np.zeros_like(apart), where=spread > 0)
    names = [f"{name}.within" for name in own.columns]
    return pd.concat((own, pd.DataFrame(within, own.index, names)), axis=1).reset_index(drop=True)
