"""The views of the app: lists with reasons and marks, the map, and what was marked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pandas as pd

from influence.app.answers import FILTERS, Answer, Answers, Asked, csv_of
from influence.app.marks import Mark, Marks
from influence.prediction.introductions import NAME as INTRODUCTIONS
from influence.prediction.suppression import VARIABLE
from influence.tasks import acceptance, leadership, partners
from influence.texts import country, date, term, text
from influence.visualization import fragment, network_figure, whole_page
from influence.visualization.figure import Drawing
from influence.visualization.texts import word
from influence.writing import write_list

INVITE, LEAD, PARTNER, INTRODUCE = "invite", "leaders", "partners", "ways_in"
MAP, MARKED = "map", "marked"
OF_COMMUNITIES = {
    "community": "community", "country": "country", "topic": "topic", "industry": "industry",
    "n_people": "people", "n_companies": "companies", "n_countries": "countries", "n_ties": "ties_inside",
}  # fmt: skip
OF_PEOPLE = {
    "label": "person", "country": "country", "topic": "topic", "industry": "industry", "n_ties": "ties",
    "n_ties_inside": "ties_inside",
}  # fmt: skip
"""Column -> its word on the map, of the tables below the picture."""
_SPACES = re.compile(r"[^\S\u202f]+")
"""Line breaks among them; not the narrow space that French sets before its signs."""
_BETWEEN_REASONS = re.compile(r"\u202f?; (?![^()]*\))")
"""What stands in brackets belongs together."""
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&@^=])")


def plain(told: object) -> str:
    """Text that Streamlit takes for nothing else: a picture in somebody's name must not be fetched."""
    return _MARKDOWN.sub(r"\\\1", _SPACES.sub(" ", str(told)).strip())


@dataclass(frozen=True)
class View:
    """What a view draws with and from."""

    st: Any
    answers: Answers
    asked: Asked
    marks: Marks
    marked: frozenset[str]
    clock: Callable[[], pd.Timestamp]
    separator: str = ","
    """Of the cells of saved lists."""

    def length(self) -> int:
        """How long the list is to be."""
        return int(self.st.number_input(text("app.length"), 1, 100, 10, key="k"))

    def explained(self, task: str, answer: Answer) -> Answer:
        """The answer with the reasons of each row, in words."""
        with self.st.spinner(text("app.reasons")):
            return replace(answer, rows=self.answers.explained(task, answer.rows, self.marked))

    def said(self, answer: Answer, name: str, *, is_narrowed: bool = True) -> None:
        """What is to be said about a list, and the list as a file.

        Parameters
        ----------
        is_narrowed : whether the filters narrow it, so that asking for more finds more
        """
        first, *rest = answer.sentences or ("",)
        self.st.markdown(plain(first))
        if rest:
            with self.st.expander(text("app.rest_on")):
                for sentence in rest:
                    self.st.markdown(plain(sentence))
        if len(answer.rows):
            told = answer.rows.drop(columns=answer.rows.columns[answer.rows.isna().all()])
            told = told.rename(columns=lambda one: re.sub("_label$", "_name", one))  # as in all lists
            told = told.assign(rank=range(1, len(told) + 1))  # as the cards count
            file = csv_of(told, partial(write_list, separator=self.separator))
            self.st.download_button(text("app.save"), file, f"{name}.csv", "text/csv", key=f"save-{name}")
        elif is_narrowed:
            self.st.info(text("app.nobody"))

    def cards(
        self,
        task: str,
        answer: Answer,
        heading: Callable[[Mapping[Any, Any]], str],
        who: str,
        sender: str | None = None,
    ) -> None:
        """One card for each row: who, the reasons, and what may be done.

        Parameters
        ----------
        who : the column of those recommended
        sender : the column of those who would invite them, where they are to be invited
        """
        for place, row in enumerate(answer.rows.to_dict("records"), start=1):
            with self.st.container(border=True):
                label = row[who.removesuffix("id") + "label"]
                self.st.markdown(f"**{place}\\. {plain(label)}** · {plain(heading(row))}")
                facts = [fact_label(name, row[name]) for name in FILTERS if not pd.isna(row[name])]
                if facts:
                    self.st.caption(plain(" · ".join(facts)))
                self.st.markdown(
                    "\n".join(f"- {plain(part)}" for part in _BETWEEN_REASONS.split(row["reasons"]))
                )
                self._buttons(f"{task}-{place}", row, who, sender)

    def _buttons(self, place: str, row: Mapping[Any, Any], who: str, sender: str | None) -> None:
        marks: dict[Mark, str | None] = {"suppressed": None}
        if sender is not None:
            marks = {"invited": str(row[sender]), **marks}
        with self.st.container(horizontal=True):
            for mark, by in marks.items():
                key = f"{mark}-{row[who]}-{place}"
                self.st.button(
                    text(f"app.do.{mark}"), key=key, on_click=self._mark, args=(str(row[who]), mark, by)
                )

    def _mark(self, contact_id: str, mark: Mark, sender: str | None) -> None:
        self.marks.add(contact_id, mark, self.clock(), sender)


