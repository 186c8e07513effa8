"""Lists of edges as SNAP, KONECT and Gephi write them: CSV, TSV or text, with or without a header."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from influence.data.checks import EARLIEST
from influence.errors import DataError, first_line
from influence.readers.graphs.edges import Edges, tables_of
from influence.readers.graphs.moments import moments
from influence.readers.graphs.packed import check_size, first_bytes, opened, suffix_of
from influence.readers.source import Reader, Records, Sieve, numbers, read_csv
from influence.schema import INTERACTION_KINDS, TABLES

LISTS = (".edges", ".edgelist", ".el", ".ncol")
"""Endings that say what the file is, so that its ids may be any text."""

SUFFIXES = (".csv", ".tsv", ".txt", *LISTS)
LARGEST_BYTES = 16 * 2**30
SAMPLE = 20
"""Lines that the form of a file is told by."""

_NAMES = {
    "source": "source src from fromnodeid sender actor u node1 nodea",
    "target": "target dst dest destination to tonodeid recipient receiver v node2 nodeb",
    "time": "time timestamp ts unixts date datetime at start",
    "end": "end until",
    "weight": "weight w",
    "sign": "sign sentiment tone rating",
    "kind": "kind relation",
    "type": "type direction",
    "": "id label timeset key",
}
ROLE_OF = {name: role for role, names in _NAMES.items() for name in names.split()}
"""Names of columns, letters and digits only, and what they say; a list with any other column is not taken."""

CLAIMED = frozenset({"messages.csv", "ratings.csv", "votes.csv", *(f"{name}.csv" for name in TABLES)})
"""Names that other readers look for, in folders of theirs."""

_BESIDE = re.compile(r"^(readme|meta\.|licen[cs]e)", re.IGNORECASE)


@dataclass(frozen=True)
class Form:
    """How a list is written."""

    delimiter: str
    """What parts the cells; "" for any blank."""
    n_before: int
    """Lines before the first edge."""
    columns: tuple[str, ...]
    """What each says; "?0" and "?1" where only the values tell, "-3" where nothing is wanted of it."""
    comments: str
    names: tuple[str, ...]
    """What the columns are called in the file."""


def recognises(place: Path) -> bool:
    """Whether the file, or the only file of the folder besides its description, is a list of edges."""
    return _file(place) is not None


def _file(place: Path) -> Path | None:
    if place.is_dir():
        inside = [path for path in sorted(place.iterdir()) if not path.name.startswith(".")]
        inside = [path for path in inside if not _BESIDE.match(path.name)]
        return _file(inside[0]) if len(inside) == 1 and inside[0].is_file() else None
    named = suffix_of(place) in SUFFIXES or place.name.startswith("out.")
    return place if named and place.name.lower() not in CLAIMED and _form(place) is not None else None


def _form(path: Path) -> Form | None:
    """The form of a list of edges; None for any other file."""
    lines = first_bytes(path).decode("utf-8-sig", "replace").splitlines()
    n_comments = next((i for i, line in enumerate(lines) if line.strip() and line[0] not in "#%"), len(lines))
    sample = [
        line for line in lines[n_comments : n_comments + SAMPLE] if line.strip() and line[0] not in "#%"
    ]
    if not sample:
        return None
    delimiter = next((each for each in "\t,;" if each in sample[0]), "")
    comments = lines[:n_comments]
    first = _cells(sample[0], delimiter)
    if roles := _roles(first):
        return Form(delimiter, n_comments + 1, roles, "\n".join(comments), tuple(first))
    if not 2 <= len(first) <= 4 or not _plausible(path, [_cells(line, delimiter) for line in sample]):
        return None
    described = _cells(comments[-1].lstrip("#% "), delimiter) if comments else []
    roles = _roles(described) if len(described) == len(first) else ()
    names = described if roles else [f"column {place + 1}" for place in range(len(first))]
    roles = roles or ("source", "target", "?0", "?1")[: len(first)]
    return Form(delimiter, n_comments, roles, "\n".join(comments), tuple(names))


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), []) if delimiter else line.split()


def _roles(names: Sequence[str]) -> tuple[str, ...]:
    """What each column says; empty where these are no names of a list's columns."""
    found = [ROLE_OF.get(re.sub(r"[^a-z0-9]", "", name.lower())) for name in names]
    said = [role for role in found if role]
    if None in found or not {"source", "target"} <= set(said) or len(said) != len(set(said)):
        return ()
    return tuple(role or f"-{place}" for place, role in enumerate(found))


