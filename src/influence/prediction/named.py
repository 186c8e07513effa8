"""Who is named for advice on what, as the records show it strictly before a moment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from influence.contagion.nominations import Nominations, home_of
from influence.data import Network
from influence.errors import DataError
from influence.texts import text
from influence.training.named import FEWEST_COMMUNITIES, chances, people_of

COLUMNS = ("n_named", "n_communities", "p_most_named")
"""What nominations add to an answer."""


@dataclass(frozen=True)
class Named:
    """Nominations counted, and what other communities let expect.

    Attributes
    ----------
    known : the records strictly before the moment; they hold nominations
    rows : contact_id, topic, `n_named` (how many people name the person), `n_communities` (of how many known
        companies or villages these are), `p_most_named` (NaN where it cannot be told); everybody who is named
        or has a chance to be; topic NA: on any topic
    """

    known: Network
    rows: pd.DataFrame

    @classmethod
    def of(cls, known: Network) -> Named | None:
        """What the records tell; None where nobody is named."""
        if not len(known.table("nominations")):
            return None
        counted = _counted(known)
        expected = _expected(known)
        rows = counted.merge(expected, on=["contact_id", "topic"], how="outer")
        counts = {"n_named": 0, "n_communities": 0}  # of those who are expected to be named, and are not
        return cls(known, rows.fillna(counts).astype(dict.fromkeys(counts, "int64")))

    @cached_property
    def topics(self) -> frozenset[str]:
        """What people are named for."""
        return frozenset(self.rows["topic"].dropna())

    def ranked(self, topic: str | None) -> pd.DataFrame:
        """People on one topic, or all pairs of person and topic: most named first, then most likely to be."""
        rows = self.rows[self.rows["topic"].notna() if topic is None else self.rows["topic"] == topic]
        by = ["n_named", "p_most_named", "contact_id", "topic"]
        return rows.sort_values(by, ascending=[False, False, True, True], ignore_index=True)

    def beside(self, answers: pd.DataFrame) -> pd.DataFrame:
        """Answers, a row per contact_id and topic in their order, with `COLUMNS` at the end."""
        keys = pd.MultiIndex.from_frame(answers[["contact_id", "topic"]].astype("str"))
        found = self.rows.set_index(pd.MultiIndex.from_frame(self.rows[["contact_id", "topic"]]))
        told = found[list(COLUMNS)].reindex(keys).set_axis(answers.index)
        return answers.assign(
            n_named=told["n_named"].fillna(0).astype("int64"),
            n_communities=told["n_communities"].fillna(0).astype("int64"),
            p_most_named=told["p_most_named"],
        )

    def reasons(self, answers: pd.DataFrame) -> list[str]:
        """How often each row's person is named on its topic, in words."""
        words = []
        for row in self.beside(answers).to_dict("records"):
            about = "any" if pd.isna(row["topic"]) else "on"
            often = text(f"named.{about}", topic=row["topic"], n=row["n_named"])
            if row["n_communities"]:
                often = text("named.communities", often=often, n=row["n_communities"])
            p = row["p_most_named"]
            words.append(often if pd.isna(p) else text("named.chance", often=often, p=p))
        return words

    def sentences(self, topic: str | None) -> list[str]:
        """What the list rests on, in words."""
        asked = self.known.table("nominations")
        asked = asked if topic is None else asked[asked["topic"] == topic]
        n_named, n_naming = asked["target_id"].nunique(), asked["source_id"].nunique()
        found = [
            text("named.counts" if topic is None else "named.counts_on", n=n_named, by=n_naming, topic=topic)
        ]
        chance = self.ranked(topic)["p_most_named"]
        if not chance.notna().any():
            return [*found, text("named.cannot", n=FEWEST_COMMUNITIES)]
        return [*found, text("named.learned")]


def _counted(known: Network) -> pd.DataFrame:
    """contact_id, topic (NA: any), n_named, n_communities of everybody named."""
    rows = known.table("nominations").rename(columns={"target_id": "contact_id"})
    rows = rows.assign(home=_homes(known).reindex(rows["source_id"]).to_numpy(object))
    anything = rows.assign(topic=pd.Series(pd.NA, index=rows.index, dtype="str"))
    both = pd.concat((rows, anything), ignore_index=True)
    by = both.groupby(["contact_id", "topic"], dropna=False)
    return by.agg(n_named=("source_id", "nunique"), n_communities=("home", "nunique")).reset_index()


def _homes(known: Network) -> pd.Series:
    try:
        return home_of(known)
    except DataError:  # nobody's is known
        return pd.Series(dtype="str")


def _expected(known: Network) -> pd.DataFrame:
    """contact_id, topic, p_most_named of everybody of whom that can be told."""
    try:
        nominations = Nominations.of(known)
    except DataError:  # nobody's community is known
        return pd.DataFrame({"contact_id": [], "topic": [], "p_most_named": []}).astype(
            {"contact_id": "str", "topic": "str"}
        )
    found = pd.DataFrame(chances(people_of(known, nominations)).T, nominations.people, nominations.topics)
    long = found.melt(var_name="topic", value_name="p_most_named", ignore_index=False).dropna()
    return long.rename_axis("contact_id").reset_index().astype({"contact_id": "str", "topic": "str"})