def fact_label(name: str, value: object) -> str:
    """What a country, an industry or a topic is called: data stay as they are, but countries have names."""
    return country(str(value)) if name == "country" else str(value)


def views_of(answers: Answers) -> dict[str, Callable[[View], None]]:
    """Name -> view, of what the model can answer."""
    lists = {
        acceptance.NAME: (INVITE, invitations),
        leadership.NAME: (LEAD, leaders),
        partners.NAME: (PARTNER, partners_abroad),
        INTRODUCTIONS: (INTRODUCE, ways_in),
    }
    own = dict(lists[question] for question in answers.questions if question in lists)
    return {**own, MAP: network_map, MARKED: marked_people}


def invitations(view: View) -> None:
    """Whom to invite, by whom, with which chance and why."""
    st, answers = view.st, view.answers
    team = answers.team
    if team:
        senders = st.multiselect(
            text("app.senders"), team, format_func=answers.label, placeholder=text("app.senders.all"),
            key="senders", help=text("app.senders.help"),
        )  # fmt: skip
        senders = senders or team
    else:
        typed = st.text_input(text("app.sender"), key="sender")
        senders = [answers.find(typed)] if typed else []
    k = view.length()
    if not senders:
        st.info(text("app.sender.none"))
        return
    with st.spinner(text("app.scoring")):
        invited = view.marks.ids("invited")
        found = answers.invitations(senders, view.asked, view.marked, k, invited)
    found = view.explained(acceptance.NAME, found)
    view.said(found, "to-invite")
    view.cards(acceptance.NAME, found, _accepts, who="recipient_id", sender="sender_id")


def _accepts(row: Mapping[Any, Any]) -> str:
    within, at_once = row["p_within_3_weeks"], row["p_at_once"]
    told = text("app.invitation", within=within, at_once=at_once, sender=row["sender_label"])
    return told if row["week"] == 1 else told + text("app.invitation.later", day=date(row["send_from"]))


def leaders(view: View) -> None:
    """Who leads opinion."""
    k = view.length()
    with view.st.spinner(text("app.moved")):
        found = view.answers.leaders(view.asked, view.marked, k)
    found = view.explained(leadership.NAME, found)
    view.said(found, "leaders")
    view.cards(leadership.NAME, found, _leads, who="contact_id")


def _leads(row: Mapping[Any, Any]) -> str:
    if pd.isna(row.get("influence")):
        return text("app.named", n=row.get("n_named", 0))
    return text("app.leads", value=row["influence"], low=row["low"], high=row["high"], topic=row["topic"])


def partners_abroad(view: View) -> None:
    """Whom to approach abroad, and in which countries."""
    st, answers = view.st, view.answers
    what = text(f"app.source.{answers.model.partners_face.id_name.removesuffix('_id')}")
    example = answers.model.partners_face.example(answers.at)
    source = answers.find(st.text_input(what, example, key="source"))
    k = view.length()
    with st.spinner(text("app.ranking")):
        found = answers.partners(source, view.asked, view.marked, k)
    found = view.explained(partners.NAME, found)
    view.said(found, "partners")
    with st.expander(text("app.markets")):
        st.table(answers.markets(source))
    view.cards(partners.NAME, found, _fits, who="target_id")


