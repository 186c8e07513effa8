"""What the app asks a model: long lists are made once, so that filters and marks answer at once."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import pandas as pd

from influence.data import moment_of
from influence.data.network import WORDED_COLUMNS
from influence.errors import DataError, nearest
from influence.prediction import Model
from influence.prediction.asking import facts_of
from influence.prediction.introductions import NAME as INTRODUCTIONS
from influence.prediction.suppression import without
from influence.tasks import acceptance, leadership, partners
from influence.texts import country, text
from influence.visualization import Content, content_of
from influence.visualization.content import main_topics
from influence.writing import write_table

N_INVITATIONS = 200
"""The invitations made once for some senders; filters and marks choose among them."""
WEEKLY_QUOTA = 10
"""Invitations a week of each sender, as `influence invite` and the report have it."""
LISTS_KEPT = 8
FILTERS = ("country", "industry", "topic")
ENDS = {
    acceptance.NAME: ("sender_id", "recipient_id"),
    leadership.NAME: ("contact_id", "topic"),
    partners.NAME: ("source_id", "target_id"),
}
"""What a task's reasons are asked by."""


@dataclass(frozen=True)
class Asked:
    """What lists are narrowed by; nothing given, everybody."""

    country: tuple[str, ...] = ()
    industry: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()


EVERYBODY = Asked()


@dataclass(frozen=True)
class Answer:
    """A list, best first, and what is to be said about it."""

    rows: pd.DataFrame
    sentences: tuple[str, ...]


