"""The network as a picture that can be explored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from influence.texts import in_language
from influence.visualization.content import Content, content_of
from influence.visualization.figure import network_figure
from influence.visualization.fragment import fragment
from influence.visualization.pages import plotly_script, whole_page, write_page

if TYPE_CHECKING:
    from influence.data import Network
    from influence.prediction import Model

__all__ = [
    "Content",
    "content_of",
    "fragment",
    "network_figure",
    "network_map",
    "plotly_script",
    "whole_page",
    "write_page",
]


def network_map(
    network: Network,
    *,
    model: Model | None = None,
    at: str | pd.Timestamp | None = None,
    language: str = "en",
    target: str | None = None,
    names: bool = False,
) -> str:
    """The map of a network as a part of a page: communities first, people on demand.

    Leaders and ways in are shown as far as the model was trained for them.  `plotly_script()` must stand
    on the page, too; `write_page` makes a page of it.

    Parameters
    ----------
    at
        What was visible strictly before counts; all records without it.
    language
        "en" or "fr".
    target
        A contact to whom the best way in is shown.
    names
        Whether people are called by their names, where the records tell them, instead of their ids.

    Returns
    -------
    str
        HTML: one element, with its style and script.

    Raises
    ------
    InfluenceError
        As `content_of`, and if the map does not speak the language.
    """
    with in_language(language):  # reasons are told in it, too
        content = content_of(network, model=model, at=at, target=target, names=names)
    return fragment(content, language, is_target=target is not None)
