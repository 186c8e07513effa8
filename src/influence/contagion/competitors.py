"""Who works for a competitor, or is tied to somebody who does: people one may not want as ambassadors."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from influence.contagion.communities import tied_at
from influence.contagion.takeups import ties_of
from influence.data import Network
from influence.errors import ConfigError, DataError, nearest
from influence.graph.temporal import TemporalGraph, end_code

WORKS_THERE, TIED = "works for a competitor", "tied to a competitor's people"


def tied_to_competitors(
    network: Network, at: str | pd.Timestamp | None = None, *, own: Collection[str] | None = None
) -> pd.DataFrame:
    """People of companies with a `competitor` link to the own one, and people tied to these.

    Parameters
    ----------
    at
        What was visible strictly before counts; all records without it.
    own
        Ids of the own companies; those of contacts marked `is_own_team` without it.

    Returns
    -------
    contact_id, reason, company_id, n_ties : `n_ties` to people of competitors; the own team is not listed

    Raises
    ------
    ConfigError
        If an own company is not on record.
    DataError
        If nobody is marked as own team and no company is given.
    """
    network = network if at is None else network.as_of(at)
    facts = network.latest("contacts", ["company_id", "is_own_team"])
    ours = facts["is_own_team"].fillna(False).astype(bool)
    mine = _own_companies(network, set(facts.loc[ours, "company_id"].dropna()), own)
    theirs = facts["company_id"].isin(competitors_of(network, mine)).to_numpy()
    ties = ties_of(TemporalGraph(network))
    moment = end_code(at)
    owner, neighbour = tied_at(ties, moment)
    n_ties = np.bincount(owner[theirs[neighbour]], minlength=len(theirs))
    found = pd.DataFrame(
        {
            "contact_id": network.contact_ids,
            "reason": np.where(theirs, WORKS_THERE, TIED),
            "company_id": facts["company_id"].to_numpy(),
            "n_ties": n_ties,
        }
    )
    listed = (theirs | (n_ties > 0)) & ~ours.to_numpy() & ~facts["company_id"].isin(mine).to_numpy()
    return found[listed].reset_index(drop=True)


def competitors_of(network: Network, own: Collection[str]) -> set[str]:
    """Companies with a `competitor` link to or from one of these, themselves left out."""
    links = network.table("company_links")
    links = links[links["kind"] == "competitor"]
    found = {
        *links.loc[links["source_id"].isin(own), "target_id"],
        *links.loc[links["target_id"].isin(own), "source_id"],
    }
    return found - set(own)


def _own_companies(network: Network, of_team: set[str], own: Collection[str] | None) -> set[str]:
    if own is None:
        if not of_team:
            raise DataError(
                "No contact is marked is_own_team with a company_id. Mark the team, or give own companies."
            )
        return of_team
    for company in own:
        if company not in network.company_ids:
            raise ConfigError(
                f"There is no company {company!r} on record. {nearest(company, network.company_ids)}"
            )
    return set(own)
