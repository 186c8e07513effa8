"""The model as its users meet it: DataFrames of raw ids in, DataFrames of calibrated answers out."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import pandas as pd

from influence.contagion.ambassadors import Ambassadors
from influence.data import moment_of
from influence.errors import ConfigError, DataError, nearest
from influence.markup import face
from influence.planning import Plan, read_ids
from influence.planning.deal import Deal
from influence.prediction import introductions, suppression
from influence.prediction.acceptance import AcceptanceFace
from influence.prediction.candidates import CandidatesFace
from influence.prediction.face import Face, Recommends
from influence.prediction.heads import HEADS
from influence.prediction.introductions import IntroductionsFace
from influence.prediction.leadership import LeadershipFace
from influence.prediction.partners import PartnersFace
from influence.prediction.stored import StoredModel
from influence.progress import Tell, silent
from influence.tasks import TASKS, acceptance, leadership, partners
from influence.texts import date, text
from influence.training.mixture import Combination

SILENT_DAYS = 31
"""Days after the end of the records from which on what they do not tell is said to count."""


class Model(StoredModel):
    """A trained model and the records that it answers from.

    Made by `influence.fit`, `influence.load` or `Model.load`; see `StoredModel` for what it is made of.
    """

    @property
    def tasks(self) -> tuple[str, ...]:
        """The questions that it was trained for."""
        return tuple(self.heads)

    @property
    def acceptance(self) -> Combination:
        """The fitted combination of acceptance; a ConfigError where the model was not trained for that."""
        return self.acceptance_face.combination

    def predict(self, task: str, rows: pd.DataFrame, at: str | pd.Timestamp | None = None) -> pd.DataFrame:
        """Answer for each row, from what was visible strictly before its moment.

        Parameters
        ----------
        task
            "acceptance", "leadership" or "partners".
        rows
            For acceptance, `sender_id`, `recipient_id` and, if wanted, `sent_at` (the row's own moment) and
            `has_note`; for leadership `contact_id` and, if wanted, `topic`; for partners `source_id` and
            `target_id`.  Other columns are ignored.
        at
            The moment of rows without their own; by default the end of the records.

        Returns
        -------
        DataFrame
            In the order and under the index given.  For acceptance: the two ids, `p_at_once` (within a day),
            `p_within_3_weeks` (contains `p_at_once`), `p_declined`, `p_no_answer`, `median_days` of an
            acceptance, and `is_cold_sender`, `is_cold_recipient` for those the records had not met.  For
            leadership: see `LeadershipFace.predict`; for partners: see `PartnersFace.predict`.

        Raises
        ------
        InfluenceError
            If the model was not trained for the task, a column is missing, or an id or a moment is missing.
        """
        return self._face(task).predict(_checked(task, rows), at)

    def warm_up(self, at: str | pd.Timestamp | None = None) -> None:
        """Get ready for many small questions about one moment, as a server is asked.

        From then on pairs of this moment, however few, are answered from what is found once of each contact
        and kept (up to 3 KB for each that is asked about).  Chances stay the same within a millionth.  A
        model that was not trained for acceptance has nothing to keep.

        Parameters
        ----------
        at
            The moment; by default the end of the records.
        """
        if acceptance.NAME in self.heads:
            self.acceptance_face.warm_up(at)

    def explain(self, task: str, rows: pd.DataFrame, at: str | pd.Timestamp | None = None) -> pd.DataFrame:
        """The people and events behind each number, from what was visible strictly before its moment.

        Parameters
        ----------
        task, rows, at
            As for `predict`.

        Returns
        -------
        DataFrame
            In the order and under the index given.  For acceptance: the two ids, `log_odds` of
            `p_within_3_weeks`, `base_log_odds`, those of a typical request sent shortly before, one column
            `because.GROUP` per group of evidence (with the base they sum to `log_odds`), `introducers`, the
            ids of the strongest mutual contacts, and `reasons`, the largest contributions in words.  For
            leadership: see `LeadershipFace.explain`; for partners: see `PartnersFace.explain`.

        Raises
        ------
        InfluenceError
            As `predict`.
        """
        return suppression.without(
            self._face(task).explain(_checked(task, rows), at), self.left_alone(), keep_rows=True
        )

    def recommend(
        self, task: str, *, k: int = 20, at: str | pd.Timestamp | None = None, **asked: Any
    ) -> pd.DataFrame:
        """The best `k`, best first; what is to be said in words is in `.attrs["sentences"]`.

        Parameters
        ----------
        task
            "acceptance": the invitations of `plan`; "leadership": the people with most influence; "partners":
            whom to approach abroad; "introductions": the best ways in, which the acceptance head answers.
        k
            Length of the list.
        at
            The moment asked about; by default the end of the records.
        asked
            What the task heeds, and `progress`, which hears how far it is. For acceptance: `sender_id`, by
            default the own team, `weekly_quota`, `per_recipient`, `per_company`, `suppress`,
            `max_candidates`, as `plan` explains them. For leadership: `topic`, `countries`, `industries`,
            `own_team`, see `LeadershipFace.recommend`. For partners: `company_id` or `contact_id`, which it
            needs, `countries`, `industries`, `per_country`, `per_partner`, `linked`, see
            `PartnersFace.recommend`. For introductions: `contact_id`, `company_id` or `deal_id`, `sender_id`,
            `max_asks` and more, see `IntroductionsFace.recommend`.

        Returns
        -------
        DataFrame
            At most `k` rows. For acceptance those of `Plan.invitations`; for the others see what the
            `recommend` named above returns.

        Raises
        ------
        InfluenceError
            If the model was not trained for the task, the task does not heed something asked, or an id is
            unknown.
        """
        face = self._recommender(task)
        _check_heeded(f"recommend({task!r})", face.recommend, asked)
        asked["suppress"] = self.left_alone(asked.get("suppress", ()))
        tell: Tell = asked.get("progress", silent)
        tell(task, 0, 1)
        found = face.recommend(k=k, at=at, **asked)
        found.attrs["sentences"] = (*found.attrs.get("sentences", ()), *self._silence(at))
        tell("done", 1, 1)
        return suppression.without(found, asked["suppress"])

    def _silence(self, at: str | pd.Timestamp | None) -> tuple[str, ...]:
        """What is to be said where the records end long before the moment asked about."""
        if at is None or pd.isna(self.data_until):
            return ()
        days = (moment_of(self.network, at) - self.data_until).days
        return (
            (text("answers.silence", until=date(self.data_until), days=days),) if days > SILENT_DAYS else ()
        )

    def left_alone(self, more: Iterable[str] | str | Path = ()) -> frozenset[str]:
        """Ids of those whom no recommendation names: the lists in force, and `more` (ids, or a file of them).

        Every recommendation asks here.  A list may give ids, profiles (slug or address) or e-mail addresses.

        Raises
        ------
        DataError
            If a list in force is not there, or names somebody by a name, which others may share.
        """
        entries = self._listed | read_ids(more)
        return suppression.left_alone(entries, self.network, self._aliases, self.config)

    def mark_suppressed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows with a column `suppressed`: whether they name somebody to leave alone.

        Without any list in force they come back as they are.

        Raises
        ------
        DataError
            As `left_alone`.
        """
        if suppression.listed(self.config) is None:
            return rows
        ids, own = self.left_alone(), [name for name in suppression.IDS if name in rows.columns]
        return rows.assign(suppressed=rows[own].isin(ids).any(axis=1))

    @property
    def _listed(self) -> frozenset[str]:
        return suppression.listed(self.config) or frozenset()

    def plan(self, task: str, **asked: Any) -> Plan:
        """Whom to invite, by whom and when, with what to expect: see `AcceptanceFace.plan`.

        Raises
        ------
        ConfigError
            If the task is not acceptance, or the model was not trained for it.
        """
        self._check_invites(task, "plans")
        _check_heeded("plan", self.acceptance_face.plan, asked)
        asked["suppress"] = self.left_alone(asked.get("suppress", ()))
        plan = self.acceptance_face.plan(**asked)
        return replace(plan, sentences=(*plan.sentences, *self._silence(asked.get("at"))))

    def candidates(self, task: str, **asked: Any) -> pd.DataFrame:
        """The best `k` of each sender, without forming all pairs: see `CandidatesFace.candidates`.

        Raises
        ------
        ConfigError
            If the task is not acceptance, or the model was not trained for it.
        """
        self._check_invites(task, "candidates")
        _check_heeded("candidates", self.candidates_face.candidates, asked)
        asked["suppress"] = self.left_alone(asked.get("suppress", ()))
        return self.candidates_face.candidates(**asked)

    def senders(self, task: str, at: str | pd.Timestamp | None = None) -> list[str]:
        """Who sends unless others are named: ids of the own team as known strictly before `at`.

        Raises
        ------
        ConfigError
            If the task is not acceptance, the model was not trained for it, or nobody is known as one of it.
        """
        self._check_invites(task, "senders")
        return self.acceptance_face.senders(moment_of(self.network, at))

    def deal(self, deal_id: str, **asked: Any) -> Deal:
        """Buying centre and selling team of a deal, and who approaches whom: see `IntroductionsFace.deal`.

        Raises
        ------
        InfluenceError
            If the model was not trained for acceptance, or the records hold no such deal by then.
        """
        _check_heeded("deal", self.introductions_face.deal, asked)
        asked["suppress"] = self.left_alone(asked.get("suppress", ()))
        return self.introductions_face.deal(deal_id, **asked)

    def ambassadors(self, **asked: Any) -> Ambassadors:
        """Whom to win so that most take something up, within limits: see `LeadershipFace.ambassadors`.

        Raises
        ------
        ConfigError
            If the model was not trained for leadership.
        """
        _check_heeded("ambassadors", self.leadership_face.ambassadors, asked)
        asked["exclude"] = self.left_alone(asked.get("exclude", ()))
        return self.leadership_face.ambassadors(**asked)

    def ambassador_mixes(self, **asked: Any) -> pd.DataFrame:
        """Ambassadors for every share of information seekers: see `LeadershipFace.ambassador_mixes`.

        Raises
        ------
        ConfigError
            If the model was not trained for leadership.
        """
        asked["exclude"] = self.left_alone(asked.get("exclude", ()))
        return self.leadership_face.ambassador_mixes(**asked)

    def markets(self, **asked: Any) -> pd.DataFrame:
        """In which countries to expect partners, and how many: see `PartnersFace.markets`.

        Raises
        ------
        ConfigError
            If the model was not trained for partners.
        """
        _check_heeded("markets", self.partners_face.markets, asked)
        return self.partners_face.markets(**asked)

    @property
    def acceptance_face(self) -> AcceptanceFace:
        """The answers about acceptance; a ConfigError where the model was not trained for that."""
        return cast(AcceptanceFace, self._face(acceptance.NAME))

    @cached_property
    def candidates_face(self) -> CandidatesFace:
        """Candidates by the head of acceptance; a ConfigError where there is none."""
        return CandidatesFace(self.acceptance_face)

    @cached_property
    def introductions_face(self) -> IntroductionsFace:
        """The ways in to people, by the head of acceptance; a ConfigError where there is none."""
        return IntroductionsFace(self.acceptance_face)

    @property
    def leadership_face(self) -> LeadershipFace:
        """The answers about leadership; a ConfigError where the model was not trained for that."""
        return cast(LeadershipFace, self._face(leadership.NAME))

    @property
    def partners_face(self) -> PartnersFace:
        """The answers about partners; a ConfigError where the model was not trained for that."""
        return cast(PartnersFace, self._face(partners.NAME))

    @cached_property
    def _faces(self) -> dict[str, Face]:
        return {
            task: HEADS[task].answers(self.network, learnt, self.trained_until)
            for task, learnt in self.heads.items()
        }

    def __repr__(self) -> str:
        return f"Model(tasks={self.tasks}, trained_until={self.trained_until:%Y-%m-%d %H:%M}, {self.network})"

    def _repr_html_(self) -> str:
        told = (
            f"Answers {', '.join(self.tasks)}; trained on what was visible before "
            f"{self.trained_until:%Y-%m-%d %H:%M} UTC. It answers from these records:"
        )
        return f"{face('Model', [told])}\n{self.network._repr_html_()}"

    def _recommender(self, question: str) -> Recommends:
        """What answers a question: a task's own head, or another's where it has none."""
        return self.introductions_face if question == introductions.NAME else self._face(question)

    def _face(self, task: str) -> Face:
        if task == introductions.NAME:
            raise ConfigError(
                "Introductions are recommended, reasons included: recommend('introductions', ...)."
            )
        if task not in TASKS:
            raise ConfigError(f"There is no task {task!r}. {nearest(task, TASKS)}")
        if task not in self._faces:
            raise ConfigError(self._untrained(task))
        return self._faces[task]

    def _check_invites(self, task: str, what: str) -> None:
        self._face(task)
        if task != acceptance.NAME:
            raise ConfigError(f"There are no {what} for {task}. Ask for acceptance.")

    def _untrained(self, task: str) -> str:
        known = ", ".join(self.tasks) or "nothing"
        return f"The model was trained for {known}, not for {task}. Train one with --set 'tasks=[{task}]'."


def _check_heeded(what: str, answer: Callable[..., Any], asked: Iterable[str]) -> None:
    """See that an answer knows every argument by name."""
    known = inspect.signature(answer).parameters
    # In backticks, as every argument that a message names: the command line puts its options there.
    named = [f"`{name}`" for name in known.keys() - {"k", "at", "progress"}]
    for name in asked:
        if name not in known:
            hint = nearest(f"`{name}`", named).replace("'", "")
            raise ConfigError(f"{what} does not heed `{name}`. {hint}")


def _checked(task: str, rows: object) -> pd.DataFrame:
    """The rows, if they are a table at all: a list or a dict of ids is a likely slip in a notebook."""
    if isinstance(rows, pd.DataFrame):
        return rows
    columns = ", ".join(f"{name!r}: [...]" for name in TASKS[task].ID_COLUMNS)
    raise DataError(f"The rows are a {type(rows).__name__}. Give a table: pd.DataFrame({{{columns}}}).")
