"""The views of the app: lists with reasons and marks, the map, and what was marked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from influence.app.answers import Answer, Answers, Asked, csv_of
from influence.app.marks import Mark, Marks
from influence.prediction.introductions import NAME as INTRODUCTIONS
from influence.tasks import acceptance, leadership, partners
from influence.visualization import fragment, network_figure, whole_page
from influence.visualization.figure import Drawing
from influence.visualization.texts import word
from influence.writing import write_list

INVITE, LEAD, PARTNER, INTRODUCE = "Whom to invite", "Opinion leaders", "Partners abroad", "Ways in"
MAP, MARKED = "Map", "Marked"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&@^=])")


def plain(text: object) -> str:
    """Text that Streamlit takes for nothing else: a picture in somebody's name must not be fetched."""
    return _MARKDOWN.sub(r"\\\1", " ".join(str(text).split()))


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
        return int(self.st.number_input("Length of the list", 1, 100, 10, key="k"))

    def said(self, answer: Answer, name: str) -> None:
        """What is to be said about a list, and the list as a file."""
        first, *rest = answer.sentences or ("",)
        self.st.markdown(plain(first))
        if rest:
            with self.st.expander("What the numbers rest on"):
                for sentence in rest:
                    self.st.markdown(plain(sentence))
        if len(answer.rows):
            told = answer.rows.drop(columns=answer.rows.columns[answer.rows.isna().all()])
            file = csv_of(told, partial(write_list, separator=self.separator))
            self.st.download_button(
                "Save this list (CSV)", file, f"{name}.csv", "text/csv", key=f"save-{name}"
            )
        else:
            self.st.info("Nobody is left: ask for more countries, industries or topics.")

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
        with self.st.spinner("Looking for the reasons …"):
            reasons = self.answers.why(task, answer.rows, self.marked)
        for place, (row, why) in enumerate(
            zip(answer.rows.to_dict("records"), reasons, strict=True), start=1
        ):
            with self.st.container(border=True):
                self.st.markdown(
                    f"**{place}\\. {plain(row[who.removesuffix('id') + 'label'])}** · {heading(row)}"
                )
                facts = [row.get(name) for name in ("country", "industry", "topic")]
                self.st.caption(plain(" · ".join(str(fact) for fact in facts if not pd.isna(fact))))
                self.st.markdown("\n".join(f"- {plain(part)}" for part in why.split("; ")))
                self._buttons(f"{task}-{place}", row, who, sender)

    def _buttons(self, place: str, row: Mapping[Any, Any], who: str, sender: str | None) -> None:
        kinds: dict[str, tuple[Mark, str | None]] = {"Leave alone": ("suppressed", None)}
        if sender is not None:
            kinds = {"Invited": ("invited", str(row[sender])), **kinds}
        with self.st.container(horizontal=True):
            for label, (mark, by) in kinds.items():
                key = f"{mark}-{row[who]}-{place}"
                self.st.button(label, key=key, on_click=self._mark, args=(str(row[who]), mark, by))

    def _mark(self, contact_id: str, mark: Mark, sender: str | None) -> None:
        self.marks.add(contact_id, mark, self.clock(), sender)


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
            "Who would send", team, format_func=answers.label, placeholder="the whole team", key="senders"
        )
        senders = senders or team
    else:
        typed = st.text_input("Nobody is known as your own team: who would send? (id or name)", key="sender")
        senders = [answers.find(typed)] if typed else []
    k = view.length()
    if not senders:
        st.info("Name somebody who would send.")
        return
    with st.spinner("Scoring everybody whom they could invite: once, then filters answer at once …"):
        found = answers.invitations(senders, view.asked, view.marked, k)
    view.said(found, "invitations")
    view.cards(
        acceptance.NAME,
        found,
        lambda row: (
            f"{row['p_within_3_weeks']:.0%} within three weeks, {row['p_at_once']:.0%} at once · "
            f"invited by {plain(row['sender_label'])}"
        ),
        who="recipient_id",
        sender="sender_id",
    )


def leaders(view: View) -> None:
    """Who leads opinion."""
    k = view.length()
    with view.st.spinner("Reading who moved whom …"):
        found = view.answers.leaders(view.asked, view.marked, k)
    view.said(found, "leaders")
    view.cards(leadership.NAME, found, _leads, who="contact_id")