class Answers:
    """A model's lists at one moment.

    Parameters
    ----------
    at
        The moment asked about; by default the end of the records.
    """

    def __init__(self, model: Model, at: str | pd.Timestamp | None = None) -> None:
        self.model, self.at = model, moment_of(model.network, at)
        self._is_all = at is None
        self._plan = lru_cache(LISTS_KEPT)(self._planned)
        self._reasons: dict[tuple[str, ...], dict[str, str]] = {}
        self.ways_in = lru_cache(LISTS_KEPT)(self._ways_in)
        """The best ways in to a contact or a company, for one sender or all: see `_ways_in`."""

    @property
    def questions(self) -> tuple[str, ...]:
        """What can be asked: the model's tasks, and introductions with acceptance."""
        tasks = self.model.tasks
        return (*tasks, INTRODUCTIONS) if acceptance.NAME in tasks else tasks

    @cached_property
    def people(self) -> pd.DataFrame:
        """Everybody by contact_id: label, country, industry, topic, company_id, is_own_team."""
        known = self.model.network.as_of(self.at)
        facts = facts_of(known)
        names = self.model.network.names.reindex(facts.index).astype("str")
        label = names.fillna(pd.Series(facts.index, facts.index))
        return facts.assign(label=label, topic=main_topics(known).reindex(facts.index))

    @cached_property
    def companies(self) -> pd.DataFrame:
        """Companies as last observed: name, country, industry; by company_id."""
        rows = self.model.network.as_of(self.at).table("companies")
        rows = rows.sort_values("observed_at", kind="stable", na_position="first")
        return rows.drop_duplicates("company_id", keep="last").set_index("company_id")

    @cached_property
    def _company_names(self) -> pd.Series:
        return self.companies["name"].dropna()

    @property
    def team(self) -> list[str]:
        """The own people, who send."""
        return self.people.index[self.people["is_own_team"].fillna(False).astype(bool)].tolist()

    @cached_property
    def map(self) -> Content:
        """What the map shows."""
        return content_of(
            self.model.network, model=self.model, at=None if self._is_all else self.at, names=True
        )

    def choices(self, name: str) -> list[str]:
        """The values that a list may be narrowed to, the commonest first."""
        return [str(value) for value in self.people[name].value_counts().index]

    def label(self, contact_id: str) -> str:
        """What somebody, or a company, is called."""
        if contact_id in self.people.index:
            return str(self.people.at[contact_id, "label"])
        return str(self._company_names.get(contact_id, contact_id))

    def invitations(
        self,
        senders: Sequence[str],
        asked: Asked,
        marked: Iterable[str],
        k: int,
        invited: frozenset[str] = frozenset(),
    ) -> Answer:
        """Whom to invite, of the `N_INVITATIONS` that promise most for these senders.

        Where fewer than `k` of these fit, of the invitations to people who fit.

        Parameters
        ----------
        marked, invited
            Nobody marked is named.  Who was invited has used up a place of the sender's week; the places of
            the others go to those after them.
        """
        plan = self._plan(tuple(senders))
        left_alone = self.model.left_alone(marked)

        def still_open(rows: pd.DataFrame) -> pd.DataFrame:
            return without(_moved_up(rows, left_alone - invited), left_alone)

        kept = self._fitting(still_open(plan.rows), asked)
        note = text("app.fit", n=len(kept), of=len(plan.rows))
        if len(kept) < k and len(plan.rows) == N_INVITATIONS and asked != EVERYBODY:
            plan = self._plan(tuple(senders), asked)
            kept = still_open(plan.rows)
            note += " " + text("app.fit.alone", n=len(kept))
        of_all = () if len(kept) == len(plan.rows) else (text("app.whole_list", n=len(plan.rows)),)
        rows = self._told(kept.head(k), ("sender_id", "recipient_id"))
        address = rows["recipient_id"].map(self.model.network.profiles)
        return Answer(rows.assign(recipient_profile=address), (note, *of_all, *plan.sentences))

    def _fitting(self, rows: pd.DataFrame, asked: Asked) -> pd.DataFrame:
        """The invitations to people of whom everything asked for is known."""
        return rows[rows["recipient_id"].isin(self._who_fit(asked)).to_numpy()]

    def _who_fit(self, asked: Asked) -> pd.Index:
        fits = pd.Series(True, index=self.people.index)
        for name in FILTERS:
            fits &= self.people[name].isin(getattr(asked, name)) if getattr(asked, name) else True
        return self.people.index[fits]

    def leaders(self, asked: Asked, marked: Iterable[str], k: int) -> Answer:
        """Who leads opinion; of several topics, each person's strongest."""
        found = [
            self.model.recommend(
                leadership.NAME, k=k, at=self.at, topic=topic, suppress=frozenset(marked),
                countries=asked.country or None, industries=asked.industry or None,
            )
            for topic in asked.topic or (None,)
        ]  # fmt: skip
        rows = pd.concat(found, ignore_index=True)
        by = next((name for name in ("influence", "p_most_named", "n_named") if name in rows), None)
        if by is not None and len(found) > 1:
            rows = rows.sort_values([by, "contact_id"], ascending=[False, True])
        rows = rows.drop_duplicates("contact_id").head(k).reset_index(drop=True)
        return Answer(self._told(rows, ("contact_id",)), tuple(found[0].attrs["sentences"]))

    def partners(self, source: str, asked: Asked, marked: Iterable[str], k: int) -> Answer:
        """Whom to approach abroad; a filter that no candidate has is answered with a message."""
        found = self.model.recommend(
            partners.NAME, k=k, at=self.at, suppress=frozenset(marked),
            countries=list(asked.country) or None, industries=list(asked.industry) or None,
            **{self.model.partners_face.id_name: source},
        )  # fmt: skip
        return Answer(self._told(found, ("source_id", "target_id")), tuple(found.attrs["sentences"]))

    def markets(self, source: str) -> pd.DataFrame:
        """In which countries to expect partners."""
        found = self.model.markets(at=self.at, **{self.model.partners_face.id_name: source})
        shown = {
            "country": "country", "n_candidates": "n_candidates", "n_partners": "n_partners",
            "expected": "partners_expected", "expected_indirect": "expected_indirect",
            "precedents": "precedents",
        }  # fmt: skip
        told = found[list(shown)].assign(country=found["country"].map(country))
        return told.rename(columns={name: text(f"column.{key}") for name, key in shown.items()})

    def explained(self, task: str, rows: pd.DataFrame, marked: Iterable[str] = ()) -> pd.DataFrame:
        """Rows of a list with the reasons, and the introducers where the task has them; each found once.

        In words, by names where they are known; nobody marked is named.
        """
        if "reasons" not in rows.columns:
            found = pd.DataFrame(self._reasons_of(task, rows), rows.index, dtype="str")
            rows = rows.assign(**{str(name): found[name] for name in found})
        rows = without(rows, self.model.left_alone(marked), keep_rows=True)
        worded = [name for name in WORDED_COLUMNS if name in rows.columns]
        told = self.model.network.told
        return rows.assign(
            **{name: rows[name].map(told, na_action="ignore").astype("str") for name in worded}
        )

    def _reasons_of(self, task: str, rows: pd.DataFrame) -> list[dict[str, str]]:
        ends = [name for name in ENDS[task] if name in rows.columns]
        keys = [(task, *map(str, ids)) for ids in rows[ends].itertuples(index=False)]
        new = [place for place, key in enumerate(keys) if key not in self._reasons]
        if new:
            found = self.model.explain(task, rows[ends].iloc[new].reset_index(drop=True), at=self.at)
            shown = [name for name in WORDED_COLUMNS if name in found.columns]
            for place, words in zip(new, found[shown].to_dict("records"), strict=True):
                self._reasons[keys[place]] = {str(name): str(told) for name, told in words.items()}
        return [self._reasons[key] for key in keys]

    def find(self, asked: str) -> str:
        """The id of somebody, or of a company, who has this id or is called so, by the whole name or a part.

        A part is words that words of the name begin with: "lee an" means Ann Lee.

        Raises
        ------
        DataError
            If nobody is, or several people are.
        """
        asked = asked.strip()
        if asked in self.people.index or asked in self.companies.index:
            return asked
        labels = pd.concat((self.people["label"], self._company_names)).astype("str")
        found = labels[labels.str.casefold() == asked.casefold()]
        if found.empty and asked:
            found = labels
            for word in asked.split():
                found = found[(" " + found).str.contains(f" {word}", case=False, regex=False)]
        if found.empty:
            raise DataError(f"Nobody on record is called {asked!r}. {nearest(asked, labels)}")
        if found.index.nunique() > 1:
            told = ", ".join(f"{label} ({one})" for one, label in found.head(5).items())
            raise DataError(f"{len(found)} are called {asked!r}: {told}. Give the whole name, or the id.")
        return str(found.index[0])

    def _planned(self, senders: tuple[str, ...], asked: Asked = EVERYBODY) -> Answer:
        others = frozenset(map(str, self.people.index.difference(self._who_fit(asked))))
        plan = self.model.plan(
            acceptance.NAME, sender_id=list(senders), k=N_INVITATIONS, weekly_quota=WEEKLY_QUOTA, at=self.at,
            suppress=others - frozenset(senders),
        )  # fmt: skip
        told = self.model.network.told
        return Answer(plan.invitations, tuple(told(sentence) for sentence in plan.sentences))

    def _ways_in(self, kind: str, target: str, marked: frozenset[str], k: int) -> Answer:
        """The best ways in.

        Parameters
        ----------
        kind : contact_id or company_id
        """
        found = self.model.recommend(INTRODUCTIONS, k=k, at=self.at, suppress=marked, **{kind: target})
        told = self.model.network.told
        return Answer(
            self._told(found, ("sender_id", "introducer_id", "endorser_id", "target_id")),
            tuple(told(sentence) for sentence in found.attrs["sentences"]),
        )

    def _told(self, rows: pd.DataFrame, ids: Sequence[str]) -> pd.DataFrame:
        """Rows with a column of labels after each id, and what is known of the one recommended."""
        rows = rows.reset_index(drop=True)
        for name in ids:
            label: Callable[[str], str] = self.label
            named = rows[name].map(label, na_action="ignore")
            rows.insert(list(rows.columns).index(name) + 1, name.removesuffix("id") + "label", named)
        facts = self.people.reindex(rows[ids[-1]]) if len(rows) else self.people.iloc[:0]
        new = {name: facts[name].to_numpy() for name in FILTERS if name not in rows.columns}
        return rows.assign(**new)


def _moved_up(rows: pd.DataFrame, gone: frozenset[str]) -> pd.DataFrame:
    """The invitations of a plan to all but those gone: each sender's later ones take the places of theirs."""
    weeks = ["week", "send_from"]
    places = rows[["sender_id", *weeks]].assign(place=rows.groupby("sender_id").cumcount())
    kept = rows[~rows["recipient_id"].isin(gone)].drop(columns=weeks)
    kept = kept.assign(place=kept.groupby("sender_id").cumcount())
    return kept.merge(places, on=["sender_id", "place"], how="left", validate="one_to_one")[
        list(rows.columns)
    ]


def csv_of(rows: pd.DataFrame, write: Callable[[pd.DataFrame, Path], None] = write_table) -> bytes:
    """Rows as CSV: records as `write_table` has them, or for a spreadsheet as `write_list` does."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.csv"
        write(rows, file)
        return file.read_bytes()
