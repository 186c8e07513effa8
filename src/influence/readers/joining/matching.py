"""Who is who in several sources, and how that can be traced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.readers.config import JoiningConfig
from influence.readers.joining import decisions
from influence.readers.joining.grouping import SAME_ID, Groups, group
from influence.readers.joining.observed import KINDS, UNNAMED, Observed, observe
from influence.readers.source import Records

ALONE = "alone"
MARK = "#"
"""Between the id of a record and its source, where one id is kept apart."""


@dataclass(frozen=True)
class Joined:
    """Who is who in several sources.

    Attributes
    ----------
    observed : the records
    contact : str [n], the id of the contact that each record is of
    matches : the table `matches`, for each record of each source
    links : pairs of records that were joined: columns one, other, score, reason
    refused : pairs that may be one person, and were not joined
    n_unknown : decisions that name records which no source holds
    """

    observed: Observed
    contact: NDArray[np.object_]
    matches: pd.DataFrame
    links: pd.DataFrame
    refused: pd.DataFrame
    n_unknown: int

    @property
    def sentence(self) -> str:
        """How many records of how many sources are how many people, and by which rules."""
        pooled = int(self.observed.told_by["record"].duplicated().sum())  # one id, told by one more source
        n_by = Counter(self.links["reason"])
        n_by[SAME_ID] += pooled
        by = ", ".join(f"{n:,} by {rule}" for rule, n in sorted(n_by.items()) if n)
        return (
            f"{len(self.observed) + pooled:,} records of {len(self.observed.sources):,} sources are "
            f"{len(set(self.contact)):,} contacts{f' ({by})' if by else ''}."
        )

    @cached_property
    def merged(self) -> pd.DataFrame:
        """The pairs that were joined, in the columns of a table of decisions."""
        return decisions.listed(self.observed, self.links)

    @cached_property
    def ambiguous(self) -> pd.DataFrame:
        """The pairs that may be one person, in the columns of a table of decisions."""
        return decisions.listed(self.observed, self.refused)


def match(found: Sequence[Records], config: JoiningConfig) -> Joined:
    """Who is who in several sources.

    Raises
    ------
    DataError
        If the table of decisions is at fault.
    """
    observed = observe(in_order(found), config.of_acceptors)
    rows = None if config.decisions is None else decisions.read(config.decisions)
    none = np.empty((0, 2), dtype=np.int64)
    same, apart, n_unknown = (none, none, 0) if rows is None else decisions.applied(observed, rows)
    groups = group(observed, same, apart, config)
    contact = _contacts(observed, groups.of)
    links = groups.links.rename(columns={"rule": "reason"})
    refused = groups.refused[groups.of[groups.refused["one"]] != groups.of[groups.refused["other"]]]
    return Joined(
        observed,
        contact,
        _matches(observed, contact, groups),
        links.drop_duplicates(["one", "other"]),
        refused[~_decided(refused, apart)].drop_duplicates(["one", "other"]),
        n_unknown,
    )


def _matches(observed: Observed, contact: NDArray[np.object_], groups: Groups) -> pd.DataFrame:
    """The table `matches`; what bears no source id is left out."""
    told = observed.told_by.merge(_rules(groups), left_on="record", right_index=True)
    pooled = told["record"].duplicated(keep=False) & (told["rule"] == ALONE)
    told["rule"] = told["rule"].mask(pooled, SAME_ID)
    rows = pd.DataFrame(
        {
            "record_id": observed.ids[told["record"]],
            "source_id": np.array(observed.sources, dtype=object)[told["source"]],
            "contact_id": contact[told["record"]],
            "rule": told["rule"],
            "score": told["score"],
        }
    )
    named = rows[~rows["source_id"].astype("str").str.startswith(UNNAMED)]
    return named.drop_duplicates(["record_id", "source_id"], ignore_index=True)


def in_order(found: Sequence[Records]) -> list[Records]:
    """The source exported last first, then by the ids of the sources; what is read twice counts once."""
    named = sorted(found, key=_precedence)
    once: dict[object, Records] = {}
    for number, records in enumerate(named):
        once.setdefault(_precedence(records)[1] or number, records)
    return list(once.values())


def _precedence(records: Records) -> tuple[float, tuple[str, ...]]:
    sources = records.tables.get("sources", pd.DataFrame({"source_id": []}))
    exported = exported_at(records)
    since = np.inf if exported is None else -exported.timestamp()
    return since, tuple(sorted(sources["source_id"].astype("str")))


def exported_at(records: Records) -> pd.Timestamp | None:
    """When the latest source of the records was taken."""
    told = records.tables.get("sources", pd.DataFrame())
    if "exported_at" in told.columns and told["exported_at"].notna().any():
        return pd.to_datetime(told["exported_at"], utc=True).max()
    if records.exported_at is None:
        return None
    stamp = pd.Timestamp(records.exported_at)
    return stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp.tz_convert("UTC")


def _contacts(observed: Observed, of: NDArray[np.int64]) -> NDArray[np.object_]:
    """The id that survives for each record: of a profile, else an address, else the first by alphabet."""
    ids = pd.Series(observed.ids, dtype="str")
    rank = np.select([ids.str.startswith(f"{kind}:") for kind in KINDS], range(len(KINDS)), len(KINDS))
    source = observed.told_by.groupby("record")["source"].min().map(dict(enumerate(observed.sources)))
    rows = pd.DataFrame({"id": ids, "rank": rank, "group": of, "source": source.reindex(range(len(ids)))})
    rows = rows.sort_values(["rank", "id", "source"], kind="stable")
    first = rows.drop_duplicates("group").sort_values(["id", "source"])
    taken = first.duplicated("id").to_numpy(np.bool_)
    kept = first["id"].where(~taken, first["id"] + MARK + first["source"])
    return pd.Series(kept.to_numpy(object), first["group"].to_numpy()).reindex(of).to_numpy(object)


def _rules(groups: Groups) -> pd.DataFrame:
    """By which rule, and how surely, each record was joined with others; the surest of several."""
    links = groups.links.reset_index(names="order")
    ends = pd.concat(
        [
            links.rename(columns={end: "record"})[["order", "record", "rule", "score"]]
            for end in ("one", "other")
        ]
    )
    best = (
        ends.sort_values("order", kind="stable")
        .drop_duplicates("record")
        .set_index("record")[["rule", "score"]]
    )
    every = best.astype({"rule": "str", "score": "float64"}).reindex(range(len(groups.of)))
    return every.fillna({"rule": ALONE, "score": 1.0})


def _decided(pairs: pd.DataFrame, decided: NDArray[np.int64]) -> NDArray[np.bool_]:
    known = {frozenset(pair) for pair in decided.tolist()}
    return np.array(
        [frozenset(pair) in known for pair in pairs[["one", "other"]].to_numpy().tolist()], dtype=np.bool_
    )
