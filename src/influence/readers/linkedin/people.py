"""Who is meant by an address of a profile, an e-mail address or a name, and whose archive it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from influence.data.identities import canonical_slug

NAMELESS = "linkedin member"
"""What people are called who left or hide."""
_PROFILE = re.compile(r"linkedin\.com/in/([^/?#\s]+)", re.IGNORECASE)
_LONGEST_SLUG = 200


def profile_slugs(addresses: pd.Series) -> pd.Series:
    """The `/in/` slug of each address: lower case, decoded, without what follows it; NA without one."""
    known = {address: _slug(address) for address in addresses.unique()}
    return addresses.map(known).astype("str")


def _slug(address: str) -> str | None:
    found = _PROFILE.search(address)
    slug = canonical_slug(found[1]) if found else ""
    return slug if 0 < len(slug) <= _LONGEST_SLUG else None


def profiles(addresses: pd.Series) -> pd.Series:
    """Ids of people by the addresses of their profiles; NA where there is none."""
    return "profile:" + profile_slugs(addresses)


def plain_names(names: pd.Series) -> pd.Series:
    """Names without the number of a member; NA where there is none, or one that stands for anybody."""
    text = names.str.replace(r"_\d+$", "", regex=True).str.replace(r"\s+", " ", regex=True).str.strip()
    return text.mask((text == "") | (text.str.casefold() == NAMELESS))


def full_names(rows: pd.DataFrame, prefix: str = "") -> pd.Series:
    """First and last names as one."""
    first, last = (rows[f"{prefix}{each} Name"] for each in ("First", "Last"))
    return plain_names(plain_names(first).fillna("") + " " + plain_names(last).fillna(""))


def folded(name: str) -> str:
    """A name for comparing: one case, one way of composing letters."""
    return unicodedata.normalize("NFC", name).casefold()


@dataclass(frozen=True)
class Owner:
    """Whose archive it is.

    Attributes
    ----------
    contact_id : `profile:<slug>`, or `linkedin:<name>` where only the name is known
    name : NA where unknown
    """

    contact_id: str
    name: str | None


def owner_of(files: Mapping[str, pd.DataFrame]) -> Owner | None:
    """The person whose archive this is, None where nothing tells.

    By the own end of most invitations; else by who wrote what lies among the sent messages, or stands in
    every conversation; else by the name in the profile.
    """
    name = _own_name(files)
    found = _own_end(files.get("invitations")) or _own_messages(files.get("messages"))
    if found is not None:
        return Owner(found, name)
    return None if name is None else Owner(f"linkedin:{folded(name)}", name)


def _own_name(files: Mapping[str, pd.DataFrame]) -> str | None:
    told = full_names(files["profile"]) if "profile" in files else pd.Series(dtype="str")
    if "invitations" in files and told.isna().all():
        told = _own_cells(files["invitations"], "From", "To").pipe(plain_names)
    return _most_frequent(told)


def _own_cells(rows: pd.DataFrame, sender: str, recipient: str) -> pd.Series:
    direction = rows["Direction"].str.strip().str.upper()
    outgoing, incoming = rows[sender][direction == "OUTGOING"], rows[recipient][direction == "INCOMING"]
    return pd.concat([outgoing, incoming])


def _own_end(rows: pd.DataFrame | None) -> str | None:
    if rows is None:
        return None
    return _most_frequent(profiles(_own_cells(rows, "inviterProfileUrl", "inviteeProfileUrl")))


def _own_messages(rows: pd.DataFrame | None) -> str | None:
    if rows is None or rows.empty:
        return None
    sender = profiles(rows["SENDER PROFILE URL"])
    sent = sender[rows["FOLDER"].str.strip().str.upper() == "SENT"]
    if sent.notna().any():
        return _most_frequent(sent)
    others = rows["RECIPIENT PROFILE URLS"].str.split(",").explode()
    everybody = pd.concat([sender, profiles(others.fillna(""))]).dropna()
    ends = everybody.groupby(level=0).unique().explode().value_counts()
    leading = ends[ends == ends.max()]
    return str(leading.index[0]) if len(leading) == 1 and leading.iloc[0] == len(rows) else None


def _most_frequent(values: pd.Series) -> str | None:
    """The most frequent value, the first by name of several; None where there is none."""
    counts = values.dropna().value_counts()
    return str(min(counts.index[counts == counts.max()])) if len(counts) else None


@dataclass(frozen=True)
class People:
    """The people whom one archive names.

    Attributes
    ----------
    owner : whose archive it is; who is known by name alone is named within it
    by_name : folded name -> id, of names that one profile alone has
    """

    owner: Owner
    by_name: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, owner: Owner, named: pd.DataFrame) -> People:
        """People with a profile and a name: contact_id, name."""
        known = named.dropna().assign(name=lambda rows: rows["name"].map(folded)).drop_duplicates()
        known = known[~known["name"].duplicated(keep=False)]
        mine = {} if owner.name is None else {folded(owner.name): owner.contact_id}
        return cls(owner, {**dict(zip(known["name"], known["contact_id"], strict=True)), **mine})

    def ids(self, addresses: pd.Series, names: pd.Series) -> pd.Series:
        """By address; else by a name that one profile alone has; else by the name alone; else NA."""
        named = plain_names(names).map(self._by_name, na_action="ignore").astype("str")
        return profiles(addresses).fillna(named)

    def _by_name(self, name: str) -> str:
        own = folded(name)
        return self.by_name.get(own) or f"linkedin:{self.owner.contact_id.partition(':')[2]}/{own}"
