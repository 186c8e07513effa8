"""Evaluations side by side: only what was forecast on the same rows is subtracted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.commands import ran

from influence.errors import DataError
from influence.evaluation.comparison import Evaluated, compare
from influence.evaluation.summary import summarise, write_json, write_predictions

QUICK = {"n_resamples": 50}


def predictions(rows: range, tilt: float, seeds: tuple[int, ...] = (0,)) -> pd.DataFrame:
    """Forecasts of rows whose acceptance follows their number, the surer the more they are tilted."""
    told = [
        (f"q{row}", "c", "model", seed, 2 * (row % 3 == 0), 0.1, 0.5 + tilt * (1 if row % 3 == 0 else -1))
        for row in rows
        for seed in seeds
    ]
    names = ["query_id", "candidate_id", "method", "seed", "label", "p_at_once", "p_within_3_weeks"]
    return pd.DataFrame(told, columns=names).assign(p_declined=0.0)


def evaluated(
    name: str, rows: range, tilt: float, seeds: tuple[int, ...] = (0,), **settings: Any
) -> Evaluated:
    frame = predictions(rows, tilt, seeds)
    counts = {"n_train": 60, "n_validation": 20, "n_test": len(rows)}
    summary = summarise(frame, task="acceptance", dataset="made up", counts=counts, **QUICK)
    return Evaluated(name, summary, frame, {"seeds": list(seeds), **settings})


def loss(tilt: float) -> float:
    """By hand: a third accepted between 1 and 21 days, the others not."""
    return float(-(np.log(0.4 + tilt) + 2 * np.log(0.5 + tilt)) / 3)


def test_compare__overlapping_rows__paired_on_those_all_share() -> None:
    found = compare([evaluated("a", range(60), 0.3), evaluated("b", range(30, 90), 0.1)], **QUICK)
    assert found.figures["differences"]
    assert found.figures["n_test"] == 30
    assert "30 test rows that all share (of 60, 60)" in found.sentence
    difference = found.figures["differences"]["b"]["log_loss_3class"]
    assert difference["value"] == pytest.approx(loss(0.3) - loss(0.1))
    assert difference["high"] < 0


@pytest.mark.parametrize("other", ["elsewhere", "unkept"])
def test_compare__no_rows_shared__own_figures_and_no_difference(other: str) -> None:
    second = evaluated("b", range(100, 160), 0.1)
    if other == "unkept":
        second = Evaluated("b", evaluated("b", range(60), 0.1).summary, None, {})
    found = compare([evaluated("a", range(60), 0.3), second], **QUICK)
    assert not found.figures["differences"]
    assert found.figures["differences"] == {}
    assert found.figures["methods"]["b"]["log_loss_3class"]["value"] == pytest.approx(loss(0.1))
    assert found.knows_settings is (other == "elsewhere")
    assert ("share no test row" if other == "elsewhere" else "kept of b") in found.sentence


def test_compare__different_numbers_of_seeds__as_many_of_each() -> None:
    found = compare(
        [evaluated("a", range(30), 0.3, (0, 1, 2)), evaluated("b", range(30), 0.1, (4, 5))], **QUICK
    )
    assert found.sentence.endswith("2 seeds each.")


def test_compare__settings__only_departures_that_decide_results() -> None:
    first = evaluated("a", range(30), 0.3, output="x", trees={"max_rounds": 20, "rate": 0.1})
    second = evaluated("b", range(30), 0.1, output="y", trees={"max_rounds": 40, "rate": 0.1}, extra=1)
    told = compare([first, second], **QUICK).departures.set_index("setting")
    assert told.to_dict("index") == {
        "trees.max_rounds": {"a": "20", "b": "40"},
        "extra": {"a": "-", "b": "1"},
    }


def test_compare__one_or_twice_the_same__refused() -> None:
    one = evaluated("a", range(30), 0.3)
    for given in ([one], [one, one]):
        with pytest.raises(DataError, match="two or more different"):
            compare(given)


def kept(folder: Path, one: Evaluated) -> Path:
    """As `evaluate --model` leaves it."""
    assert one.predictions is not None
    write_predictions(one.predictions, folder / "evaluation" / "predictions.parquet")
    write_json(one.summary, folder / "evaluation" / "summary.json")
    write_json({"settings": one.settings}, folder / "evaluation" / "card.json")
    return folder


def test_command__folders_and_files__shown_as_far_as_they_go(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = kept(tmp_path / "a", evaluated("a", range(30), 0.3, ensemble_members=1))
    second = kept(tmp_path / "b", evaluated("b", range(30), 0.1, ensemble_members=5))
    assert ran("compare", first, second) == 0
    out = capsys.readouterr().out
    assert "30 test rows that all share" in out
    assert "ensemble_members" in out
    assert ran("compare", first, second / "evaluation" / "summary.json") == 0
    assert "nothing is subtracted" in capsys.readouterr().out


def test_command__output__a_page_that_stands_alone_or_a_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = kept(tmp_path / "a", evaluated("a", range(30), 0.3, ensemble_members=1))
    second = kept(tmp_path / "b", evaluated("b", range(30), 0.1, ensemble_members=5))
    assert ran("compare", first, second, "--output", tmp_path / "page.html") == 0
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "data:image/png;base64," in page
    assert f"{first} minus each other" in page
    assert "ensemble_members" in page
    assert "http" not in page.replace("http-equiv", "")
    figures = second / "evaluation" / "summary.json"
    assert ran("compare", first, figures, "--output", tmp_path / "unpaired.html") == 0
    assert "minus each other" not in (tmp_path / "unpaired.html").read_text("utf-8")
    assert ran("compare", first, second, "--output", tmp_path / "picture.png") == 0
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
    assert ran("compare", first, second, "--output", tmp_path / "page.pdf") == 2
    assert "Name it .html or .png." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("compare", "FOLDER", "FILE"), "There is no evaluation in"),
        (("compare", "FILE", "FOLDER"), "holds no figures"),
        (("compare", "nothing", "FILE"), "There are no runs"),
        (("runs",), "There are no runs"),
    ],
)
def test_command__bad_input__says_what(
    store: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    (store.parent / "folder").mkdir()
    (store.parent / "file.json").write_text(json.dumps({"seeds": [0]}))
    places = {"FOLDER": store.parent / "folder", "FILE": store.parent / "file.json"}
    assert ran(*(places.get(word, word) for word in words)) == 2
    assert sentence in capsys.readouterr().err
    assert not store.exists()
