"""The files of one archive: found by name in a folder or a zip, read by the columns that are used."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pa_compute
import pyarrow.csv as pa_csv

from influence.errors import DataError
from influence.readers.config import ArchiveLimits
from influence.readers.source import LARGEST_RECORD, csv_reason
from influence.readers.zipped import archive_head, archive_names, open_archive

HEAD_BYTES = 2**16
"""What is looked at of a file to find its header."""
_CHATS = re.compile(r"^(guide|learning_.*)_messages$")
"""Talks with assistants: they have the header of messages and are none."""
_PROFILE = b"linkedin.com/in/"


@dataclass(frozen=True)
class File:
    """One file of an archive.

    Attributes
    ----------
    name : as messages to the user have it
    needed : columns by which its header is found
    others : columns read where they are there
    flags : columns of which only whether they are filled is kept
    """

    name: str
    needed: tuple[str, ...]
    others: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that are read."""
        return (*self.needed, *self.others, *self.flags)


_ENDORSED = ("First Name", "Last Name", "Public Url")
FILES: Mapping[str, File] = {
    file.name.removesuffix(".csv").replace(" ", "_").casefold(): file
    for file in (
        File("Connections.csv", ("First Name", "Last Name", "Connected On"),
             ("URL", "Email Address", "Company")),
        File("Invitations.csv", ("From", "To", "Sent At", "Direction"),
             ("inviterProfileUrl", "inviteeProfileUrl"), ("Message",)),
        File("messages.csv", ("FROM", "TO", "DATE"),
             ("SENDER PROFILE URL", "RECIPIENT PROFILE URLS", "FOLDER", "IS MESSAGE DRAFT",
              "IS CONVERSATION DRAFT")),
        File("Reactions.csv", ("Date", "Link")),
        File("Comments.csv", ("Date", "Link")),
        File("Shares.csv", ("Date", "ShareLink"), ("SharedUrl",)),
        File("Positions.csv", ("Company Name", "Title"), ("Finished On",)),
        File("Company Follows.csv", ("Organization", "Followed On")),
        File("Endorsement_Given_Info.csv", ("Endorsement Date", "Skill Name"),
             tuple(f"Endorsee {each}" for each in _ENDORSED)),
        File("Endorsement_Received_Info.csv", ("Endorsement Date", "Skill Name"),
             tuple(f"Endorser {each}" for each in _ENDORSED)),
        File("Recommendations_Given.csv", ("First Name", "Last Name", "Creation Date")),
        File("Recommendations_Received.csv", ("First Name", "Last Name", "Creation Date")),
        File("Profile.csv", ("First Name", "Last Name")),
    )
}  # fmt: skip
"""Folded name -> what is read of it.  Texts, titles and visibilities stand in none of these columns."""

CORE = ("connections", "invitations", "messages")
"""Files that make an archive."""


def folded_name(name: str) -> str:
    """The key in `FILES` that a file's name means: without its ending and a member's number."""
    stem = PurePosixPath(name).name.casefold().removesuffix(".csv")
    return re.sub(r"_\d+$", "", stem).replace(" ", "_")


def is_chat(name: str) -> bool:
    """Whether a file holds talks with an assistant."""
    return _CHATS.match(folded_name(name)) is not None


def recognises(place: Path) -> bool:
    """Whether a folder or a zip holds connections, invitations or messages as LinkedIn exports them."""
    return any(_is_of_linkedin(folded_name(name), head) for name, head in _heads(place))


def _is_of_linkedin(name: str, head: bytes) -> bool:
    """By the header; in another language by addresses of profiles."""
    if name not in CORE:
        return False
    text = head.decode("utf-8-sig", "replace")
    if header_of(FILES[name], text, {}) is not None:
        return name != "messages" or "SENDER PROFILE URL" in text
    in_words_of_the_schema = "source_id" in text or "sender_id" in text
    return _PROFILE in head and not in_words_of_the_schema


def _heads(place: Path) -> Iterator[tuple[str, bytes]]:
    """Name and first bytes of the files that make an archive."""
    if place.is_dir():
        for path in sorted(place.iterdir()):
            if path.is_file() and _is_core(path.name):
                with path.open("rb") as content:
                    yield path.name, content.read(HEAD_BYTES)
    else:
        yield from ((name, archive_head(place, name)) for name in archive_names(place) if _is_core(name))


