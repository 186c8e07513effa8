"""Introductions in words: whom to ask, what speaks for it, and why there is no way in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from influence.explanation.people import latest_event
from influence.explanation.words import ago, counted, percent
from influence.planning.introductions.answering import Answering
from influence.planning.introductions.endorsement import Endorsement
from influence.planning.introductions.paths import Paths
from influence.planning.introductions.worth import Worth
from influence.schema import INTERACTION_KINDS


@dataclass(frozen=True)
class Teller:
    """Says what is behind a path, as known strictly before a moment (microseconds)."""

    answering: Answering
    at: int

    def path(self, path: Paths, worth: Worth) -> str:
        """The factors of one path, each with its facts; `path` and `worth` hold one row."""
        sender, first, second, target = (
            int(c[0]) for c in (path.sender, path.first, path.second, path.target)
        )
        if first < 0:
            known = f"{self._name(sender)} is connected with {self._name(target)} already"
            return f"{known}; {self._answer(sender, target, worth.target[0])}"
        told = [self._answer(sender, first, worth.first[0])]
        if second >= 0:
            told.append(self._answer(first, second, worth.second[0]))
        endorser = first if second < 0 else second
        told.append(
            f"{self._name(target)} accepts {self._name(sender)}: {percent(worth.target[0])} "
            f"(with {self._name(endorser)}: {self._dealings(endorser, target)})"
        )
        return "; ".join(told)

    def _answer(self, asker: int, asked: int, chance: float) -> str:
        facts = "; ".join((self._dealings(asker, asked), self._record(asker, asked)))
        return f"{self._name(asked)} answers {self._name(asker)}: {percent(chance)} ({facts})"

    def _dealings(self, one: int, other: int) -> str:
        histories, at = self.answering.histories, np.array([self.at])
        dealings, _ = histories.dealings(np.array([one]), np.array([other]), at)
        n = round(float(np.expm1(dealings[0])))
        if not n:
            return "connected, no dealings on record"
        event = latest_event(histories.features, one, self.at, INTERACTION_KINDS, other=other)
        return counted(n, "dealing") + (f", the latest {ago(event.days_ago)}" if event is not None else "")

    def _record(self, asker: int, asked: int) -> str:
        """How the one asked has answered: this asker where there is a record of it, anybody otherwise."""
        histories, at = self.answering.histories, np.array([self.at])
        of, to = np.array([asked]), f" by {self._name(asker)}"
        replied, turns = (int(x[0]) for x in histories.replies_between(np.array([asker]), of, at))
        if not turns:
            (replied, turns), to = (int(x[0]) for x in histories.replies(of, at)), ""
        accepted, received = (int(x[0]) for x in histories.acceptances(of, at))
        told = [f"replied to {replied} of {counted(turns, 'message')}{to}"] if turns else []
        told += [f"accepted {accepted} of {counted(received, 'request')}"] if received else []
        return ", ".join(told) or "never asked before"

    def _name(self, contact: int) -> str:
        return str(self.answering.histories.features.graph.contact_ids[contact])


def evidence(answering: Answering, endorsement: Endorsement) -> tuple[str, ...]:
    """What the chances rest on, one sentence per kind of factor."""
    if answering.model is None:
        asked = (
            f"Only {answering.n_asks:,} earlier messages and requests could be judged by then: everybody "
            f"asked is given the same chance to answer, {percent(answering.common_rate)}."
        )
    else:
        asked = (
            f"Whether somebody asked answers is learnt from {answering.n_asks:,} earlier messages and "
            "requests, by what the two had to do with each other and how the one asked answered before. "
            "Requests for introductions are on no record: invitations stand for their level."
        )
    slope, low, high = endorsement.measured
    if endorsement.is_found:
        word = (
            f"The word of somebody close counts: in {endorsement.n_requests:,} requests with mutual contacts "
            "acceptance rose with the closest one's dealings with the recipient, beyond what the model knew "
            f"({slope:+.2f} log-odds per log of dealings; 95 %: {low:+.2f} to {high:+.2f})."
        )
    elif np.isnan(slope):
        word = (
            f"{counted(endorsement.n_requests, 'request')} with mutual contacts could be judged: too few, "
            "or too alike, to tell what an endorser's closeness to the target adds. Nothing is added."
        )
    else:
        word = (
            f"In {endorsement.n_requests:,} requests with mutual contacts acceptance did not clearly rise "
            "with the closest one's dealings with the recipient, beyond what the model knew "
            f"({slope:+.2f} log-odds per log of dealings; 95 %: {low:+.2f} to {high:+.2f}): nothing is added."
        )
    return asked, word
