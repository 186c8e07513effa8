"""Sales Navigator: the activities of seat holders, as its Analytics Services export them.

The columns and the types of activities are those of LinkedIn's page "Analytics Services - Exports Schema".
People are told by opaque keys there, so nothing but what was done joins such a file with others.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from influence.readers.crm.exports import read_exports, recognises
from influence.readers.notes import MOST_LISTED, dropped
from influence.readers.source import Reader, Records, Sieve

NAME = "sales_navigator"
CONNECTED = "CONNECTION_MADE"
KIND_OF = {"MESSAGE_SENT": "message", "INMAIL_SENT": "message", "PROFILE_VIEWED": "view"}


def read(place: Path, sieve: Sieve) -> Records:
    """Messages and views of the own team as interactions, connections made as connections."""
    exports = read_exports(place, NAME, sieve)
    rows = exports["activities"]
    rows = rows.assign(
        seat=f"{NAME}:seat:" + rows["seat"], lead=f"{NAME}:" + rows["member"], event=rows["event"].str.upper()
    )
    nobody = rows["lead"].isna()
    again = rows.duplicated("own_id") & ~nobody
    read_types = [CONNECTED, *KIND_OF]
    strange = sorted(rows.loc[~rows["event"].isin(read_types), "event"].unique())[:MOST_LISTED]
    rows = rows[~nobody & ~again & rows["event"].isin(read_types)]
    people = pd.concat([rows["seat"], rows["lead"]]).drop_duplicates()
    made = rows[rows["event"] == CONNECTED].sort_values("at").drop_duplicates(["seat", "lead"])
    done = rows[rows["event"] != CONNECTED]
    tables = {
        "contacts": pd.DataFrame({"contact_id": people, "is_own_team": people.isin(rows["seat"])}),
        "connections": pd.DataFrame(
            {
                "source_id": made["seat"],
                "target_id": made["lead"],
                "connected_at": made["at"],
                "direction": "mutual",
            }
        ),
        "interactions": pd.DataFrame(
            {
                "event_id": f"{NAME}:" + done["own_id"],
                "actor_id": done["seat"],
                "target_id": done["lead"],
                "kind": done["event"].map(KIND_OF),
                "at": done["at"],
            }
        ),
    }
    notes = (
        *dropped("activities", "activities without a lead", nobody),
        *dropped("activities", "activities that another file tells too", again),
        *((f"activities: of other types, not read: {', '.join(strange)}.",) if strange else ()),
        "activities: people are told by LinkedIn's own keys; no name joins them with other sources.",
    )
    return Records({name: table for name, table in tables.items() if len(table)}, (*exports.notes, *notes))


SALES_NAVIGATOR = Reader(
    NAME,
    "the activity export of Sales Navigator (activityId, activityType, createdAt, seatId)",
    recognises(NAME),
    read,
    personal=True,
    shares_folder=True,
)
