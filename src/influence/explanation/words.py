"""Reasons in words: the fact behind each group of evidence, with what it adds to the score."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from influence.explanation.groups import NAMES
from influence.explanation.people import Event, introducers, latest_dealing, latest_event
from influence.graph.loading import NEIGHBOUR_COLUMNS, QuerySet
from influence.graph.pairs import PairFeatures
from influence.graph.state import shrunk_part
from influence.schema import SENIORITY
from influence.texts import term, text

N_REASONS = 4
"""Reasons told per request."""

WORTH_TELLING = 0.05
"""Smaller contributions than this, in log-odds, are no reasons."""

COLUMNS = (*PairFeatures.columns, *(name for name in NEIGHBOUR_COLUMNS if ".surroundings." in name))


@dataclass(frozen=True)
class Evidence:
    """What is known of one request, strictly before its moment."""

    value: Mapping[str, float]
    """Of every name in `COLUMNS`."""
    introducers: Sequence[str]
    dealing: Event | None
    """The latest between the two; outgoing if it was the sender's."""
    acceptance: Event | None
    """The latest by the recipient."""
    is_known: Mapping[str, bool]
    """Whether the records had met each end."""

    def count(self, name: str) -> int:
        """A count whose column is log1p of it."""
        return round(float(np.expm1(self.value[name])))

    def has(self, name: str) -> bool:
        """Whether a column's value is known."""
        return not np.isnan(self.value[name])


def evidence_of(known: QuerySet) -> list[Evidence]:
    """What is known of each request of a set."""
    features, queries = known.features, known.queries
    values = np.concatenate((known.pair, known.surroundings), axis=1)
    met = {
        end: features.graph.incidence.met(contact, queries.at)
        for end, contact in (("sender", queries.sender), ("recipient", queries.recipient))
    }
    found = []
    for row, told in enumerate(values.astype(np.float64)):
        value = dict(zip(COLUMNS, told.tolist(), strict=True))
        kind = "connection" if value["connection.mutual"] > 0 else "contact"
        recipient, at = int(queries.recipient[row]), int(queries.at[row])
        found.append(
            Evidence(
                value,
                introducers(features, queries, row, kind),
                latest_dealing(features, queries, row),
                latest_event(features, recipient, at, ("accepted",), outgoing=True),
                {end: bool(mask[row]) for end, mask in met.items()},
            )
        )
    return found


def reasons(evidence: Evidence, contributions: NDArray[np.float64]) -> str:
    """The largest contributions [groups], largest first, each with its fact, in the language of the context.

    Contributions are in log-odds, against a typical request: +0.7 doubles the odds, -0.7 halves them.
    """
    order = np.argsort(-np.abs(contributions), kind="stable")[:N_REASONS]
    told = [
        text("reason.contribution", fact=PHRASES[NAMES[i]](evidence), adds=float(contributions[i]))
        for i in order
        if abs(contributions[i]) >= WORTH_TELLING
    ]
    strangers = [end for end, is_known in evidence.is_known.items() if not is_known]
    who = "both" if len(strangers) > 1 else "".join(strangers)
    cold = [text(f"reason.cold.{who}")] if strangers else []
    return text("separator").join((*cold, *told)) or text("reason.typical")


def _mutual(e: Evidence) -> str:
    for kind in ("connection", "contact"):
        n = int(e.value[f"{kind}.mutual"])
        if n and not e.introducers:
            return text("reason.mutual.contact.requests", n=n)
        if n:
            first, *rest = e.introducers[:2]
            names = text("reason.two", one=first, other=rest[0]) if rest else first
            return text(f"reason.mutual.{kind}.{'several' if n > 1 else 'one'}", n=n, names=names)
    return text("reason.mutual.none")


def _dealings(e: Evidence) -> str:
    n = e.count("there.interactions.log_count") + e.count("back.interactions.log_count")
    invited = e.count("there.invited.log_count") + e.count("back.invited.log_count")
    earlier = text("reason.dealings.earlier", n=invited) if invited else ""
    if not n:
        return text("reason.dealings.none") + earlier
    last = ""
    if e.dealing is not None:
        who = "sender" if e.dealing.outgoing else "recipient"
        what = term("kind", e.dealing.relation)
        last = text(f"reason.dealings.latest.{who}", what=what, ago=ago(e.dealing.days_ago))
    return text("reason.dealings.some", n=n) + last + earlier


def _recipient_habit(e: Evidence) -> str:
    received, accepted = (
        e.count("recipient.invited_in.log_count"),
        e.count("recipient.accepted_out.log_count"),
    )
    if not received:
        return text("reason.habit.never")
    if not accepted:
        return text("reason.habit.none", n=received)
    days = np.expm1(e.value["recipient.accepted_out.mean_value"]) / 86_400
    latest = ""
    if e.acceptance is not None:
        latest = text("reason.habit.latest", who=e.acceptance.other, ago=ago(e.acceptance.days_ago))
    # Many records date answers by the day alone: of less than one, no more is said.
    at_once = days < 1
    delay = text("reason.habit.at_once") if at_once else text("reason.habit.after", duration=_duration(days))
    # One answer is no habit: nothing is typical of it.
    key = "reason.habit.once" if accepted == 1 else "reason.habit.some"
    return text(key, accepted=accepted, n=received, delay=delay) + latest


def _recipient_load(e: Evidence) -> str:
    if not e.count("recipient.invited_in.log_count"):
        return text("reason.load.never")
    days = np.expm1(e.value["recipient.invited_in.log_days_since_last"])
    last = "" if np.isnan(days) else text("reason.load.latest", ago=ago(days))
    waiting = e.count("recipient.log_open_received_21d")
    return text("reason.load.some" if waiting else "reason.load.none", n=waiting) + last


