"""Archives of one person or of colleagues as one set of tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from influence.errors import DataError
from influence.readers.linkedin.archive import Archive, read_archive
from influence.readers.linkedin.headers import read_headers
from influence.readers.linkedin.outcomes import outcomes_of, tie_days
from influence.readers.source import Records, Sieve, numbered

OF_ACCEPTORS = ("email", "employer")
"""What a list of connections tells of people, besides who they are."""


def read(place: Path, sieve: Sieve) -> Records:
    """One archive."""
    return pool([place], sieve)


def pool(places: Sequence[Path], sieve: Sieve) -> Records:
    """Several archives, of one person at different times or of colleagues, as one network.

    The same person is one by the slug of the profile, the same invitation, message or post by who, whom and
    when.  What comes out does not depend on the order of the places.

    Raises
    ------
    DataError
        If a file is broken, an archive is empty, nothing tells whose it is, or all rows are at fault.
    """
    headers = read_headers(sieve.config.headers)
    labels = numbered(pd.Series([place.name for place in places], dtype="str"))
    prefixes = [f"{label}/" if len(places) > 1 else "" for label in labels]
    read_ones: list[Archive] = []
    for place, label, prefix in zip(places, labels, prefixes, strict=True):
        sieve.tell(label, len(read_ones), len(places))
        read_ones.append(read_archive(place, label, prefix, sieve, headers))
    archives = sorted(read_ones, key=lambda archive: (archive.exported_at, archive.source_id))
    archives = [each for n, each in enumerate(archives) if each.source_id not in _ids(archives[:n])]
    told = tuple(note for archive in read_ones for note in archive.notes)
    found = outcomes_of(archives)
    interactions, contents = _acts_and_posts(archives)
    tables = {
        "connections": _connections(archives),
        "invitations": found.invitations,
        "interactions": interactions,
        "contents": contents,
        "identities": pd.concat(
            [each.identities.assign(source_id=each.source_id) for each in archives], ignore_index=True
        ),
        "sources": pd.concat([each.source for each in archives], ignore_index=True),
    }
    tables = {name: rows for name, rows in tables.items() if len(rows)}
    if not set(tables) & {"connections", "invitations", "interactions", "contents"}:
        raise DataError(f"{', '.join(labels)}: no row could be used. Export it again.")
    return Records(
        {"contacts": _contacts(tables, archives), **tables},
        (*told, *_pooled(archives), *found.notes),
        max(each.exported_at for each in archives),
        OF_ACCEPTORS,
    )


def _ids(archives: Sequence[Archive]) -> set[str]:
    return {archive.source_id for archive in archives}


def _pooled(archives: Sequence[Archive]) -> tuple[str, ...]:
    owners = pd.Series([archive.owner for archive in archives]).value_counts()
    again = int((owners > 1).sum())
    sentence = f"Archives: {len(archives):,} of {len(owners):,} people, who are the own team."
    more = f" {again:,} of them gave several, taken at different times." if again else ""
    return (sentence + more,) if len(archives) > 1 else ()


def _contacts(tables: dict[str, pd.DataFrame], archives: Sequence[Archive]) -> pd.DataFrame:
    """Everybody named, the owners as own team, under the first archive that names them.

    Nothing else is told here: what an archive says of a person, it says of those who accepted.
    """
    first = tables["identities"].drop_duplicates("contact_id").set_index("contact_id")["source_id"]
    ends = [
        tables[name][column]
        for name, column in (
            ("connections", "source_id"), ("connections", "target_id"), ("invitations", "sender_id"),
            ("invitations", "recipient_id"), ("interactions", "actor_id"), ("interactions", "target_id"),
            ("contents", "author_id"), ("identities", "contact_id"),
        )
        if name in tables
    ]  # fmt: skip
    everybody = pd.Series(sorted(set(pd.concat(ends).dropna())), dtype="str")
    owners = {archive.owner for archive in archives}
    return pd.DataFrame(
        {
            "contact_id": everybody,
            "is_own_team": everybody.isin(owners).astype("boolean").where(everybody.isin(owners)),
            "source": first.reindex(everybody).set_axis(everybody.index).fillna(archives[0].source_id),
        }
    )


def _connections(archives: Sequence[Archive]) -> pd.DataFrame:
    """Each pair once: as the latest listing has it, from the end of its day on, until an export lacks it."""
    ties = tie_days(archives)
    if ties.empty:
        return ties
    owners = {archive.owner for archive in archives}
    exports = pd.DataFrame(
        [(each.owner, each.exported_at) for each in archives if each.connections is not None],
        columns=["owner", "missed_at"],
    )
    # A colleague's listing as late as that shows that it still stood.
    last = ties.assign(last=ties.groupby("pair")["exported_at"].transform("max"))
    later = last[["pair", "owner", "last"]].drop_duplicates().merge(exports, on="owner")
    gone = later[later["missed_at"] > later["last"]].groupby("pair")["missed_at"].min()
    # The same day in all listings of one connection: that known first is the nearest to the truth.
    ties = ties.sort_values(["exported_at", "owner"]).assign(
        known_at=lambda rows: rows.groupby(["pair", "day"])["known_at"].transform("min")
    )
    rows = ties.drop_duplicates("pair", keep="last")
    both = rows["contact_id"].isin(owners)
    own = rows["owner"].where(~both | (rows["owner"] < rows["contact_id"]), rows["contact_id"])
    other = rows["contact_id"].where(own == rows["owner"], rows["owner"])
    removed = gone.reindex(rows["pair"]).set_axis(rows.index)
    return pd.DataFrame(
        {
            "source_id": own,
            "target_id": other,
            "connected_at": rows["known_at"],
            "removed_at": removed,
            "direction": "mutual",
            "observed_by": own,
        }
    ).reset_index(drop=True)


def _acts_and_posts(archives: Sequence[Archive]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Interactions and contents; a post's author is told by its address or by the author's archive.

    Of a post by somebody without an archive only the first reaction dates it: it is no younger than that.
    """
    acts = pd.concat([archive.acts for archive in archives], ignore_index=True)
    acts = acts.sort_values(["event_id", "known_at"]).drop_duplicates("event_id", ignore_index=True)
    own = pd.concat([archive.posts for archive in archives], ignore_index=True)
    at_posts = acts.dropna(subset="post")
    others = at_posts.rename(columns={"known_at": "seen_at"}).groupby("post", as_index=False).agg(
        author_id=("author_id", "min"), at=("seen_at", "min")
    ).dropna(subset="author_id")  # fmt: skip
    own = own.sort_values(["at", "author_id"])
    contents = pd.concat([own, others], ignore_index=True).drop_duplicates("post", ignore_index=True)
    author = contents.set_index("post")["author_id"].reindex(acts["post"]).set_axis(acts.index)
    target = acts["target_id"].fillna(author.mask(author == acts["actor_id"]))
    interactions = pd.DataFrame(
        {
            "event_id": acts["event_id"],
            "actor_id": acts["actor_id"],
            "target_id": target,
            "kind": acts["kind"],
            "at": acts["known_at"],
            "topic": acts["topic"],
            "content_id": acts["post"].where(author.notna()),
        }
    )
    return interactions, contents.rename(columns={"post": "content_id"})
