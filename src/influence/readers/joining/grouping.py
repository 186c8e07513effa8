"""Records grouped into people, the surest evidence first."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.errors import DataError
from influence.readers.config import JoiningConfig
from influence.readers.joining import spelling
from influence.readers.joining.candidates import candidates, people_of
from influence.readers.joining.components import joined, stars
from influence.readers.joining.observed import KINDS, Observed
from influence.readers.joining.scoring import Frequencies, contradict, name_evidence

SAME_ID = "id"
LINK_COLUMNS = ("one", "other", "rule", "score")
KEPT_APART = "a decision keeps two of those apart who would be one"
SAME_SOURCE = "two records of one source would be one person"
OTHER_NAMES = "one address, other names"
_UNCOMMON = Frequencies.of((), 0)


class Groups:
    """Records joined so far.

    Attributes
    ----------
    of : int64 [n], the group of each record
    links : what joined them: columns one, other (records), rule, score
    refused : what was not joined: columns one, other, score, reason
    """

    def __init__(self, observed: Observed, apart: NDArray[np.int64]) -> None:
        self.observed, self.apart = observed, apart
        self.of: NDArray[np.int64] = np.arange(len(observed))
        self.links = _links((), "", ())
        self.refused = pd.DataFrame({"one": [], "other": [], "score": [], "reason": []}).astype(
            {"one": "int64", "other": "int64", "score": "float64", "reason": "str"}
        )

    def join(self, links: pd.DataFrame, may_share_source: bool) -> None:
        """Join all that the links connect, but nothing of what they connect where that breaks a rule.

        All links are tried at once, so that their order never matters.  What would put two records together
        that a decision keeps apart, or (unless it may) two of one source, is refused as a whole.
        """
        rules = ((KEPT_APART, self._kept_apart), (SAME_SOURCE, self._of_one_source))
        for reason, broken in rules[: 1 if may_share_source else 2]:
            tried = joined(self.of, _ends(links))
            at_fault = np.isin(tried[links["one"]], broken(tried))
            self.refuse(links[at_fault].assign(reason=reason))
            links = links[~at_fault]
        self.of = joined(self.of, _ends(links))
        self.links = pd.concat([self.links, links[list(LINK_COLUMNS)]], ignore_index=True)

    def _kept_apart(self, tried: NDArray[np.int64]) -> NDArray[np.int64]:
        one, other = tried[self.apart.T]
        return np.unique(one[one == other])

    def _of_one_source(self, tried: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those that hold groups, apart until now, with records of the same source."""
        record, source = self.observed.told_by["record"], self.observed.told_by["source"]
        parts = pd.DataFrame(
            {"tried": tried[record], "source": source, "group": self.of[record]}
        ).drop_duplicates()
        return np.unique(parts.loc[parts.duplicated(["tried", "source"]), "tried"].to_numpy(np.int64))

    def refuse(self, links: pd.DataFrame) -> None:
        """Note that these were not joined."""
        self.refused = pd.concat(
            [self.refused, links[["one", "other", "score", "reason"]]], ignore_index=True
        )


def group(
    observed: Observed, same: NDArray[np.int64], apart: NDArray[np.int64], config: JoiningConfig
) -> Groups:
    """Decisions first, then ids, profiles, addresses, and at last names with employers.

    Parameters
    ----------
    same, apart : int64 [k, 2], records that are one person, or are not, by decision

    Raises
    ------
    DataError
        If decisions contradict each other.
    """
    groups = Groups(observed, apart)
    groups.join(_links(same, "decision", np.ones(len(same))), may_share_source=True)
    if len(groups.refused):
        one, other = observed.ids[groups.refused[["one", "other"]].iloc[0]]
        raise DataError(
            f"The decisions contradict each other: {one!r} and {other!r} are to be the same, and by others "
            "to stay apart. Correct one of them."
        )
    groups.join(_by_id(groups), may_share_source=True)
    if "profile" in config.by:
        groups.join(_by_profile(groups), may_share_source=True)
    if "email" in config.by:
        groups.join(_by_address(groups), may_share_source=True)
    if "name" in config.by:
        _by_name(groups, config)
    return groups


def _links(pairs: NDArray[np.int64] | tuple[()], rule: str, score: object) -> pd.DataFrame:
    ends = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    found = pd.DataFrame({"one": ends[:, 0], "other": ends[:, 1], "rule": rule, "score": score})
    return found.astype({"rule": "str", "score": "float64"})


