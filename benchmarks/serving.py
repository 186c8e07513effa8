"""A served model under load: latency of single rows, rows a second in bulk, errors, and memory over time.

    python -m benchmarks.serving                                   # trains on a synthetic world, then serves
    python -m benchmarks.serving --model models:/influence@champion --seconds 120 --clients 8 --workers 2

Clients keep their connection and ask again as soon as they are answered, on the same machine as the server.
Rows in bulk come first, so that everybody has been met when single ones are timed.  Memory is flat if it
grows by less than a hundredth in the second half of the time.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BIN = Path(sys.executable).parent
LONGEST_START_SECONDS = 300
N_SHOWN = 8
"""Points of the curve of memory that are printed."""
MOST_GROWTH = 0.01
"""Of memory in the second half of the time, as a share of what is held."""


@dataclass
class Told:
    """What one client saw."""

    seconds: list[float] = field(default_factory=list)
    """Of each request."""
    errors: list[str] = field(default_factory=list)


def main() -> None:
    """Serve, ask, and tell."""
    asked = _arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = asked.model or _trained(folder, asked.contacts)
        ids = _ids(model)
        began = time.perf_counter()
        with served(model, asked.port, asked.workers) as server:
            ready = time.perf_counter() - began
            print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
            print(f"ready after {ready:.1f} s; {asked.workers} workers, {asked.clients} clients")
            for rows in (asked.rows, 1):
                spent = _cpu_seconds(server.pid)
                with watched(server.pid) as curve:
                    told = load(asked.port, ids, rows, asked.clients, asked.seconds)
                print(_line(told, rows, asked.seconds, _cpu_seconds(server.pid) - spent))
                print(_verdict(np.array(curve)))


def load(port: int, ids: Sequence[str], rows: int, clients: int, seconds: float) -> list[Told]:
    """Ask from several clients at once until the time is over."""
    told = [Told() for _ in range(clients)]
    until = time.perf_counter() + seconds
    threads = [
        threading.Thread(target=_ask, args=(port, ids, rows, until, one, seed))
        for seed, one in enumerate(told)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def _ask(port: int, ids: Sequence[str], rows: int, until: float, told: Told, seed: int) -> None:
    rng = np.random.default_rng(seed)
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
        while (began := time.perf_counter()) < until:
            pairs = rng.choice(ids, (rows, 2)).tolist()
            body = {"dataframe_split": {"columns": ["sender_id", "recipient_id"], "data": pairs}}
            try:
                connection.request(
                    "POST", "/invocations", json.dumps(body), {"Content-Type": "application/json"}
                )
                answer = connection.getresponse()
                text = answer.read()
                if answer.status != 200 or len(json.loads(text)["predictions"]) != rows:
                    told.errors.append(f"{answer.status}: {text[:200]!r}")
            except (OSError, http.client.HTTPException) as error:
                told.errors.append(repr(error))
                connection.close()
            told.seconds.append(time.perf_counter() - began)


@contextmanager
def served(model: str, port: int, workers: int) -> Iterator[subprocess.Popen[bytes]]:
    """The server, from the moment that it answers until it is no longer needed."""
    words = [
        "models",
        "serve",
        "-m",
        model,
        "--env-manager",
        "local",
        "--port",
        str(port),
        "--workers",
        str(workers),
    ]
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"  # MLflow starts `uvicorn` by its name
    silence = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}  # a line for every request
    process = subprocess.Popen([BIN / "mlflow", *words], env={**os.environ, "PATH": path}, **silence)
    try:
        _wait(process, port)
        yield process
    finally:
        for pid in (*_family(process.pid)[::-1], process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        process.wait(30)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + LONGEST_START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit(f"The server ended with status {process.returncode}.")
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
                connection.request("GET", "/ping")
                if connection.getresponse().status == 200:
                    return
        except OSError:
            time.sleep(0.5)
    raise SystemExit(f"The server does not answer after {LONGEST_START_SECONDS} s.")


def _family(pid: int) -> list[int]:
    """Everything that a process has started, nearest first (Linux)."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    children = [int(word) for word in path.read_text().split()] if path.exists() else []
    return [*children, *itertools.chain.from_iterable(map(_family, children))]