def _recipient_activity(e: Evidence) -> str:
    actions, ties = e.count("recipient.interactions_out.log_count"), e.count("contact.log_degree_target")
    if not actions:
        return text("reason.activity.none", ties=ties)
    days = np.expm1(e.value["recipient.interactions_out.log_days_since_last"])
    last = "" if np.isnan(days) else text("reason.activity.latest", ago=ago(days))
    return text("reason.activity", n=actions, latest=last, ties=ties)


def _recipient_profile(e: Evidence) -> str:
    return text("reason.recipient_profile", role=_role(e, "recipient"))


def _recipient_company(e: Evidence) -> str:
    if e.has("recipient.log_employees"):
        return text("reason.company.employees", n=e.count("recipient.log_employees"))
    asked = e.count("kind.company_id.log_count")
    if asked:
        accepted = shrunk_part(e.value["kind.company_id.rate_accepting"], asked)
        return text("reason.company.rate", n=asked, accepted=accepted)
    return text("reason.company.unknown")


def _recipient_circle(e: Evidence) -> str:
    n = e.count("recipient.surroundings.log_ties")
    if not n:
        return text("reason.recipient_circle.none")
    received = e.count("recipient.surroundings.log_received")
    if not received:
        return text("reason.recipient_circle.unasked", n=n)
    accepted = shrunk_part(e.value["recipient.surroundings.rate_accepting"], received)
    return text("reason.recipient_circle", n=n, accepted=accepted, received=received)


def _sender_record(e: Evidence) -> str:
    sent, accepted = e.count("sender.invited_out.log_count"), e.count("sender.accepted_in.log_count")
    if not sent:
        return text("reason.sender_record.none")
    return text("reason.sender_record", accepted=accepted, n=sent)


def _sender_profile(e: Evidence) -> str:
    quality = e.value["sender.profile_quality"]
    complete = "" if np.isnan(quality) else text("reason.sender_profile.complete", share=quality)
    return text("reason.sender_profile", role=_role(e, "sender")) + complete


def _sender_circle(e: Evidence) -> str:
    n = e.count("sender.surroundings.log_ties")
    if not n:
        return text("reason.sender_circle.none")
    sent = e.count("sender.surroundings.log_sent")
    if not sent:
        return text("reason.sender_circle.silent", n=n)
    accepted = shrunk_part(e.value["sender.surroundings.rate_accepted"], sent)
    return text("reason.sender_circle", n=n, accepted=accepted, sent=sent)


def _geography(e: Evidence) -> str:
    if not e.has("same_country"):
        return text("reason.geography.unknown")
    if e.value["same_country"] == 1:
        return text("reason.geography.same")
    shared = {0.0: "no_language", 1.0: "language"}.get(e.value["shares_language"], "different")
    return text(f"reason.geography.{shared}")


def _similarity(e: Evidence) -> str:
    parts = []
    if e.value["same_company_id"] == 1:
        parts.append(text("reason.similarity.company"))
    if e.has("same_industry"):
        which = "industry" if e.value["same_industry"] == 1 else "industries"
        parts.append(text(f"reason.similarity.{which}"))
    if e.has("seniority_gap"):
        steps = int(abs(e.value["seniority_gap"]))
        parts.append(text("reason.similarity.steps" if steps else "reason.similarity.level", n=steps))
    return ", ".join(parts) or text("reason.similarity.unknown")


def _note(e: Evidence) -> str:
    which = {1.0: "with", 0.0: "without"}.get(e.value["has_note"], "unknown")
    return text(f"reason.note.{which}")


def _time(e: Evidence) -> str:
    hour = np.arctan2(e.value["hour_sin"], e.value["hour_cos"]) / (2 * np.pi) * 24 % 24
    day = round(np.arctan2(e.value["weekday_sin"], e.value["weekday_cos"]) / (2 * np.pi) * 7) % 7
    # The calendar counts days from 1970-01-01, a Thursday.
    return text("reason.time", day=text(f"weekday.{(day + 3) % 7}"), hour=f"{int(hour + 1e-6):02d}")


PHRASES: Mapping[str, Callable[[Evidence], str]] = {
    "mutual": _mutual,
    "dealings": _dealings,
    "recipient_habit": _recipient_habit,
    "recipient_load": _recipient_load,
    "recipient_activity": _recipient_activity,
    "recipient_profile": _recipient_profile,
    "recipient_company": _recipient_company,
    "recipient_circle": _recipient_circle,
    "sender_record": _sender_record,
    "sender_profile": _sender_profile,
    "sender_circle": _sender_circle,
    "geography": _geography,
    "similarity": _similarity,
    "note": _note,
    "time": _time,
}
"""How the fact behind each group is told; one phrase per group, no more, no fewer."""


def _role(e: Evidence, end: str) -> str:
    if not e.has(f"{end}.seniority"):
        return text("reason.role.unknown")
    level = text(f"seniority.{SENIORITY[int(e.value[f'{end}.seniority'])]}")
    return text("reason.role", level=level)


def ago(days: float) -> str:
    """How long since, in days, hours or minutes."""
    return text("ago", duration=_duration(days))


def _duration(days: float) -> str:
    for size, unit in ((1.0, "days"), (1 / 24, "hours")):
        if days >= size:
            return text(f"duration.{unit}", n=round(days / size))
    return text("duration.minutes", n=max(round(days * 1440), 1))
