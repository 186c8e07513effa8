"""Answers in a folder of Parquet parts, beside a manifest that lets the same run go on after any kill."""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from influence.batch.places import MANIFEST
from influence.batch.runs import Run
from influence.batch.stream import Answers
from influence.errors import ConfigError, DataError, few
from influence.files import atomic, content_digest, unwritable
from influence.writing import row_writer

FORMAT = 1
"""Raised whenever a manifest could be misread."""
PARTITION_ROWS = 1 << 20
EXPLAINED_PARTITION_ROWS = 1 << 14
"""A part is what a kill costs at most: minutes of work, with reasons or without."""

UNFINISHED = ".new"
"""What the name of a part under way ends in: no reader of *.parquet takes it up."""
_OWN = re.compile(rf"\.(part-\d+-[0-9a-f]{{8}}{re.escape(UNFINISHED)}|_manifest-[0-9a-f]{{8}}\.json)")

OF_PARTS = ("format", "finished", "rows", "parts")
"""What a manifest tells besides the run."""
NAMES_ONLY = ("name",)
"""What a run tells and is not known by: the same input may have moved."""


@dataclass(frozen=True)
class Part:
    """A finished part."""

    file: str
    rows: int
    bytes: int
    sha256: str

    @classmethod
    def of(cls, path: Path, name: str | None = None) -> Part:
        """What is to be told of a file, or of one that will be called otherwise."""
        n_rows = pyarrow.parquet.read_metadata(path).num_rows
        return cls(name or path.name, n_rows, path.stat().st_size, content_digest(path))


@dataclass
class PartFolder:
    """A folder that takes the answers of one run, part by part.

    Attributes
    ----------
    part_rows : rows of the input, or whatever else is asked about, that one part answers
    total : those in all
    """

    folder: Path
    run: Run
    part_rows: int
    total: int
    takes_all: bool = True
    parts: list[Part] = field(default_factory=list)
    finished: bool = False

    @property
    def done(self) -> int:
        """Rows of the input that an earlier attempt has answered.

        By the number of parts: a part need not hold a row for each, once somebody was forgotten.
        """
        return min(len(self.parts) * self.part_rows, self.total)

    @property
    def taken_out(self) -> int:
        """Rows answered that are no longer in the parts, where each row asked about has one answer."""
        return self.done - self.n_rows

    @property
    def n_rows(self) -> int:
        """Rows in the parts."""
        return sum(part.rows for part in self.parts)

    def take(self, answers: Answers) -> None:
        """Write every answer: a part appears once it is whole, and is then told in the manifest."""
        if self.finished:
            return
        while self.done < self.total:
            self._write(self.folder / part_name(len(self.parts)), self._of_one_part(answers))
            self._tell()
        for _ in answers:  # that all went well is said at their end
            raise AssertionError("more rows are answered than were asked about")
        self.finished = True
        self._tell()

    def _of_one_part(self, answers: Answers) -> Iterator[pd.DataFrame]:
        """The answers up to the end of a part; the next one's are not waited for."""
        for done, rows in answers:
            yield rows
            if done % self.part_rows == 0 or done >= self.total:
                return

    def _write(self, path: Path, frames: Iterator[pd.DataFrame]) -> None:
        schema = self._schema()
        with (
            atomic(path, ending=UNFINISHED) as temporary,
            row_writer(temporary, kind=".parquet", schema=schema) as write,
        ):
            for frame in frames:
                write(frame)
        pa.default_memory_pool().release_unused()  # what a part took is not kept for the next
        self.parts.append(Part.of(path))

    def _schema(self) -> pa.Schema | None:
        """The types of the first part, which all others have too."""
        return pyarrow.parquet.read_schema(self.folder / self.parts[0].file) if self.parts else None

    def _tell(self) -> None:
        tell(self.folder, self.run, self.parts, finished=self.finished)


def tell(folder: Path, run: Run, parts: Sequence[Part], *, finished: bool) -> None:
    """Write the manifest of a folder, in place of an earlier one."""
    told = {
        "format": FORMAT,
        "finished": finished,
        "rows": sum(part.rows for part in parts),
        **run,
        "parts": [asdict(part) for part in parts],
    }
    with atomic(folder / MANIFEST) as temporary:
        temporary.write_text(json.dumps(told, indent=1), encoding="utf-8")


