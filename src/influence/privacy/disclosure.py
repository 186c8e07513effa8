"""All that is held on a person, written so that they can read it: a page, and the rows as CSV and JSON."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from influence.addresses import MODEL_FILE
from influence.data.identities import readable_id
from influence.errors import DataError
from influence.files import atomic, new_folder
from influence.privacy.holdings import Holding, Masked, holdings, sources_of
from influence.privacy.person import Known
from influence.privacy.places import Places
from influence.privacy.sought import Sought
from influence.readers.stored import RECORDS
from influence.reporting.page import bullets, frame, page, section
from influence.writing import write_table

ROWS_SHOWN = 200
MASKED = (
    "Everybody else is called person-1, person-2 and so on, the same person by the same number throughout: "
    "their data are not yours to be told (GDPR, article 15(4))."
)


@dataclass(frozen=True)
class Disclosure:
    """What is held on a person.

    Attributes
    ----------
    ids, words : what the person is called here
    found : file by file
    sources : where it came from, with legal basis and retention
    models : models that learnt from records of the person: folder, trained_until, tasks, rows
    notes : what limited the search
    """

    ids: tuple[str, ...]
    words: tuple[str, ...]
    found: tuple[Holding, ...]
    sources: pd.DataFrame
    models: pd.DataFrame
    notes: tuple[str, ...] = ()


def disclose(
    person: str, places: Sequence[str | Path], output: str | Path, *, key_file: Path | None = None
) -> Disclosure:
    """Write all that is held on one person into a new folder, or a zip.

    Parameters
    ----------
    person
        An id, a profile (slug or address), an e-mail address or a name.
    places
        As for `forget`.
    output
        A folder that does not exist yet, or a name that ends in .zip.

    Raises
    ------
    InfluenceError
        If nothing is held, several people are called so, a place is absent or the output cannot be written.
    """
    where = Places.of(places)
    known = Known.at(where, key_file)
    sought = known.person(person)
    masked = Masked(known, sought)
    found = tuple(holdings(where, masked, sought))
    if not found:
        raise DataError(
            f"Nothing is held on {person!r} at {', '.join(map(str, where.roots))}. Check how it is written, "
            "or name other places: --in PLACE."
        )
    notes = tuple(known.unknown(person, sought))
    ids, words = _called(known, sought)
    sources = masked(sources_of(known, sought.ids))
    told = Disclosure(ids, words, found, sources, _models(where, found), notes)
    _write(told, Path(output))
    return told


def _called(known: Known, sought: Sought) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids and words by which the person is on record, without what only the search makes of these."""
    made = {readable_id(word) for word in sought.words} - known.contact_ids
    return tuple(sorted(sought.ids & known.contact_ids)), tuple(sorted(sought.words - made))


def _models(where: Places, found: Sequence[Holding]) -> pd.DataFrame:
    rows = []
    for folder in where.models:
        own = [one for one in found if one.file.parent == folder / RECORDS and one.rows is not None]
        if own:
            card = json.loads((folder / MODEL_FILE).read_text())
            n_rows = sum(len(one.rows) for one in own if one.rows is not None)
            tasks = ", ".join(card.get("heads", ()))
            rows.append((str(folder), card.get("trained_until", ""), tasks, n_rows))
    return pd.DataFrame(rows, columns=["model", "trained_until", "answers", "rows_of_the_person"])


def _write(told: Disclosure, output: Path) -> None:
    if output.suffix.lower() != ".zip":
        with new_folder(output) as folder:
            _fill(told, folder)
        return
    with atomic(output) as target, tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "disclosure"
        folder.mkdir()
        _fill(told, folder)
        shutil.move(shutil.make_archive(str(Path(name) / "packed"), "zip", folder), target)


def _fill(told: Disclosure, folder: Path) -> None:
    (folder / "rows").mkdir()
    listed: list[dict[str, Any]] = []
    for place, one in enumerate(told.found, start=1):
        entry: dict[str, Any] = {"file": one.shown, "table": one.table, "told": one.told}
        if one.rows is not None:
            name = f"rows/{place:03d}-{Path(one.shown).stem}.csv"
            write_table(one.rows, folder / name)
            entry |= {"n_rows": len(one.rows), "rows": name}
        listed.append(entry)
    whole = {
        "called": {"ids": told.ids, "words": told.words},
        "others": MASKED,
        "notes": told.notes,
        "files": listed,
        "sources": json.loads(told.sources.to_json(orient="records", date_format="iso")),
        "models": json.loads(told.models.to_json(orient="records")),
    }
    (folder / "disclosure.json").write_text(json.dumps(whole, indent=1, ensure_ascii=False), encoding="utf-8")
    (folder / "index.html").write_text(page("What is held", _parts(told)), encoding="utf-8")


def _parts(told: Disclosure) -> Iterator[str]:
    yield '<main id="main"><h1>What is held</h1>'
    yield f'<p class="sub">{escape(MASKED)}</p>'
    yield from (f"<p>{escape(note)}</p>" for note in told.notes)
    yield section("What the person is called here", bullets(sorted({*told.ids, *told.words})))
    if len(told.sources):
        heading = "Where it came from, on which legal basis, and until when"
        yield section(heading, frame(told.sources, heading))
    if len(told.models):
        learnt = "These models have learnt from the rows; they hold no copy of them beyond those listed here."
        heading = "Models that learnt from it"
        yield section(heading, f"{frame(told.models, heading)}<p>{learnt}</p>")
    for one in told.found:
        heading = one.shown if one.table is None else f"{one.table} ({one.shown})"
        if one.rows is None:
            yield section(heading, f"<p>{escape(one.told)}</p>")
            continue
        more = len(one.rows) - ROWS_SHOWN
        rest = f"<p>{more:,} more rows are in the CSV file.</p>" if more > 0 else ""
        yield section(heading, frame(one.rows.head(ROWS_SHOWN), heading) + rest)
    yield "</main>"
