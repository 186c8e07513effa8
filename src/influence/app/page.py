"""The page that Streamlit shows: what to ask in the sidebar, one view at a time beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from influence.addresses import without_credentials
from influence.app.answers import FILTERS, Answers, Asked
from influence.app.marks import Marks
from influence.app.sources import Upload, known_models, load
from influence.app.views import MARKED, View, plain, views_of
from influence.errors import ConfigError, InfluenceError
from influence.writing import SPREADSHEETS

LOADED_KEPT = 3
"""Models kept in memory with what they answered, so that filters answer at once."""


@dataclass(frozen=True)
class Start:
    """What the app begins with."""

    model: str | None = None
    """Folder or address of a model; without it, one is chosen on the page."""
    marks: Path = Path("marks.csv")
    """The file of those invited and those to be left alone."""


def show(start: Start, now: Callable[[], pd.Timestamp]) -> None:
    """Draw the page once; Streamlit does so anew after everything that its user does.

    Parameters
    ----------
    now
        The clock: when something is marked, and when records are read.

    Raises
    ------
    ConfigError
        If Streamlit is not installed.
    """
    st = streamlit()
    st.set_page_config(page_title="influence", layout="wide")
    st.title("influence")
    try:
        _page(st, start, now)
    except InfluenceError as error:
        st.error(plain(without_credentials(str(error))))


def streamlit() -> Any:
    """The extra `app`.

    Raises
    ------
    ConfigError
        If it is not installed.
    """
    try:
        import streamlit
    except ImportError as error:
        raise ConfigError("The app needs Streamlit: pip install 'influence[app]'.") from error
    return streamlit


def _page(st: Any, start: Start, now: Callable[[], pd.Timestamp]) -> None:
    marks = Marks(start.marks)
    with st.sidebar:
        answers = _answers(st, start, now)
    if answers is None:
        st.info("Choose a model on the left: a folder that `influence train` made, or one of the registry.")
        return
    with st.sidebar:
        asked = _asked(st, answers)
        separator = _separator(st)
    views = views_of(answers)
    chosen = st.radio("What do you want to see?", list(views), horizontal=True, key="view")
    marked = marks.ids()
    views[chosen](View(st, answers, asked, marks, marked, now, separator))
    if chosen != MARKED and marked:
        st.caption(f"Marked, and left out of every list: {len(marked):,}. See “{MARKED}”.")


def _answers(st: Any, start: Start, now: Callable[[], pd.Timestamp]) -> Answers | None:
    """The model chosen, answering from its own records or from others."""
    st.header("Model")
    found = st.cache_data(known_models, ttl=60, show_spinner=False)()
    known = list(dict.fromkeys([*([start.model] if start.model else []), *found]))
    place = st.selectbox("Model", known, index=0 if start.model else None, accept_new_options=True,
                         help="A folder, or models:/influence@champion.", key="model")  # fmt: skip
    with st.expander("Other records"):
        text = st.text_area("Folders, files or database addresses, one a line", key="records")
        uploads = st.file_uploader("Archives or tables (.zip, .csv, .parquet)", accept_multiple_files=True,
                                   key="uploads")  # fmt: skip
        st.caption("Without any, the model answers from the records that it was stored with.")
    at = (
        st.text_input("As known before (UTC)", placeholder="the end of the records", key="at").strip() or None
    )
    if not place:
        return None
    records = tuple(line.strip() for line in text.splitlines() if line.strip())
    cached = st.cache_resource(
        answers_of, max_entries=LOADED_KEPT, show_spinner="Loading model and records …"
    )
    answers: Answers = cached(place, records, _digest(uploads), at, uploads, now)
    for note in answers.model.network.notes:
        st.caption(plain(note))
    return answers


def answers_of(
    place: str,
    records: tuple[str, ...],
    digest: str,
    at: str | None,
    _uploads: Sequence[Upload],
    _now: Callable[[], pd.Timestamp],
) -> Answers:
    """A model's answers; kept by Streamlit under the arguments without an underscore."""
    return Answers(load(place, records, _uploads, _now()), at)


def _digest(uploads: Sequence[Upload]) -> str:
    digest = hashlib.sha256()
    for upload in uploads:
        digest.update(upload.name.encode() + b"\0" + upload.getvalue())
    return digest.hexdigest()


def _asked(st: Any, answers: Answers) -> Asked:
    """What the lists are narrowed by."""
    st.header("Only these")
    labels = {"country": "Countries", "industry": "Industries", "topic": "Topics"}
    chosen = {
        name: tuple(
            st.multiselect(labels[name], answers.choices(name), key=f"filter-{name}", placeholder="all")
        )
        for name in FILTERS
    }
    return Asked(**chosen)


def _separator(st: Any) -> str:
    """How lists are saved."""
    st.header("Saved lists")
    told = {",": "English", ";": "French, German, …"}
    return str(
        st.selectbox("For a spreadsheet set to", list(SPREADSHEETS), format_func=told.get, key="separator")
    )
