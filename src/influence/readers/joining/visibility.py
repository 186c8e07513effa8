"""Whether what another source tells of people gives away who accepted.

An archive tells the employer and the address of those who accepted, and of nobody else.  Records joined by
these are therefore joined for acceptors alone, and so is what the other source adds: a column that is filled
for acceptors only is the outcome in another form.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

TELLING = ("email", "name and company")
FEWEST = 20
"""Invitations of either kind, below which shares say nothing."""
GAP = 0.1


def outcome_given_away(tables: Mapping[str, pd.DataFrame], matches: pd.DataFrame) -> list[str]:
    """A warning where far more of those who accepted than of the others were joined by address or name."""
    if "invitations" not in tables or not len(matches):
        return []
    joined = matches.loc[matches["rule"].isin(TELLING), "contact_id"]
    invitations = tables["invitations"]
    found = invitations["recipient_id"].isin(joined)
    accepted = (invitations["outcome"] == "accepted").fillna(False).astype(bool)
    if min(accepted.sum(), (~accepted).sum()) < FEWEST:
        return []
    of_accepted, of_others = found[accepted].mean(), found[~accepted].mean()
    if of_accepted - of_others < GAP:
        return []
    return [
        f"Of the recipients who accepted, {of_accepted:.0%} were joined with another source by address "
        f"or name, of the others {of_others:.0%}: what that source alone tells gives away who accepted. To "
        "learn acceptance, join by profile alone: joining.by=[profile]."
    ]
