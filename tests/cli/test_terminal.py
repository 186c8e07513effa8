"""Tables where people read them: in terminals of any width."""

from __future__ import annotations

import re

import pytest
from rich.table import Table

from influence.cli.terminal import print_table

FIGURE = "0.555\n0.472..0.633"


def grid() -> Table:
    table = Table(title="Three methods", caption="the best")
    for name in ("method", *(f"figure {n}" for n in range(6))):
        table.add_column(name)
    for method in ("gnn", "boosted_trees", "constant"):
        table.add_row(method, *[FIGURE] * 6)
    return table


@pytest.mark.parametrize(("width", "n_blocks"), [(200, 1), (80, 2), (40, 6)])
def test_print_table__terminal_of_any_width__no_cell_cut_and_every_row_named(
    width: int, n_blocks: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes standard output for a terminal
    monkeypatch.setenv("COLUMNS", str(width))
    print_table(grid())
    told = re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out)
    assert max(map(len, told.splitlines())) <= width
    assert told.count("0.472..0.633") == 18 and "…" not in told
    assert told.count("boosted_trees") == told.count("method ") == n_blocks
    assert [told.count(f"figure {n}") for n in range(6)] == [1] * 6
    assert told.count("Three methods") == told.count("the best") == 1
    assert (
        told.index("Three methods") < told.index("figure 0") < told.index("figure 5") < told.index("the best")
    )


def test_print_table__one_column__printed(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("name")
    table.add_row("ana")
    print_table(table)
    assert "ana" in capsys.readouterr().out
