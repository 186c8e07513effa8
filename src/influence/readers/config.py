"""What is asked of reading, besides the place."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, PositiveInt, field_validator, model_validator

from influence.errors import nearest
from influence.schema import TABLES
from influence.settings import Settings


class ArchiveLimits(Settings):
    """What a zip may hold; more is refused, for a small file can unpack to more than any disk holds."""

    entries: PositiveInt = 20_000
    """Entries of one zip, read or not."""
    entry_bytes: PositiveInt = 2**30
    """Bytes that one entry may unpack to."""
    total_bytes: PositiveInt = 4 * 2**30
    """Bytes that the entries read of one zip may unpack to."""
    ratio: PositiveInt = 200
    """Bytes unpacked for one packed, for entries of more than 1 MiB; tables of text stay below 50."""


class DatabaseNames(Settings):
    """What the vocabulary's tables and columns are called in a database."""

    schema_name: str | None = None
    """The database's schema that holds the tables; by default the one that it looks into by itself."""
    prefix: str = ""
    """What stands before the names of all tables, such as `influence_`."""
    tables: dict[str, str] = Field(default_factory=dict)
    """Table of the vocabulary -> its own name, `people` or `crm.people`; must be there then."""
    columns: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Table of the vocabulary -> column -> the column's own name."""
    chunk_rows: int = Field(default=50_000, ge=1)
    """Rows taken from the server at a time."""

    @field_validator("tables", "columns")
    @classmethod
    def _tables_exist(cls, named: dict[str, object]) -> dict[str, object]:
        for table in named:
            if table not in TABLES:
                raise ValueError(f"there is no table {table!r} in the vocabulary. {nearest(table, TABLES)}")
        return named

    @field_validator("columns")
    @classmethod
    def _columns_exist(cls, named: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        for table, columns in named.items():
            known = [column.name for column in TABLES[table].columns]
            for column in columns:
                if column not in known:
                    raise ValueError(f"{table} has no column {column!r}. {nearest(column, known)}")
        return named


class JoiningConfig(Settings):
    """When records of several sources are taken as one person's."""

    by: tuple[Literal["profile", "email", "name"], ...] = ("profile", "email", "name")
    """What records are joined by, besides their ids: profiles, e-mail addresses, names with employers."""
    of_acceptors: bool = False
    """Join, too, by what a source tells of those who accepted alone, such as addresses and employers in
    archives.  What others add is then there for acceptors only: acceptance must not be learned from it."""
    upper: float = Field(default=0.98, gt=0.5, le=1)
    """Records with like names and one company are merged from this chance on that they are one person."""
    lower: float = Field(default=0.2, gt=0, le=1)
    """From this chance on, what is not merged is listed as ambiguous; below it, records just stay apart."""
    ambiguous: Path | None = None
    """The file that receives the ambiguous pairs (CSV), with an empty column `decision`."""
    decisions: Path | None = None
    """Such a file with `same` or `apart` filled in: these pairs are merged, or never merged."""

    @model_validator(mode="after")
    def _in_order(self) -> JoiningConfig:
        if self.lower > self.upper:
            raise ValueError(f"lower ({self.lower:g}) is above upper ({self.upper:g})")
        return self


class ReadingConfig(Settings):
    """How sources are read; every key works as `influence.read(place, key=...)` too."""

    key_file: Path | None = None
    """The key that turns the ids of people into pseudonyms; made where it is missing.  By default, sources
    that name people (archives, CRM exports) take the one that INFLUENCE_KEY_FILE names, or else one in the
    user's own settings folder, and all others keep their ids."""
    legal_basis: str | None = None
    """On which legal basis these records are held; noted in the table `sources`."""
    retain_until: date | None = None
    """Until when they may be kept; noted in the table `sources`."""
    archives: ArchiveLimits = ArchiveLimits()
    """What a zip of records may hold."""
    database: DatabaseNames = DatabaseNames()
    """What tables and columns are called, where the source is a database."""
    headers: Path | None = None
    """A YAML file for archives in another language: `{Connections.csv: {their header: our header}, months:
    {their month: 1 to 12}}`, where our headers are LinkedIn's English ones."""
    owner: str | None = None
    """Whose records a source is that does not tell: an e-mail address, a profile or a name.  An address book
    gives ties only with it, and a campaign log without a column for the sender has this one."""
    day_first: bool = False
    """Read 3/4/2026 as 3 April, where no date of a file tells the order of day and month."""
    titles: bool = True
    """Learn seniority and function from job titles of CRM exports; false where titles were filled in only for
    those who answered."""
    mapping: Path | None = None
    """A file that tells how columns of other exports are to be read, as `influence map` writes it."""
    edges_are: Literal["auto", "connections", "interactions", "requests"] = "auto"
    """What dated edges of graph files and lists stand for.  By default a file in which pairs repeat holds
    interactions, any other one connections; `requests` takes the first edge of a pair as a request and the
    first one back as its acceptance.  Undated edges are connections."""
    edge_kind: Literal[
        "message", "like", "comment", "share", "view", "mention",
        "meeting", "call", "email", "endorse", "recommend", "follow",
    ] = "message"  # fmt: skip
    """What kind of interaction an edge is that does not say."""
    joining: JoiningConfig = JoiningConfig()
    """When records of several sources are taken as one person's."""
    at: datetime | None = None
    """The moment of reading, UTC: sources whose `retain_until` has passed by then are not read.  The command
    line takes the clock's; without it, everything is read."""
