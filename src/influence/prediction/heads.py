"""How each task is learnt, kept, answered, judged and audited: one entry per task, which all else looks up.

What is asked (name, columns, words) stands in `influence.tasks`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from influence.bundle import Learnt, Loader
from influence.config import Config
from influence.data import Network
from influence.evaluation.audit import ACTIVE, INVITED, LINKED, Audited
from influence.evaluation.ground_truth import GroundTruth
from influence.evaluation.leaders import protocol_for as leaders_protocol
from influence.evaluation.partners import protocol_for as partners_protocol
from influence.evaluation.protocol import Study
from influence.prediction.acceptance import AcceptanceFace
from influence.prediction.face import Face
from influence.prediction.leadership import LeadershipFace
from influence.prediction.partners import PartnersFace
from influence.progress import Tell
from influence.tasks import acceptance, leadership, partners
from influence.training.leaders import Leaders
from influence.training.memory import with_rehearsed_memory
from influence.training.mixture import Combination, Stage, develop
from influence.training.partner_head import Partners
from influence.training.parts import MODEL, PARTS, Recipe


@dataclass(frozen=True)
class Head:
    """What a task has besides its question.

    Attributes
    ----------
    fit : (records as known, configuration, what networks and trees are made with, the end of what may be
        known, progress) -> what was learnt; its `save` writes it
    load : reads what was learnt
    answers : (records, what was learnt, the end of what it was learnt from) -> its answers
    protocol : (records, configuration) -> how the task is judged on them, and the settings heeded; None
        where nothing judges it, and for acceptance, whose own protocol `evaluation.protocol.compare` is
    audited : what an audit asks about; None where it cannot ask
    """

    fit: Callable[[Network, Config, Recipe, pd.Timestamp, Tell], Learnt]
    load: Loader
    answers: Callable[[Network, Any, pd.Timestamp], Face]
    protocol: Callable[[Network, Config], tuple[GroundTruth[Any], Any]] | None = None
    audited: Audited | None = None


def stage_of(known: Network, config: Config, until: pd.Timestamp) -> Stage:
    """What acceptance is developed on: of all invitations the latest share chooses, then all of them train.

    Parameters
    ----------
    until
        Where what is still open is censored.
    """
    study = Study.of(known)
    split = study.split(config.split.model_copy(update={"test": 0.0}))
    return study.stage(split.train, split.validation, split.validation_from, until, config.split.max_rows)


def _fit_acceptance(
    known: Network, config: Config, recipe: Recipe, until: pd.Timestamp, progress: Tell
) -> Combination:
    stage, parts = stage_of(known, config, until), {}
    for done, name in enumerate(MODEL):
        progress(name, done, len(MODEL))
        parts[name] = develop(PARTS[name](recipe), stage)
    return Combination.of(parts, stage, with_rehearsed_memory(config.calibration, stage, config.trees))


def _fit_leaders(known: Network, config: Config, recipe: Recipe, until: pd.Timestamp, _: Tell) -> Leaders:
    return Leaders.fit(known, config.leadership, recipe, until)


def _fit_partners(known: Network, config: Config, recipe: Recipe, until: pd.Timestamp, _: Tell) -> Partners:
    return Partners.fit(known, config.partners, recipe, until)


def _load_acceptance(folder: Path, told: Mapping[str, Any], config: Config) -> Combination:
    return Combination.load(folder, told, config.encoder, config.trees, config.training)


def _load_leaders(folder: Path, _: Mapping[str, Any], config: Config) -> Leaders:
    return Leaders.load(folder, config.encoder, config.trees, config.training)


def _load_partners(folder: Path, _: Mapping[str, Any], config: Config) -> Partners:
    return Partners.load(folder, config.encoder, config.trees, config.training)


HEADS = {
    acceptance.NAME: Head(
        fit=_fit_acceptance,
        load=_load_acceptance,
        answers=AcceptanceFace,
        audited=INVITED,
    ),
    leadership.NAME: Head(
        fit=_fit_leaders,
        load=_load_leaders,
        answers=lambda network, leaders, _: LeadershipFace(network, leaders),
        protocol=lambda network, config: (
            leaders_protocol(network, config.leadership.protocol),
            config.leadership,
        ),
        audited=ACTIVE,
    ),
    partners.NAME: Head(
        fit=_fit_partners,
        load=_load_partners,
        answers=lambda network, learnt, _: PartnersFace(network, learnt),
        protocol=lambda network, config: (
            partners_protocol(network, config.partners.protocol),
            config.partners,
        ),
        audited=LINKED,
    ),
}
"""Task -> what it has besides its question, in the order in which tasks are learnt."""
