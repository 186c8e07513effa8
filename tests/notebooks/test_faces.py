"""What a notebook shows of a network, a model and a plan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.experiment.worlds import network, quick_config

import influence
from influence.contagion.ambassadors import AmbassadorLimits, SpreadGraph, choose_ambassadors
from influence.markup import ROWS_SHOWN, face


def test_face__text_from_records__escaped() -> None:
    shown = face("<b>", ["a & b"], pd.DataFrame({"name": ["<script>alert(1)</script>"]}))
    assert "<script>" not in shown
    assert "&lt;b&gt;" in shown and "a &amp; b" in shown


def test_face__long_table__first_rows_and_a_count_of_the_rest() -> None:
    shown = face("rows", rows=pd.DataFrame({"n": range(ROWS_SHOWN + 3)}))
    assert shown.count("<tr") == ROWS_SHOWN + 1
    assert "and 3 more" in shown


def test_result__in_a_terminal__its_sentences_and_its_table() -> None:
    graph = SpreadGraph.build(["ana", "bo"], ["bo", "cy"], [1.0, 1.0])
    candidates = pd.DataFrame({"contact_id": ["ana", "bo", "cy"]})
    found = choose_ambassadors(graph, candidates, AmbassadorLimits(k=1), np.random.default_rng(0))
    heading, *told = repr(found).splitlines()
    assert heading == "Ambassadors:"
    assert told[: len(found.sentences)] == list(found.sentences)
    columns, person = told[len(found.sentences) :]
    assert columns.split()[:3] == ["rank", "contact_id", "marginal"]
    assert person.split()[:3] == ["1", "ana", "3"]


def test_network__in_a_notebook__rows_and_period_of_every_table() -> None:
    shown = network()._repr_html_()
    for name, rows in network().tables.items():
        assert f"<td>{name}</td>\n      <td>{len(rows):,}</td>" in shown
    first = network().table("invitations")["sent_at"].min()
    assert f"{first:%Y-%m-%d}" in shown


def test_fit__progress__told_where_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = quick_config(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("influence.progress.is_watched", lambda: True)
        model = influence.fit(network(), config, progress=True)
    assert "epoch" in capsys.readouterr().err
    assert "acceptance" in repr(model)
    assert model._repr_html_().startswith("<strong>Model</strong>")
    influence.fit(network(), config)
    assert not capsys.readouterr().err
