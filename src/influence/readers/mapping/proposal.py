"""A mapping proposed for a file: by its headers, in three languages, and by what its cells hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import StringIO
from pathlib import Path

import pandas as pd
import yaml
from rapidfuzz import fuzz

from influence.errors import ConfigError, DataError, nearest
from influence.geography import to_alpha2
from influence.readers.crm.deals import flags
from influence.readers.crm.numbers import amounts
from influence.readers.crm.times import read_times
from influence.readers.crm.words import emails, folded, slugs
from influence.readers.mapping.config import MAPPED_TABLES, FileMapping, columns_for
from influence.readers.mapping.conversion import converted, kind_of
from influence.readers.sniffing import Sheet, read_sheet
from influence.schema import TABLES

TABLE = "synonyms.csv"
LIKE = 88.0
"""Likeness of a header to a known one in per cent (Indel, words in one form) from which it is that one."""
MOSTLY = 0.7
"""Share of the filled cells that must hold what the column is for."""
HALF = 0.5
"""The same where cells are words of the vocabulary, of which files have more."""
LOOKED_AT = 1_000
FIRST_ROWS = 5
BY_CONTENT = 90.0
"""What cells that speak for themselves weigh, beside a header's likeness."""
WHOM = ("recipient_id", "target_id")
"""Columns that addresses and profiles of people speak for."""

NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "invitations": (("recipient_id",), ("sent_at",)),
    "interactions": (("actor_id",), ("target_id",), ("kind",), ("at",)),
    "deals": (("company_id",), ("opened_at",), ("deal_id", "stage", "amount")),
    "connections": (("source_id",), ("target_id",)),
    "adoptions": (("contact_id",), ("item",)),
    "contacts": (("name", "last_name", "email", "profile"),),
    "companies": (("name",),),
}
"""Table -> what a file must hold to be of it; of each group one.  The first that fits best is proposed."""

WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "outcome": {
        "accepted": ("angenommen", "accepte", "acceptee", "connected", "yes", "ja", "oui"),
        "declined": ("rejected", "refused", "ignored", "abgelehnt", "refuse", "refusee", "no", "nein", "non"),
        "withdrawn": ("zuruckgezogen", "retire", "retiree"),
        "pending": ("open", "sent", "offen", "gesendet", "ausstehend", "en attente", "envoye"),
    },
    "kind": {
        "message": ("dm", "inmail", "linkedin message", "nachricht"),
        "email": ("e mail", "mail", "courriel"),
        "call": ("phone", "phone call", "anruf", "telefonat", "appel"),
        "meeting": (
            "visit",
            "termin",
            "treffen",
            "besprechung",
            "besuch",
            "reunion",
            "rendez vous",
            "visite",
        ),
        "comment": ("kommentar", "commentaire"),
        "share": ("repost", "geteilt", "partage"),
        "view": ("profile view", "profilbesuch", "vue"),
        "follow": ("followed", "gefolgt", "suivi"),
        "like": ("liked", "reaction", "gefallt mir", "j aime"),
    },
}
"""Our column -> our word -> how files write it."""


@dataclass(frozen=True)
class Proposal:
    """A mapping of one file, and what it leaves open.

    Attributes
    ----------
    unmapped : headers of the file that are nobody's column
    missing : required columns of the table that no header gives
    unknown_values : "column: value" of cells that are no word of the vocabulary
    rows : the first rows under the mapping
    """

    file: str
    mapping: FileMapping
    unmapped: tuple[str, ...]
    missing: tuple[str, ...]
    unknown_values: tuple[str, ...]
    rows: pd.DataFrame
    notes: tuple[str, ...] = ()

    def as_yaml(self) -> str:
        """The mapping file, what is left open as comments at its head."""
        left = {
            "not mapped": self.unmapped,
            "to be told": self.missing,
            "values without a meaning": self.unknown_values,
        }
        comments = [
            f"# {what}: {', '.join(' '.join(each.split()) for each in names)}\n"
            for what, names in left.items()
            if names
        ]
        told = {"files": {self.file: self.mapping.model_dump(exclude_defaults=True)}}
        return "".join(comments) + yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=110)


def propose(path: Path, table: str | None = None) -> Proposal:
    """The mapping that fits a CSV file best.

    Headers are compared with known ones in English, French and German by their likeness (rapidfuzz), and a
    column is only taken for what its cells can be: times, numbers, countries, addresses, ids.

    Parameters
    ----------
    table : the table to map into; by default the one that the file fits best

    Raises
    ------
    DataError
        If the file cannot be read, holds no rows, or fits no table.
    ConfigError
        If there is no such table.
    """
    if table is not None and table not in MAPPED_TABLES:
        raise ConfigError(f"There is no table {table!r} to map into. {nearest(table, MAPPED_TABLES)}")
    sheet = read_sheet(path)
    if sheet.rows.empty:
        raise DataError(f"{path.name} holds no rows. Export it again.")
    looked_at = sheet.rows.head(LOOKED_AT)
    found = {name: _columns(looked_at, name) for name in ([table] if table else NEEDED)}
    fitting = {name: columns for name, columns in found.items() if table or _fits(name, columns)}
    if not fitting:
        raise DataError(
            f"{path.name} fits none of the tables {', '.join(NEEDED)}. Name one with --table, "
            "and write the columns by hand."
        )
    best = max(fitting, key=lambda name: sum(score for _, score in fitting[name].values()))
    columns = {ours: header for ours, (header, _) in fitting[best].items()}
    values, unknown = _values(looked_at, columns)
    mapping = FileMapping(table=best, columns=columns, values=values)
    rows, _, notes = converted(Sheet(sheet.name, looked_at), mapping, day_first=False)
    return Proposal(
        path.name,
        mapping,
        tuple(str(header) for header in sheet.rows.columns if header not in columns.values()),
        _missing(best, columns),
        unknown,
        rows.head(FIRST_ROWS),
        (*sheet.notes, *notes),
    )