def _memory_mib(pid: int) -> float:
    """Resident memory of the server with all its workers (Linux)."""
    pages = [Path(f"/proc/{one}/statm").read_text().split()[1] for one in (pid, *_family(pid))]
    return sum(map(int, pages)) * os.sysconf("SC_PAGE_SIZE") / 2**20


def _cpu_seconds(pid: int) -> float:
    """Time of the processor that the server with all its workers has taken (Linux)."""
    stats = [Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in (pid, *_family(pid))]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")


@contextmanager
def watched(pid: int) -> Iterator[list[tuple[float, float]]]:
    """Seconds and MiB of the server, noted once a second until the block ends."""
    curve, over, began = list[tuple[float, float]](), threading.Event(), time.perf_counter()

    def watch() -> None:
        while True:
            curve.append((time.perf_counter() - began, _memory_mib(pid)))
            if over.wait(1.0):
                return

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield curve
    finally:
        over.set()
        thread.join()


def _verdict(curve: NDArray[np.float64]) -> str:
    """The curve [n, (seconds, MiB)], and whether it still rises in its second half."""
    shown = curve[np.linspace(0, len(curve) - 1, N_SHOWN).round().astype(int)]
    later = curve[curve[:, 0] >= curve[-1, 0] / 2]
    slope, _ = np.polyfit(*later.T, 1)
    growth = slope * (later[-1, 0] - later[0, 0]) / later[:, 1].mean()
    told = ", ".join(f"{mib:,.0f} at {second:.0f} s" for second, mib in shown)
    return (
        f"       memory in MiB: {told}\n       second half: {slope * 60:+,.1f} MiB a minute, {growth:+.2%}: "
        f"{'flat' if growth < MOST_GROWTH else 'STILL RISING'}"
    )


def _line(told: Sequence[Told], rows: int, seconds: float, spent: float) -> str:
    taken = np.concatenate([one.seconds for one in told])
    errors = [error for one in told for error in one.errors]
    middle, high = np.quantile(taken, [0.5, 0.99]) * 1000
    first = f", the first: {errors[0]}" if errors else ""
    return (
        f"{rows:>6,} rows a request: {len(taken):>7,} requests, p50 {middle:7.1f} ms, p99 {high:7.1f} ms, "
        f"{len(taken) * rows / seconds:9,.0f} rows/s, {len(errors)} errors{first}; "
        f"{spent / len(taken) * 1000:,.1f} ms of the processor each"
    )


def _trained(folder: Path, contacts: int) -> str:
    """The address of a model trained on a synthetic world, tracked in the folder."""
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{folder / 'mlflow.db'}"
    config = folder / "config.yaml"
    config.write_text(
        f"seeds: [0]\noutput: {folder / 'model'}\ntraining: {{max_epochs: 3}}\ntrees: {{max_rounds: 60}}\n"
        "tracking: {register_model: true}\n"
    )
    for words in (
        ["synth", folder / "world", "--contacts", contacts],
        ["train", config, "--data", folder / "world"],
    ):
        subprocess.run([BIN / "influence", *map(str, words)], check=True, stdout=subprocess.DEVNULL)
    return "models:/influence/1"


def _ids(model: str) -> list[str]:
    import influence

    return influence.load(model).network.contact_ids.tolist()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", help="what to serve; by default one is trained on a synthetic world")
    parser.add_argument("--contacts", type=int, default=20_000, help="of that world")
    parser.add_argument("--seconds", type=float, default=120.0, help="of load, for each size of request")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--rows", type=int, default=1_000, help="of a request in bulk")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--port", type=int, default=5_077)
    return parser.parse_args()


if __name__ == "__main__":
    main()
