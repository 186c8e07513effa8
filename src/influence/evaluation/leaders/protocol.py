"""What a protocol of leadership is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from influence.data import Network
from influence.evaluation.summary import Costs, Judge, Unit
from influence.tasks.leadership import LeadershipConfig
from influence.training.parts import Recipe

Tell = Callable[[str, int, int], None]
"""Hears (what is done now, steps done, steps in all)."""


@dataclass(frozen=True)
class Scored:
    """Every method's scores of the same test rows.

    Attributes
    ----------
    predictions : query_id, candidate_id, method, seed, label, score, as `evaluation.summary` describes them
    counts : n_train, n_validation, n_test
    judge, by : how the rows are scored, and what is drawn with replacement
    slices : name -> bool, indexed by query_id
    costs : method -> `seconds` of each seed
    told : further facts for the summary, such as the share of take-ups that nobody came before
    until : the moment before which leaders may be learnt that have not seen the test; None where time does
        not divide train from test
    """

    predictions: pd.DataFrame
    counts: Mapping[str, int]
    judge: Judge
    by: Unit
    slices: Mapping[str, pd.Series] = field(default_factory=dict)
    costs: Costs = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)
    until: pd.Timestamp | None = None


@dataclass(frozen=True)
class LeadershipProtocol:
    """One kind of ground truth.

    Attributes
    ----------
    name : how a configuration asks for it
    looks_for : what records must hold, completing "... looks for ..."
    recognises : whether records hold it
    compare : trains and scores the model and every baseline on the same rows
    """

    name: str
    looks_for: str
    recognises: Callable[[Network], bool]
    compare: Callable[[Network, LeadershipConfig, Callable[[int], Recipe], tuple[int, ...], Tell], Scored]
    """(records, settings, seed -> what networks and trees are made with, seeds, progress)."""
