"""The command line as a user meets it: exit status, where the words go, nothing half-written."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.commands import Ran, Run, runner

from influence import cli
from influence.cli.options import in_options
from influence.errors import DataError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text("seeds: [0]\n", encoding="utf-8")
    return path


def test_help__asked__names_every_command_at_once() -> None:
    began = time.perf_counter()
    words = [sys.executable, "-m", "influence.cli", "--help"]
    ran = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    assert ran.returncode == 0
    for command in ("synth", "train", "evaluate", "score", "recommend", "report", "audit", "sweep", "list"):
        assert f" {command} " in ran.stdout
    assert time.perf_counter() - began < 10, "heavy imports belong inside the commands"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        *((name, "stored with the model") for name in ("score", "recommend", "candidates", "markets", "app")),
        ("ambassadors", "stored with the model"),
        ("promote", "stored with the candidate"),
        ("train", "INFLUENCE_DATA"),
        ("evaluate", "INFLUENCE_DATA"),
    ],
)
def test_help__option_data__says_what_is_read_without_it(command: str, told: str) -> None:
    known: Any = typer.main.get_command(cli.app)
    [said] = [parameter.help for parameter in known.commands[command].params if "--data" in parameter.opts]
    assert told in said


def test_package__imported_by_the_command_line__loads_nothing_heavy() -> None:
    heavy = "torch pandas numpy mlflow lightgbm sklearn pyarrow matplotlib"
    code = f"import sys, influence.cli; print([name for name in {heavy.split()} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_import__what_is_held_on_people__waits_for_no_model() -> None:
    code = "import sys, influence.privacy; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_version__asked_for__told(run: Run) -> None:
    ran = run("--version")
    assert (ran.status, ran.out) == (0, f"influence {version('influence')}\n")


def test_process__user_error__status_2_and_no_traceback(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "influence.cli", "score", "m", str(tmp_path / "absent.csv"), "out.csv"]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ran.stderr.startswith("There is no file")
    assert "Traceback" not in ran.stderr


def test_command__mistake_in_it__last_line_of_a_log_tells_and_a_terminal_frames(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    mistaken = ("score", "model", "pairs.csv", "scores", "--dat", "records")
    logged = run(*mistaken)
    assert logged.status == 2
    assert logged.err.splitlines()[-1].startswith("Error: No such option: --dat (Possible options: --at,")
    monkeypatch.setattr(sys.modules["influence.cli.app"], "is_watched", lambda: True)
    assert "\u2500" in run(*mistaken).err


@pytest.mark.parametrize("words", [["no-such-command"], ["train"], ["synth", "--no-such-option", "x"]])
def test_usage__wrong_words__status_2(run: Run, words: list[str]) -> None:
    assert run(*words).status == 2


def test_interrupt__while_working__status_130(
    run: Run, monkeypatch: pytest.MonkeyPatch, config: Path
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("influence.cli.training.prepare", interrupted)
    assert run("train", config).status == 130


def test_asked_to_end__while_working__cleared_up_and_status_143(
    run: Run, monkeypatch: pytest.MonkeyPatch, config: Path
) -> None:
    cleared = list[bool]()

    def asked_to_end(*_: object) -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            cleared.append(True)

    monkeypatch.setattr("influence.cli.training.prepare", asked_to_end)
    assert run("train", config).status == 143
    assert cleared == [True]


def test_bug__inside__shows_as_a_traceback_and_is_no_answer(
    run: Run, monkeypatch: pytest.MonkeyPatch, config: Path
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("influence.cli.training.prepare", broken)
    ran = run("train", config)
    assert ran.status == 70
    assert ran.err.startswith("Traceback") and ran.err.endswith("ZeroDivisionError\n")


def test_message__with_brackets__printed_as_it_is(
    run: Run, monkeypatch: pytest.MonkeyPatch, config: Path
) -> None:
    def refused(*_: object) -> None:
        raise DataError("invitations[bold] are wrong", ["row [1]"])

    monkeypatch.setattr("influence.cli.training.prepare", refused)
    assert run("train", config) == Ran(2, "", "invitations[bold] are wrong\n  - row [1]\n")


@pytest.mark.parametrize("command", ["train", "evaluate", "audit"])
@pytest.mark.parametrize(
    ("text", "options", "sentence"),
    [
        ("seedz: [1]", [], "unknown key 'seedz'. Did you mean 'seeds'?"),
        ("seeds: [1]", ["--set", "seed=3"], "--set: unknown key 'seed'. Did you mean 'seeds'?"),
        ("seeds: [1]", ["--set", "seeds"], "expected key=value"),
        ("seeds: [x]", [], "seeds.0 = 'x'"),
        ("seeds: [1", [], "not valid YAML"),
        ("seeds: [1]", [], "--data FOLDER"),
        ("data: acceptance/x", [], "INFLUENCE_DATA is not set"),
        ("seeds: [1]", ["--data", "absent"], "There is no data at 'absent'"),
    ],
)
def test_config_commands__bad_input__say_what_and_write_nothing(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    text: str,
    options: list[str],
    sentence: str,
) -> None:
    monkeypatch.delenv("INFLUENCE_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    ran = run(command, "config.yaml", *options)
    assert ran.status == 2
    assert ran.out == ""
    assert sentence in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--contacts", "5"], "n_contacts = 5"),
        (["--set", "n_kontacts=500"], "unknown key 'n_kontacts'. Did you mean 'n_contacts'"),
        (["--seed", "-1"], "seed = -1"),
    ],
)
def test_synth__impossible_world__says_so_and_writes_nothing(
    run: Run, tmp_path: Path, options: list[str], sentence: str
) -> None:
    ran = run("synth", tmp_path / "world", *options)
    assert ran.status == 2
    assert sentence in ran.err
    assert not (tmp_path / "world").exists()


def test_synth__folder_in_use__refused_before_the_work(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(_: object) -> None:
        raise AssertionError("simulated first")

    monkeypatch.setattr("influence.synthesis.simulate", too_late)
    (tmp_path / "mine.txt").write_text("keep")
    ran = run("synth", tmp_path)
    assert ran.status == 2
    assert "exists already" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_score__missing_input__status_2(run: Run, tmp_path: Path) -> None:
    ran = run("score", tmp_path / "model", tmp_path / "pairs.csv", tmp_path / "out.csv")
    assert ran.status == 2
    assert "There is no file" in ran.err


def test_report__no_model__names_the_command_that_trains_one(run: Run, tmp_path: Path) -> None:
    ran = run("report", tmp_path)
    assert ran.status == 2
    assert "Train one: influence train CONFIG" in ran.err
    assert not (tmp_path.parent / "report.html").exists()


def test_list__asked__names_each_thing_with_a_file_that_exists(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    ran = run("list")
    assert ran.status == 0
    rows = [line.split(maxsplit=3)[:3] for line in ran.out.splitlines()]
    assert {kind for kind, _, _ in rows} == {"task", "relation", "reader", "protocol", "baseline", "metric"}
    assert {("task", "acceptance"), ("relation", "invited"), ("reader", "tables"), ("baseline", "prior")} <= {
        (kind, name) for kind, name, _ in rows
    }
    for _, name, file in rows:
        assert (ROOT / file).is_file(), f"{name}: {file}"
        assert not Path(file).is_absolute()
    known: Any = typer.main.get_command(cli.app)
    for line in ran.out.splitlines():
        words = line.split()[3:]
        assert (words[0], words[1] in known.commands) == ("influence", True), line
        options = {option for parameter in known.commands[words[1]].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 2), (errno.EDQUOT, 2), (errno.EIO, 70)])
def test_disk__full__is_no_bug(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, status: int
) -> None:
    def full(*_: object) -> None:
        raise OSError(number, os.strerror(number), "scores/_manifest.json")

    monkeypatch.setattr("influence.synthesis.simulate", full)
    ran = run("synth", tmp_path / "world")
    assert ran.status == status
    assert os.strerror(number) in ran.err
    assert ("Make room, then run the command again." in ran.err) == (status == 2)
    assert ("Traceback" in ran.err) == (status == 70)


def test_in_options__argument_of_python__its_option() -> None:
    assert in_options("Give others with `network`, or `else`.") == "Give others with --data, or `else`."
