"""The files of one archive, cell by cell, as LinkedIn writes them; columns as documented for real exports."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from influence.synthesis.archives.links import comment_links, post_links
from influence.synthesis.archives.people import profile_url
from influence.synthesis.archives.style import Style, second
from influence.synthesis.archives.view import View

MESSAGE_COLUMNS = (
    "CONVERSATION ID", "CONVERSATION TITLE", "FROM", "SENDER PROFILE URL", "TO", "RECIPIENT PROFILE URLS",
    "DATE", "SUBJECT", "CONTENT", "FOLDER",
)  # fmt: skip
DRAFT_COLUMNS = ("ATTACHMENTS", "IS MESSAGE DRAFT", "IS CONVERSATION DRAFT")
REACTIONS = ("LIKE", "LIKE", "LIKE", "PRAISE", "EMPATHY", "INTEREST", "APPRECIATION", "ENTERTAINMENT")
SKILLS = ("Negotiation", "Machining", "Forecasting", "Purchasing", "Logistics")
_SAID = (
    "Thank you for connecting.", "Shall we talk next week?", 'As they say: "soon", rarely today.',
    "Two points:\n1. the price, 2. the date.", "<p>See you there.</p>", "Grüße aus der Halle 4 🙂",
    "=2+2, obviously",
)  # fmt: skip
NUMBERED_NAMES = 1
"""Of ten people, so many are called with their number."""
_EMAIL_SHARE = 0.1
"""Share of the connections who let theirs be exported."""


@dataclass(frozen=True)
class Owner:
    """Whose archive is written, and what it is written from.

    Attributes
    ----------
    people : names, slugs and employers of everybody, by contact_id
    rng : draws what no table holds, such as what was said
    """

    contact_id: str
    view: View
    people: pd.DataFrame
    style: Style
    rng: np.random.Generator

    @cached_property
    def last_names(self) -> pd.Series:
        """Last names by contact_id, some with a member's number."""
        numbered = self.people["last_name"] + "_" + self.people["member_id"]
        is_numbered = (
            self.people["member_id"].astype(np.int64) % 10 < NUMBERED_NAMES * self.style.numbers_names
        )
        return self.people["last_name"].mask(is_numbered, numbered)

    def names(self, contacts: pd.Series) -> pd.Series:
        """Full names."""
        return contacts.map(self.people["first_name"] + " " + self.last_names)

    def urls(self, contacts: pd.Series) -> pd.Series:
        """Addresses of profiles."""
        return profile_url(contacts.map(self.people["profile"]))

    def said(self, size: int) -> pd.Series:
        """Something for every message."""
        return pd.Series(self.rng.choice(_SAID, size), dtype="str")

    def acts(self, *kinds: str) -> pd.DataFrame:
        """What the owner did, latest first."""
        rows = self.view.interactions
        return _latest(rows[rows["kind"].isin(kinds) & (rows["actor_id"] == self.contact_id)])


def files_of(owner: Owner) -> Iterator[tuple[str, pd.DataFrame]]:
    """Name and rows of every file under its English headers; all cells are text."""
    yield "Profile.csv", _profile(owner)
    yield "Connections.csv", _connections(owner)
    yield "Invitations.csv", _invitations(owner)
    messages = _messages(owner)
    yield "messages.csv", messages
    yield "Reactions.csv", _reactions(owner)
    yield "Comments.csv", _comments(owner)
    yield "Shares.csv", _shares(owner)
    yield "Positions.csv", _positions(owner)
    yield "Company Follows.csv", _company_follows(owner)
    yield "Endorsement_Given_Info.csv", _endorsements(owner, "actor_id", "Endorsee")
    yield "Endorsement_Received_Info.csv", _endorsements(owner, "target_id", "Endorser")
    # Talks with assistants: the header of messages, and no messages between people.
    yield "guide_messages.csv", _talks(owner, messages)
    yield "learning_role_play_messages.csv", _talks(owner, messages)


