"""The main job on a tiny world, from records to scores, as a user does it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.commands import ran

import influence
from influence.readers import write_tables

QUICK = "seeds: [0]\ntraining: {max_epochs: 1}\ntrees: {max_rounds: 20}\ntracking: {enabled: false}\n"


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("job")
    write_tables(influence.synthesize(800, seed=1), folder / "world")
    config = folder / "config.yaml"
    config.write_text(f"{QUICK}output: {folder / 'model'}\n", encoding="utf-8")
    written = ("--json", folder / "evaluation.json", "--predictions", folder / "predictions.parquet")
    status = ran("evaluate", config, "--data", folder / "world", *written, "--model", folder / "model")
    assert status == 0
    return folder


def test_evaluate__tiny_world__json_keeps_the_contract(evaluated: Path) -> None:
    summary = json.loads((evaluated / "evaluation.json").read_text("utf-8"))
    assert summary["task"] == "acceptance"
    assert summary["dataset"] == "world"
    assert summary["seeds"] == [0]
    predictions = pd.read_parquet(evaluated / "predictions.parquet")
    methods = set(summary["methods"])
    assert {"model", "gnn", "model_without_gnn", "prior", "boosted_trees", "graphsage"} <= methods
    assert set(predictions["method"]) == methods
    assert set(summary["differences"]) == methods - {"model"}
    assert (predictions.groupby("method").size() == summary["n_test"]).all()
    for figures in summary["methods"].values():
        assert figures["brier"]["low"] <= figures["brier"]["value"] <= figures["brier"]["high"]


def test_report__evaluated_model__one_page(evaluated: Path) -> None:
    assert ran("report", evaluated / "model", "--no-map", "--output", evaluated / "page.html") == 0
    page = (evaluated / "page.html").read_text("utf-8")
    assert "data:image/png;base64," in page
    assert "<script" not in page


def test_score__file_of_pairs__same_numbers_as_the_model_gives(evaluated: Path) -> None:
    invitations = pd.read_parquet(evaluated / "world" / "invitations.parquet")
    pairs = invitations[["sender_id", "recipient_id"]].tail(40).reset_index(drop=True)
    pairs.loc[3, "recipient_id"] = "a newcomer"
    pairs.to_parquet(evaluated / "pairs.parquet")
    at = "2025-05-01"
    assert (
        ran("score", evaluated / "model", evaluated / "pairs.parquet", evaluated / "out.csv", "--at", at) == 0
    )
    scored = pd.read_csv(evaluated / "out.csv")
    expected = influence.load(evaluated / "model").predict("acceptance", pairs, at=at)
    assert scored["recipient_id"].tolist() == pairs["recipient_id"].tolist()
    np.testing.assert_allclose(scored["p_within_3_weeks"], expected["p_within_3_weeks"], rtol=1e-6)
    assert (scored["p_at_once"] <= scored["p_within_3_weeks"]).all()
    assert scored.loc[3, "is_cold_recipient"]


def test_candidates_then_score__into_parts__resumable_and_traced_back(
    evaluated: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    invitations = pd.read_parquet(evaluated / "world" / "invitations.parquet")
    senders = sorted(invitations["sender_id"].unique())[:3]
    (evaluated / "senders.txt").write_text("\n".join(senders))
    found, parts = evaluated / "candidates.parquet", evaluated / "parts"
    words = ("candidates", evaluated / "model", found, "--senders", evaluated / "senders.txt", "-k", 7)
    assert ran(*words, "--pool", 40, "--at", "2025-05-01") == 0
    rows = pd.read_parquet(found)
    assert rows.groupby("sender_id", sort=False).size().to_dict() == dict.fromkeys(senders, 7)
    score = ("score", evaluated / "model", found, parts, "--at", "2025-05-01", "--partition-rows", 8)
    assert ran(*score) == 0
    assert sorted(path.name for path in parts.iterdir()) == [
        "_manifest.json", "part-00000.parquet", "part-00001.parquet", "part-00002.parquet"
    ]  # fmt: skip
    scored = pd.read_parquet(parts)
    assert scored["recipient_id"].tolist() == rows["recipient_id"].tolist()
    np.testing.assert_allclose(scored["p_within_3_weeks"], rows["p_within_3_weeks"], atol=1e-6)
    assert set(scored["model_version"]) == {influence.load(evaluated / "model").version}
    capsys.readouterr()
    assert ran(*score) == 0
    told = capsys.readouterr()
    assert "21 rows scored into" in told.out
    assert "0 rows in" in told.err
    assert "21 were done before" in told.err
    assert ran(*score[:-1], 9) == 2
    assert "partition_rows was 8, now 9" in capsys.readouterr().err


def test_recommend__sender_of_the_records__best_first(evaluated: Path) -> None:
    sender = pd.read_parquet(evaluated / "world" / "invitations.parquet")["sender_id"].iloc[0]
    words = ("recommend", evaluated / "model", "acceptance", "--sender", sender, "-k", 5)
    assert ran(*words, "--output", evaluated / "best.parquet") == 0
    best = pd.read_parquet(evaluated / "best.parquet")
    assert len(best) == 5
    assert best["p_within_3_weeks"].is_monotonic_decreasing


def test_recommend__team_under_a_quota__plan_over_weeks_and_what_it_is_worth(
    evaluated: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contacts = pd.read_parquet(evaluated / "world" / "contacts.parquet")
    team = contacts.loc[contacts["is_own_team"], "contact_id"].unique()[:2]
    (evaluated / "leave.csv").write_text("contact_id\np001\nstranger\n")
    words = ("recommend", evaluated / "model", "acceptance", "--sender", team[0], "--sender", team[1])
    limits = ("--weekly-quota", 3, "--per-company", 1, "--suppress", evaluated / "leave.csv", "-k", 10)
    assert ran(*words, *limits, "--output", evaluated / "plan.csv") == 0
    plan = pd.read_csv(evaluated / "plan.csv")
    assert set(plan["sender_id"]) == set(team)
    assert plan.groupby(["sender_id", "week"]).size().max() <= 3
    assert plan["recipient_id"].is_unique
    assert plan["company_id"].dropna().is_unique
    told = capsys.readouterr().err
    assert "are expected to be accepted within three weeks" in told
    assert "by mutual connections alone" in told
    assert "1 of 2 ids to suppress were not in the records" in told
    assert ran(*words, "--weekly-quota", 0, "--output", evaluated / "none.csv") == 0
    assert "A weekly quota of 0 allows no invitation." in capsys.readouterr().err
    assert len(pd.read_csv(evaluated / "none.csv")) == 0


def test_recommend__introductions__paths_in_a_file_and_what_they_rest_on(
    evaluated: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contacts = pd.read_parquet(evaluated / "world" / "contacts.parquet")
    company = contacts.loc[~contacts["is_own_team"].fillna(False), "company_id"].iloc[0]
    words = (
        "recommend",
        evaluated / "model",
        "introductions",
        "--company",
        company,
        "--max-asks",
        2,
        "-k",
        9,
    )
    assert ran(*words, "--output", evaluated / "paths.csv") == 0
    told = capsys.readouterr().err
    assert f"people of {company} were known" in told
    assert "earlier messages and requests" in told
    found = pd.read_csv(evaluated / "paths.csv")
    assert len(found) == 9
    asked = found["path"].str.split(" > ").str[1:-1].explode().dropna()
    assert asked.value_counts().max() <= 2
    assert ran(*words, "--explain") == 2
    assert "reasons included" in capsys.readouterr().err


def test_recommend__explained__reasons_that_sum_beside_each_contact(evaluated: Path) -> None:
    sender = pd.read_parquet(evaluated / "world" / "invitations.parquet")["sender_id"].iloc[0]
    words = ("recommend", evaluated / "model", "acceptance", "--sender", sender, "-k", 3, "--explain")
    assert ran(*words, "--output", evaluated / "why.parquet") == 0
    why = pd.read_parquet(evaluated / "why.parquet")
    odds = why["p_within_3_weeks"] / (1 - why["p_within_3_weeks"])
    total = why["base_log_odds"] + why.filter(like="because.").sum(axis=1)
    np.testing.assert_allclose(total, np.log(odds), atol=1e-5)
    assert (why["reasons"].str.len() > 10).all()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("recommend", "MODEL", "acceptance", "--at", "1991-01-01"), "No contact was known as is_own_team"),
        (("recommend", "MODEL", "acceptance", "--sender", "nobody"), "no contact 'nobody'"),
        (("recommend", "MODEL", "aceptance", "--sender", "p000"), "Did you mean 'acceptance'?"),
        (("recommend", "MODEL", "acceptance", "--sender", "p000", "--at", "soon"), "'soon' is not a time"),
        (("recommend", "MODEL", "acceptance", "--sender", "p000", "--per-company", "0"), "per_company is 0"),
        (("recommend", "MODEL", "acceptance", "--sender", "p000", "--weekly-quota", "-2"), "quota is -2"),
        (("recommend", "MODEL", "acceptance", "--sender", "p000", "--suppress", "none"), "no file 'none'"),
        (("score", "MODEL", "PAIRS", "OUT", "--task", "aceptance"), "Did you mean 'acceptance'?"),
        (("score", "absent", "PAIRS", "OUT"), "There is no model 'absent'"),
        (("report", "absent"), "Train one: influence train CONFIG"),
    ],
)
def test_model_commands__bad_input__say_what_and_write_nothing(
    evaluated: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    pairs = evaluated / "one.csv"
    pairs.write_text("sender_id,recipient_id\np001,p002\n")
    places = {"MODEL": evaluated / "model", "PAIRS": pairs, "OUT": evaluated / "bad.csv"}
    assert ran(*(places.get(word, word) for word in words)) == 2
    assert sentence in capsys.readouterr().err
    assert not (evaluated / "bad.csv").exists()
