"""A graph on disk where memory is too small: `python -m benchmarks.stored RECORDS GRAPH --limit-mib 800`.

Features of the latest queries are computed from the tables and from the graph built of them, each in a
process that may take so much private memory (`RLIMIT_DATA`) beyond what its libraries do.  Mapped pages are
not its own: the system takes them back when it needs them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import time
from pathlib import Path


def main(records: Path, graph: Path, limit_mib: int, queries: int) -> None:
    """Print what each way took, or how it failed."""
    print(f"{'':<10}{'CPU s':>8}{'opened':>8}{'own MiB':>9}{'mapped MiB':>11}  features")
    for name, place in (("tables", records), ("graph", graph)):
        words = [
            sys.executable,
            "-m",
            "benchmarks.stored",
            "--child",
            str(place),
            str(limit_mib),
            str(queries),
        ]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "killed"
            print(f"{name:<10}fails under {limit_mib:,} MiB: {last}")
            continue
        told = json.loads(done.stdout.splitlines()[-1])
        cost = f"{told['cpu']:>8.1f}{told['opened']:>8.2f}{told['own']:>9,.0f}{told['mapped']:>11,.0f}"
        print(f"{name:<10}{cost}  {told['features']}")


def _child(place: str, limit_mib: str, queries: str) -> None:
    import influence.experiment
    from influence.evaluation.protocol import Study

    if int(limit_mib):
        resource.setrlimit(resource.RLIMIT_DATA, (int((_status()["VmData"] + int(limit_mib)) * 2**20),) * 2)
    began = time.process_time()
    network = influence.read(place)
    opened = time.process_time() - began
    asked = Study.of(network).queries[-int(queries) :]
    digest = hashlib.sha256()
    for part in (asked.pair, asked.surroundings, asked.neighbours):
        digest.update(part.tobytes())
    mib = _status()
    told = {"cpu": time.process_time() - began, "opened": opened, "features": digest.hexdigest()[:16]}
    print(json.dumps({**told, "own": mib["RssAnon"], "mapped": mib["RssFile"]}))


def _status() -> dict[str, float]:
    """What the system tells of this process's memory, MiB."""
    lines = (line.split() for line in Path("/proc/self/status").read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) / 1024 for words in lines if words[-1:] == ["kB"]}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path, nargs="?")
    parser.add_argument("graph", type=Path, nargs="?")
    parser.add_argument("--limit-mib", type=int, default=0, help="0: no limit")
    parser.add_argument("--queries", type=int, default=20_000)
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        _child(*given.child)
    else:
        main(given.records, given.graph, given.limit_mib, given.queries)
