"""Groups of evidence: what a reason can be.  Every column that a model reads belongs to exactly one.

Single columns are no reasons: a dozen of them tell the same fact in other words, and splitting a fact's worth
among them hides it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

GROUPS: Mapping[str, str] = {
    "mutual": r"(connection|contact)\.(?!log_degree_).+|\w+\.neighbours\.tied_to_other_end",
    "dealings": r"(there|back)\..+|\w+\.neighbours\.is_other_end",
    "recipient_habit": (
        r"recipient\.((accepted_out|declined_out)\..+|rate_accepting|share_answered_of_received)"
    ),
    "recipient_load": r"recipient\.(invited_in\..+|log_open_received_21d)",
    "recipient_activity": (
        r"recipient\.(invited_out|accepted_in|declined_in|connected_out|interactions_out|interactions_in)\..+|"
        r"recipient\.(rate_accepted|log_open_sent_21d)|\w+\.log_degree_target"
    ),
    "recipient_profile": (
        r"recipient\.(seniority|log_n_connections|profile_quality|is_own_team)|kind\.(seniority|job_function)\..+"
    ),
    "recipient_company": (r"recipient\.(log_employees|company_age)|kind\.(company_id|industry|country)\..+"),
    "recipient_circle": r"recipient\.(neighbours\.(?!is_other_end|tied_to_other_end)|surroundings\.).+",
    "sender_record": (
        r"sender\.(\w+_(in|out)\..+|rate_\w+|share_answered_of_received|log_open_\w+)|\w+\.log_degree_source"
    ),
    "sender_profile": (
        r"sender\.(seniority|log_n_connections|profile_quality|is_own_team|log_employees|company_age)"
    ),
    "sender_circle": r"sender\.(neighbours\.(?!is_other_end|tied_to_other_end)|surroundings\.).+",
    "geography": r"same_country|log_distance_km|shares_border|shares_language|kind\.countries\..+",
    "similarity": r"same_(?!country).+|\w+_gap",
    "note": r"has_note",
    "time": r"(hour|weekday)_(sin|cos)",
}
"""Name of a group -> the names of its columns, as a regular expression."""

NAMES: tuple[str, ...] = tuple(GROUPS)

CIRCLES: Mapping[str, str] = {"sender": "sender_circle", "recipient": "recipient_circle"}
"""The groups that the latest events around both ends belong to, as the network samples them."""


def groups_of(columns: Sequence[str]) -> NDArray[np.int64]:
    """The position in `NAMES` of each column's group, [columns].

    Raises
    ------
    ValueError
        If a column belongs to no group, or to more than one: whoever adds a column says what it tells of.
    """
    found = []
    for column in columns:
        matches = [i for i, pattern in enumerate(GROUPS.values()) if re.fullmatch(pattern, column)]
        if len(matches) != 1:
            names = " and ".join(NAMES[i] for i in matches) or "none"
            raise ValueError(f"Column {column!r} belongs to {names} of the groups of evidence.")
        found += matches
    return np.array(found, dtype=np.int64)
