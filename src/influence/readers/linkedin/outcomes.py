"""What became of each invitation: no file says it, so that it is told from connections, exports and silence.

The rule.  An invitation was accepted if the two are connected since a day not before that of sending; of
several invitations of a pair it is the last one before the connection.  The day of a connection is known, not
its hour: the answer counts, and is visible, from the end of that day on, or from the export if that came
first.
What is not connected is pending until the last export that lists it; a later export of the same person that
no longer lists it shows that it ended in a way that was not kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from influence.data.splits import HORIZON_DAYS
from influence.readers.linkedin.archive import Archive

PENDING_ONLY_SHARE = 0.05
"""Where fewer outgoing invitations are connected, the file is taken for a list of pending ones only: even top
managers, who accept least, accept 19 % of theirs."""
LEAST_JUDGED = 20
"""A file of fewer outgoing invitations is judged together with those of all archives: of 20, not one would be
accepted by chance in 1.5 % of files at a rate of 19 %."""
HORIZON = pd.Timedelta(days=HORIZON_DAYS)


@dataclass(frozen=True)
class Outcomes:
    """The table `invitations`, and what to tell of it."""

    invitations: pd.DataFrame
    notes: tuple[str, ...]


def outcomes_of(archives: Sequence[Archive]) -> Outcomes:
    """What became of the invitations of all archives, each seen from either end counting once."""
    listed = _listed(archives)
    if listed.empty:
        return Outcomes(pd.DataFrame(), ())
    ties = tie_days(archives)
    listed, notes = _judged(listed, ties, archives)
    rows = _once(listed, _latest_exports(archives))
    rows = rows.assign(accepted_at=_accepted_at(rows, ties), next_at=_next_at(rows))
    rows = _decided(rows)
    counts = rows["outcome"].value_counts()
    open_long = (rows["outcome"] == "pending") & (rows["observed_until"] >= rows["sent_at"] + HORIZON)
    n_young = counts.get("pending", 0) - open_long.sum()
    is_late = (rows["outcome"] == "accepted") & (rows["responded_at"] > rows["sent_at"] + HORIZON)
    told = (
        f"Invitations: {len(rows):,}; {counts.get('accepted', 0):,} accepted, {is_late.sum():,} of "
        f"these later than {HORIZON.days} days, {open_long.sum():,} not accepted after as long, "
        f"{n_young:,} open and not watched so long, "
        f"{counts.get('unknown', 0):,} with an unknown end. Who is connected since the day of sending or "
        "later has accepted; answers are dated by the day, at its end.",
    )
    columns = ["invitation_id", "sender_id", "recipient_id", "sent_at", "has_note", "outcome", "responded_at",
               "observed_until"]  # fmt: skip
    return Outcomes(rows[columns].assign(time_resolution="day"), (*told, *notes))


def pair_of(one: pd.Series, other: pd.Series) -> pd.Series:
    """A name for two people, whichever stands first."""
    return one.where(one < other, other) + "\0" + other.where(one < other, one)


def tie_days(archives: Sequence[Archive]) -> pd.DataFrame:
    """Each listing of a connection: pair, day, known_at, owner, contact_id, exported_at."""
    found = [
        archive.connections[["contact_id", "day", "known_at"]].assign(
            owner=archive.owner, exported_at=archive.exported_at
        )
        for archive in archives
        if archive.connections is not None
    ]
    if not found:
        empty = pd.Series(dtype="datetime64[us, UTC]")
        times = dict.fromkeys(("day", "known_at", "exported_at"), empty)
        return pd.DataFrame(
            {**{name: pd.Series(dtype="str") for name in ("contact_id", "owner", "pair")}, **times}
        )
    ties = pd.concat(found, ignore_index=True)
    return ties.assign(pair=pair_of(ties["owner"], ties["contact_id"]))


def _listed(archives: Sequence[Archive]) -> pd.DataFrame:
    """Each listing of an invitation by an archive, with the archive's position and owner."""
    found = [
        archive.invitations.assign(archive=position, owner=archive.owner, exported_at=archive.exported_at)
        for position, archive in enumerate(archives)
        if archive.invitations is not None
    ]
    listed = pd.concat(found, ignore_index=True) if found else pd.DataFrame()
    if listed.empty:
        return listed
    # Both generations of dates, and both ends, name an invitation alike: by the minute.
    minute = listed["sent_at"].dt.strftime("%Y-%m-%dT%H:%MZ")
    name = listed["sender_id"] + ">" + listed["recipient_id"] + "@" + minute
    pair = pair_of(listed["sender_id"], listed["recipient_id"])
    return listed.assign(invitation_id=name, pair=pair, day=listed["sent_at"].dt.floor("D"))


