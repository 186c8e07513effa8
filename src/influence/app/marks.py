"""Who was invited or is to be left alone: a small file here, which every recommendation understands.

The file is a list of people to leave alone (`suppress:` of a configuration, or INFLUENCE_SUPPRESS): it has a
column contact_id.  Its other columns tell why somebody is on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from influence.errors import ConfigError, DataError
from influence.writing import read_table, write_table

Mark = Literal["invited", "suppressed"]
COLUMNS = ("contact_id", "mark", "sender_id", "marked_at")
IDS = ("contact_id", "sender_id")


@dataclass(frozen=True)
class Marks:
    """The marks in a file, which is made with the first one.

    Raises
    ------
    ConfigError
        If the name does not end in .csv.
    """

    file: Path

    def __post_init__(self) -> None:
        if self.file.suffix.lower() != ".csv":
            raise ConfigError(f"{str(self.file)!r}: marks are kept as CSV. Use a name that ends in .csv.")

    def rows(self) -> pd.DataFrame:
        """contact_id, mark, sender_id (of an invitation), marked_at (UTC); the latest last.

        Raises
        ------
        DataError
            If the file cannot be read, or is no file of marks.
        """
        if not self.file.exists():
            return _typed(pd.DataFrame({name: [] for name in COLUMNS}))
        found = read_table(self.file, IDS)
        if missing := [name for name in COLUMNS if name not in found.columns]:
            raise DataError(f"{self.file} lacks {', '.join(missing)}. Name another file for the marks.")
        try:
            return _typed(found)
        except (ValueError, TypeError) as error:
            raise DataError(
                f"{self.file}: a marked_at is not a time ({error}). Correct or drop that row."
            ) from error

    def ids(self, mark: Mark | None = None) -> frozenset[str]:
        """Everybody marked so; however, where no mark is named."""
        rows = self.rows()
        return frozenset(rows["contact_id"] if mark is None else rows.loc[rows["mark"] == mark, "contact_id"])

    def add(self, contact_id: str, mark: Mark, at: pd.Timestamp, sender_id: str | None = None) -> None:
        """Mark somebody; an earlier mark of theirs gives way."""
        if mark not in get_args(Mark):
            raise ConfigError(f"There is no mark {mark!r}. Known: {', '.join(get_args(Mark))}.")
        new = pd.DataFrame(
            {"contact_id": [contact_id], "mark": [mark], "sender_id": [sender_id], "marked_at": [at]}
        )
        kept = self.rows()
        kept = kept[kept["contact_id"] != contact_id]
        self._write(pd.concat((kept, _typed(new)), ignore_index=True))

    def remove(self, contact_id: str) -> None:
        """Take a mark away."""
        kept = self.rows()
        self._write(kept[kept["contact_id"] != contact_id])

    def invitations(self, until: pd.Timestamp) -> pd.DataFrame:
        """Those invited, as rows of the table `invitations`, unanswered until a moment."""
        sent = self.rows()
        sent = sent[(sent["mark"] == "invited") & sent["sender_id"].notna()].reset_index(drop=True)
        number = sent["marked_at"].dt.strftime("%Y%m%dT%H%M%S")
        return pd.DataFrame(
            {
                "invitation_id": "app:" + sent["sender_id"] + ":" + sent["contact_id"] + ":" + number,
                "sender_id": sent["sender_id"],
                "recipient_id": sent["contact_id"],
                "sent_at": sent["marked_at"],
                "time_resolution": "second",
                "outcome": "pending",
                "observed_until": until,
            }
        )

    def _write(self, rows: pd.DataFrame) -> None:
        # As text in the form that everything here reads; the zone would be lost otherwise.
        when = rows["marked_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        write_table(rows.assign(marked_at=when), self.file)


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    when = (
        pd.to_datetime(rows["marked_at"], utc=True, format="ISO8601")
        .dt.floor("s")
        .astype("datetime64[us, UTC]")
    )
    texts = {name: rows[name].astype("str") for name in COLUMNS if name != "marked_at"}
    return pd.DataFrame({**texts, "marked_at": when})[list(COLUMNS)].reset_index(drop=True)