def _plausible(path: Path, sample: Sequence[Sequence[str]]) -> bool:
    """Whether lines without a header are edges: numbered ends, or an ending that says so."""
    told = suffix_of(path) in LISTS or path.name.startswith("out.")
    ends = [cell.strip() for cells in sample for cell in cells[:2]]
    return told or all(cell.isascii() and cell.isdigit() for cell in ends)


def read(place: Path, sieve: Sieve) -> Records:
    """Edges as connections, interactions or requests, and how each column was taken."""
    path = _file(place)
    assert path is not None, "recognised before"
    check_size(path, LARGEST_BYTES)
    form = _form(path)
    assert form is not None
    if re.match(r"%\s*bip", form.comments):
        raise DataError(
            f"{path.name} ties two kinds of nodes that share their numbers (bip). Give ids of their own."
        )
    rows = _rows(path, form)
    rows, roles = _named(rows)
    said = [f"{name} = {role}" for name, role in zip(form.names, roles, strict=True) if role[0] != "-"]
    undirected = re.search(r"(?m)^%\s*sym\b|^#\s*undirected", form.comments, re.IGNORECASE) is not None
    rows = _with_direction(rows, undirected)
    tables, more = tables_of(Edges(rows, path.name), sieve)
    return Records(tables, (f"{path.name}: read as {', '.join(said)}.", *more))


def _rows(path: Path, form: Form) -> pd.DataFrame:
    """The lines as columns of text."""
    if form.delimiter:
        return read_csv(path, form.columns, delimiter=form.delimiter, n_before=form.n_before)
    return _blank_separated(path, form)


def _blank_separated(path: Path, form: Form) -> pd.DataFrame:
    try:
        with opened(path) as content:
            return pd.read_csv(
                content,
                sep=r"\s+",
                names=list(form.columns),
                index_col=False,
                skiprows=form.n_before,
                dtype="str",
                na_filter=False,
                quoting=csv.QUOTE_NONE,
            )
    except pd.errors.EmptyDataError:
        return pd.DataFrame(columns=list(form.columns), dtype="str")
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name} cannot be read: it is not UTF-8. Save it as UTF-8.") from error
    except (ValueError, OSError) as error:
        raise DataError(f"{path.name} cannot be read: {first_line(error)}.") from error


def _named(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The rows with the roles that the values of unnamed columns tell."""
    unknown = [name for name in rows.columns if name.startswith("?")]
    found: dict[str, str] = {}
    for name in unknown:
        last_of_two = len(unknown) == 2 and name == unknown[1] and "time" not in found.values()
        found[name] = "time" if last_of_two else _role(rows[name], "time" in found.values())
    rows = rows.rename(columns=found)
    return rows, list(rows.columns)


def _role(cells: pd.Series, has_time: bool) -> str:
    """What a column says by its values: dates or seconds since 1990 at least are times, the rest weights."""
    value = numbers(cells)
    if np.isnan(value).all():
        return "kind" if cells.str.lower().isin(INTERACTION_KINDS).all() else "time"
    read = moments(cells)
    dated = np.nanmax(value) >= EARLIEST.timestamp() or "YYYYMMDD" in read.told
    return "time" if dated and not has_time and not read.bad.any() else "weight"


def _with_direction(rows: pd.DataFrame, undirected: bool) -> pd.DataFrame:
    """Rows with `directed`; a column `type` tells it, or else the kind."""
    if "type" not in rows:
        return rows.assign(directed=not undirected)
    word = rows["type"].str.strip().str.lower()
    if word.isin(("directed", "undirected", "mutual", "")).all():
        return rows.assign(directed=word.eq("directed") | (word.eq("") & (not undirected)))
    return rows.assign(directed=not undirected, kind=rows["type"])


EDGE_LIST = Reader(
    "edge_list",
    "a file .csv, .tsv, .txt, .edges or out.* (.gz too) of source, target and, if any, time, weight, sign, "
    "kind, with these names above them or numbered ends, or a folder with one such file",
    recognises,
    read,
)
