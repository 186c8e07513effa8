"""Who one is: traits as columns, absolute and against the community."""

from __future__ import annotations

import numpy as np
import pandas as pd

from influence.contagion.nominations import Nominations, mean_within
from influence.data import Network
from influence.schema import SENIORITY


def attributes(network: Network, nominations: Nominations) -> pd.DataFrame:
    """Traits and profile of the people, one row each, NaN where not known.

    Every column comes twice: as it is, and (`<name>.within`) as the distance from the community's mean, in
    units of the spread within communities.
    """
    rows = network.table("traits").sort_values("observed_at", na_position="first", kind="stable")
    latest = rows.groupby(["contact_id", "name"])["value"].last().unstack()
    own = latest.reindex(nominations.people).astype(np.float64).join(_profile(network))
    own = own.loc[:, own.nunique() > 1]
    group = nominations.community
    filled = own.fillna(own.mean()).to_numpy(np.float64)
    apart = filled - mean_within(filled, group)
    spread = np.sqrt((apart**2).mean(axis=0))
    within = np.divide(apart, spread, out=np.zeros_like(apart), where=spread > 0)
    names = [f"{name}.within" for name in own.columns]
    return pd.concat((own, pd.DataFrame(within, own.index, names)), axis=1).reset_index(drop=True)


def _profile(network: Network) -> pd.DataFrame:
    """What `contacts` itself tells in numbers, by contact_id, the latest known."""
    known = network.latest("contacts", ("seniority", "profile_quality", "n_connections"))
    level = known["seniority"].map({name: float(code) for code, name in enumerate(SENIORITY)})
    n_connections = np.log1p(known["n_connections"].astype("Float64"))
    told = known.assign(seniority=level, n_connections=n_connections)
    return told.astype("Float64").astype(np.float64)
