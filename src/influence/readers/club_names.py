"""Which listed club another name means: `Man Utd` is `Manchester United`, as the deals that both list show.

A club that lists its deals goes by its full name, the other side of each deal by a short one.  A deal between
two listed clubs stands in the file twice, an arrival at one and a departure at the other, alike in window,
age, position and fee: each such pair of rows votes for what the two short names mean.
"""

from __future__ import annotations

import pandas as pd

ALIKE = ("season", "transfer_period", "age", "position", "fee")
"""What the two rows of one deal have in common."""
LEAST_VOTES = 5.0
TIMES_RUNNER_UP = 3.0
"""A name is settled by so many votes, and so many times those of the club that comes second."""
_SIDE = r"(?<!\s)\s+(?:U\d\d|B|C|II|III|Res\.?|Reserves|Yth\.?|Youth|Jgd\.?|Junior|Juniors)$"
"""How names of youth and reserve sides end."""


def club_names(rows: pd.DataFrame) -> dict[str, str]:
    """Name of the other side -> listed club, for all names that are settled.

    Parameters
    ----------
    rows : club_name, club_involved_name, transfer_movement (in, out) and the columns of `ALIKE`

    A listed club's own name means that club.  A youth or reserve side means its club where the name without
    the ending is settled, and the name itself is not.
    """
    listed = set(rows["club_name"])
    settled = {**_settled(_votes(rows)), **{name: name for name in listed}}
    names = pd.Series(rows["club_involved_name"].unique(), dtype="str")
    parents = names.str.replace(_SIDE, "", regex=True).map(settled)
    known = names.map(settled).astype("str").fillna(parents)
    return dict(zip(names[known.notna()], known[known.notna()], strict=True))


def _votes(rows: pd.DataFrame) -> pd.Series:
    """Votes by (name, club); the matches of an arrival share one vote, as do those of a departure."""
    arrivals = rows[rows["transfer_movement"] == "in"].rename_axis("arrival").reset_index()
    departures = rows[rows["transfer_movement"] == "out"].rename_axis("departure").reset_index()
    pairs = arrivals.merge(departures, on=list(ALIKE), suffixes=("", "_other"))
    pairs = pairs[pairs["club_name"] != pairs["club_name_other"]]
    votes = [
        pd.DataFrame({"name": pairs[name], "club": pairs[club],
                      "votes": 1 / pairs.groupby(row)[row].transform("size")})
        for name, club, row in (("club_involved_name", "club_name_other", "arrival"),
                                ("club_involved_name_other", "club_name", "departure"))
    ]  # fmt: skip
    return pd.concat(votes).groupby(["name", "club"])["votes"].sum()


def _settled(votes: pd.Series) -> dict[str, str]:
    ranked = votes.reset_index().sort_values(["name", "votes", "club"], ascending=[True, False, True])
    first = ranked.drop_duplicates("name").set_index("name")
    rest = ranked[ranked.duplicated("name")].groupby("name")["votes"].max()
    second = rest.reindex(first.index, fill_value=0.0)
    sure = (first["votes"] >= LEAST_VOTES) & (first["votes"] >= TIMES_RUNNER_UP * second)
    return {str(name): str(club) for name, club in first.loc[sure, "club"].items()}