def _fits(row: Mapping[Any, Any]) -> str:
    chance = row.get("p_partner")
    return text("app.score", score=row["score"]) if pd.isna(chance) else text("app.link", chance=chance)


def ways_in(view: View) -> None:
    """Who can open the door."""
    st, answers = view.st, view.answers
    has_companies = len(answers.companies) > 0
    typed = st.text_input(text("app.target" if has_companies else "app.target.person"), key="target")
    k = view.length()
    if not typed:
        st.info(text("app.target.none"))
        return
    target = answers.find(typed)
    if target in view.marked:
        st.info(plain(text("app.target.marked", who=answers.label(target))))
        return
    kind = "contact_id" if target in answers.people.index else "company_id"
    with st.spinner(text("app.looking")):
        found = answers.ways_in(kind, target, view.marked, k)
    found = view.explained(INTRODUCTIONS, found)
    view.said(found, "ways-in", is_narrowed=False)
    view.cards(INTRODUCTIONS, found, _through, who="target_id")


def _through(row: Mapping[Any, Any]) -> str:
    told = {"chance": row["p_success"], "sender": row["sender_label"]}
    asked = row["introducer_label"]
    return text("app.directly", **told) if pd.isna(asked) else text("app.through", **told, asked=asked)


def network_map(view: View) -> None:
    """The map, one community's people on demand."""
    st = view.st
    with st.spinner(text("app.drawing")):
        content = view.answers.map
    drawing = Drawing(content)
    labels = {None: word("all")}
    labels |= {row["community"]: drawing.community(row) for row in content.communities.to_dict("records")}
    community = st.selectbox(word("choose"), list(labels), format_func=labels.get, key="community")
    colours = {fact: word(fact) for fact in drawing.colourings}
    by = st.selectbox(word("colour"), list(colours), format_func=colours.get, key="by")
    figure = network_figure(content, by=by, community=community)
    figure.update_layout(dragmode=False)  # on a phone a drag must scroll the page
    st.plotly_chart(figure, key="picture", config={"displayModeBar": False})
    signs = {"leaders": "★", "bridges": "◇", "own": "■"}
    key = " · ".join(f"{sign} {word(name)}" for name, sign in signs.items() if name in content.marked)
    st.markdown(f"{key}. {text('app.table_below')}" if key else text("app.table_below"))
    rows, shown = content.communities, OF_COMMUNITIES
    if community is not None:
        rows, shown = content.people[content.people["community"] == community], OF_PEOPLE
    facts = {
        name: rows[name].astype("str").map(partial(fact_label, name), na_action="ignore")
        for name in FILTERS
    }  # fmt: skip
    unknown = {*FILTERS, "n_companies", "n_countries"}
    unknown -= {*drawing.colourings, *(f"n_{name}" for name in drawing.sizes)}
    shown = {name: heading for name, heading in shown.items() if name not in unknown}
    told = rows.assign(**facts)[list(shown)].fillna(dict.fromkeys(FILTERS, word("unknown")))
    headings = {name: word(heading) for name, heading in shown.items()}
    st.dataframe(told.rename(columns=headings), hide_index=True)

    def page() -> bytes:
        return whole_page(fragment(content), title=word("title")).encode()

    st.download_button(text("app.map.save"), page, "map.html", "text/html", key="save-map")


def marked_people(view: View) -> None:
    """Who was invited, and who is to be left alone."""
    st, rows = view.st, view.marks.rows()
    st.caption(plain(text("app.kept", file=view.marks.file, variable=VARIABLE)))
    if not len(rows):
        st.info(text("app.nobody_marked"))
        return
    sent = view.marks.invitations(view.clock())
    if len(sent):
        st.download_button(
            text("app.sent.save"), csv_of(sent), "invitations.csv", "text/csv", key="save-sent"
        )
    for row in rows.to_dict("records"):
        with st.container(border=True):
            told = f"{term('app.mark', row['mark'])} · {date(row['marked_at'])}"
            st.markdown(f"**{plain(view.answers.label(row['contact_id']))}** · {plain(told)}")
            st.button(text("app.unmark"), key=f"remove-{row['contact_id']}",
                      on_click=view.marks.remove, args=(row["contact_id"],))  # fmt: skip
