"""The report stands alone, speaks one language, and every row on it comes from a call that it names."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.evaluation.frames import COUNTS, predictions
from tests.reporting.conftest import QUOTA, Job, K
from tests.reporting.pages import Page

from influence.data import Network
from influence.errors import ConfigError
from influence.evaluation.summary import summarise, write_json
from influence.reporting import Evaluated, lacking, write_report
from influence.reporting.cells import KINDS
from influence.reporting.files import CONTENTS
from influence.texts.table import read

ENGLISH = re.compile(
    r"\b(the|of|with|and|are|is|was|were|from|by|who|whom|which|people|within|between|would|more|than|if|not)\b",
    re.IGNORECASE,
)
"""Words that no French sentence holds."""
BLOCKS = {
    "invitations", "introductions", "ambassadors", "leaders", "markets", "partners", "records",
    "people-communities", "people-bridges", "people-experts", "people-reactions", "people-habits",
}  # fmt: skip


def evaluated(folder: Path) -> Evaluated:
    """An evaluation as the command leaves it, read back."""
    frame = predictions({"model": 0.0, "boosted_trees": 2.5, "my_baseline": 3.0}, n=300)
    cold = pd.Series(np.arange(300) < 60, index=frame["query_id"].unique())
    counts = {**COUNTS, "n_test": 300}
    slices = {"cold_contacts": cold, "cross_border": cold & False}
    summary = summarise(frame, task="acceptance", dataset="d", counts=counts, slices=slices, n_resamples=20)
    card: dict[str, Any] = {"command": "influence evaluate <c>", "limits": ["No <notes> & calls."]}
    write_json(summary, folder / "summary.json")
    write_json(card, folder / "card.json")
    frame.to_parquet(folder / "predictions.parquet")
    found = Evaluated.read(folder)
    assert found is not None
    return found


@pytest.mark.parametrize("language", ["en", "fr"])
def test_write_report__three_tasks__stands_alone_in_order_and_in_its_language(
    job: Job, language: str
) -> None:
    text = job.page(language)
    page = Page(text)
    assert f'<html lang="{language}">' in text
    assert "default-src &#x27;none&#x27;" in text or "default-src 'none'" in text
    assert not re.search(r"https?://|@import|url\(", text)
    assert page.headings[0] == 1 and page.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert set(page.anchors) <= set(page.names)
    assert len(page.names) == len(set(page.names))
    assert all(page.images)
    assert page.names.index("todo") < page.names.index("quality-acceptance") < page.names.index("lacks")
    assert set(page.names) >= BLOCKS
    assert "little &lt;world&gt;" in text


def test_write_report__french__no_english_left(job: Job) -> None:
    words = Page(job.page("fr")).words
    left = [one for one in words if ENGLISH.search(one)]
    assert left == []
    fragments = {
        part.strip()
        for told in read().values()
        if told["en"] != told["fr"]
        for part in re.split(r"\{[^}]*\}|\n", told["en"])
        if len(part.strip()) > 12 and " " in part.strip()
    }
    shown = " ".join(words)
    assert [part for part in fragments if part in shown and part not in " ".join(_all_french())] == []


def _all_french() -> list[str]:
    return [told["fr"] for told in read().values()]


def test_write_report__two_languages__the_same_rows(job: Job) -> None:
    for path in job.rows("en").glob("*.csv"):
        english = pd.read_csv(path)
        french = pd.read_csv(job.rows("fr") / path.name, sep=";", decimal=",")
        spoken = [name for name in ("reasons",) if name in english]
        pd.testing.assert_frame_equal(english.drop(columns=spoken), french.drop(columns=spoken))


def test_write_report__tables__what_the_calls_give(job: Job) -> None:
    told = json.loads((job.rows("en") / CONTENTS).read_text(encoding="utf-8"))
    assert told["model"] == job.model.fingerprint
    assert job.model.fingerprint[:16] in job.page("en")
    listed = {one["file"]: one for one in told["tables"]}
    assert {name.removesuffix(".csv") for name in listed} == BLOCKS
    plan = job.model.plan("acceptance", k=K, weekly_quota=QUOTA, at=told["at"]).invitations
    invited = pd.read_csv(job.rows("en") / "invitations.csv")
    assert invited["recipient_id"].tolist() == plan.loc[plan["week"] == 1, "recipient_id"].tolist()
    assert invited["p_within_3_weeks"].tolist() == pytest.approx(
        plan["p_within_3_weeks"].tolist()[: len(invited)]
    )
    assert f"weekly_quota={QUOTA}" in listed["invitations.csv"]["made_by"]
    for name, one in listed.items():
        rows = pd.read_csv(job.rows("en") / name)
        assert len(rows) == one["n_rows"], name
        assert one["made_by"]


def test_write_report__page__names_those_of_the_rows(job: Job) -> None:
    words = set(Page(job.page("en")).words)
    for name, column in (
        ("invitations", "recipient_id"),
        ("partners", "target_id"),
        ("leaders", "contact_id"),
    ):
        rows = pd.read_csv(job.rows("en") / f"{name}.csv").head(10)
        assert set(rows[column]) <= words, name


def test_write_report__evaluated__findings_figures_methods_and_command_escaped(
    job: Job, tmp_path: Path
) -> None:
    write_report(
        job.model, tmp_path / "p.html", evaluated=evaluated(tmp_path), k=K, weekly_quota=QUOTA, with_map=False
    )
    text = (tmp_path / "p.html").read_text(encoding="utf-8")
    page = Page(text)
    assert "The model was tested on 300 requests" in text
    assert "Nobody has tested this yet" in text, "leaders and partners were not evaluated"
    assert "evaluate configs/leadership.yaml" in text and "evaluate configs/partners.yaml" in text
    assert "No &lt;notes&gt; &amp; calls." in text
    assert "influence evaluate &lt;c&gt;" in text
    assert "my baseline" in page.words
    assert "cold contacts: only 60 test requests" in text
    assert {"If you invite only the most promising", "Against other methods"} <= set(page.words)


def test_write_report__records_with_names__names_beside_ids(job: Job, tmp_path: Path) -> None:
    network, first = (
        job.model.network,
        str(pd.read_csv(job.rows("en") / "invitations.csv")["recipient_id"][0]),
    )
    named = network.with_tables(
        identities=pd.DataFrame(
            {"contact_id": [first], "kind": ["name"], "value": ["Ann <b>Lee"], "source_id": [pd.NA]}
        )
    )
    write_report(job.model.with_network(named), tmp_path / "p.html", k=K, weekly_quota=QUOTA, with_map=False)
    assert f"Ann &lt;b&gt;Lee<small>{first}</small>" in (tmp_path / "p.html").read_text(encoding="utf-8")


def test_write_report__folder_of_others__refused_and_no_page(job: Job, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match="exists already"):
        write_report(
            job.model, tmp_path / "p.html", tables=tmp_path / "mine", k=K, weekly_quota=QUOTA, with_map=False
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine"]


def test_write_report__unknown_language__refused_before_any_work(job: Job, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no texts in 'de'"):
        write_report(job.model, tmp_path / "p.html", language="de")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"value": 0.078, "low": 0.0, "high": 0.76}, "0.08<small>0.00 to 0.76</small>"),
        ({"value": 34.24, "low": 33.5, "high": 34.92}, "34.2<small>33.5 to 34.9</small>"),
        ({"value": 0.04}, "0.04"),
    ],
)
def test_estimate__below_one__a_place_more(row: dict[str, float], told: str) -> None:
    assert KINDS["estimate"](row["value"], row, None) == told


def test_rare__fact_of_one_in_a_thousand__hardly_anybody_and_never_no_percent(little: Network) -> None:
    people = little.table("contacts").drop_duplicates("contact_id").reset_index(drop=True)
    one = people.index == 0
    hardly = people.assign(
        country=people["country"].where(one), industry=people["industry"].where(people.index < 40)
    )
    told = list(lacking._rare(little.with_tables(contacts=hardly)))
    share = f"{40 / len(people):.0%}".replace("%", " %")
    assert any(line.endswith("known of hardly any contact.") for line in told)
    assert any(share in line for line in told), told
