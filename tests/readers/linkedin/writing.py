"""Archives written by the tests: whose, which files, zip or folder."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from influence.data import Network

Rows = Sequence[Sequence[str]]

PREAMBLE = (
    'Notes:\n"When exporting your connection data, some of the emails\nmay be missing, as you know."\n\n'
)
HEADERS: Mapping[str, tuple[str, ...]] = {
    "Connections.csv": (
        "First Name", "Last Name", "URL", "Email Address", "Company", "Position", "Connected On",
    ),
    "Invitations.csv": (
        "From", "To", "Sent At", "Message", "Direction", "inviterProfileUrl", "inviteeProfileUrl",
    ),
    "messages.csv": (
        "CONVERSATION ID", "CONVERSATION TITLE", "FROM", "SENDER PROFILE URL", "TO", "RECIPIENT PROFILE URLS",
        "DATE", "SUBJECT", "CONTENT", "FOLDER", "ATTACHMENTS", "IS MESSAGE DRAFT", "IS CONVERSATION DRAFT",
    ),
    "Reactions.csv": ("Date", "Type", "Link"),
    "Comments.csv": ("Date", "Link", "Message"),
    "Shares.csv": ("Date", "ShareLink", "ShareCommentary", "SharedUrl", "MediaUrl", "Visibility"),
    "Positions.csv": ("Company Name", "Title", "Description", "Location", "Started On", "Finished On"),
    "Company Follows.csv": ("Organization", "Followed On"),
    "Endorsement_Given_Info.csv": (
        "Endorsement Date", "Skill Name", "Endorsee First Name", "Endorsee Last Name", "Endorsee Public Url",
        "Endorsement Status",
    ),
    "Endorsement_Received_Info.csv": (
        "Endorsement Date", "Skill Name", "Endorser First Name", "Endorser Last Name", "Endorser Public Url",
        "Endorsement Status",
    ),
    "Recommendations_Given.csv": (
        "First Name", "Last Name", "Company", "Job Title", "Text", "Creation Date", "Status",
    ),
    "Recommendations_Received.csv": (
        "First Name", "Last Name", "Company", "Job Title", "Text", "Creation Date", "Status",
    ),
    "Profile.csv": ("First Name", "Last Name", "Maiden Name", "Address"),
}  # fmt: skip


def url(slug: str) -> str:
    """The address of a profile."""
    return f"https://www.linkedin.com/in/{slug}"


def named(slug: str) -> tuple[str, str]:
    """First and last name of who has the slug `first-last`."""
    first, _, last = slug.partition("-")
    return first.title(), last.title()


def connection(
    slug: str, day: str, company: str = "Acme", position: str = "CTO", email: str = ""
) -> list[str]:
    """A row of Connections.csv."""
    return [*named(slug), url(slug), email, company, position, day]


def invitation(sender: str, recipient: str, at: str, owner: str, note: str = "") -> list[str]:
    """A row of Invitations.csv in the archive of the owner."""
    names = [" ".join(named(each)) for each in (sender, recipient)]
    return [*names, at, note, "OUTGOING" if sender == owner else "INCOMING", url(sender), url(recipient)]


def message(
    sender: str, recipients: Sequence[str], at: str, draft: str = "No", text: str = "Hello"
) -> list[str]:
    """A row of messages.csv."""
    to = ",".join(" ".join(named(each)) for each in recipients)
    urls = ",".join(url(each) for each in recipients)
    name = " ".join(named(sender))
    return ["1", "", name, url(sender), to, urls, at, "", text, "INBOX", "", draft, "No"]


def text_of(
    file: str,
    rows: Rows,
    *,
    preamble: str = PREAMBLE,
    quoting: int = csv.QUOTE_MINIMAL,
    renamed: Mapping[str, str] | None = None,
) -> str:
    """A file of an archive as text."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=quoting, lineterminator="\n")
    writer.writerow([(renamed or {}).get(name, name) for name in HEADERS[file]])
    writer.writerows(rows)
    return (preamble if file == "Connections.csv" else "") + out.getvalue()


def files_of(rows: Mapping[str, Rows]) -> dict[str, str]:
    """The files of an archive, as text."""
    return {file: text_of(file, of_file) for file, of_file in rows.items()}


def write_folder(place: Path, files: Mapping[str, str], *, bom: bool = False, crlf: bool = False) -> Path:
    """An archive as a folder."""
    place.mkdir(parents=True)
    for name, text in files.items():
        told = text.replace("\n", "\r\n") if crlf else text
        (place / name).write_bytes(told.encode("utf-8-sig" if bom else "utf-8"))
    return place


def write_zip(
    place: Path, files: Mapping[str, str], at: str = "2021-12-31 10:00:00", inside: str = ""
) -> Path:
    """An archive as a zip, dated `at`."""
    moment = tuple(int(part) for part in at.replace(" ", "-").replace(":", "-").split("-"))
    place.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(place, "w") as zipped:
        for name, text in files.items():
            zipped.writestr(zipfile.ZipInfo(inside + name, moment), text)  # type: ignore[arg-type]
    return place


def in_slugs(network: Network, name: str) -> pd.DataFrame:
    """A table with slugs of profiles, or else names, in place of people's pseudonyms."""
    told = network.table("identities").sort_values("kind", key=lambda kinds: kinds != "profile")
    known = told[told["kind"].isin(("profile", "name"))].drop_duplicates("contact_id")
    called = dict(zip(known["contact_id"], known["value"], strict=True))
    rows = network.table(name)
    columns = [column for column in rows.columns if column in ENDS]
    return rows.assign(**{column: rows[column].map(called) for column in columns})


ENDS = (
    *("contact_id", "source_id", "target_id", "observed_by", "sender_id", "recipient_id", "actor_id"),
    "author_id",
)


def outcomes(network: Network) -> dict[str, tuple[str, str, str]]:
    """`sender>recipient` -> outcome, day of the answer, watched until."""
    rows = in_slugs(network, "invitations").sort_values("sent_at")
    return {
        f"{row.sender_id}>{row.recipient_id}": (
            row.outcome, "" if pd.isna(row.responded_at) else f"{row.responded_at:%m-%d %H:%M}",
            f"{row.observed_until:%m-%d %H:%M}",
        )
        for row in rows.itertuples()
    }  # fmt: skip
