"""The `evaluate` contract, and what happens to predictions that contradict each other."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from tests.evaluation.frames import COUNTS, predictions

from influence import metrics
from influence.errors import DataError
from influence.evaluation.summary import Judge, summarise, write_json, write_predictions
from influence.evaluation.terminal import best_method, table, verdict

NOISE = {"model": 0.0, "boosted_trees": 1.0, "prior": 3.0}


def _summarise(frame: pd.DataFrame, **options: object) -> dict:
    return summarise(frame, task="acceptance", dataset="invented", counts=COUNTS, n_resamples=60, **options)


def test_summarise__three_methods__contract_keys_and_values_recomputed_from_the_frame() -> None:
    frame = predictions(NOISE)
    summary = _summarise(frame)
    assert summary["task"] == "acceptance"
    assert (summary["n_train"], summary["n_validation"], summary["seeds"]) == (900, 150, [0, 1])
    assert list(summary["methods"]) == list(NOISE)
    assert list(summary["differences"]) == ["boosted_trees", "prior"]
    assert set(summary["methods"]["prior"]) == set(metrics.ACCEPTANCE)
    per_seed = [
        metrics.auc(rows["label"].isin([1, 2]), rows["p_within_3_weeks"])
        for _, rows in frame[frame["method"] == "prior"].groupby("seed")
    ]
    interval = summary["methods"]["prior"]["auc"]
    assert interval["value"] == pytest.approx(np.mean(per_seed))
    assert interval["low"] < interval["value"] < interval["high"]


def test_summarise__better_model__differences_are_model_minus_baseline() -> None:
    summary = _summarise(predictions(NOISE, n=600))
    difference = summary["differences"]["prior"]
    assert difference["auc"]["low"] > 0 > difference["brier"]["high"]
    gap = summary["methods"]["model"]["auc"]["value"] - summary["methods"]["prior"]["auc"]["value"]
    assert difference["auc"]["value"] == pytest.approx(gap)
    assert (verdict("auc", difference["auc"]), verdict("brier", difference["brier"])) == (1, 1)


def test_summarise__rows_in_another_order__same_summary() -> None:
    frame = predictions(NOISE, n=80)
    shuffled = pd.concat(
        [own.sample(frac=1, random_state=1) for _, own in frame.groupby("method", sort=False)]
    )
    assert json.dumps(_summarise(frame)) == json.dumps(_summarise(shuffled))


def test_summarise__method_under_one_seed__stands_for_all() -> None:
    frame = predictions(NOISE)
    once = frame[(frame["method"] != "prior") | (frame["seed"] == 0)]
    value = _summarise(once)["methods"]["prior"]["auc"]["value"]
    rows = once[once["method"] == "prior"]
    assert value == pytest.approx(metrics.auc(rows["label"].isin([1, 2]), rows["p_within_3_weeks"]))


def test_summarise__by_sender__wider_where_a_sender_fixes_the_outcome() -> None:
    frame = predictions({"model": 0.5}, n=400, seeds=(0,))
    codes = frame["group"].astype("category").cat.codes
    frame["label"] = (codes % 2).astype(int)
    widths = {}
    for by in ("query", "sender"):
        interval = _summarise(frame, by=by)["methods"]["model"]["log_loss"]
        widths[by] = interval["high"] - interval["low"]
    assert widths["sender"] > 1.3 * widths["query"]


def test_summarise__slices__figures_of_their_rows_alone() -> None:
    frame = predictions(NOISE)
    ids = frame["query_id"].unique()
    cold = pd.Series(np.arange(len(ids)) < 70, index=ids)
    summary = _summarise(frame, slices={"cold_contacts": cold, "nobody": cold & False})
    alone = _summarise(frame[frame["query_id"].isin(cold[cold].index)])
    found = summary["slices"]["cold_contacts"]
    assert found["n_test"] == 70
    assert found["methods"] == alone["methods"]
    assert summary["slices"]["nobody"]["n_test"] == 0


def test_summarise__method_that_only_ranks__discrimination_and_nothing_else() -> None:
    frame = predictions(NOISE)
    ranks = frame["method"] == "prior"
    frame["score"] = np.where(ranks, np.log(frame["p_within_3_weeks"]), np.nan)
    frame.loc[ranks, ["p_at_once", "p_within_3_weeks"]] = np.nan
    summary = _summarise(frame)
    ranked = {"auc", "ap", "yield_at_20pct"}
    assert set(summary["methods"]["prior"]) == ranked
    assert set(summary["differences"]["prior"]) == ranked
    undated = _summarise(frame.drop(columns="sent_at"))
    assert set(undated["methods"]["prior"]) == {"auc", "ap"}


def test_summarise__weekly_plans__weeks_begin_on_monday_in_utc() -> None:
    # Two weeks send a fifth of each; one week of both sends a part of the better one alone.
    frame = predictions({"model": 0.0}, n=2, seeds=(0,)).assign(label=[1, 0], p_at_once=0.1)
    frame["p_within_3_weeks"] = [0.9, 0.5]
    days = ("2025-01-05T23:00Z", "2025-01-06T00:00Z")
    two_weeks = frame.assign(sent_at=pd.to_datetime(days, utc=True))
    one_week = frame.assign(sent_at=pd.to_datetime(("2025-01-06T00:00Z", "2025-01-12T23:59Z"), utc=True))
    values = [_summarise(f)["methods"]["model"]["yield_at_20pct"]["value"] for f in (two_weeks, one_week)]
    assert values == [pytest.approx(0.5), pytest.approx(1.0)]


def test_summarise__costs__mean_and_range_over_seeds() -> None:
    summary = _summarise(predictions(NOISE, n=40), costs={"model": {"seconds": [2.0, 4.0]}})
    assert summary["methods"]["model"]["seconds"] == {"value": 3.0, "low": 2.0, "high": 4.0}


def test_summarise__one_row_or_one_class__null_in_the_json(tmp_path: Path) -> None:
    for n, label in ((1, 1), (5, 0)):
        frame = predictions({"model": 0.1, "prior": 0.1}, n=n).assign(label=label)
        write_json(_summarise(frame), tmp_path / "summary.json")
        text = (tmp_path / "summary.json").read_text()
        stored = json.loads(text, parse_constant=lambda name: pytest.fail(name))
        assert stored["methods"]["model"]["auc"] == {"value": None, "low": None, "high": None}
        assert stored["methods"]["model"]["brier"]["value"] > 0
        assert _rendered(stored)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda f: f.drop(columns="label"), "lack the columns label"),
        (lambda f: f.iloc[:0], "There are no predictions"),
        (lambda f: f.iloc[1:], "predictions of 'model' are not for the same"),
        (lambda f: pd.concat([f, f.iloc[[3]]]), "1 predictions are there twice, first .*invitation-3"),
        (
            lambda f: f.assign(label=f["label"].where(f["query_id"] != "invitation-5", 9)),
            "'model': A label is none of 0 = neither",
        ),
        (lambda f: f.assign(label=f["label"].where(f.index != 5, 3 - f["label"])), "with the same labels"),
        (lambda f: f.assign(p_at_once=f["p_at_once"].where(f.index != 5)), "'model': p_at_once is NaN"),
        (lambda f: f[(f["method"] != "prior") | (f["seed"] < 2)], "2 of 3 seeds"),
    ],
)
def test_summarise__predictions_that_contradict__data_error(
    spoil: Callable[[pd.DataFrame], pd.DataFrame], words: str
) -> None:
    with pytest.raises(DataError, match=words):
        _summarise(spoil(predictions(NOISE, seeds=(0, 1, 2))))


def test_summarise__slice_without_all_queries_or_no_senders__data_error() -> None:
    frame = predictions(NOISE, n=20)
    with pytest.raises(DataError, match="lacks 19 of 20 queries"):
        _summarise(frame, slices={"cold": pd.Series([True], index=["invitation-0"])})
    with pytest.raises(DataError, match="lack the columns group"):
        _summarise(frame.drop(columns="group"), by="sender")


def test_summarise__a_judge_of_its_own__scores_and_counts() -> None:
    class Mean:
        def __init__(self, rows: pd.DataFrame, seed: int) -> None:
            self.error = np.abs(rows["label"] - rows["score"]).to_numpy(np.float64)
            self.values = {"log_loss": float(self.error.mean())}

        def resampled(self, counts: np.ndarray) -> dict[str, np.ndarray]:
            return {"log_loss": counts @ self.error / counts.sum(1)}

    rows = pd.DataFrame({"query_id": "all", "candidate_id": list("abcd"), "label": [0.0, 1, 2, 3], "seed": 0})
    frame = pd.concat([rows.assign(method=name, score=1.0 + by) for name, by in (("model", 0), ("prior", 1))])
    judge = Judge(("score",), Mean, lambda rows: {"n_people": len(rows)})
    told = summarise(frame, task="leadership", dataset="d", counts=COUNTS, judge=judge, by="candidate")
    assert told["methods"]["model"]["log_loss"]["value"] == 1.0  # |0-1|, 0, 1, 2
    assert told["differences"]["prior"]["log_loss"]["value"] == 0.0
    assert told["methods"]["model"]["log_loss"]["low"] < 1 < told["methods"]["model"]["log_loss"]["high"]
    assert told["n_people"] == 4
    by_query = summarise(frame, task="leadership", dataset="d", counts=COUNTS, judge=judge)
    assert by_query["methods"]["model"]["log_loss"]["low"] == 1.0  # one query: nothing to draw
    with pytest.raises(DataError, match="lack the columns score"):
        summarise(frame.drop(columns="score"), task="leadership", dataset="d", counts=COUNTS, judge=judge)


def test_write_predictions__read_again__same_frame(tmp_path: Path) -> None:
    frame = predictions(NOISE, n=10)
    write_predictions(frame, tmp_path / "new" / "predictions.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "new" / "predictions.parquet"), frame)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["predictions.parquet"]


def test_table__summary__best_is_marked_and_differences_follow() -> None:
    summary = _summarise(predictions(NOISE, n=600))
    text = _rendered(summary)
    assert best_method(summary["methods"], "auc") == "model"
    assert f"*{summary['methods']['model']['auc']['value']:.3f}" in text
    assert text.index("model minus") < text.rindex("prior")
    assert "(+)" in text


def _rendered(summary: dict) -> str:
    console = Console(width=110, record=True, file=io.StringIO())
    console.print(table(summary))
    return console.export_text()
