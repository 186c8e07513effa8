"""One archive: whose it is, when it was taken, and what it tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from influence.errors import DataError
from influence.readers.linkedin import parts
from influence.readers.linkedin.files import CORE, FILES, folded_name, is_chat, read_file, unpacked
from influence.readers.linkedin.headers import Headers
from influence.readers.linkedin.moments import EARLIEST, moments, month_names
from influence.readers.linkedin.people import People, owner_of
from influence.readers.provenance import source_row
from influence.readers.source import Sieve, numbered

NAME = "linkedin"
_DATES = {
    "connections": "Connected On",
    "invitations": "Sent At",
    "messages": "DATE",
    "reactions": "Date",
    "comments": "Date",
    "shares": "Date",
    "company_follows": "Followed On",
    "endorsement_given_info": "Endorsement Date",
    "endorsement_received_info": "Endorsement Date",
    "recommendations_given": "Creation Date",
    "recommendations_received": "Creation Date",
}
"""The column that dates the rows of each file."""


@dataclass(frozen=True)
class Archive:
    """What one archive tells.

    Attributes
    ----------
    label : what messages to the user call it
    source : its row of the table `sources`
    owner : contact_id
    exported_at : when it was taken
    connections : contact_id, day, known_at, and what `identities` hold; None without such a file
    invitations : see `parts.invitations`; None without such a file
    acts : see `parts.ACT_COLUMNS`, with event_id and known_at
    posts : posts of the owner: post, author_id, at
    identities : contact_id, kind, value
    notes : in plain sentences
    """

    label: str
    source: pd.DataFrame
    owner: str
    exported_at: pd.Timestamp
    connections: pd.DataFrame | None
    invitations: pd.DataFrame | None
    acts: pd.DataFrame
    posts: pd.DataFrame
    identities: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def source_id(self) -> str:
        """Its id in the table `sources`."""
        return str(self.source["source_id"].iloc[0])


def read_archive(place: Path, label: str, prefix: str, sieve: Sieve, headers: Headers) -> Archive:
    """Read one archive; `prefix` stands before the names of its files wherever they are told.

    Raises
    ------
    DataError
        If a file is broken, nothing is in it, or nothing tells whose it is.
    """
    with unpacked(place, sieve.config.archives) as folder:
        files, notes = _files(folder, label, prefix, headers)
        packed_at = _packed_at(folder) if place.is_file() else None
    if not any(len(rows) for rows in files.values()):
        raise DataError(f"{prefix}{FILES[next(iter(files), CORE[0])].name} holds no rows. Export it again.")
    owner = owner_of(files)
    if owner is None:
        raise DataError(
            f"{label}: nothing tells whose archive it is. Put its Invitations.csv or Profile.csv beside the "
            "other files; both are part of the full archive that LinkedIn sends."
        )
    people = People.of(owner, parts.named_people(files, owner.contact_id))
    dated = {name: _dated(name, files[name], prefix, sieve, headers) for name in _DATES if name in files}
    exported_at, told = _exported_at(dated, packed_at, label)
    acts, left_out = _acts(dated, people, exported_at)
    connections = _connections(dated.get("connections"), people, exported_at, left_out)
    invitations = _invitations(dated.get("invitations"), people, left_out)
    dropped = tuple(f"{label}: {n:,} {what} were dropped." for what, n in left_out.items() if n)
    return Archive(
        label=label,
        source=source_row(place, NAME, exported_at, sieve.config),
        owner=owner.contact_id,
        exported_at=exported_at,
        connections=connections,
        invitations=invitations,
        acts=acts,
        posts=_own_posts(dated.get("shares"), people),
        identities=_identities(people, files, (connections, invitations)),
        notes=(f"{label}: {_counted(dated)}; {told}.", *notes, *dropped),
    )


def _files(
    folder: Path, label: str, prefix: str, headers: Headers
) -> tuple[dict[str, pd.DataFrame], tuple[str, ...]]:
    """The rows of the files that are used, by folded name, and which others were not."""
    read: dict[str, list[pd.DataFrame]] = {}
    chats, strange, others = list[str](), list[str](), list[str]()
    for path in sorted(each for each in folder.iterdir() if each.is_file()):
        name = folded_name(path.name)
        if is_chat(path.name):
            chats.append(path.name)
        elif name not in FILES or path.suffix.casefold() != ".csv":
            others.append(path.name)
        else:
            rows = read_file(path, FILES[name], headers.files.get(name, {}), prefix + path.name)
            if rows is not None:
                read.setdefault(name, []).append(rows)
            elif name in CORE and path.stat().st_size:
                raise DataError(_headless(prefix + path.name, name))
            else:
                strange.append(path.name)
    notes = (
        (chats, "talks with an assistant, no messages between people: not read"),
        (strange, "no line has the columns that LinkedIn writes: not read"),
        (others, "of no use here: not read"),
    )
    return {name: pd.concat(rows, ignore_index=True) for name, rows in read.items()}, tuple(
        f"{label}: {what}: {', '.join(names)}." for names, what in notes if names
    )


def _headless(file: str, name: str) -> str:
    return (
        f"{file} has no line with the columns {', '.join(FILES[name].needed)}. If it is in another language, "
        "write its headers beside these in a YAML file and name that by headers=."
    )


def _packed_at(folder: Path) -> pd.Timestamp | None:
    """The newest date of a zip's files, which have no zone and are taken as UTC; None where it tells none."""
    newest = max((each.stat().st_mtime for each in folder.iterdir()), default=0.0)
    at = pd.Timestamp(int(newest), unit="s", tz="UTC")
    return at if at >= EARLIEST else None