def _latest(rows: pd.DataFrame, at: str = "at") -> pd.DataFrame:
    return rows.sort_values(at, ascending=False, kind="stable", ignore_index=True)


def _profile(owner: Owner) -> pd.DataFrame:
    own = owner.people.loc[owner.contact_id]
    return pd.DataFrame(
        {
            "First Name": [own["first_name"]],
            "Last Name": [own["last_name"]],
            "Maiden Name": [""],
            "Headline": [own["title"]],
            "Summary": ["Likes gears,\nand small print."],
        }
    )


def _connections(owner: Owner) -> pd.DataFrame:
    rows = owner.view.connections
    mine = rows[(rows["source_id"] == owner.contact_id) | (rows["target_id"] == owner.contact_id)]
    mine = _latest(mine, "connected_at")
    other = mine["target_id"].where(mine["source_id"] == owner.contact_id, mine["source_id"])
    about = owner.people.reindex(other).reset_index(drop=True)
    shown = owner.rng.random(len(about)) < _EMAIL_SHARE
    return pd.DataFrame(
        {
            "First Name": about["first_name"],
            "Last Name": other.map(owner.last_names),
            "URL": profile_url(about["profile"]),
            "Email Address": about["email"].where(shown, ""),
            "Company": about["company"],
            "Position": about["title"],
            "Connected On": owner.style.day(mine["connected_at"]),
        }
    )


def _invitations(owner: Owner) -> pd.DataFrame:
    rows = owner.view.invitations
    outgoing = rows["sender_id"] == owner.contact_id
    rows = _latest(rows[outgoing | (rows["recipient_id"] == owner.contact_id)], "sent_at")
    note = rows["has_note"].fillna(False).astype(bool)
    return pd.DataFrame(
        {
            "From": owner.names(rows["sender_id"]),
            "To": owner.names(rows["recipient_id"]),
            "Sent At": owner.style.minute(rows["sent_at"]),
            "Message": owner.said(len(rows)).where(note, ""),
            "Direction": (rows["sender_id"] == owner.contact_id).map({True: "OUTGOING", False: "INCOMING"}),
            "inviterProfileUrl": owner.urls(rows["sender_id"]),
            "inviteeProfileUrl": owner.urls(rows["recipient_id"]),
        }
    )


def _messages(owner: Owner) -> pd.DataFrame:
    rows = owner.view.interactions
    mine = (rows["actor_id"] == owner.contact_id) | (rows["target_id"] == owner.contact_id)
    rows = _latest(rows[(rows["kind"] == "message") & mine])
    ends = rows[["actor_id", "target_id"]]
    cells = pd.DataFrame(
        {
            # One number for a pair, whoever writes, in both their archives.
            "CONVERSATION ID": "2-" + (ends.min(axis=1) + ends.max(axis=1)).map(_encoded),
            "FROM": owner.names(rows["actor_id"]),
            "SENDER PROFILE URL": owner.urls(rows["actor_id"]),
            "TO": owner.names(rows["target_id"]),
            "RECIPIENT PROFILE URLS": owner.urls(rows["target_id"]),
            "DATE": second(rows["at"]) + " UTC",
            "CONTENT": owner.said(len(rows)),
            "FOLDER": "INBOX",
            "IS MESSAGE DRAFT": "No",
            "IS CONVERSATION DRAFT": "No",
        }
    )
    return _as_messages(owner, cells)


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _talks(owner: Owner, messages: pd.DataFrame) -> pd.DataFrame:
    """Messages with an assistant that look as if they were with the people of the real ones."""
    return _as_messages(owner, messages.head(3).assign(CONTENT="How do I word this?"))


def _as_messages(owner: Owner, cells: pd.DataFrame) -> pd.DataFrame:
    columns = [*MESSAGE_COLUMNS, *(DRAFT_COLUMNS if owner.style.tells_drafts else ())]
    return cells.reindex(columns=columns, fill_value="")


