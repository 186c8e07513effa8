"""Every method that learns from a stage, and what it took."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from influence.training.partner_windows import PartnerStage
from influence.training.partners import (
    BASELINES,
    COMBINATIONS,
    PARTS,
    Builder,
    PartnerMix,
    PartnerPart,
    develop,
)
from influence.training.parts import Recipe


def trained(
    stage: PartnerStage, recipe: Recipe, alone: Mapping[str, Builder] = BASELINES
) -> Iterator[tuple[str, PartnerMix, float]]:
    """Every method's name and mix, with the seconds that its parts took; `alone` are methods of one part."""
    parts: dict[str, PartnerPart] = {}
    seconds: dict[str, float] = {}
    for name, build in {**PARTS, **alone}.items():
        started = time.perf_counter()
        parts[name] = develop(build(recipe), stage.train, stage.validation)
        seconds[name] = time.perf_counter() - started
    for method, used in {**COMBINATIONS, **{name: (name,) for name in alone}}.items():
        mixed = PartnerMix.of({name: parts[name] for name in used}, stage.validation)
        yield method, mixed, sum(seconds[name] for name in used)
