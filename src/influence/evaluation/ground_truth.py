"""What a protocol of evaluation is, and what it finds; a task that has several keeps a registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import pandas as pd

from influence.data import Network
from influence.errors import ConfigError, DataError, nearest
from influence.evaluation.summary import Costs, Judge, Unit
from influence.progress import Tell
from influence.settings import Settings
from influence.training.parts import Recipe


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
    until : the moment before which a model may be learnt that has not seen the test; None where time does
        not divide train from test
    candidates : rows for the predictions alone: what the partners were ranked among, of label 0
    """

    predictions: pd.DataFrame
    counts: Mapping[str, int]
    judge: Judge
    by: Unit
    slices: Mapping[str, pd.Series] = field(default_factory=dict)
    costs: Costs = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)
    until: pd.Timestamp | None = None
    candidates: pd.DataFrame | None = None


C = TypeVar("C", bound=Settings)


@dataclass(frozen=True)
class GroundTruth(Generic[C]):
    """One kind of ground truth, and how it judges.

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
    compare: Callable[[Network, C, Callable[[int], Recipe], tuple[int, ...], Tell], Scored]
    """(records, settings, seed -> what networks and trees are made with, seeds, progress)."""


def choose_protocol(
    protocols: Mapping[str, GroundTruth[C]], network: Network, name: str | None, what: str
) -> GroundTruth[C]:
    """The protocol of that name, or the first that recognises its ground truth in the records.

    Parameters
    ----------
    what
        What is judged, completing "nothing by which ... could be judged".

    Raises
    ------
    ConfigError
        If there is no such protocol.
    DataError
        If none recognises the records.
    """
    if name is not None:
        if name not in protocols:
            raise ConfigError(f"There is no protocol {name!r}. {nearest(name, protocols)}")
        return protocols[name]
    for protocol in protocols.values():
        if protocol.recognises(network):
            return protocol
    raise DataError(
        f"The records show nothing by which {what} could be judged. They must hold one of these:",
        [f"{each.name} looks for {each.looks_for}." for each in protocols.values()],
    )
