"""Forgetting people: every file of some places without them, each whole or not at all."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from influence.addresses import without_credentials
from influence.batch.parts import tell_altered
from influence.errors import DataError, first_line
from influence.files import atomic
from influence.privacy import models
from influence.privacy.keepers import Hits, keeper_of
from influence.privacy.keepers.parquet import PARQUET
from influence.privacy.person import Known
from influence.privacy.places import LAST, Places
from influence.privacy.sought import Sought
from influence.progress import Tell, silent
from influence.tracking.store import sqlite_path, store_in_use

UNREADABLE = (
    *(OSError, ValueError, KeyError, DataError),
    *(pa.ArrowException, zipfile.BadZipFile, sqlite3.Error),
)
SOURCE = "A source of your own names them: remove them there, or run again with --sources."
LOOKING = "looking through files"
NAME = "Its name tells who it is about: rename it."


@dataclass(frozen=True)
class Touched:
    """A file that holds somebody.

    Attributes
    ----------
    file : where
    kind : of file
    hits : what was found
    """

    file: Path
    kind: str
    hits: Hits


@dataclass
class Forgotten:
    """What became of every file.

    Attributes
    ----------
    touched : files that were cleaned, or are to be in a dry run
    left : (file, why something stays and the remedy)
    retrain : models that learnt from records of somebody forgotten, earlier runs included
    n_files : how many files were looked through
    notes : what else is to be known
    """

    touched: list[Touched] = field(default_factory=list)
    left: list[tuple[Path, str]] = field(default_factory=list)
    retrain: list[Path] = field(default_factory=list)
    n_files: int = 0
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The same as plain values; whom it was about is not told."""
        return {
            "files_looked_through": self.n_files,
            "files": [
                {"file": str(one.file), "kind": one.kind, "rows": one.hits.rows, "cells": one.hits.cells}
                for one in self.touched
            ],
            "left": [{"file": str(file), "why": why} for file, why in self.left],
            "retrain": [str(folder) for folder in self.retrain],
            "notes": self.notes,
        }


def forget(
    people: Sequence[str],
    places: Sequence[str | Path] = (),
    *,
    key_file: Path | None = None,
    dry_run: bool = False,
    with_sources: bool = False,
    progress: Tell = silent,
) -> Forgotten:
    """Take people out of every file that the tool has written at some places.

    Stopped midway and run again, it ends with the same files: what others are understood by comes last.

    Parameters
    ----------
    people
        Ids, profiles (slug or address), e-mail addresses or names.
    places
        Folders and files; by default runs/, mlruns/ and mlflow.db, as far as they are here.
    key_file
        The key of pseudonyms; by default the one that reading takes.
    dry_run
        Look only.
    with_sources
        Clean sources of the user's own, too: archives, exports; else they are listed.

    Raises
    ------
    DataError
        If somebody is named who may be several people, or a place does not exist.
    """
    where = Places.of(places)
    known = Known.at(where, key_file)
    each = [known.person(one) for one in people]
    done = Forgotten(notes=_notes(people, each, known, Sought.all_of(each)))
    sources = frozenset(() if with_sources else where.sources)
    clean(where, Sought.all_of(each), done, sources, dry_run=dry_run, progress=progress)
    return done


def clean(
    where: Places,
    sought: Sought,
    done: Forgotten,
    sources: frozenset[Path],
    *,
    inside: Mapping[Path, Sought] = MappingProxyType({}),
    dry_run: bool = False,
    progress: Tell = silent,
) -> None:
    """Take people out of every file; those of the `sources` are only searched.

    Parameters
    ----------
    inside : folders in which others are sought instead -> whom
    """
    files = where.in_order()
    late = [path for path in files if path.stem in LAST]
    total = len(files) + len(where.models)
    for path in files[: len(files) - len(late)]:
        progress(LOOKING, done.n_files, total)
        _file(path, inside.get(path.parent, sought), done, dry_run, path in sources)
    digests = []
    for folder in where.models:
        progress(LOOKING, done.n_files, total)
        digests.append(_model(folder, inside.get(folder, sought), done, dry_run))
    for path in files[len(files) - len(late) :]:
        progress(LOOKING, done.n_files, total)
        _file(path, inside.get(path.parent, sought), done, dry_run, path in sources)
    _renamed(dict(one for one in digests if one[0] != one[1]), files, done)
    progress(LOOKING, total, total)


def _file(path: Path, sought: Sought, done: Forgotten, dry_run: bool, is_source: bool) -> None:
    done.n_files += 1
    if sought.is_in(path.name):
        done.left.append((path, NAME))
    try:
        keeper = keeper_of(path)
        hits = keeper.clean(path, None, sought)
        is_cleaned = bool(hits.rows or hits.cells) and not is_source
        if is_cleaned and not dry_run:
            with atomic(path) as target:
                hits = keeper.clean(path, target, sought)
                target.chmod(path.stat().st_mode)
                if keeper is PARQUET:
                    tell_altered(path, target)
    except UNREADABLE as error:
        done.left.append((path, f"It cannot be read ({first_line(error)}): look into it, or remove it."))
        return
    if hits.left or (is_source and hits):
        done.left.append((path, SOURCE if is_source else hits.left))
    if is_cleaned:
        done.touched.append(Touched(path, keeper.kind, hits))


def _model(folder: Path, sought: Sought, done: Forgotten, dry_run: bool) -> tuple[str, str]:
    """What runs knew the model by, before and after."""
    try:
        if dry_run:
            found, digests = models.look(folder, sought), ("", "")
        else:
            renewed = models.clean(folder, sought)
            found, digests = renewed.hits, renewed.digests
    except UNREADABLE as error:
        done.left.append((folder, f"The model cannot be read ({first_line(error)}): remove it."))
        return "", ""
    done.n_files += 1
    done.touched += [Touched(path, "records of a model", hits) for path, hits in found.items()]
    if found or models.to_retrain(folder):
        done.retrain.append(folder)
    return digests


def _renamed(digests: dict[str, str], files: Sequence[Path], done: Forgotten) -> None:
    """Stores of runs know a model by its digest, which its new records have changed."""
    from influence.privacy.keepers.sqlite import exchange

    if not digests:
        return
    for path in files:
        try:
            if keeper_of(path).kind == "SQLite":
                exchange(path, "tags", "value", digests)
        except UNREADABLE as error:
            done.left.append((path, f"It cannot be written ({first_line(error)}): run again."))


def _notes(people: Sequence[str], each: Sequence[Sought], known: Known, sought: Sought) -> list[str]:
    """What limits the search, in words that do not name anybody by more than was asked for."""
    found = []
    for asked, one in zip(people, each, strict=True):
        found += known.unknown(asked, one)
        if shared := known.shared(one):
            found.append(f"Others are called so too, where it stays: {', '.join(shared)}.")
    if plain := sorted(sought.weak):
        found.append(
            "Too plain to be looked for inside texts, only as whole cells and in lists of ids: "
            f"{', '.join(plain)}."
        )
    store = store_in_use()
    if sqlite_path(store) is None:
        found.append(f"Runs and models kept in {without_credentials(store)} were not searched.")
    if known.key is None:
        found.append(
            "There is no key file here. If pseudonyms were made elsewhere, name the key file they were made "
            "with (--key-file), or they may be overlooked."
        )
    return found
