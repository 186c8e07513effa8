"""Partners as their users start them: evaluate, report, recommend, markets, score, train, audit."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from tests.commands import ran
from tests.prediction.partner_worlds import market, quick_partners

import influence
from influence.config import dump
from influence.readers import write_tables

SETTINGS = json.dumps(dump(quick_partners(), departures_only=True))
BASELINES = {"popularity", "gravity", "category_similarity", "adamic_adar", "personalised_pagerank"}


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("partners")
    write_tables(market(), folder / "records")
    (folder / "config.yaml").write_text(SETTINGS, encoding="utf-8")
    written = ("--json", folder / "evaluation.json", "--predictions", folder / "predictions.parquet")
    asked = ("--data", folder / "records", *written, "--model", folder / "model")
    assert ran("evaluate", folder / "config.yaml", *asked) == 0
    return folder


def test_evaluate__links__contract_of_the_json_and_every_baseline(job: Path) -> None:
    told = json.loads((job / "evaluation.json").read_text())
    assert (told["task"], told["protocol"], told["seeds"]) == ("partners", "next_links", [0])
    assert {"model", "gnn", "model_without_gnn", "boosted_trees"} | BASELINES <= set(told["methods"])
    for name in ("mrr", "hits_at_10", "ndcg_at_10", "recall_at_50"):
        assert set(told["methods"]["model"][name]) == {"value", "low", "high"}
        assert set(told["differences"]["gravity"][name]) == {"value", "low", "high"}
    rows = pd.read_parquet(job / "predictions.parquet")
    assert {"query_id", "candidate_id", "method", "seed", "label", "score"} <= set(rows)
    of_model = rows[(rows["method"] == "model") & (rows["label"] == 1)]
    assert told["methods"]["model"]["mrr"]["value"] == pytest.approx((1 / of_model["rank"]).mean())


def test_report__evaluated_partners__a_list_its_markets_and_figures_in_one_file(job: Path) -> None:
    assert ran("report", job / "model", "--no-map") == 0
    page = (job / "report.html").read_text(encoding="utf-8")
    for words in (
        "Which markets",
        "Which partners, and through whom",
        "Somebody already stands between",
        "data:image/png",
    ):
        assert words in page
    assert "http://" not in page and "https://" not in page and "<script" not in page


def test_recommend__a_company__a_list_with_reasons(job: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("partners", "--company", "c00", "-k", 3, "--per-country", 1, "--explain")
    assert ran("recommend", job / "model", *asked, "--output", job / "list.csv") == 0
    rows = pd.read_csv(job / "list.csv", keep_default_na=False)
    assert len(rows) == 3
    assert rows["country"].is_unique
    assert rows["reasons"].str.contains("who stands between").all()
    assert "sum of its parts" in capsys.readouterr().err


def test_markets__a_company__countries_with_what_to_expect(job: Path) -> None:
    assert ran("markets", job / "model", "--company", "c00", "-k", 2, "--output", job / "markets.csv") == 0
    rows = pd.read_csv(job / "markets.csv", keep_default_na=False)
    assert len(rows) == 2
    assert {"country", "expected", "expected_direct", "expected_indirect", "precedents"} <= set(rows)


def test_score__a_file_of_pairs__same_as_predict(job: Path) -> None:
    pairs = pd.DataFrame({"source_id": ["c00", "c01"], "target_id": ["c02", "c09"], "note": ["x", "y"]})
    pairs.to_parquet(job / "pairs.parquet")
    asked = (job / "pairs.parquet", job / "scores.parquet", "--task", "partners")
    assert ran("score", job / "model", *asked) == 0
    found = pd.read_parquet(job / "scores.parquet")
    expected = influence.load(job / "model").predict("partners", pairs)
    assert found["note"].tolist() == ["x", "y"]
    pd.testing.assert_frame_equal(found[expected.columns], expected, check_dtype=False)


@pytest.mark.parametrize(
    ("asked", "remedy"),
    [
        (("recommend", "absent", "partners", "--country", "FR"), "--company ID or --contact ID."),
        (("markets", "absent"), "--company ID or --contact ID."),
        (("recommend", "absent", "introductions"), "--contact ID or NAME, --company ID or --deal ID."),
    ],
)
def test_nobody_named__a_model_that_is_not_even_there__told_by_the_options_before_it_is_looked_for(
    asked: tuple[str, ...], remedy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(*asked) == 2
    assert capsys.readouterr().err.strip().endswith(remedy)


def test_recommend__what_partners_do_not_heed__the_option_is_named_and_those_that_there_are(
    job: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran("recommend", job / "model", "partners", "--contact", "ana") == 2
    assert ran("recommend", job / "model", "partners", "--company", "c00", "--max-asks", 2) == 2
    told = capsys.readouterr().err
    assert "Give --company, who looks for them instead of --contact." in told
    assert "does not heed --max-asks. " in told and "--per-country" in told


def test_unknown_company__recommend_and_markets__exit_2_with_the_remedy(
    job: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for asked in (("recommend", job / "model", "partners", "--company", "c0"), ("markets", job / "model")):
        assert ran(*asked) == 2
    told = capsys.readouterr().err
    assert "on no record by then. Did you mean" in told
    assert "Name who looks for partners: --company ID or --contact ID." in told
