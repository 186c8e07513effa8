"""Who is named for advice on what, as the records show it strictly before a moment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from influence.contagion.nominations import Nominations, home_of
from influence.data import Network
from influence.errors import DataError
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
            about = "on any topic" if pd.isna(row["topic"]) else f"on {row['topic']}"
            often = f"named {about} by {_many(row['n_named'], 'person', 'people')}"
            if row["n_communities"]:
                often += f" of {_many(row['n_communities'], 'community', 'communities')}"
            p = row["p_most_named"]
            words.append(often if pd.isna(p) else f"{often}, {p:.0%} likely to be among the most named")
        return words

    def sentences(self, topic: str | None) -> list[str]:
        """What the list rests on, in words."""
        asked = self.known.table("nominations")
        asked = asked if topic is None else asked[asked["topic"] == topic]
        about = "for advice" if topic is None else f"on {topic}"
        n_named, n_naming = asked["target_id"].nunique(), asked["source_id"].nunique()
        found = [
            f"{_many(n_named, 'person is', 'people are')} named {about}, by {n_naming:,}: n_named counts "
            "those who name a person, n_communities their companies or villages."
        ]
        chance = self.ranked(topic)["p_most_named"]
        if not chance.notna().any():
            return [
                *found,
                f"p_most_named cannot be told: it is learned from other communities, and takes "
                f"{FEWEST_COMMUNITIES} in which somebody is named. Give contacts.company_id.",
            ]
        return [
            *found,
            "p_most_named is the chance to be among the tenth of the community named most, by what people "
            "are named for besides and who they are; it is learned from other communities.",
        ]


def _many(n: int, one: str, more: str) -> str:
    return f"{n:,} {one if n == 1 else more}"


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
