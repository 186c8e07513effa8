"""Small sound tables, to be spoiled one cell at a time."""

from __future__ import annotations

import pandas as pd

from influence.schema import TABLES

Tables = dict[str, pd.DataFrame]


def sound_tables() -> Tables:
    """Four contacts, three invitations, and one or two rows of every other table."""
    return {
        "contacts": pd.DataFrame(
            {
                "contact_id": ["ann", "bob", "cem", "dot"],
                "company_id": ["acme", None, "bolt", None],
                "country": ["NA", "DE", None, "IE"],
                "seniority": ["vp", None, "junior", "senior"],
                "n_connections": [10, None, 0, 7],
                "profile_quality": [0.5, 1.0, None, 0.0],
                "is_own_team": [True, False, None, False],
            }
        ),
        "companies": pd.DataFrame(
            {"company_id": ["acme", "bolt"], "currency": ["EUR", None], "revenue": [1e6, None]}
        ),
        "connections": pd.DataFrame(
            {
                "source_id": ["ann", "bob"],
                "target_id": ["bob", "cem"],
                "connected_at": ["2024-01-01", "2024-02-01"],
                "removed_at": [None, "2024-03-01"],
            }
        ),
        "invitations": pd.DataFrame(
            {
                "invitation_id": ["i0", "i1", "i2"],
                "sender_id": ["ann", "ann", "bob"],
                "recipient_id": ["bob", "cem", "cem"],
                "sent_at": ["2024-01-01T08:00:00", "2024-01-02T08:00:00", "2024-01-03T08:00:00"],
                "outcome": ["accepted", "declined", "pending"],
                "responded_at": ["2024-01-01T09:00:00", "2024-01-30T08:00:00", None],
            }
        ),
        "interactions": pd.DataFrame(
            {
                "event_id": ["e0", "e1"],
                "actor_id": ["ann", "bob"],
                "target_id": ["bob", None],
                "kind": ["message", "like"],
                "at": ["2024-01-05", "2024-01-06"],
                "content_id": [None, "post"],
                "sentiment": [0.5, None],
                "weight": [1.0, None],
            }
        ),
        "contents": pd.DataFrame(
            {"content_id": ["post"], "author_id": ["cem"], "at": ["2024-01-05"], "n_likes": [1]}
        ),
        "deals": pd.DataFrame(
            {
                "deal_id": ["d0", "d1"],
                "company_id": ["acme", "bolt"],
                "opened_at": ["2024-01-01", "2024-01-02"],
                "closed_at": ["2024-02-01", None],
                "won": [True, None],
                "currency": ["EUR", None],
            }
        ),
        "deal_roles": pd.DataFrame({"deal_id": ["d0"], "contact_id": ["ann"], "side": ["sell"]}),
        "company_links": pd.DataFrame(
            {"source_id": ["acme"], "target_id": ["bolt"], "kind": ["supplier"], "at": ["2023-01-01"]}
        ),
        "sources": pd.DataFrame({"source_id": ["s"], "exported_at": ["2024-06-01T00:00:00Z"]}),
    }


def spoilt(table: str, column: str, row: int, cell: object) -> Tables:
    """A sound table with one cell exchanged, the tables it refers to, and `sources`."""
    needed = {table, "sources", *(column.references for column in TABLES[table].columns)}
    tables = {name: rows for name, rows in sound_tables().items() if name in needed}
    rows = tables[table]
    cells = list(rows[column]) if column in rows.columns else [None] * len(rows)
    cells[row] = cell
    tables[table] = rows.assign(**{column: pd.Series(cells, dtype=object)})
    return tables
