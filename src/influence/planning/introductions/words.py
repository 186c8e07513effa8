"""Introductions in words: whom to ask, what speaks for it, and why there is no way in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from influence.explanation.people import latest_event
from influence.explanation.words import ago
from influence.planning.introductions.answering import Answering
from influence.planning.introductions.endorsement import Endorsement
from influence.planning.introductions.paths import Paths
from influence.planning.introductions.worth import Worth
from influence.schema import INTERACTION_KINDS
from influence.texts import text


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
            answer = self._answer(sender, target, worth.target[0])
            return text(
                "introduction.connected", sender=self._name(sender), target=self._name(target), answer=answer
            )
        told = [self._answer(sender, first, worth.first[0])]
        if second >= 0:
            told.append(self._answer(first, second, worth.second[0]))
        endorser = first if second < 0 else second
        accepts = text(
            "introduction.accepts",
            target=self._name(target),
            sender=self._name(sender),
            chance=float(worth.target[0]),
            endorser=self._name(endorser),
            dealings=self._dealings(endorser, target),
        )
        return text("separator").join((*told, accepts))

    def _answer(self, asker: int, asked: int, chance: float) -> str:
        facts = text("separator").join((self._dealings(asker, asked), self._record(asker, asked)))
        who = {"asked": self._name(asked), "asker": self._name(asker)}
        return text("introduction.answers", **who, chance=float(chance), facts=facts)

    def _dealings(self, one: int, other: int) -> str:
        histories, at = self.answering.histories, np.array([self.at])
        dealings, _ = histories.dealings(np.array([one]), np.array([other]), at)
        n = round(float(np.expm1(dealings[0])))
        if not n:
            return text("introduction.no_dealings")
        event = latest_event(histories.features, one, self.at, INTERACTION_KINDS, other=other)
        latest = "" if event is None else text("introduction.latest", ago=ago(event.days_ago))
        return text("introduction.dealings", n=n) + latest

    def _record(self, asker: int, asked: int) -> str:
        """How the one asked has answered: this asker where there is a record of it, anybody otherwise."""
        histories, at = self.answering.histories, np.array([self.at])
        of, key = np.array([asked]), "introduction.replied_to"
        replied, turns = (int(x[0]) for x in histories.replies_between(np.array([asker]), of, at))
        if not turns:
            (replied, turns), key = (int(x[0]) for x in histories.replies(of, at)), "introduction.replied"
        accepted, received = (int(x[0]) for x in histories.acceptances(of, at))
        told = [text(key, replied=replied, n=turns, asker=self._name(asker))] if turns else []
        told += [text("introduction.accepted", accepted=accepted, n=received)] if received else []
        return text("introduction.in_time", told=", ".join(told)) if told else text("introduction.never")

    def _name(self, contact: int) -> str:
        return str(self.answering.histories.features.graph.contact_ids[contact])


def evidence(answering: Answering, endorsement: Endorsement) -> tuple[str, ...]:
    """What the chances rest on, one sentence per kind of factor."""
    n_asks = answering.n_asks
    if answering.model is None:
        asked = text("introduction.common_rate", n=n_asks, rate=answering.common_rate)
    else:
        asked = text("introduction.learnt", n=n_asks)
    slope, low, high = endorsement.measured
    told = {"n": endorsement.n_requests, "slope": slope, "low": low, "high": high}
    if endorsement.is_found:
        return asked, text("introduction.close", **told)
    return asked, text("introduction.few" if np.isnan(slope) else "introduction.not_close", **told)
