"""Evaluations side by side as a picture, and as a page that stands alone."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from influence.evaluation.comparison import Comparison
from influence.evaluation.figures import comparison as side_by_side
from influence.metrics import METRICS, metric
from influence.reporting.checks import differences, glossary, methods
from influence.reporting.page import figure, frame, page, paragraph, section

PANELS = ("auc", "log_loss_3class", "ece_21d")
"""Metrics of the picture, where the evaluations have them."""


def comparison_picture(found: Comparison) -> Figure:
    """Each evaluation's model with its 95 % intervals, one panel for each of three metrics."""
    known = _known(found)
    return side_by_side(found.figures, [name for name in PANELS if name in known] or known[:3])


def comparison_page(found: Comparison, first: str) -> str:
    """The picture, every figure, the paired differences, and the settings in which they differ, as HTML.

    Parameters
    ----------
    first
        The evaluation that the others are subtracted from.
    """
    known = _known(found)
    parts = [
        '<main id="main"><h1>Evaluations side by side</h1>',
        figure("The model of each evaluation", "Mean and 95 % interval.", comparison_picture(found), level=2),
        paragraph(found.sentence),
        section("Figures", methods(found.figures, known)),
        section("What the columns mean", glossary(known)),
    ]
    if found.figures["differences"]:
        parts.insert(-1, section(f"{first} minus each other, paired", differences(found.figures, known)))
    if len(found.departures):
        parts.append(section("Settings in which they differ", frame(found.departures, "Settings")))
    parts.append("</main>")
    return page("Evaluations side by side", parts)


def _known(found: Comparison) -> Sequence[str]:
    """Metrics that any evaluation has, costs aside, in the order of the registry."""
    own = found.figures["methods"].values()
    return [name for name in METRICS if metric(name).needs != "cost" and any(name in one for one in own)]