def _dated(name: str, rows: pd.DataFrame, prefix: str, sieve: Sieve, headers: Headers) -> pd.DataFrame:
    """The rows with a date, and `at` and `latest` (see `Moments`); blank lines are passed over."""
    column, file = _DATES[name], FILES[name]
    texts = [each for each in file.columns if each not in file.flags]
    rows = rows[(rows[texts] != "").any(axis=1)].reset_index(drop=True)
    found = moments(rows[column], month_names(headers.months))
    remedy = "Correct or drop the rows; months of other languages can be named by headers=."
    faults = [
        (column, "is not a date", remedy, found.at.isna()),
        (column, f"is older than LinkedIn ({EARLIEST:%Y-%m-%d})", "Correct or drop the rows.",
         found.at < EARLIEST),
    ]  # fmt: skip
    if name == "invitations":
        told = rows["Direction"].str.strip().str.upper().isin(("OUTGOING", "INCOMING"))
        faults.append(("Direction", "is neither OUTGOING nor INCOMING", "Correct or drop the rows.", ~told))
    dated = rows.assign(at=found.at, latest=found.latest)
    return sieve.keep(prefix + file.name, dated, faults, may_be_empty=True).reset_index(drop=True)


def _exported_at(
    dated: Mapping[str, pd.DataFrame], packed_at: pd.Timestamp | None, label: str
) -> tuple[pd.Timestamp, str]:
    """When it was taken, and how that is known; a zip's date counts unless the files hold later ones.

    Raises
    ------
    DataError
        If no file holds a date.
    """
    times = pd.concat([rows[["at", "latest"]] for rows in dated.values()] or [_NO_TIMES])
    if packed_at is not None and not (times["at"] > packed_at).any():
        return packed_at, f"taken on {packed_at:%Y-%m-%d %H:%M}, the newest date in the zip"
    if times.empty:
        raise DataError(f"{label}: no file holds a date that could be read. Export it again.")
    newest = times["latest"].max()
    return newest, f"taken on {newest:%Y-%m-%d %H:%M} at the earliest, the newest date inside its files"