def _fits(table: str, columns: Mapping[str, tuple[str, float]]) -> bool:
    return all(any(name in columns for name in group) for group in NEEDED[table])


def _missing(table: str, columns: Mapping[str, str]) -> tuple[str, ...]:
    made = {TABLES[table].key[0]} if table in NEEDED else set()  # keys and ids that reading makes itself
    made |= {"outcome", "responded_at"} if "accepted_at" in columns else set()
    return tuple(name for name in TABLES[table].required if name not in columns and name not in made)


def _columns(rows: pd.DataFrame, table: str) -> dict[str, tuple[str, float]]:
    """Our column -> header and weight: the surest pairs first, each header once."""
    pairs = [
        (score, ours, str(header))
        for header in rows.columns
        for ours in columns_for(table)
        if (score := _weight(str(header), rows[header].str.strip(), table, ours)) > 0
    ]
    chosen: dict[str, tuple[str, float]] = {}
    taken: set[str] = set()
    for score, ours, header in sorted(pairs, key=lambda pair: (-pair[0], columns_for(table).index(pair[1]))):
        if ours not in chosen and header not in taken:
            chosen[ours] = (header, score)
            taken.add(header)
    order = columns_for(table)
    return {ours: chosen[ours] for ours in sorted(chosen, key=order.index)}


def _weight(header: str, cells: pd.Series, table: str, ours: str) -> float:
    """How surely the header is our column; 0 where it is not, or its cells contradict."""
    likeness = max(
        (fuzz.ratio(folded(header.replace("_", " ")), known) for known in _synonyms(table, ours)), default=0.0
    )
    filled = cells[cells != ""]
    speaks = _share(filled, _tells_people) >= MOSTLY if ours in WHOM else False
    if ours in ("email", "profile"):
        speaks = _share(filled, _holds(table, ours)) >= MOSTLY
    weight = max(likeness, BY_CONTENT if speaks else 0.0)
    least = HALF if kind_of(table, ours) == "category" else MOSTLY
    if weight < LIKE or (len(filled) > 0 and _share(filled, _holds(table, ours)) < least):
        return 0.0
    if ours == TABLES[table].key[0] and len(TABLES[table].key) == 1 and filled.duplicated().any():
        return 0.0
    return weight


def _share(cells: pd.Series, holds: Callable[[pd.Series], pd.Series]) -> float:
    """The share of cells that hold it; 0 where there is no cell."""
    return float(holds(cells).mean()) if len(cells) else 0.0


def _tells_people(cells: pd.Series) -> pd.Series:
    return slugs(cells).notna() | emails(cells).notna()


def _holds(table: str, ours: str) -> Callable[[pd.Series], pd.Series]:
    """What tells, cell by cell, whether it can be of the column."""
    if ours == "email":
        return lambda cells: emails(cells).notna()
    if ours == "profile":
        return lambda cells: slugs(cells).notna()
    kind = kind_of(table, ours)
    if kind == "time":
        return lambda cells: read_times(cells, True).at.notna() | read_times(cells, False).at.notna()
    if kind in ("number", "integer"):
        return lambda cells: amounts(cells)[0].notna() & (emails(cells).isna())
    if kind == "country":
        return lambda cells: to_alpha2(cells).codes.notna()
    if kind == "flag":
        return lambda cells: flags(cells).notna()
    if kind == "currency":
        return lambda cells: cells.str.fullmatch("[A-Z]{3}")
    if kind == "category":
        words = TABLES[table].column(ours).values
        return lambda cells: cells.map(lambda cell: _meaning(ours, str(cell), words) is not None)
    if ours in (
        "employer",
        "name",
        "first_name",
        "last_name",
        "job_title",
        "topic",
        "stage",
        "city",
        "industry",
    ):
        return lambda cells: (
            emails(cells).isna() & amounts(cells)[0].where(cells.str.fullmatch(r"[\d.,\s]+")).isna()
        )
    return lambda cells: cells != ""


def _values(
    rows: pd.DataFrame, columns: Mapping[str, str]
) -> tuple[dict[str, dict[str, str]], tuple[str, ...]]:
    """What cells of words of the vocabulary mean, and those that mean nothing known."""
    values, unknown = dict[str, dict[str, str]](), list[str]()
    for ours, known in WORDS.items():
        if ours not in columns:
            continue
        for cell in sorted(set(rows[columns[ours]].str.strip()) - {""}):
            meaning = _meaning(ours, cell, tuple(known))
            if meaning is None:
                unknown.append(f"{ours}: {cell}")
            elif meaning != cell:
                values.setdefault(ours, {})[cell] = meaning
    return values, tuple(unknown)


def _meaning(ours: str, cell: str, words: tuple[str, ...]) -> str | None:
    """The word of the vocabulary that a cell is, or is known to mean."""
    text, told = folded(cell), WORDS.get(ours, {})
    if cell in words:
        return cell
    return next((word for word in words if text == word or text in told.get(word, ())), None)


@cache
def _synonyms(table: str, ours: str) -> tuple[str, ...]:
    """Headers that mean our column of a table, in one form; its own name among them."""
    text = (resources.files(__package__) / TABLE).read_text(encoding="utf-8")
    known = pd.read_csv(StringIO(text), dtype="str", keep_default_na=False).set_index("column")["headers"]
    names = [name for name in (ours, f"{table}.{ours}") if name in known.index]
    listed = [header for name in names for header in known[name].split("|")]
    return (folded(ours.replace("_", " ")), *listed)
