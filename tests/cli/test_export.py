"""`influence export` as a user runs it."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pandas as pd
import pytest
from tests.commands import ran
from tests.readers.folders import MESSAGES, write

from influence.writing import read_table, write_table


@pytest.fixture
def records(tmp_path: Path) -> Path:
    return write(tmp_path / "records", {"messages.csv": MESSAGES})


def test_export__gexf_with_scores_and_communities__opens(
    records: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scores = pd.DataFrame({"sender_id": ["a"], "recipient_id": ["d"], "p_within_3_weeks": [0.25]})
    write_table(scores, tmp_path / "scores.csv")
    output = tmp_path / "graph.gexf"
    assert (
        ran("export", records, output, "--scores", tmp_path / "scores.csv", "--communities", "--names") == 0
    )
    shown = capsys.readouterr()
    assert shown.out == f"4 contacts and 5 edges in {output}.\n"
    assert "No names are known here" in shown.err
    graph = nx.read_gexf(output)
    assert graph.edges["a", "d"]["p_within_3_weeks"] == 0.25
    # a, b and c know each other through messages, which are no ties: nobody is in a community of three.
    assert set(graph) == {"a", "b", "c", "d"}


def test_export__rows_at_a_moment__what_was_known(records: Path, tmp_path: Path) -> None:
    assert ran("export", records, tmp_path / "rows.csv", "--at", "2004-04-15T14:56:05Z") == 0
    assert read_table(tmp_path / "rows.csv")["contact_id"].tolist() == ["a", "b"]


def test_export__unknown_ending__refused_before_reading(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran("export", tmp_path / "nowhere", tmp_path / "graph.png") == 2
    assert ".gexf, .graphml, .csv or .parquet" in capsys.readouterr().err


def test_export__scores_of_nothing_known__refused(
    records: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_table(pd.DataFrame({"who": ["a"]}), tmp_path / "scores.parquet")
    assert ran("export", records, tmp_path / "g.gexf", "--scores", tmp_path / "scores.parquet") == 2
    assert "The scores name neither" in capsys.readouterr().err
    assert not (tmp_path / "g.gexf").exists()