def _reactions(owner: Owner) -> pd.DataFrame:
    rows = owner.acts("like")
    return pd.DataFrame(
        {
            "Date": second(rows["at"]),
            "Type": pd.Series(owner.rng.choice(REACTIONS, len(rows)), dtype="str"),
            "Link": _posts(owner, rows),
        }
    )


def _comments(owner: Owner) -> pd.DataFrame:
    rows = owner.acts("comment")
    return pd.DataFrame(
        {
            "Date": second(rows["at"]),
            "Link": comment_links(_posts(owner, rows), rows["activity"], rows["number"]),
            "Message": owner.said(len(rows)),
        }
    )


def _shares(owner: Owner) -> pd.DataFrame:
    """Own posts, and those of others that the owner shared."""
    shared, own = owner.acts("share"), owner.view.contents
    own = own[own["author_id"] == owner.contact_id]
    again = pd.DataFrame(
        {
            "at": shared["at"],
            "ShareLink": "https://www.linkedin.com/feed/update/urn:li:share:" + shared["number"],
            "SharedUrl": _posts(owner, shared),
        }
    )
    posts = pd.DataFrame(
        {"at": own["at"], "ShareLink": post_links(own["activity"], _profiles(owner, own["author_id"]))}
    )
    rows = _latest(pd.concat([again, posts], ignore_index=True)).fillna({"SharedUrl": ""})
    return pd.DataFrame(
        {
            "Date": second(rows["at"]),
            "ShareLink": rows["ShareLink"],
            "ShareCommentary": owner.said(len(rows)),
            "SharedUrl": rows["SharedUrl"],
            "MediaUrl": "",
            "Visibility": "MEMBER_NETWORK",
        }
    )


def _posts(owner: Owner, rows: pd.DataFrame) -> pd.Series:
    """Addresses of the posts that were reacted to."""
    return post_links(rows["activity"], _profiles(owner, rows["target_id"]))


def _profiles(owner: Owner, contacts: pd.Series) -> pd.Series:
    return contacts.map(owner.people["profile"])


def _positions(owner: Owner) -> pd.DataFrame:
    own = owner.people.loc[owner.contact_id]
    months = pd.Series([owner.view.exported_at - pd.DateOffset(months=each) for each in (30, 80)])
    started = owner.style.month(months)
    return pd.DataFrame(
        {
            "Company Name": [own["company"], "Bren 0 Ltd"],
            "Title": [own["title"], "Intern"],
            "Description": ["", "Filed, sorted,\nand filed again."],
            "Location": ["", "Ulm"],
            "Started On": started,
            "Finished On": ["", started[0]],
        }
    )


def _company_follows(owner: Owner) -> pd.DataFrame:
    names = owner.people["company"].dropna().unique()
    chosen = owner.rng.choice(names, min(3, len(names)), replace=False)
    at = owner.view.exported_at - pd.to_timedelta(owner.rng.integers(10, 500, len(chosen)), unit="D")
    return pd.DataFrame({"Organization": chosen, "Followed On": owner.style.day(pd.Series(at))})


def _endorsements(owner: Owner, own_end: str, other: str) -> pd.DataFrame:
    rows = owner.view.interactions
    rows = _latest(rows[(rows["kind"] == "endorse") & (rows[own_end] == owner.contact_id)])
    about = owner.people.reindex(rows["target_id" if own_end == "actor_id" else "actor_id"]).reset_index(
        drop=True
    )
    # By the moment, so that both archives name the same skill.
    skill = (rows["at"].dt.second % len(SKILLS)).map(dict(enumerate(SKILLS)))
    return pd.DataFrame(
        {
            "Endorsement Date": rows["at"].dt.strftime("%Y/%m/%d %H:%M:%S UTC"),
            "Skill Name": skill,
            f"{other} First Name": about["first_name"],
            f"{other} Last Name": about["last_name"],
            f"{other} Public Url": profile_url(about["profile"]).str.removeprefix("https://"),
            "Endorsement Status": "ACCEPTED",
        }
    )
