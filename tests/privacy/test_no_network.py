"""No command reaches for the network: all run cut off from it, every attempt written down, caught or not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

GUARD = Path(__file__).parent / "guard"
COMMANDS = """
synth world --contacts 300 --seed 1
read world --output tables
describe tables --output sheet.md
train config.yaml --data tables
evaluate config.yaml --data tables --model evaluated --json figures.json
score runs/model pairs.csv scores.csv --explain
recommend runs/model acceptance --sender {sender} -k 3
recommend runs/model leadership -k 3
report evaluated
visualize runs/model map.html
runs
list
forget {sender} --in .
"""
SCRIPT = """
import sys
from influence import cli
for words in sys.argv[1:]:
    try:
        cli.main(words.split())
    except SystemExit as left:
        print(words, left.code, flush=True)
        if left.code:
            raise
"""


def cut_off(folder: Path, script: str, *arguments: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run a script without any network; returns how it ended and the attempts that it made."""
    attempts = folder / "attempts.txt"
    paths = [str(GUARD), *sys.path]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW", "INFLUENCE"))}
    environment = {
        **kept,
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "ATTEMPTS": str(attempts),
        "INFLUENCE_KEY_FILE": str(folder / "key"),
    }
    apart = ["unshare", "-rn"] if _can_be_apart() else []
    done = subprocess.run(
        [*apart, sys.executable, "-c", script, *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    return done, attempts.read_text() if attempts.exists() else ""


def _can_be_apart() -> bool:
    """Whether a process may be given a network of its own, in which there is nobody."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0


def test_guard__attempt_that_is_caught__written_down(tmp_path: Path) -> None:
    caught = (
        "import socket, urllib.request, contextlib\n"
        "with contextlib.suppress(OSError):\n    socket.create_connection(('127.0.0.1', 9), 1)\n"
        "with contextlib.suppress(OSError):\n    urllib.request.urlopen('http://example.org', timeout=1)\n"
    )
    done, attempts = cut_off(tmp_path, caught)
    assert done.returncode == 0, done.stderr
    assert len(attempts.splitlines()) == 2
    assert "example.org" in attempts


def test_read__cut_off__no_attempt(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "messages.csv").write_text("sender,recipient,time\n8,9,1500000000\n9,8,1500000100\n")
    done, attempts = cut_off(tmp_path, SCRIPT, "read log --output tables")
    assert done.returncode == 0, done.stderr
    assert attempts == ""


@pytest.mark.slow
def test_commands__cut_off__all_work_no_attempt(tmp_path: Path) -> None:
    quick = "seeds: [0]\ntraining: {max_epochs: 1}\ntrees: {max_rounds: 20}\n"
    (tmp_path / "config.yaml").write_text(f"{quick}tasks: [acceptance, leadership]\noutput: runs/model\n")
    (tmp_path / "pairs.csv").write_text("sender_id,recipient_id\np001,p002\np003,p200\n")
    commands = [line.format(sender="p001") for line in COMMANDS.strip().splitlines()]
    done, attempts = cut_off(tmp_path, SCRIPT, *commands)
    assert done.returncode == 0, done.stderr[-3000:]
    assert attempts == ""
    assert (tmp_path / "report.html").is_file() and (tmp_path / "mlflow.db").is_file()