def _leads(row: Mapping[Any, Any]) -> str:
    if pd.isna(row.get("influence")):
        return f"named by {row.get('n_named', 0):,.0f}"
    return (
        f"{row['influence']:.1f} take-ups of others expected (95 %: {row['low']:.1f} to {row['high']:.1f}) "
        f"· {plain(row['topic'])}"
    )


def partners_abroad(view: View) -> None:
    """Whom to approach abroad, and in which countries."""
    st, answers = view.st, view.answers
    what = "company" if answers.model.partners_face.id_name == "company_id" else "contact"
    example = answers.model.partners_face.example(answers.at)
    source = answers.find(st.text_input(f"Partners for which {what} (id or name)", example, key="source"))
    k = view.length()
    with st.spinner("Ranking partners …"):
        found = answers.partners(source, view.asked, view.marked, k)
    view.said(found, "partners")
    with st.expander("Countries with most partners to expect"):
        st.table(answers.markets(source))
    view.cards(partners.NAME, found, _fits, who="target_id")


def _fits(row: Mapping[Any, Any]) -> str:
    chance = row.get("p_partner")
    return f"score {row['score']:.2f}" if pd.isna(chance) else f"{chance:.1%} chance of a link"


def ways_in(view: View) -> None:
    """Who can open the door."""
    st, answers = view.st, view.answers
    typed = st.text_input("To whom? A person or a company, by id or name", key="target")
    k = view.length()
    if not typed:
        st.info("Name whom you would like to reach.")
        return
    target = answers.find(typed)
    kind = "contact_id" if target in answers.people.index else "company_id"
    with st.spinner("Looking for ways in …"):
        found = answers.ways_in(kind, target, view.marked, k)
    view.said(found, "ways-in")
    view.cards(INTRODUCTIONS, found, _through, who="target_id")


def _through(row: Mapping[Any, Any]) -> str:
    asks = row["introducer_label"]
    begin = "directly" if pd.isna(asks) else f"ask {plain(asks)}"
    return f"{row['p_success']:.0%} · {plain(row['sender_label'])}: {begin}"


def network_map(view: View) -> None:
    """The map, one community's people on demand."""
    st = view.st
    with st.spinner("Laying out the map …"):
        content = view.answers.map
    drawing = Drawing(content)
    labels = {row["community"]: drawing.community(row) for row in content.communities.to_dict("records")}
    community = st.selectbox(
        word("choose"),
        [None, *labels],
        format_func=lambda code: labels.get(code, word("all")),
        key="community",
    )
    by = st.selectbox(word("colour"), list(drawing.colourings), format_func=word, key="by")
    figure = network_figure(content, by=by, community=community)
    figure.update_layout(dragmode=False)  # on a phone a drag must scroll the page
    st.plotly_chart(figure, key="picture", config={"displayModeBar": False})
    st.markdown(f"★ {word('leaders')} · ◇ {word('bridges')} · ■ {word('own')}. The table says the same.")
    rows = content.communities.drop(columns=["x", "y", "radius"])
    if community is not None:
        people = content.people[content.people["community"] == community]
        rows = people[["label", "country", "topic", "industry", "n_ties", "n_ties_inside"]]
    st.dataframe(rows, hide_index=True)

    def page() -> bytes:
        return whole_page(fragment(content), title=word("title")).encode()

    st.download_button("Save the map (one page)", page, "map.html", "text/html", key="save-map")


def marked_people(view: View) -> None:
    """Who was invited, and who is to be left alone."""
    st, rows = view.st, view.marks.rows()
    file = plain(view.marks.file)
    st.caption(
        f"Kept in {file}\\. Name it in INFLUENCE\\_SUPPRESS, and every command leaves these people alone\\."
    )
    if not len(rows):
        st.info("Nobody is marked.")
        return
    sent = view.marks.invitations(view.clock())
    if len(sent):
        st.download_button(
            "Save the invitations (CSV)", csv_of(sent), "invitations.csv", "text/csv", key="save-sent"
        )
    for row in rows.to_dict("records"):
        with st.container(border=True):
            when = f"{row['mark']} on {row['marked_at']:%Y-%m-%d}"
            st.markdown(f"**{plain(view.answers.label(row['contact_id']))}** · {when}")
            st.button("Take the mark away", key=f"remove-{row['contact_id']}",
                      on_click=view.marks.remove, args=(row["contact_id"],))  # fmt: skip
