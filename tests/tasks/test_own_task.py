"""A task of one's own, as docs/own_task.md writes it: two registrations, and every command knows it."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from tests.commands import ran
from tests.docs.blocks import blocks_of
from tests.experiment.worlds import network

import influence
from influence.errors import CheckpointError
from influence.prediction.heads import HEADS
from influence.readers import write_tables
from influence.tasks import TASKS

PAGE = Path(__file__).parents[2] / "docs" / "own_task.md"


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Records, a configuration, people to ask about; the page's task is registered while the test runs."""
    [written] = [block for block in blocks_of(PAGE) if "class Demand" in block.text]
    write_tables(network(1), tmp_path / "records")
    told = {"task": "demand", "output": str(tmp_path / "model"), "tracking": {"enabled": False}}
    (tmp_path / "demand.yaml").write_text(json.dumps(told), encoding="utf-8")
    often = network(1).table("invitations")["recipient_id"].mode().head(1).tolist()
    pd.DataFrame({"contact_id": [*often, "nobody"]}).to_csv(tmp_path / "people.csv", index=False)
    (tmp_path / "own_task.py").write_text(written.text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with mock.patch.dict(TASKS), mock.patch.dict(HEADS), mock.patch.dict(sys.modules):
        importlib.import_module("own_task")
        yield tmp_path


def trained(job: Path) -> Path:
    assert ran("train", job / "demand.yaml", "--data", job / "records") == 0
    return job / "model"


def test_train_and_score__own_task__as_the_stored_line_says(job: Path) -> None:
    model = trained(job)
    sent, out = network(1).table("invitations"), job / "scores.csv"
    end = sent["sent_at"].max()
    asked = (model, job / "people.csv", out, "--task", "demand", "--at", end.isoformat())
    assert ran("score", *asked) == 0
    found = pd.read_csv(out)
    kept = json.loads((model / "model.json").read_text())["heads"]["demand"]
    month = sent[(sent["sent_at"] >= end - pd.Timedelta(days=30)) & (sent["sent_at"] < end)]
    got = [(month["recipient_id"] == who).sum() for who in found["contact_id"]]
    assert found["contact_id"].tolist()[-1] == "nobody"
    assert np.allclose(found["expected"], kept["base"] + kept["again"] * np.array(got))
    assert max(got) > 0
    assert "how many invitations" in (model / "MODEL_CARD.md").read_text("utf-8")


def test_recommend_and_audit__own_task__answer(job: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = trained(job)
    assert ran("recommend", model, "demand", "-k", 3) == 0
    assert len(capsys.readouterr().out.strip().splitlines()) >= 4
    assert ran("audit", job / "demand.yaml", "--data", job / "records") == 0
    assert "no prediction moved" in capsys.readouterr().out
    assert ran("list") == 0
    assert "own_task.py" in capsys.readouterr().out


def test_evaluate__task_without_protocol__told_what_is_missing(
    job: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran("evaluate", job / "demand.yaml", "--data", job / "records") == 2
    assert "no protocol by which demand could be judged" in " ".join(capsys.readouterr().err.split())


def test_fit__own_task_named_twice__one_head_that_gives_reasons(job: Path) -> None:
    settings = influence.Config(task="demand", tasks=("demand",), output=job / "model")
    model = influence.fit(network(1), settings)
    assert model.tasks == ("demand",)
    rows = pd.DataFrame({"contact_id": ["p03"]})
    assert "got" in model.explain("demand", rows)["reasons"].iloc[0]


def test_load__model_of_a_task_that_is_not_here__refused_by_name(job: Path) -> None:
    model = trained(job)
    with mock.patch.dict(HEADS, clear=False):
        del HEADS["demand"]
        with pytest.raises(CheckpointError, match="answers 'demand', a task that is not known here"):
            influence.load(model)
