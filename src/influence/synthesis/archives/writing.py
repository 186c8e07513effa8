"""Archives onto the disk: zip files or folders, dated with the export."""

from __future__ import annotations

import csv
import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from influence.data import Network
from influence.errors import ConfigError
from influence.files import new_folder
from influence.synthesis.archives.files import Owner, files_of
from influence.synthesis.archives.people import invented_people
from influence.synthesis.archives.style import Style
from influence.synthesis.archives.view import View

PREAMBLE = (
    'Notes:\n"When exporting your connection data, you may notice that some of the email addresses are '
    "missing. You will only see those of connections who allow it. This archive is of an invented person, "
    'and so are all people in it."\n\n'
)
NUMBERED = ("Reactions.csv", "Comments.csv", "Shares.csv")
"""Files that some exports call `<name>_<member id>.csv`."""


def own_team(network: Network, n: int) -> tuple[str, ...]:
    """The first `n` members of the own team, by id.

    Raises
    ------
    ConfigError
        If there are fewer.
    """
    contacts = network.table("contacts")
    ours = sorted(contacts.loc[contacts["is_own_team"].fillna(False), "contact_id"].unique())
    if not 1 <= n <= len(ours):
        raise ConfigError(f"{n:,} archives were asked for, and the own team has {len(ours):,} members.")
    return tuple(ours[:n])


def write_archives(
    network: Network,
    owners: Sequence[str],
    folder: str | Path,
    *,
    rng: np.random.Generator,
    style: Style | None = None,
    zipped: bool = True,
) -> pd.DataFrame:
    """Write the LinkedIn archive of each owner, taken at the end of the records, all or nothing.

    An archive holds the owner's connections, invitations, messages and endorsements, both ways, and the
    owner's own reactions, comments and shares; nothing else.  All people in it are invented.

    Parameters
    ----------
    network
        The records of a synthetic world.
    folder
        Receives `<slug>.zip`, or a folder `<slug>`, for each owner.
    style
        How the files are written; drawn for each owner, in English, where it is not given.
    rng
        Draws names, words and styles.

    Returns
    -------
    DataFrame
        Who everybody is, by contact_id: see `invented_people`.

    Raises
    ------
    ConfigError
        If the folder exists and is not empty, or cannot be written.
    """
    people, view = invented_people(network, rng), View.of(network, owners)
    with new_folder(folder) as new:
        for contact_id in owners:
            of_one = Owner(contact_id, view, people, style or Style.drawn(rng), rng)
            place = new / str(people.loc[contact_id, "profile"])
            (_zip if zipped else _unpacked)(place, dict(_contents(of_one)), view.exported_at)
    return people


def _contents(owner: Owner) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every file."""
    number = str(owner.people.loc[owner.contact_id, "member_id"])
    for name, rows in files_of(owner):
        numbered = owner.style.numbers_files and name in NUMBERED
        yield name.replace(".csv", f"_{number}.csv") if numbered else name, _csv(name, rows, owner.style)


def _csv(name: str, rows: pd.DataFrame, style: Style) -> bytes:
    end = "\r\n" if style.has_crlf else "\n"
    quoting: Literal[0, 1] = csv.QUOTE_ALL if style.quotes_all else csv.QUOTE_MINIMAL
    theirs = rows.rename(columns=dict(style.language.headers.get(name, {})))
    text = theirs.to_csv(index=False, quoting=quoting, lineterminator=end)
    preamble = PREAMBLE.replace("\n", end) if name == "Connections.csv" else ""
    return (preamble + text).encode("utf-8-sig" if style.has_bom else "utf-8")


def _zip(place: Path, contents: Mapping[str, bytes], at: pd.Timestamp) -> None:
    with zipfile.ZipFile(place.with_name(f"{place.name}.zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name, at.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)


def _unpacked(place: Path, contents: Mapping[str, bytes], at: pd.Timestamp) -> None:
    place.mkdir()
    for name, content in contents.items():
        (place / name).write_bytes(content)
        os.utime(place / name, (at.timestamp(), at.timestamp()))
