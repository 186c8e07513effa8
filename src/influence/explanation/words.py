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
from influence.schema import SENIORITY

N_REASONS = 4
"""Reasons told per request."""

WORTH_TELLING = 0.05
"""Smaller contributions than this, in log-odds, are no reasons."""

COLUMNS = (*PairFeatures.columns, *(name for name in NEIGHBOUR_COLUMNS if ".surroundings." in name))
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


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
    """The largest contributions [groups], largest first, each with its fact.

    Contributions are in log-odds, against a typical request: +0.7 doubles the odds, -0.7 halves them.
    """
    order = np.argsort(-np.abs(contributions), kind="stable")[:N_REASONS]
    told = [
        f"{PHRASES[NAMES[i]](evidence)}: {contributions[i]:+.1f}"
        for i in order
        if abs(contributions[i]) >= WORTH_TELLING
    ]
    strangers = [end for end, is_known in evidence.is_known.items() if not is_known]
    cold = [f"the records had not met the {' and the '.join(strangers)}"] if strangers else []
    return "; ".join((*cold, *told)) or "a typical request in every respect"


def _mutual(e: Evidence) -> str:
    for kind in ("connection", "contact"):
        n = int(e.value[f"{kind}.mutual"])
        if n:
            named = " and ".join(e.introducers[:2])
            strongest = f", the strongest through {named}" if n > 1 else f", {named}"
            return f"{counted(n, f'mutual {kind}')}{strongest}"
    return "no mutual connections"


def _dealings(e: Evidence) -> str:
    n = e.count("there.interactions.log_count") + e.count("back.interactions.log_count")
    invited = e.count("there.invited.log_count") + e.count("back.invited.log_count")
    earlier = f", {counted(invited, 'earlier request')} between the two" if invited else ""
    if not n:
        return f"no dealings before{earlier}"
    last = ""
    if e.dealing is not None:
        who = "sender" if e.dealing.outgoing else "recipient"
        last = f", the latest a {e.dealing.relation} by the {who} {ago(e.dealing.days_ago)}"
    return f"{counted(n, 'dealing')} before{last}{earlier}"


def _recipient_habit(e: Evidence) -> str:
    received, accepted = (
        e.count("recipient.invited_in.log_count"),
        e.count("recipient.accepted_out.log_count"),
    )
    if not received:
        return "recipient never asked before"
    if not accepted:
        return f"recipient accepted none of {counted(received, 'request')}"
    days = np.expm1(e.value["recipient.accepted_out.mean_value"]) / 86_400
    latest = ""
    if e.acceptance is not None:
        latest = f", the latest {e.acceptance.other}'s {ago(e.acceptance.days_ago)}"
    requests = counted(received, "request")
    return f"recipient accepted {accepted} of {requests}, typically after {_duration(days)}{latest}"


def _recipient_load(e: Evidence) -> str:
    received = e.count("recipient.invited_in.log_count")
    if not received:
        return "no requests waiting for the recipient"
    days = np.expm1(e.value["recipient.invited_in.log_days_since_last"])
    last = "" if np.isnan(days) else f", the latest came {ago(days)}"
    waiting = e.count("recipient.log_open_received_21d")
    return f"{counted(waiting, 'request') if waiting else 'no request'} open with the recipient{last}"


def _recipient_activity(e: Evidence) -> str:
    actions = e.count("recipient.interactions_out.log_count")
    days = np.expm1(e.value["recipient.interactions_out.log_days_since_last"])
    last = "" if np.isnan(days) else f", the latest {ago(days)}"
    ties = e.count("contact.log_degree_target")
    return f"{counted(actions, 'action')} by the recipient{last}, {counted(ties, 'contact')}"


def _recipient_profile(e: Evidence) -> str:
    return f"recipient is {_role(e, 'recipient')}"


def _recipient_company(e: Evidence) -> str:
    if e.has("recipient.log_employees"):
        return f"recipient's company has {e.count('recipient.log_employees'):,} employees"
    asked = e.count("kind.company_id.log_count")
    if asked:
        rate = percent(e.value["kind.company_id.rate_accepting"])
        return f"about {rate} of {counted(asked, 'request')} to the recipient's company accepted"
    return "nothing known of the recipient's company"


def _recipient_circle(e: Evidence) -> str:
    n = e.count("recipient.surroundings.log_ties")
    if not n:
        return "nobody known around the recipient"
    rate = percent(e.value["recipient.surroundings.rate_accepting"])
    return f"{counted(n, 'contact')} around the recipient accepting about {rate} of requests"


def _sender_record(e: Evidence) -> str:
    sent, accepted = e.count("sender.invited_out.log_count"), e.count("sender.accepted_in.log_count")
    if not sent:
        return "no earlier request by the sender"
    return f"{accepted} of {counted(sent, 'request')} by the sender accepted so far"


def _sender_profile(e: Evidence) -> str:
    quality = e.value["sender.profile_quality"]
    complete = "" if np.isnan(quality) else f", profile {percent(quality)} complete"
    return f"sender is {_role(e, 'sender')}{complete}"


def _sender_circle(e: Evidence) -> str:
    n = e.count("sender.surroundings.log_ties")
    if not n:
        return "nobody known around the sender"
    rate = percent(e.value["sender.surroundings.rate_accepted"])
    return f"{counted(n, 'contact')} around the sender with about {rate} of their requests accepted"


def _geography(e: Evidence) -> str:
    if not e.has("same_country"):
        return "countries unknown"
    if e.value["same_country"] == 1:
        return "same country"
    language = {0.0: ", no shared language", 1.0: ", a shared language"}.get(e.value["shares_language"], "")
    return f"different countries{language}"


def _similarity(e: Evidence) -> str:
    parts = []
    if e.value["same_company_id"] == 1:
        parts.append("same company")
    if e.has("same_industry"):
        parts.append("same industry" if e.value["same_industry"] == 1 else "different industries")
    if e.has("seniority_gap"):
        steps = int(abs(e.value["seniority_gap"]))
        parts.append(f"{counted(steps, 'step')} of seniority apart" if steps else "same seniority")
    return ", ".join(parts) or "little known to compare the two by"


def _note(e: Evidence) -> str:
    return {1.0: "with a note", 0.0: "without a note"}.get(e.value["has_note"], "note or none unknown")


def _time(e: Evidence) -> str:
    hour = np.arctan2(e.value["hour_sin"], e.value["hour_cos"]) / (2 * np.pi) * 24 % 24
    day = round(np.arctan2(e.value["weekday_sin"], e.value["weekday_cos"]) / (2 * np.pi) * 7) % 7
    # The calendar counts days from 1970-01-01, a Thursday.
    return f"asked on a {WEEKDAYS[(day + 3) % 7]} at {int(hour + 1e-6):02d} h UTC"


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
        return "of unknown seniority"
    return f"of seniority {SENIORITY[int(e.value[f'{end}.seniority'])]}"


def percent(share: float) -> str:
    """A share, such as 31 %."""
    return f"{100 * share:.0f} %"


def counted(n: int, noun: str) -> str:
    """So many of something: the noun with an s but for one."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def ago(days: float) -> str:
    """How long since, in days, hours or minutes."""
    return f"{_duration(days)} ago"


def _duration(days: float) -> str:
    for size, noun in ((1.0, "day"), (1 / 24, "hour")):
        if days >= size:
            return counted(round(days / size), noun)
    return counted(max(round(days * 1440), 1), "minute")