def _judged(
    listed: pd.DataFrame, ties: pd.DataFrame, archives: Sequence[Archive]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The listings, with `is_complete`: accepted ones are listed too; and `is_blind`: nothing tells."""
    of_export = ["owner", "exported_at", "pair"]
    own = ties.groupby(of_export)["day"].max().rename("met").reset_index()
    met = listed.merge(own, on=of_export, how="left")
    is_met = (met["met"] >= met["day"]).to_numpy()
    outgoing = listed["is_outgoing"] if listed["is_outgoing"].any() else ~listed["is_outgoing"]
    asked = listed["is_matchable"] & outgoing
    by_file = pd.DataFrame({"archive": listed["archive"], "asked": asked, "met": asked & is_met})
    counts = by_file.groupby("archive")[["asked", "met"]].sum()
    small = counts["asked"] < LEAST_JUDGED
    n_met = counts["met"].mask(small, counts["met"].sum())
    n_asked = counts["asked"].mask(small, counts["asked"].sum())
    lists_all = n_met >= PENDING_ONLY_SHARE * n_asked.clip(lower=1)
    without = [position for position in counts.index if not can_match(archives[position])]
    notes = tuple(
        _told(archives[each], None if each in without else f"{n_met[each]} of {n_asked[each]}", small[each])
        for each in counts.index
        if each in without or not lists_all[each]
    )
    complete = lists_all & ~lists_all.index.isin(without)
    blind = listed["archive"].isin(without) | ~listed["is_matchable"]
    return listed.assign(is_complete=listed["archive"].map(complete) & ~blind, is_blind=blind), notes


def can_match(archive: Archive) -> bool:
    """Whether it tells of connections with the addresses of their profiles."""
    ties = archive.connections
    return ties is not None and bool(ties["contact_id"].str.startswith("profile:").any())


def _told(archive: Archive, share: str | None, is_pooled: bool) -> str:
    """Why nothing is learned from a file; `share` is what it was judged by, none without connections."""
    if share is None:
        return (
            f"{archive.label}: without a list of connections nothing tells which invitations were accepted; "
            "their outcomes are unknown."
        )
    where = " in all archives together" if is_pooled else ""
    return (
        f"{archive.label}: {share} invitations sent{where} belong to a connection, fewer than "
        f"{100 * PENDING_ONLY_SHARE:.0f} %: taken for a list of pending ones only, where those accepted are "
        "missing, so that nothing is learned from it until a later archive of the same person shows what "
        "became of the others. Then, too, quick acceptances stay missing. The file of somebody accepted as "
        "rarely looks the same."
    )


def _latest_exports(archives: Sequence[Archive]) -> pd.Series:
    """When each owner's latest archive was taken that lists invitations, if only none, beside connections."""
    exports = pd.DataFrame(
        [
            (each.owner, each.exported_at)
            for each in archives
            if each.invitations is not None and can_match(each)
        ],
        columns=["owner", "exported_at"],
    )
    return exports.astype({"exported_at": "datetime64[us, UTC]"}).groupby("owner")["exported_at"].max()


def _once(listed: pd.DataFrame, latest_exports: pd.Series) -> pd.DataFrame:
    """One row per invitation, with what its listings tell together.

    `last_seen` is the latest export that lists it beside connections; `is_missing` tells that a later one by
    the same person lists it no longer; `is_learned` whether its outcome may be learned: where accepted ones
    are listed too, or where it was still young when first listed and a later export can show its end.
    """
    latest = latest_exports.reindex(listed["owner"]).set_axis(listed.index).fillna(listed["exported_at"])
    first = listed.groupby(["invitation_id", "owner"])["exported_at"].transform("min")
    later = ~listed["is_blind"] & (latest > first) & (first < listed["sent_at"] + HORIZON)
    # An export without connections does not show who accepted until then.
    seen_at = listed["exported_at"].mask(listed["is_blind"])
    listed = listed.assign(latest=latest, seen_at=seen_at, is_learned=listed["is_complete"] | later)
    # The finer of two times is the later one: the other was cut to the minute.
    rows = listed.groupby("invitation_id", as_index=False).agg(
        sender_id=("sender_id", "first"), recipient_id=("recipient_id", "first"), pair=("pair", "first"),
        sent_at=("sent_at", "max"), has_note=("has_note", "max"), last_seen=("seen_at", "max"),
        last_listed=("exported_at", "max"), latest=("latest", "max"), is_learned=("is_learned", "max"),
        is_blind=("is_blind", "min"),
    )  # fmt: skip
    return rows.assign(is_missing=rows["latest"] > rows["last_listed"])


def _accepted_at(rows: pd.DataFrame, ties: pd.DataFrame) -> pd.Series:
    """When each was known to be accepted; NaT where it was not.

    Each connection accepts the last invitation of the pair sent on its day or earlier.
    """
    sent = rows[["invitation_id", "pair", "sent_at"]].sort_values(["sent_at", "invitation_id"])
    sent = sent.assign(day=sent["sent_at"].dt.floor("D"))
    met = ties[["pair", "day", "known_at"]].sort_values("day")
    joined = pd.merge_asof(met, sent, on="day", by="pair").dropna(subset="invitation_id")
    at = joined.groupby("invitation_id")["known_at"].min()
    known = at.reindex(rows["invitation_id"]).set_axis(rows.index)
    return known.where(known > rows["sent_at"], rows["sent_at"]).where(known.notna())


def _next_at(rows: pd.DataFrame) -> pd.Series:
    """When the pair's next invitation was sent, by when this one had ended; NaT for the last one."""
    return rows.sort_values(["sent_at", "invitation_id"]).groupby("pair")["sent_at"].shift(-1)


def _decided(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with outcome, responded_at and observed_until.

    Nothing is learned of a row that is watched until it was sent, or whose end is unknown without a time.
    """
    learned, answered = rows["is_learned"], rows["accepted_at"].notna()
    has_ended = ~answered & (rows["is_missing"] | rows["next_at"].notna())
    ended_at = rows[["last_seen", "next_at"]].min(axis=1).where(has_ended)
    unknown = has_ended | (~learned & (rows["is_blind"] | answered))
    accepted = answered & learned
    until = rows["last_seen"].fillna(rows["latest"]).where(learned | unknown, rows["sent_at"])
    responded_at = rows["accepted_at"].where(accepted).fillna(ended_at.where(learned))
    return rows.assign(
        outcome=pd.Series("pending", rows.index).mask(unknown, "unknown").mask(accepted, "accepted"),
        responded_at=responded_at,
        observed_until=until.where(~(responded_at > until), responded_at),
    )
