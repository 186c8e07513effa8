"""Pictures of results: matplotlib figures outside pyplot, and their PNG."""

from __future__ import annotations

import io

from matplotlib.figure import Figure


class Picture(Figure):
    """A figure that a notebook shows, whether or not pyplot has been used there."""

    def _repr_png_(self) -> bytes:
        return png(self, dpi=100)


def png(figure: Figure, dpi: int = 130) -> bytes:
    """The figure as a PNG without a time stamp: the same figure gives the same bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return buffer.getvalue()
