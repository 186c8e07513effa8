"""Leadership as its users start it: evaluate, report, recommend, ambassadors, score, train."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from tests.commands import ran
from tests.prediction.test_leadership import AT, config, records

import influence
from influence.config import dump
from influence.readers import write_tables

SETTINGS = json.dumps(
    dump(config(), departures_only=True) | {"seeds": [0, 1], "tracking": {"enabled": False}}
)


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("leaders")
    write_tables(records(), folder / "records")
    (folder / "config.yaml").write_text(SETTINGS, encoding="utf-8")
    written = ("--json", folder / "evaluation.json", "--predictions", folder / "predictions.parquet")
    asked = ("--data", folder / "records", *written, "--model", folder / "model")
    assert ran("evaluate", folder / "config.yaml", *asked) == 0
    return folder


def test_evaluate__take_ups__contract_of_the_json_and_every_baseline(job: Path) -> None:
    told = json.loads((job / "evaluation.json").read_text())
    assert told["task"] == "leadership" and told["protocol"] == "future_credit"
    assert told["seeds"] == [0, 1]
    expected = {
        "model",
        "gnn",
        "model_without_gnn",
        "boosted_trees",
        "past_credit",
        "recent_credit",
        "degree",
    }
    assert expected | {"pagerank", "k_core", "voterank", "neighbour_degree", "random"} <= set(told["methods"])
    for name in ("kendall", "ndcg_at_5pct"):
        assert set(told["methods"]["model"][name]) == {"value", "low", "high"}
        assert name in told["differences"]["past_credit"]
    rows = pd.read_parquet(job / "predictions.parquet")
    assert {"query_id", "candidate_id", "method", "seed", "label", "score"} <= set(rows)


def test_report__evaluated_leaders__evidence_leaders_and_figures_in_one_file(job: Path) -> None:
    assert ran("report", job / "model", "--no-map") == 0
    page = (job / "report.html").read_text(encoding="utf-8")
    for words in (
        "Whom to win as ambassadors",
        "Who leads opinion",
        "What these data cannot show",
        "Do people move each other at all?",
        "take-ups of others expected",
        "Communities",
        "When the leaders respond",
        "data:image/png",
    ):
        assert words in page
    assert "http://" not in page and "https://" not in page and "<script" not in page


def test_people__records_or_model__the_same_table(job: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outputs = []
    for place in ("records", "model"):
        outputs.append(job / f"communities-{place}.csv")
        assert ran("people", job / place, "communities", "--output", outputs[-1]) == 0
    one, two = (pd.read_csv(output) for output in outputs)
    pd.testing.assert_frame_equal(one, two)
    assert {"n_people", "leaders"} <= set(one)
    (job / "whom.csv").write_text("contact_id\np44\np03\n", encoding="utf-8")
    assert ran("people", job / "records", "habits", "--contacts", job / "whom.csv") == 0
    capsys.readouterr()
    assert ran("people", job / "records", "experts", "--topic", "wood", "-k", 2, "--at", AT) == 0
    assert len(capsys.readouterr().out.strip().splitlines()) == 3
    assert ran("people", job / "records", "expert") == 2
    assert "Did you mean 'experts'" in capsys.readouterr().err


def test_recommend__topic_and_country__list_and_sentences(
    job: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = job / "leaders.csv"
    words = ("recommend", job / "model", "leadership", "--topic", "wood", "--country", "FR", "-k", 4)
    assert ran(*words, "--output", output) == 0
    assert "First on wood" in capsys.readouterr().err
    found = pd.read_csv(output)
    assert len(found) == 4 and set(found["country"]) == {"FR"} and set(found["topic"]) == {"wood"}
    assert ran(*words, "--explain", "--output", output) == 0
    assert pd.read_csv(output)["reasons"].str.contains("whom they know").all()
    assert ran("recommend", job / "model", "leadership", "--topic", "stone") == 2
    assert "Did you mean" in capsys.readouterr().err


def test_ambassadors__budget_and_value__within_it_and_worth_the_sum(
    job: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    costs, output = job / "costs.csv", job / "ambassadors.parquet"
    ids = influence.load(job / "model").network.contact_ids
    pd.DataFrame({"contact_id": ids, "cost": range(100, 100 + len(ids))}).to_csv(costs, index=False)
    words = ("ambassadors", job / "model", "--topic", "steel", "--costs", costs, "--budget", 330)
    assert ran(*words, "--unit-value", 9, "--output", output) == 0
    told = capsys.readouterr().err
    found = pd.read_parquet(output)
    assert 0 < found["cost"].sum() <= 330
    assert found["value"].sum() == pytest.approx(9 * found["part"].sum())
    assert "p01" not in set(found["contact_id"])  # of the own team
    assert f"{found['value'].sum():,.2f}" in told
    by_credit = ("ambassadors", job / "model", "--by", "credit", "-k", 2, "--country", "DE")
    assert ran(*by_credit, "--output", output) == 0
    assert len(pd.read_parquet(output)) == 2


def test_ambassadors__mixes_and_pictures__a_row_per_share_and_png(job: Path) -> None:
    output, picture = job / "mixes.csv", job / "mixes.png"
    words = ("ambassadors", job / "model", "--by", "credit", "-k", 3)
    assert ran(*words, "--mixes", "--output", output, "--picture", picture) == 0
    found = pd.read_csv(output)
    assert found["share_of_seekers"].tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert (found["n_leaders"] + found["n_seekers"] <= 3).all() and found["is_efficient"].any()
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert ran(*words, "--picture", job / "chosen.png") == 0
    assert (job / "chosen.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--by", "luck"), "Give spread or credit"),
        (("--topic", "woods"), "Did you mean 'wood'"),
        (("--unit-value", 0), "above 0"),
        (("--costs", "absent.csv"), "There is no file"),
    ],
)
def test_ambassadors__bad_questions__refused_with_the_remedy(
    job: Path, capsys: pytest.CaptureFixture[str], option: tuple[object, ...], words: str
) -> None:
    assert ran("ambassadors", job / "model", *option) == 2
    assert words in capsys.readouterr().err


def test_ambassadors__nobody_left__empty_with_the_reason(
    job: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran("ambassadors", job / "model", "--country", "JP") == 0
    assert "Nobody is chosen" in capsys.readouterr().err


def test_score__people_of_a_file__as_the_model_says(job: Path) -> None:
    people, scores = job / "people.csv", job / "scores.csv"
    pd.DataFrame({"contact_id": ["p03", "p44", "new"], "note": ["a", "b", "c"]}).to_csv(people, index=False)
    assert ran("score", job / "model", people, scores, "--task", "leadership") == 0
    found = pd.read_csv(scores)
    assert found["note"].tolist() == ["a", "b", "c"]
    expected = influence.load(job / "model").predict("leadership", pd.read_csv(people))
    assert found["susceptibility"].to_numpy() == pytest.approx(expected["susceptibility"].to_numpy())
    assert ran("score", job / "model", people, scores, "--task", "acceptance") == 2


def test_train__both_tasks_tracked__one_bundle_answers_both(
    job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    world = influence.synthesize(400, seed=3, n_items=200)
    write_tables(world, tmp_path / "world")
    both = {**json.loads(SETTINGS), "tasks": ["acceptance", "leadership"], "tracking": {}, "output": "both"}
    (tmp_path / "both.yaml").write_text(json.dumps(both), encoding="utf-8")
    assert ran("train", "both.yaml", "--data", "world") == 0
    model = influence.load("both")
    assert model.tasks == ("acceptance", "leadership")
    ids = model.network.contact_ids[:2]
    pairs = pd.DataFrame({"sender_id": ids[:1], "recipient_id": ids[1:]})
    assert model.predict("acceptance", pairs)["p_within_3_weeks"].between(0, 1).all()
    assert model.predict("leadership", pd.DataFrame({"contact_id": ids}))["influence"].notna().all()
    assert list(tmp_path.rglob("*.db"))  # the store of runs
