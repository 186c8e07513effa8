"""Whom to invite, by whom and when, under quotas and caps, and what such a plan is worth."""

from influence.planning.limits import Limits, read_ids
from influence.planning.plan import Plan, make_plan

__all__ = ["Limits", "Plan", "make_plan", "read_ids"]