def _acts(
    dated: Mapping[str, pd.DataFrame], people: People, exported_at: pd.Timestamp
) -> tuple[pd.DataFrame, dict[str, int]]:
    """All acts, with event_id and known_at, and how many rows of which kind were of no use."""
    left_out: dict[str, int] = {}
    found = list[pd.DataFrame]()
    for name, rows in dated.items():
        if name == "messages":
            drafts = parts.is_draft(rows)
            left_out["drafts of messages"] = int(drafts.sum())
            rows = rows[~drafts]
        if name in _ACTS:
            found.append(_ACTS[name](rows, people))
    acts = pd.concat([parts.acts_of(_NO_TIMES), *found], ignore_index=True)
    between_two = acts["kind"].isin(("message", "endorse", "recommend"))
    nobody = acts["actor_id"].isna() | (between_two & acts["target_id"].isna())
    oneself = ~nobody & (acts["actor_id"] == acts["target_id"])
    left_out["messages, endorsements or recommendations without a name or an address"] = int(nobody.sum())
    left_out["messages to oneself"] = int(oneself.sum())
    acts = acts[~nobody & ~oneself].reset_index(drop=True)
    ids = acts["kind"] + ":" + acts["actor_id"] + ">" + acts["target_id"].fillna("") + "/" + acts["what"]
    stamp = acts["at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    known_at = acts["latest"].where(acts["latest"] < exported_at, exported_at)
    return acts.assign(event_id=numbered(ids + "@" + stamp), known_at=known_at), left_out


_ACTS: Mapping[str, Callable[[pd.DataFrame, People], pd.DataFrame]] = {
    "messages": parts.messages,
    "reactions": lambda rows, people: parts.reactions(rows, people, "like"),
    "comments": lambda rows, people: parts.reactions(rows, people, "comment"),
    "shares": parts.reshares,
    "company_follows": parts.follows,
    "endorsement_given_info": lambda rows, people: parts.endorsements(rows, people, "Endorsee"),
    "endorsement_received_info": lambda rows, people: parts.endorsements(rows, people, "Endorser"),
    "recommendations_given": lambda rows, people: parts.recommendations(rows, people, given=True),
    "recommendations_received": lambda rows, people: parts.recommendations(rows, people, given=False),
}
"""The files of acts, and how each is read."""


def _connections(
    rows: pd.DataFrame | None, people: People, exported_at: pd.Timestamp, left_out: dict[str, int]
) -> pd.DataFrame | None:
    if rows is None:
        return None
    found = parts.connections(rows, people)
    nobody = found["contact_id"].isna() | (found["contact_id"] == people.owner.contact_id)
    left_out["connections without a name and an address, of people who left or hide"] = int(nobody.sum())
    found = found[~nobody].assign(
        day=found["at"].dt.floor("D"),
        known_at=found["latest"].where(found["latest"] < exported_at, exported_at),
    )
    return found.sort_values(["contact_id", "day"]).drop_duplicates(
        "contact_id", keep="last", ignore_index=True
    )


def _invitations(rows: pd.DataFrame | None, people: People, left_out: dict[str, int]) -> pd.DataFrame | None:
    if rows is None:
        return None
    found = parts.invitations(rows, people)
    nobody = found["contact_id"].isna()
    left_out["invitations without a name and an address"] = int(nobody.sum())
    oneself = found["contact_id"] == people.owner.contact_id
    left_out["invitations to oneself"] = int(oneself.sum())
    return found[~nobody & ~oneself].reset_index(drop=True)


def _own_posts(rows: pd.DataFrame | None, people: People) -> pd.DataFrame:
    if rows is None:
        return pd.DataFrame(
            {"post": pd.Series(dtype="str"), "author_id": pd.Series(dtype="str"), "at": _NO_TIMES["at"]}
        )
    return parts.own_posts(rows, people)


def _identities(
    people: People, files: Mapping[str, pd.DataFrame], found: tuple[pd.DataFrame | None, ...]
) -> pd.DataFrame:
    """What matching and display need of everybody: contact_id, kind, value.

    Employers are those of connections and of the owner: known because they connected, and as of the export,
    so that they stand nowhere else.
    """
    owner = people.owner
    told = [parts.named_people(files, owner.contact_id), parts.named_only(files, people)]
    told += [rows for rows in found if rows is not None]
    if owner.name is not None:
        told.append(pd.DataFrame({"contact_id": [owner.contact_id], "name": [owner.name]}))
    if "positions" in files:
        held = files["positions"]
        current = held.loc[held["Finished On"].str.strip() == "", "Company Name"].str.strip()
        told.append(pd.DataFrame({"contact_id": owner.contact_id, "employer": current.mask(current == "")}))
    everybody = pd.concat(told, ignore_index=True).reindex(
        columns=["contact_id", "name", "email", "employer"]
    )
    slug = everybody["contact_id"].str.removeprefix("profile:")
    profile = slug.where(everybody["contact_id"].str.startswith("profile:"))
    rows = everybody.assign(profile=profile).melt("contact_id", var_name="kind").dropna()
    return rows.drop_duplicates(ignore_index=True).astype("str")


def _counted(dated: Mapping[str, pd.DataFrame]) -> str:
    """How many rows each file gave."""
    return ", ".join(f"{FILES[name].name} {len(rows):,}" for name, rows in dated.items())


_NO_TIMES = pd.DataFrame({name: pd.Series(dtype="datetime64[us, UTC]") for name in ("at", "latest")})
