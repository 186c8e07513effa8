"""Colours that tell values apart: each has a contrast of 4.5 to 1 at least against white (WCAG 2.1, AA)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from influence.visualization.content import FACTS, Content

PALETTE = (
    "#1f5fa8", "#b3261e", "#1b7f4b", "#8a5a00", "#6a3d9a", "#00768a", "#a8327e", "#5a6b00", "#3d4a8c",
)  # fmt: skip
"""Of the values that most people have."""
OTHER, UNKNOWN = "#565656", "#707070"
LEADER, BRIDGE, OWN, OUTLINE, WAY = "#ffd54a", "#ffffff", "#111111", "#111111", "#b3261e"
"""Of marks: their outline has the contrast, so that none is taken for a value's colour."""


@dataclass(frozen=True)
class Colouring:
    """The colours of one fact's values; the values without one of their own share `OTHER`."""

    colours: Mapping[str, str]

    @classmethod
    def of(cls, content: Content, fact: str) -> Colouring:
        """Colours for the values that most people of the communities drawn have, in this order."""
        sizes = content.communities.groupby(fact)["n_people"].sum()
        people = content.people[fact].value_counts()
        values = [*sizes.sort_values(ascending=False, kind="stable").index, *people.index]
        return cls(dict(zip(dict.fromkeys(map(str, values)), PALETTE, strict=False)))

    def __call__(self, values: pd.Series) -> list[str]:
        """The colour of each value."""
        return [UNKNOWN if pd.isna(one) else self.colours.get(str(one), OTHER) for one in values]


def colourings(content: Content) -> dict[str, Colouring]:
    """Fact -> its colours, for the facts that are known of anybody drawn."""
    known = [fact for fact in FACTS if content.people[fact].notna().any()]
    return {fact: Colouring.of(content, fact) for fact in known or FACTS[:1]}
