"""What commands say when they end."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import numba.extending
import pandas as pd
import pytest

import influence
from influence import progress
from influence.cli import places, terminal
from influence.cli.options import in_options
from influence.cli.terminal import Pace
from influence.data import Network
from influence.progress import Log, bars
from influence.readers import write_tables


def test_pace__went_on_after_an_interruption__rows_of_now_only(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 104.0])
    monkeypatch.setattr(terminal.time, "perf_counter", lambda: next(clock))
    heard = list[tuple[str, int, int]]()
    pace = Pace(lambda *told: heard.append(told))
    for done in (3_000, 4_000, 5_000):
        pace("scoring", done, 5_000)
    assert pace.told == "2,000 rows in 4.0 s, 500 rows/s, 3,000 were done before."
    assert heard == [("scoring", 3_000, 5_000), ("scoring", 4_000, 5_000), ("scoring", 5_000, 5_000)]


def test_bars__rows__rate_shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "is_watched", lambda: True)
    with bars("rows") as report:
        for done in (0, 50, 100):
            report("scoring", done, 100)
    assert "rows/s" in capsys.readouterr().err


def test_bars__no_terminal__a_line_now_and_then_even_without_word(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.05)
    with bars() as report:
        report("compiling", 0, 1)
        time.sleep(0.5)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) >= 2
    for line in lines:
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d compiling", line)


def test_bars__nothing_told_for_long_before__a_line_soon_and_then_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LEAST_SECONDS", 0.05)
    with progress.one_log():
        monkeypatch.setattr(progress, "_last_line", time.perf_counter() - 100)
        for _ in range(2):  # the first line is the one that was due
            with bars() as report:
                report("loading the model", 0, 1)
                time.sleep(0.5)
    assert capsys.readouterr().err.count("loading the model") == 1


def test_bars__no_terminal_and_soon_over__nothing_said(capsys: pytest.CaptureFixture[str]) -> None:
    with bars() as report:
        report("scoring", 1, 2)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("end", [KeyboardInterrupt(), SystemExit(143)])
def test_bars__no_terminal_and_asked_to_end__how_far_it_came(
    capsys: pytest.CaptureFixture[str], end: BaseException
) -> None:
    with pytest.raises(type(end)), bars() as report:
        report("scoring", 1, 2)
        raise end
    assert re.fullmatch(r"[\d-]+ [\d:]+ asked to end: scoring \(1 of 2\)\n", capsys.readouterr().err)


@pytest.mark.parametrize(("status", "n_lines"), [(130, 1), (143, 1), (2, 0), (0, 0)])
def test_one_log__asked_to_end_between_two_pieces_of_work__said_once(
    capsys: pytest.CaptureFixture[str], status: int, n_lines: int
) -> None:
    with pytest.raises(SystemExit), progress.one_log():
        raise SystemExit(status)
    assert capsys.readouterr().err.count("asked to end, while nothing was under way") == n_lines
    with pytest.raises(SystemExit), progress.one_log(), bars() as report:
        report("scoring", 1, 2)
        raise SystemExit(143)
    assert capsys.readouterr().err.count("asked to end") == 1


def test_log__went_on_after_an_interruption__pace_of_now_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 100.0, 110.0])
    monkeypatch.setattr(progress.time, "perf_counter", lambda: next(clock))
    log = Log("rows")
    assert log.line(0.0) == "working"
    log("scoring", 2_000, 10_000)
    assert log.line(5.0) == "scoring (2,000 of 10,000)"
    log("scoring", 3_000, 10_000)
    assert log.line(105.0) == "scoring (3,000 of 10,000)"
    log("scoring", 5_000, 10_000)
    assert log.line(110.0) == "scoring (5,000 of 10,000, 200 rows/s, about 25 s left)"
    assert log.line(10_100.0) == "scoring (5,000 of 10,000, 0 rows/s, about 6 h 57 min left)"


def test_log__a_first_step_that_is_the_longest__tells_nothing_of_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = iter([0.0, 600.0, 630.0, 660.0])
    monkeypatch.setattr(progress.time, "perf_counter", lambda: next(clock))
    log = Log()
    log("gnn", 0, 10)
    log("trees", 1, 10)
    assert log.line(610.0) == "trees (1 of 10)"
    log("logit", 2, 10)
    assert log.line(630.0) == "logit (2 of 10)", "nor does a single one after it"
    log("walk", 3, 10)
    assert log.line(660.0) == "walk (3 of 10, about 4 min left)"


def test_log__work_within_work__ends_with_word_of_what_is_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.0, 2.0, 10.0, 13.0, 30.0, 30.0, 30.0])
    monkeypatch.setattr(progress.time, "perf_counter", lambda: next(clock))
    log = Log()
    log("acceptance", 0, 1)
    log("seed 0: gnn", 0, 18)
    log("epoch 0", 0, 20)
    log("epoch 1", 1, 20)
    log("epoch 4", 4, 20)
    assert log.line(13.0) == "acceptance; seed 0: gnn (0 of 18); epoch 4 (4 of 20, about 16 s left)"
    log("seed 0: trees", 1, 18)
    assert log.line(30.0) == "acceptance; seed 0: trees (1 of 18)"
    log("epoch 1", 1, 20)
    assert log.line(30.0) == "acceptance; seed 0: trees (1 of 18); epoch 1 (1 of 20)"
    log("seed 1: gnn", 0, 18)
    assert log.line(31.0) == "acceptance; seed 1: gnn (0 of 18)"


def test_log__numba_compiles__said_for_as_long() -> None:
    log, heard = Log(), list[str]()

    @numba.extending.overload(_told_while_compiled)
    def _told() -> Callable[[], int]:
        heard.append(log.line(0.0))
        return lambda: 1

    log("gnn", 0, 3)
    numba.njit(lambda: _told_while_compiled())()
    assert heard == ["gnn (0 of 3); compiling, which only a first run does"]
    assert log.line(0.0) == "gnn (0 of 3)"


def _told_while_compiled() -> int:
    """Stands for what only compiled code calls."""
    return 1


def test_log__last_step_done__no_time_left_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 3.0, 5.0])
    monkeypatch.setattr(progress.time, "perf_counter", lambda: next(clock))
    log = Log("rows")
    log("scoring", 0, 10)
    log("scoring", 4, 10)
    log("scoring", 10, 10)
    assert log.line(5.0) == "scoring (10 of 10, 3 rows/s)"


def test_log__work_done_before_other_work__no_longer_told() -> None:
    log = Log()
    log("matching", 5, 6)
    log("done", 6, 6)
    log("acceptance", 0, 5)
    log("whom each sender could invite", 0, 20)
    assert log.line(5.0) == "acceptance (0 of 5); whom each sender could invite (0 of 20)"


def test_show_rows__people_reached__names_and_companies_left_as_they_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = pd.DataFrame({"contact_id": ["a1"], "kind": "name", "value": ["Ann Lee"], "source_id": "s"})
    tables = {"contacts": told[["contact_id"]], "sources": told[["source_id"]], "identities": told}
    network = Network.from_tables(tables)
    terminal.show_rows(pd.DataFrame({"target_id": ["a1"]}), None, network=network)
    assert capsys.readouterr().out.split() == ["target_name", "Ann", "Lee"]
    terminal.show_rows(pd.DataFrame({"target_id": ["acme"]}), None, network=network)
    assert capsys.readouterr().out.split() == ["target_id", "acme"]


def test_show_rows__nothing_found__said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.show_rows(pd.DataFrame({"contact_id": []}), None)
    assert capsys.readouterr().out == "Nothing is found.\n"


def test_show_rows__a_file_there_already__said_to_be_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, file = pd.DataFrame({"contact_id": ["ana"]}), tmp_path / "list.csv"
    for _ in range(2):
        terminal.show_rows(rows, file)
    assert capsys.readouterr().out.splitlines() == [
        f"1 row in {file}.",
        f"1 row in {file}, in place of the earlier file.",
    ]
    assert terminal.in_place("sqlite:///crm.db#scores") == terminal.in_place(tmp_path) == ""


def test_read_told__tables__which_file_of_how_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = list[tuple[str, int, int]]()
    monkeypatch.setattr(places, "bars", lambda: nullcontext(lambda *told: heard.append(told)))
    network = influence.synthesize(200, seed=1)
    write_tables(network, tmp_path / "records")
    assert set(places.read_told(tmp_path / "records").tables) == set(network.tables)
    n = len(network.tables)
    files = [told for told in heard if told[2] == n]
    assert [done for _, done, _ in files] == list(range(n))
    assert {what for what, _, _ in files} == {f"{name}.parquet" for name in network.tables}
    assert [what for what, _, total in heard if total == 1] == [
        "reading records",
        "checking records",
        "records are read",
    ]


def test_in_options__arguments_in_backticks__options_and_nothing_else() -> None:
    told = "Give `sender_id`, not `influence matches`; the column sender_id, `contact_id`."
    assert in_options(told) == "Give --sender, not `influence matches`; the column sender_id, --contact."


def test_notes__the_same_of_several_files__said_once(capsys: pytest.CaptureFixture[str]) -> None:
    notes = ("a.zip: recognised as linkedin.", "b.zip: recognised as linkedin.")
    terminal.say_notes(Network({}, notes=notes))
    assert capsys.readouterr().err == "a.zip and 1 more: recognised as linkedin.\n"