def _ends(links: pd.DataFrame) -> NDArray[np.int64]:
    return links[["one", "other"]].to_numpy(np.int64)


def _by_id(groups: Groups) -> pd.DataFrame:
    """One id in several sources, unless the names contradict; profiles and addresses have their own rules."""
    seen, names = groups.observed, groups.observed.names
    own = np.array(
        [not str(each).startswith(tuple(f"{kind}:" for kind in KINDS)) for each in seen.ids], np.bool_
    )
    pairs = stars(np.flatnonzero(own), pd.Series(seen.ids[own], dtype="str"))
    other = np.array([contradict(names.get(a, ()), names.get(b, ())) for a, b in pairs.tolist()], np.bool_)
    groups.refuse(_links(pairs[other], SAME_ID, 1.0).assign(reason="one id, other names"))
    return _links(pairs[~other], SAME_ID, 1.0)


def _by_profile(groups: Groups) -> pd.DataFrame:
    told = groups.observed.values("profile")
    slugs = (
        told["value"].map({value: spelling.profile(value) for value in told["value"].unique()}).astype("str")
    )
    told, slugs = told[slugs != ""], slugs[slugs != ""]
    return _links(stars(told["record"].to_numpy(np.int64), slugs), "profile", 1.0)


def _by_address(groups: Groups) -> pd.DataFrame:
    """One address, unless it is shared; other names than the first one's are refused."""
    told = groups.observed.values("email")
    plain = (
        told["value"].map({value: spelling.address(value) for value in told["value"].unique()}).astype("str")
    )
    keyed = told.assign(key=plain, group=groups.of[told["record"]])
    personal = {key: not spelling.is_shared_inbox(key) for key in plain.unique() if key}
    keyed = keyed[keyed["key"].map(personal).fillna(False).astype(bool)]
    keyed = keyed[keyed.groupby("key")["group"].transform("nunique") > 1]
    keyed = keyed[~keyed["key"].isin(_of_several(groups, keyed))]
    names = groups.observed.names
    # Whoever bears a name stands first, so that a record without one joins no two others.
    nameless = [record not in names for record in keyed["record"]]
    keyed = keyed.assign(nameless=nameless).sort_values(["key", "nameless", "record"])
    links = _links(stars(keyed["record"].to_numpy(np.int64), keyed["key"]), "email", 1.0)
    other = np.array(
        [
            contradict(names.get(a, ()), names.get(b, ()))
            for a, b in zip(links["one"], links["other"], strict=True)
        ],
        dtype=np.bool_,
    )
    groups.refuse(links[other].assign(reason=OTHER_NAMES))
    return links[~other]


def _of_several(groups: Groups, keyed: pd.DataFrame) -> list[str]:
    """Addresses that several people of one source bear: its records there do not all have one name."""
    told = keyed.merge(groups.observed.told_by, on="record")
    told = told.drop_duplicates(["key", "source", "group"])
    several = told[told.duplicated(["key", "source"], keep=False)]
    names = groups.observed.names
    return sorted(
        {
            str(key)
            for (key, _), records in several.groupby(["key", "source"])["record"]
            if not all(_one_name(names.get(records.iloc[0]), names.get(other)) for other in records.iloc[1:])
        }
    )


def _one_name(one: frozenset[tuple[str, ...]] | None, other: frozenset[tuple[str, ...]] | None) -> bool:
    if not one or not other:
        return True
    return any(a == b or name_evidence(a, b, _UNCOMMON) is not None for a in one for b in other)


def _by_name(groups: Groups, config: JoiningConfig) -> None:
    """Like names: joined where the employer agrees and the chance is high, else refused."""
    names = groups.observed.names
    first = pd.DataFrame({"record": np.arange(len(groups.of)), "group": groups.of})
    first = first.assign(nameless=[record not in names for record in first["record"]])
    record = first.sort_values(["nameless", "record"]).drop_duplicates("group").set_index("group")["record"]
    found = candidates(people_of(groups.observed, groups.of), config.lower)
    links = found.assign(
        one=found["one"].map(record),
        other=found["other"].map(record),
        rule="name and company",
        score=found["chance"],
    )
    sure = (links["chance"] >= config.upper) & links["company"].isin(("same", "alike"))
    reason = np.select(
        [links["rivals"], links["company"] == "other", links["company"] == "unknown"],
        ["several candidates", "like names, other company", "like names, company unknown"],
        "like names and company, not sure enough",
    )
    groups.refuse(links[~sure].assign(reason=reason[~sure]))
    groups.join(links[sure], may_share_source=False)