def tell_altered(path: Path, new: Path) -> None:
    """Tell the manifest beside a part, if one tells of it, what it will be once `new` has taken its place.

    Told before it happens: whoever was stopped between the two alters the part again, to the same bytes.
    """
    with suppress(ConfigError):
        told = _manifest(path.parent)
        parts = [Part(**part) for part in told["parts"]] if told else []
        if told and path.name in (part.file for part in parts):
            run = {name: each for name, each in told.items() if name not in OF_PARTS}
            altered = [Part.of(new, path.name) if part.file == path.name else part for part in parts]
            tell(path.parent, run, altered, finished=told["finished"])


def part_name(number: int) -> str:
    """The name of a part, counted from 0."""
    return f"part-{number:05d}.parquet"


@contextmanager
def parts_in(folder: Path, run: Run, part_rows: int, total: int) -> Iterator[PartFolder]:
    """The folder that takes the answers of a run, after those that an earlier attempt has finished.

    Parameters
    ----------
    part_rows, total
        See `PartFolder`.

    Raises
    ------
    ConfigError
        If it holds something else or another run, or cannot be written, or another process is at it.
    DataError
        If a part that was finished is gone or altered.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from error
    with _alone(folder):
        here = PartFolder(folder, run, part_rows, total)
        told = _manifest(folder)
        if told is not None:
            _check_same(folder, told, run)
            here.parts, here.finished = [Part(**part) for part in told["parts"]], told["finished"]
        _check_files(here, is_ours=told is not None)
        for path in folder.iterdir():
            if _OWN.fullmatch(path.name):
                path.unlink()
        if told is None:
            here._tell()
        yield here


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else writes into the folder meanwhile; the lock dies with the process."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ConfigError(f"Another run writes into {str(folder)!r}. Let it end.") from error
        yield
    finally:
        os.close(handle)


def _manifest(folder: Path) -> dict[str, Any] | None:
    """What the manifest tells; None without one.

    Raises
    ------
    ConfigError
        If it is not one of ours, or of another version.
    """
    try:
        told = json.loads((folder / MANIFEST).read_text("utf-8"))
        if told["format"] != FORMAT:
            raise ValueError(f"format {told['format']}")
        _ = [Part(**part) for part in told["parts"]], bool(told["finished"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{str(folder / MANIFEST)!r} is no manifest that can be read here ({error}). Name a new folder."
        ) from error
    return dict(told)


def _check_same(folder: Path, told: Mapping[str, Any], run: Run) -> None:
    """See that the folder holds what is asked for now.

    Raises
    ------
    ConfigError
        Naming what differs, and how to go on.
    """
    for section, now in run.items():
        then = told.get(section, {})
        differing = [name for name in now if name not in NAMES_ONLY and then.get(name) != now[name]]
        if differing:
            name = differing[0]
            state = "a finished run" if told["finished"] else "a run that was cut off"
            raise ConfigError(
                f"{str(folder)!r} holds {state}, of another {section}: {name} was {_short(then.get(name))}, "
                f"now {_short(now[name])}. Go on with what it was begun with, or name a new folder."
            )


def _short(value: object) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:12]}..."


def _check_files(here: PartFolder, *, is_ours: bool) -> None:
    """See that all finished parts are there as they were written, and nothing that does not belong.

    Only the part after them may lie there untold: a kill can fall between the two.
    """
    told = {part.file: part for part in here.parts}
    known = {*told, MANIFEST, *([] if here.finished or not is_ours else [part_name(len(told))])}
    strange = sorted(
        path.name
        for path in here.folder.iterdir()
        if path.name not in known
        and not _OWN.fullmatch(path.name)
        and not (is_ours and path.name.startswith((".", "_")))
    )
    if strange:
        raise ConfigError(
            f"{str(here.folder)!r} holds {few(strange, most=1)}, which this run has not written. "
            "Name a new folder, or empty this one."
        )
    for name, part in told.items():
        path = here.folder / name
        with suppress(FileNotFoundError):
            if path.stat().st_size == part.bytes and content_digest(path) == part.sha256:
                continue
        raise DataError(
            f"{path} is gone or was altered since it was written. Put it back, or score into a new folder."
        )
