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
from influence.app.views import MARKED, View, fact_label, plain, views_of
from influence.errors import ConfigError, InfluenceError
from influence.readers.notes import gathered
from influence.texts import in_language, list_separator, listed, text
from influence.writing import SPREADSHEETS

NOTHING_OLD_SAVED = "<style>[data-stale=true] .stDownloadButton { visibility: hidden }</style>"
"""Streamlit shows the list of before, pale, while it works out the one that was asked for."""
LOADED_KEPT = 3
"""Models kept in memory with what they answered, so that filters answer at once."""


@dataclass(frozen=True)
class Start:
    """What the app begins with."""

    model: str | None = None
    """Folder or address of a model; without it, one is chosen on the page."""
    marks: Path = Path("marks.csv")
    """The file of those invited and those to be left alone."""
    language: str = "en"
    """Of everything that the page says."""
    records: str = ""
    """Place of the records to answer from; without it, those that the model was stored with."""


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
    st.html(NOTHING_OLD_SAVED)
    try:
        with in_language(start.language):
            # Streamlit declares its pages English; they are heard in the language that they declare.
            declared = f"<script>document.documentElement.lang = '{start.language}'</script>"
            st.html(declared, unsafe_allow_javascript=True)
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
        st.info(text("app.choose_model"))
        return
    with st.sidebar:
        asked = _asked(st, answers)
        separator = _separator(st)
    views = views_of(answers)
    headings = {name: text(f"app.view.{name}") for name in views}
    chosen = st.radio(text("app.view"), list(views), format_func=headings.get, horizontal=True, key="view")
    if not len(answers.model.network.names):
        st.caption(text("app.no_names", records=text("app.records")))
    marked = marks.ids()
    views[chosen](View(st, answers, asked, marks, marked, now, separator))
    if chosen != MARKED and marked:
        st.caption(text("app.n_marked", n=len(marked), view=headings[MARKED]))


def _answers(st: Any, start: Start, now: Callable[[], pd.Timestamp]) -> Answers | None:
    """The model chosen, answering from its own records or from others."""
    st.header(text("app.model"))
    found = st.cache_data(known_models, ttl=60, show_spinner=False)()
    known = list(dict.fromkeys([*([start.model] if start.model else []), *found]))
    place = st.selectbox(text("app.model"), known, index=0 if start.model else None, accept_new_options=True,
                         help=text("app.model.help"), placeholder=text("app.model.placeholder"),
                         key="model")  # fmt: skip
    with st.expander(text("app.records")):
        typed = st.text_area(text("app.records.places"), start.records, key="records")
        uploads = st.file_uploader(text("app.records.files"), accept_multiple_files=True, key="uploads")
        st.caption(text("app.records.without"))
    at = st.text_input(text("app.at"), placeholder=text("map.at_the_end"), key="at").strip() or None
    if not place:
        return None
    records = tuple(line.strip() for line in typed.splitlines() if line.strip())
    cached = st.cache_resource(answers_of, max_entries=LOADED_KEPT, show_spinner=text("app.loading"))
    answers: Answers = cached(place, records, _digest(uploads), at, start.language, uploads, now)
    if notes := gathered(answers.model.network.notes):
        with st.expander(text("notes")):
            for note in notes:
                st.caption(plain(note))
    return answers


def answers_of(
    place: str,
    records: tuple[str, ...],
    digest: str,
    at: str | None,
    language: str,
    _uploads: Sequence[Upload],
    _now: Callable[[], pd.Timestamp],
) -> Answers:
    """A model's answers; kept by Streamlit under the arguments without an underscore.

    The language is one of them, since answers hold sentences.
    """
    return Answers(load(place, records, _uploads, _now()), at)


def _digest(uploads: Sequence[Upload]) -> str:
    digest = hashlib.sha256()
    for upload in uploads:
        digest.update(upload.name.encode() + b"\0" + upload.getvalue())
    return digest.hexdigest()


def _asked(st: Any, answers: Answers) -> Asked:
    """What the lists are narrowed by."""
    st.header(text("app.only"))
    headings = {name: text(f"app.filter.{name}") for name in FILTERS}
    chosen: dict[str, tuple[str, ...]] = {}
    for name, heading in headings.items():
        if labels := {value: fact_label(name, value) for value in answers.choices(name)}:
            chosen[name] = tuple(
                st.multiselect(heading, list(labels), format_func=labels.get, key=f"filter-{name}",
                               placeholder=text("app.filter.all"))
            )  # fmt: skip
    if unknown := [heading for name, heading in headings.items() if name not in chosen]:
        st.caption(text("app.filter.unknown", what=listed(unknown)))
    return Asked(**chosen)


def _separator(st: Any) -> str:
    """How lists are saved."""
    st.header(text("app.saved"))
    told = {",": text("app.spreadsheet.point"), ";": text("app.spreadsheet.comma")}
    known = list(SPREADSHEETS)
    return str(
        st.selectbox(text("app.spreadsheet"), known, index=known.index(list_separator()),
                     format_func=told.get, key="separator")
    )  # fmt: skip