def _is_csv(name: str) -> bool:
    return name.casefold().endswith(".csv") and not PurePosixPath(name).name.startswith(".")


def _is_core(name: str) -> bool:
    return _is_csv(name) and folded_name(name) in CORE


@contextmanager
def unpacked(place: Path, limits: ArchiveLimits) -> Iterator[Path]:
    """A folder with the CSV files of an archive, dated as in the zip, for as long as the block lasts.

    Raises
    ------
    DataError
        If a zip is broken or not to be trusted, or holds several archives.
    """
    with open_archive(place, _is_csv, limits) as folder:
        yield folder if place.is_dir() else _home(place, folder)


def _home(place: Path, folder: Path) -> Path:
    """The folder of a zip that holds the archive's files."""
    homes = {path.parent for path in folder.rglob("*") if path.is_file() and _is_core(path.name)}
    if len(homes) > 1:
        raise DataError(f"{place.name} holds several archives. Unpack it and name its folders one by one.")
    return homes.pop() if homes else folder


def header_of(file: File, text: str, theirs: Mapping[str, str]) -> tuple[int, tuple[str, ...]] | None:
    """The line that is the header of a file, counted from 0, and its cells in our words; None without one.

    A preamble may stand before it: of a line that is none of a table, or a paragraph in quotation marks.
    """
    needed = {_plain(name) for name in file.needed}
    known = {_plain(name): _plain(ours) for name, ours in theirs.items()}
    for number, line in enumerate(text.split("\n")[:50]):
        try:
            cells = [_plain(cell) for cell in next(csv.reader([line]), [])]
        except csv.Error:
            continue
        ours = tuple(known.get(cell, cell) for cell in cells)
        if needed <= set(ours):
            return number, ours
    return None


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def read_file(path: Path, file: File, theirs: Mapping[str, str], label: str) -> pd.DataFrame | None:
    """The columns of a file that are used, as text; absent ones are empty.  None where it has no header.

    What else stands in it, such as what was written, is passed over by the parser; of `flags` only whether
    a cell is filled is kept, block by block.

    Raises
    ------
    DataError
        If its lines differ in their number of cells, or what is read is not UTF-8.
    """
    with path.open("rb") as content:
        head = content.read(HEAD_BYTES)
    found = header_of(file, head.decode("utf-8-sig", "replace"), theirs)
    if found is None:
        return None
    line, cells = found
    wanted = {_plain(name): name for name in file.columns}
    places = {wanted[cell]: f"c{place}" for place, cell in enumerate(cells) if cell in wanted}
    flags = [name for name in file.flags if name in places]
    blocks = list(_blocks(path, len(cells), line + 1, places, flags, label))
    empty = pd.DataFrame({name: pd.Series(dtype="str") for name in file.columns})
    rows = pd.concat([empty, *blocks], ignore_index=True) if blocks else empty
    for name in file.flags:
        rows[name] = rows[name].fillna(False).astype(bool) if name in places else False
    texts = [name for name in file.columns if name not in file.flags]
    rows[texts] = rows[texts].fillna("").astype("str")
    return rows


def _blocks(
    path: Path, n_cells: int, n_skipped: int, places: Mapping[str, str], flags: Sequence[str], label: str
) -> Iterator[pd.DataFrame]:
    types = {place: pa.binary() if name in flags else pa.string() for name, place in places.items()}
    try:
        with path.open("rb") as content:
            for _ in range(n_skipped):
                content.readline(HEAD_BYTES)
            for batch in pa_csv.open_csv(
                content,
                read_options=pa_csv.ReadOptions(
                    column_names=[f"c{place}" for place in range(n_cells)],
                    block_size=LARGEST_RECORD,
                    use_threads=False,
                ),
                parse_options=pa_csv.ParseOptions(newlines_in_values=True),
                convert_options=pa_csv.ConvertOptions(
                    column_types=types, include_columns=list(types), strings_can_be_null=False
                ),
            ):
                yield pd.DataFrame(
                    {
                        name: _is_filled(batch[place]) if name in flags else batch[place].to_pandas()
                        for name, place in places.items()
                    }
                )
    except (pa.ArrowInvalid, OSError) as error:
        if "Empty CSV file" not in str(error):
            raise DataError(f"{label} cannot be read: {csv_reason(str(error))}") from error


def _is_filled(cells: pa.Array) -> pd.Series:
    return pa_compute.greater(pa_compute.binary_length(cells), 0).to_pandas()
