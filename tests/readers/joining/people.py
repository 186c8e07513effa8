"""Small sources made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from influence.readers import Records

Person = Mapping[str, str]
"""`id`, and what is told: profile, email, name, employer."""


def source(
    source_id: str,
    people: Sequence[Person],
    exported_at: str = "2026-01-01T00:00:00Z",
    **tables: pd.DataFrame,
) -> Records:
    """The records of one source."""
    told = [
        (person["id"], kind, value, source_id)
        for person in people
        for kind, value in person.items()
        if kind != "id"
    ]
    contacts = pd.DataFrame({"contact_id": [person["id"] for person in people], "source": source_id})
    return Records(
        {
            "contacts": contacts,
            "identities": pd.DataFrame(
                told, columns=["contact_id", "kind", "value", "source_id"], dtype="str"
            ),
            "sources": pd.DataFrame({"source_id": [source_id], "exported_at": [exported_at]}),
            **tables,
        }
    )


def contact_of(records: Records) -> dict[str, str]:
    """Record id -> contact id."""
    matches = records.tables["matches"]
    return dict(zip(matches["record_id"], matches["contact_id"], strict=True))


def rule_of(records: Records) -> dict[str, str]:
    """Record id -> the rule by which it was joined."""
    matches = records.tables["matches"]
    return dict(zip(matches["record_id"], matches["rule"], strict=True))
