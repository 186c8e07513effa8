"""The app as its user meets it: lists with reasons, filters, marks, other records, messages."""

from __future__ import annotations

import html
import io
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.app.worlds import HOSTILE, named, world

import influence
from influence import cli
from influence.app import views
from influence.app.answers import WEEKLY_QUOTA, Answers, Asked, csv_of
from influence.app.serving import command
from influence.app.sources import known_models, load
from influence.app.views import INTRODUCE, INVITE, LEAD, MAP, MARKED, PARTNER, plain
from influence.batch import explained
from influence.errors import ConfigError, DataError
from influence.prediction.suppression import VARIABLE
from influence.texts.table import read

MOMENT = pd.Timestamp("2026-01-01", tz="UTC")


def script(model: str | None, marks: str, language: str, records: str) -> None:
    from pathlib import Path

    import pandas as pd

    from influence.app import Start, show

    show(Start(model, Path(marks), language, records), lambda: pd.Timestamp("2026-01-01", tz="UTC"))


@pytest.fixture
def opened(model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Opens the app on the model; what it keeps lies in a folder of the test's own."""
    testing = pytest.importorskip("streamlit.testing.v1", reason="needs the extra app")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def make(model: str | None = str(model_folder), language: str = "en", records: str = "") -> Any:
        return testing.AppTest.from_function(
            script, args=(model, str(tmp_path / "marks.csv"), language, records), default_timeout=120
        ).run()

    return make


@pytest.fixture(scope="module")
def answers(model_folder: Path) -> Answers:
    return Answers(influence.load(model_folder))


def headings(app: Any) -> list[str]:
    """The people of the cards, as they are shown."""
    found = (re.match(r"\*\*\d+\\\. (.*?)\*\*", each.value) for each in app.markdown)
    return [match[1] for match in found if match]


def test_invitations__many_asked_for__no_sender_has_more_a_week_than_elsewhere(answers: Answers) -> None:
    team = answers.people.index[answers.people["is_own_team"]]
    rows = answers.invitations(team[:2], Asked(), (), k=200).rows
    assert len(rows) > 2 * WEEKLY_QUOTA
    assert rows.groupby(["sender_id", "week"]).size().max() == WEEKLY_QUOTA


def test_app__model_given__people_with_chances_and_reasons(opened: Callable[..., Any]) -> None:
    app = opened()
    assert not app.exception and not app.error
    assert app.radio(key="view").options == [
        "Whom to invite", "Opinion leaders", "Partners abroad", "Ways in", "Map", "Marked",
    ]  # fmt: skip
    assert len(headings(app)) == 10
    assert "within three weeks" in app.markdown[1].value
    assert any("mutual connection" in each.value for each in app.markdown)
    assert any("called by codes" in each.value for each in app.caption), "the model keeps no names"


def test_accepts__week_to_come__says_from_when() -> None:
    row = {"p_within_3_weeks": 0.5, "p_at_once": 0.3, "sender_label": "Ann", "week": 1}
    later = row | {"week": 2, "send_from": pd.Timestamp("2026-01-08", tz="UTC")}
    assert "not before" not in views._accepts(row)
    assert views._accepts(later).endswith("invited by Ann · not before January 8, 2026")


def test_app__invited_and_suppressed__leave_every_list_until_taken_back(
    opened: Callable[..., Any], model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened()
    first, second, *rest = headings(app)
    next(each for each in app.button if each.key.startswith(f"invited-{first}-")).click().run()
    next(each for each in app.button if each.key.startswith(f"suppressed-{second}-")).click().run()
    assert not {first, second} & set(headings(app)) and headings(app)[0] == rest[0]
    monkeypatch.setenv(VARIABLE, str(tmp_path / "marks.csv"))
    named_now = influence.load(model_folder).recommend("acceptance", k=10)
    assert not {first, second} & set(named_now["recipient_id"]), "the command line obeys the same file"
    monkeypatch.delenv(VARIABLE)
    app.radio(key="view").set_value(MARKED).run()
    assert not app.exception
    app.button(key=f"remove-{second}").click().run()
    app.radio(key="view").set_value(INVITE).run()
    assert headings(app)[0] == second and first not in headings(app)
    app.radio(key="view").set_value(INTRODUCE).run()
    app.text_input(key="target").set_value(first).run()
    assert f"{first} is marked" in app.info[0].value, "and not that they want to be left alone"


def test_app__filters__only_these(opened: Callable[..., Any], answers: Answers) -> None:
    app = opened()
    everybody = headings(app)
    country = answers.choices("country")[1]
    app.multiselect(key="filter-country").set_value([country]).run()
    found = headings(app)
    assert found and found != everybody
    assert set(answers.people.loc[found, "country"]) == {country}
    app.multiselect(key="filter-topic").set_value(answers.choices("topic")[:1]).run()
    assert not app.exception and len(headings(app)) <= len(found)


@pytest.mark.parametrize("colon", ["; ", "\u202f; "])
def test_between_reasons__brackets__stay_together(colon: str) -> None:
    told = f"a knows b{colon}b answers a: 35 % (3 dealings{colon}replied to 1 of 2){colon}c"
    assert len(views._BETWEEN_REASONS.split(told)) == 3
    assert views._BETWEEN_REASONS.split(told)[0] == "a knows b"


def test_app__list_saved__holds_the_reasons_that_the_cards_show(
    opened: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[pd.DataFrame] = []
    monkeypatch.setattr(views, "csv_of", lambda rows, *_: saved.append(rows) or b"")
    app = opened()
    assert {"sender_name", "recipient_name", "introducers"} <= set(
        saved[-1].columns
    )  # as in a list of the commands
    assert "recipient_profile" not in saved[-1], "the model keeps no addresses"
    reasons = saved[-1]["reasons"].str.split("; ").str[0]
    assert all(any(plain(one) in each.value for each in app.markdown) for one in reasons)
    next(each for each in app.button if each.key.startswith("invited-")).click().run()
    assert saved[-1]["rank"].tolist() == list(range(1, 11)), "as the cards count, marked people left out"


@pytest.mark.parametrize("view", [LEAD, PARTNER, INTRODUCE, MAP, MARKED])
def test_app__other_views__answer(opened: Callable[..., Any], answers: Answers, view: str) -> None:
    app = opened()
    app.radio(key="view").set_value(view).run()
    assert not app.exception and not app.error, view
    if view in (LEAD, PARTNER):
        assert headings(app)
    if view == LEAD:
        parts = [line for each in app.markdown for line in each.value.split("\n") if line.startswith("- ")]
        assert not any(re.fullmatch(r"- p\d+", line) for line in parts), "those moved stand in one sentence"
    if view == INTRODUCE:
        app.text_input(key="target").set_value("p299").run()
        assert not app.exception and not app.error
        app.text_input(key="target").set_value("p2999").run()
        assert "Nobody on record is called" in app.error[0].value
        app.text_input(key="target").set_value(answers.team[0]).run()
        assert any("Of our own" in each.value for each in app.markdown)
        assert not app.info, "no filter narrows ways in"
    if view == MAP:
        app.selectbox(key="community").set_value(1).run()
        assert not app.exception and not app.error


def words_of(app: Any) -> set[str]:
    """Everything that the page says outside pictures and tables."""
    elements = [*app.main, *app.sidebar]
    texts = (*app.markdown, *app.caption, *app.info, *app.header)
    said = {str(getattr(one, name, "") or "") for one in elements for name in ("label", "placeholder")}
    said |= {option for one in elements for option in getattr(one, "options", ())}
    return said | {one.value for one in texts}


def test_app__french__no_sentence_of_the_table_left_in_english(opened: Callable[..., Any]) -> None:
    app = opened(language="fr")
    assert app.radio(key="view").options[0] == "Qui inviter"
    assert any(re.search(r"\d\u202f% en trois semaines", each.value) for each in app.markdown)
    assert any("en commun" in each.value for each in app.markdown)
    assert app.selectbox(key="separator").value == ";", "as a French spreadsheet wants it"
    next(each for each in app.button if each.label == "Invitation envoyée").click().run()
    english = {told["en"] for told in read().values() if told["en"] != told["fr"]}
    for view in (INVITE, LEAD, PARTNER, INTRODUCE, MAP, MARKED):
        app.radio(key="view").set_value(view).run()
        assert not app.exception and not app.error, view
        assert english & words_of(app) == set(), view
    assert any("invitation envoyée · 1 janvier 2026" in each.value for each in app.markdown)


def test_app__language_unknown__said_plainly(opened: Callable[..., Any]) -> None:
    assert "no texts in 'xx'" in opened(language="xx").error[0].value


def test_app__no_model_or_a_wrong_one__said_plainly(opened: Callable[..., Any]) -> None:
    app = opened(None)
    assert not app.exception and "Choose a model" in app.info[0].value
    app = opened("nowhere")
    assert not app.exception and "There is no model" in app.error[0].value


def test_app__moment_that_is_none__said_plainly(opened: Callable[..., Any]) -> None:
    app = opened()
    app.text_input(key="at").set_value("soon").run()
    assert not app.exception and "is not a time" in app.error[0].value


def test_app__other_records__names_as_text_whatever_they_hold(
    opened: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[pd.DataFrame] = []
    monkeypatch.setattr(views, "csv_of", lambda rows, *_: saved.append(rows) or b"")
    (tmp_path / "records").mkdir()
    for name, rows in named(world()).tables.items():
        told = rows.assign(industry=pd.NA) if "industry" in rows.columns else rows
        told.to_parquet(tmp_path / "records" / f"{name}.parquet", index=False)
    app = opened(records=str(tmp_path / "records"))
    assert not app.exception and not app.error
    assert not any("called by codes" in each.value for each in app.caption)
    assert [each.label for each in app.sidebar.multiselect] == ["Countries", "Topics"]
    assert any("do not tell: Industries" in each.value for each in app.caption)
    assert len(headings(app)) == 10 and all("Zoë" in each for each in headings(app))
    address = "https://www.linkedin.com/in/" + saved[-1]["recipient_id"]
    assert saved[-1]["recipient_profile"].tolist() == address.tolist(), "as in the list of invite"
    for each in (*app.markdown, *app.caption):
        assert "![" not in each.value and "<b>" not in each.value


@given(text=st.text(alphabet=st.characters(blacklist_categories=["Cs", "Cc"]), max_size=60))
def test_plain__any_text__nothing_but_text_when_rendered(text: str) -> None:
    told = re.sub(r"[^\S\u202f]+", " ", text).strip()
    assert (
        MarkdownIt().render("x" + plain(text)).strip()
        == f"<p>{html.escape('x' + told).replace('&#x27;', chr(39))}</p>"
    )
    assert "![" not in plain(HOSTILE)


def test_answers__long_list__made_once_and_narrowed(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = answers.team[:2]
    first = answers.invitations(team, Asked(), (), 5)
    monkeypatch.setattr(answers.model, "plan", lambda *_, **__: pytest.fail("scored again"))
    gone = first.rows["recipient_id"].tolist()[:3]
    later = answers.invitations(team, Asked(), gone, 5)
    assert not set(gone) & set(later.rows["recipient_id"]) and len(later.rows) == 5
    assert later.rows["p_within_3_weeks"].is_monotonic_decreasing
    told = answers.explained("acceptance", later.rows)
    introducer = re.findall(r"through (p\d\d\d)", " ".join(told["reasons"]))[0]
    blanked = answers.explained("acceptance", later.rows, [introducer])
    for name in ("reasons", "introducers"):
        before, after = " ".join(told[name].dropna()), " ".join(blanked[name].dropna())
        assert introducer in before and introducer not in after and "(left alone)" in after


def test_invitations__somebody_marked__the_place_is_used_up_by_an_invitation_alone(answers: Answers) -> None:
    def planned(marked: list[str], invited: list[str]) -> pd.DataFrame:
        return answers.invitations(answers.team[:1], Asked(), marked, 100, frozenset(invited)).rows

    before = planned([], [])
    now = before["week"] == 1
    gone = before.loc[now, "recipient_id"].tolist()[:3]
    after, sent = planned(gone, []), planned(gone, gone[:1])
    assert 3 < now.sum() < len(before)
    assert (after["week"] == 1).sum() == now.sum() and (sent["week"] == 1).sum() == now.sum() - 1
    assert list(after.columns) == list(before.columns)
    kept = before["recipient_id"][3:].tolist()
    assert after["recipient_id"].tolist()[: len(kept)] == sent["recipient_id"].tolist()[: len(kept)] == kept


def test_invitations__few_of_the_long_list_fit__looked_for_among_those_who_fit(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("influence.app.answers.N_INVITATIONS", 20)
    answers = Answers(influence.load(model_folder))
    everybody = answers.invitations(answers.team, Asked(), (), 20)
    present = set(everybody.rows["country"])
    rare = next(code for code in answers.choices("country") if code not in present)
    found = answers.invitations(answers.team, Asked(country=(rare,)), (), 5)
    assert len(found.rows) and set(found.rows["country"]) == {rare}
    assert found.sentences[0].startswith("0 of the 20 most promising invitations fit")


def test_invitations__some_marked_or_filtered_out__what_the_numbers_rest_on_stays(answers: Answers) -> None:
    whole = answers.invitations(answers.team, Asked(), (), 5)
    marked = answers.invitations(answers.team, Asked(), [whole.rows["recipient_id"].iloc[0]], 5)
    country = answers.people.loc[whole.rows["recipient_id"].iloc[0], "country"]
    filtered = answers.invitations(answers.team, Asked(country=(country,)), (), 1)
    for narrowed in (marked, filtered):
        assert narrowed.sentences[2:] == whole.sentences[1:], "the first tells how many fit"
        assert narrowed.sentences[1].startswith("The sentences below tell of all")


def test_answers__lists__columns_of_the_command(answers: Answers) -> None:
    def told(task: str, rows: pd.DataFrame) -> set[str]:
        return {re.sub("_label$", "_name", name) for name in answers.explained(task, rows)}

    model, firm = answers.model, answers.companies.index[0]
    lists = {
        "acceptance": (answers.invitations(answers.team, Asked(), (), 3), {}),
        "leadership": (answers.leaders(Asked(), (), 3), {}),
        "partners": (answers.partners(firm, Asked(), (), 3), {"company_id": firm}),
        "introductions": (answers.ways_in("contact_id", "p299", frozenset(), 3), {"contact_id": "p299"}),
    }
    for task, (answer, about) in lists.items():
        asked = model.recommend(task, k=3, **about)
        expected = model.network.with_names(
            asked if task == "introductions" else explained(model, task, asked, None)
        )
        numbers = {"log_odds", "base_log_odds", "log_influence", "base"}  # of the reasons: docs/app.md
        missing = {name for name in set(expected) - numbers if not name.startswith("because.")}
        assert missing <= told(task, answer.rows), task


def test_answers__several_topics__each_person_once(answers: Answers) -> None:
    topics = tuple(answers.model.network.table("adoptions")["topic"].dropna().unique()[:2])
    rows = answers.leaders(Asked(topic=topics), (), 8).rows
    assert rows["contact_id"].is_unique and set(rows["topic"]) <= set(topics)
    assert rows["influence"].is_monotonic_decreasing


def test_answers__find__id_or_name_or_its_beginnings_but_not_a_shared_one(model_folder: Path) -> None:
    names = {"p001": "Ann Lee", "p002": "Bo", "p003": "bo", "p004": "Bob (Leeds) Ng", "p005": "Bob"}
    network = world().with_tables(
        identities=pd.DataFrame({"contact_id": list(names), "kind": "name", "value": list(names.values())})
    )
    found = Answers(influence.load(model_folder, network=network))
    assert found.find(" ann lee ") == found.find("p001") == found.find("lee an") == "p001"
    assert found.find("bob") == "p005", "the whole name first"
    assert found.find("bob (le") == "p004"
    with pytest.raises(DataError, match=r"2 are called 'BO': Bo \(p002\), bo \(p003\)\. Give the whole name"):
        found.find("BO")
    for unknown in ("ee", " "):
        with pytest.raises(DataError, match=f"Nobody on record is called '{unknown.strip()}'"):
            found.find(unknown)


def test_csv__formulas__defused() -> None:
    told = csv_of(pd.DataFrame({"contact_id": ["=cmd()", "a"], "p": [0.5, 0.25]})).decode()
    assert told.splitlines()[1] == '"\'=cmd()",0.5' or told.splitlines()[1] == "'=cmd(),0.5"


def test_load__uploaded_tables__one_source_and_no_way_out_of_the_folder(model_folder: Path) -> None:
    def upload(name: str, rows: pd.DataFrame) -> Any:
        file = io.BytesIO()
        rows.to_parquet(file, index=False)
        return SimpleNamespace(name=name, getvalue=file.getvalue)

    tables = world().tables
    given_files = [
        upload(f"../../{name}.parquet", tables[name]) for name in ("contacts", "invitations", "connections")
    ]
    model = load(str(model_folder), (), given_files, MOMENT)
    assert len(model.network.table("invitations")) == len(tables["invitations"])
    assert len(model.network.table("interactions")) == 0, "nothing of the records stored with the model"


def test_known_models__registry_absent__folders_alone(
    tmp_path: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert known_models() == []
    assert known_models(model_folder.parent) == [str(model_folder)]
    assert not (tmp_path / "mlflow.db").exists(), "looking must not make one"


def test_command__server__for_this_machine_alone() -> None:
    words = command("script.py", 8123, ["marks.csv"])
    assert {"--server.address=localhost", "--server.port=8123", "--browser.gatherUsageStats=false"} <= set(
        words
    )
    assert words[-2:] == ["--", "marks.csv"]


def test_app_command__without_streamlit__names_the_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "streamlit", None)
    with pytest.raises(SystemExit) as left:
        cli.main(["app", "model"])
    assert left.value.code == 2
    assert "influence[app]" in capsys.readouterr().err
    with pytest.raises(ConfigError, match=r"influence\[app\]"):
        from influence.app.page import streamlit

        streamlit()


def test_app__filter_that_other_records_do_not_know__dropped(
    opened: Callable[..., Any], answers: Answers, tmp_path: Path
) -> None:
    (tmp_path / "records").mkdir()
    for name, rows in world().tables.items():
        known = rows.assign(country="DE") if name == "contacts" else rows
        known.to_parquet(tmp_path / "records" / f"{name}.parquet", index=False)
    app = opened()
    country = next(each for each in answers.choices("country") if each != "DE")
    app.multiselect(key="filter-country").set_value([country]).run()
    app.text_area(key="records").set_value(str(tmp_path / "records")).run()
    assert not app.exception and not app.error
    assert len(headings(app)) == 10
