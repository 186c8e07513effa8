"""What only sources past their retention told, removed from everywhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from influence.data import to_utc
from influence.privacy.forgetting import Forgotten, clean
from influence.privacy.person import Known
from influence.privacy.places import Places
from influence.privacy.sought import Sought
from influence.progress import Tell, silent
from influence.readers.duties import expired, heirs_of, told_of, told_only_by
from influence.readers.stored import RECORDS


def expire(
    places: Sequence[str | Path],
    at: str | pd.Timestamp,
    *,
    dry_run: bool = False,
    progress: Tell = silent,
) -> Forgotten:
    """Remove the rows that name an expired source, and the people whom no other source tells of.

    Of a row of contacts about somebody whom a living source tells of, too, the id is left, under that source.
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
    folders, done = _folders(where), Forgotten()
    ended = frozenset[str]().union(
        *(expired(tables["sources"], moment) for tables in folders.values() if "sources" in tables)
    )
    if not ended:
        done.notes.append(f"No source here is past its retention on {moment:%Y-%m-%d}.")
        return done
    inside, elsewhere = _sought(folders, ended)
    done.notes.append(
        f"Past their retention: {', '.join(sorted(ended))}; {len(elsewhere.ids):,} people are known from "
        "these alone."
    )
    if not any("matches" in one for one in folders.values()) and any(
        folder.name == RECORDS and _is_mixed(tables, ended) for folder, tables in folders.items()
    ):
        done.notes.append(ONE_SOURCE)
    clean(where, elsewhere, done, frozenset(where.sources), inside=inside, dry_run=dry_run, progress=progress)
    return done


def _sought(
    folders: Mapping[Path, Mapping[str, pd.DataFrame]], ended: frozenset[str]
) -> tuple[dict[Path, Sought], Sought]:
    """Who is to go from each folder of tables, and who from all other files.

    A model's records name one source of each person; the tables that they were read from tell the others.
    """
    told = pd.concat([told_of(tables) for tables in folders.values()])
    living = set(told.loc[~told["source"].isin(ended), "contact"])
    inside, elsewhere = {}, [Sought(sources=ended)]
    for folder, tables in folders.items():
        own = told[told["source"].isin(tables["sources"]["source_id"])] if "sources" in tables else told
        ids = told_only_by(tables, ended, own)
        known = Known(tables.get("identities", _NOBODY), ids, tuple(tables.items()), None)
        heirs = frozenset(heirs_of(tables, ended, own).items())
        inside[folder] = Sought.all_of([known.all_of(ids), Sought(heirs=heirs)])
        elsewhere.append(known.all_of(ids - living))
    others = Sought.all_of(elsewhere)
    inside = {folder: Sought.all_of([one, others]) for folder, one in inside.items()}
    of_models = {folder.parent: one for folder, one in inside.items() if folder.name == RECORDS}
    return of_models | inside, others


ONE_SOURCE = (
    "A model's records name one source of each person: whoever other sources told of, too, goes from them as "
    "well. Name the folder of `influence read --output` with --in, too, and they stay."
)


def _is_mixed(tables: Mapping[str, pd.DataFrame], ended: frozenset[str]) -> bool:
    """Whether some of the sources of a folder have ended, and others live."""
    return "sources" in tables and tables["sources"]["source_id"].isin(ended).nunique() > 1


_NOBODY = pd.DataFrame({"contact_id": [], "kind": [], "value": []}, dtype="str")


def _folders(where: Places) -> dict[Path, dict[str, pd.DataFrame]]:
    """The tables of each folder, a network each."""
    found: dict[Path, dict[str, pd.DataFrame]] = defaultdict(dict)
    for path, name, rows in where.tables():
        found[path.parent][name] = rows
    return dict(found)
