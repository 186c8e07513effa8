"""The mapping file: which columns of a foreign file are which of ours."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from influence.errors import ConfigError, nearest
from influence.schema import TABLES
from influence.settings import Settings, read_settings

PERSON = ("name", "first_name", "last_name", "email", "profile", "job_title", "employer")
"""What a file of contacts may tell besides the table's columns: who they are, and a title to read."""

BESIDE: Mapping[str, tuple[str, ...]] = {"contacts": PERSON, "invitations": ("accepted_at",)}
"""Columns beside those of the table; `accepted_at` gives responded_at and outcome at once."""

MAPPED_TABLES = tuple(
    name for name in TABLES if name not in ("sources", "identities", "matches", "countries", "country_pairs")
)


def columns_for(table: str) -> tuple[str, ...]:
    """The names that may stand on the left of `columns`."""
    own = tuple(column.name for column in TABLES[table].columns if column.name != "source")
    return own + BESIDE.get(table, ())


class FileMapping(Settings):
    """How one kind of file is read."""

    table: str
    """The table that its rows go into."""
    columns: dict[str, str]
    """Our column -> the header in the file."""
    dates: Literal["day_first", "month_first"] | None = None
    """The order of day and month; by default the file's own dates decide."""
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Our column -> {what the file writes: what it means}."""
    constants: dict[str, str | bool | float] = Field(default_factory=dict)
    """Our column -> the one value of all rows."""

    @model_validator(mode="after")
    def _known_names(self) -> FileMapping:
        if self.table not in MAPPED_TABLES:
            hint = nearest(self.table, MAPPED_TABLES)
            raise ValueError(f"there is no table {self.table!r} to map into. {hint}")
        known = columns_for(self.table)
        for where, names in (
            ("columns", self.columns),
            ("values", self.values),
            ("constants", self.constants),
        ):
            for name in names:
                if name not in known:
                    raise ValueError(f"{where}: {self.table} has no column {name!r}. {nearest(name, known)}")
        both = sorted(set(self.columns) & set(self.constants))
        if both:
            raise ValueError(f"{', '.join(both)} stands in columns and in constants. Remove one of them.")
        return self


class MappingFile(Settings):
    """All of a mapping file."""

    files: dict[str, FileMapping]
    """Pattern of the files' names, such as `customers*.csv` -> how they are read."""

    def of(self, file: str) -> FileMapping | None:
        """How a file of that name is read: by the first pattern that it fits, in any case; None if none."""
        name = file.casefold()
        return next(
            (how for pattern, how in self.files.items() if fnmatchcase(name, pattern.casefold())), None
        )


def read_mapping(path: Path) -> MappingFile:
    """The mapping file.

    Raises
    ------
    ConfigError
        Naming the file, the key and the nearest name that exists.
    """
    mapping = read_settings(MappingFile, path)
    if not mapping.files:
        raise ConfigError(
            f"{path}: files is empty. `influence map FILE --output {path.name}` proposes a mapping."
        )
    return mapping
