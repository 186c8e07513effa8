"""What only sources past their retention told, removed from everywhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from influence.data import to_utc
from influence.privacy.forgetting import Forgotten, clean
from influence.privacy.person import Known
from influence.privacy.places import Places
from influence.privacy.sought import Sought
from influence.progress import Tell, silent
from influence.readers.duties import expired, told_only_by


def expire(
    places: Sequence[str | Path],
    at: str | pd.Timestamp,
    *,
    dry_run: bool = False,
    progress: Tell = silent,
) -> Forgotten:
    """Remove the rows that name an expired source, and the people whom no other source tells of.

    Connections, invitations and interactions do not name their source: those between people whom another
    source tells of, too, stay; where every source of a folder has expired, all its people go.

    Parameters
    ----------
    places
        As for `forget`.
    at
        The moment: sources whose `retain_until` lies before that day have expired.

    Raises
    ------
    InfluenceError
        If a place does not exist, or `at` is no moment.
    """
    where, moment = Places.of(places), to_utc(at)
    gone, ended = Sought(), set[str]()
    for tables in _folders(where):
        of_these = expired(tables["sources"], moment) if "sources" in tables else frozenset()
        if of_these:
            ids = told_only_by(tables, of_these)
            known = Known(tables.get("identities", _NOBODY), ids, tuple(tables.items()), None)
            gone = Sought.all_of([gone, known.all_of(ids), Sought(sources=of_these)])
            ended |= of_these
    done = Forgotten()
    if not ended:
        done.notes.append(f"No source here is past its retention on {moment:%Y-%m-%d}.")
        return done
    done.notes.append(
        f"Past their retention: {', '.join(sorted(ended))}; {len(gone.ids):,} people are known from these "
        "alone."
    )
    clean(where, gone, done, frozenset(where.sources), dry_run=dry_run, progress=progress)
    return done


_NOBODY = pd.DataFrame({"contact_id": [], "kind": [], "value": []}, dtype="str")


def _folders(where: Places) -> list[dict[str, pd.DataFrame]]:
    """The tables of each folder, a network each."""
    found: dict[Path, dict[str, pd.DataFrame]] = defaultdict(dict)
    for path, name, rows in where.tables():
        found[path.parent][name] = rows
    return list(found.values())
