"""Processes of a Ray cluster that the tests started, to be killed."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def descendants(parent: int) -> Iterator[int]:
    """Every process below this one."""
    for children in Path(f"/proc/{parent}/task").glob("*/children"):
        for child in children.read_text().split():
            yield int(child)
            yield from descendants(int(child))


def called(name: str) -> list[int]:
    """Processes of the cluster whose title begins with a name."""
    found = []
    for pid in descendants(os.getpid()):
        try:
            title = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:  # it has just ended
            continue
        if title.startswith(name.encode()):
            found.append(pid)
    return sorted(found)


@contextmanager
def killing(name: str, when: Callable[[], bool]) -> Iterator[list[int]]:
    """Kill the latest process of a name as soon as something holds; yields the list of the killed."""
    killed: list[int] = []
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            time.sleep(0.02)
            if when() and (there := called(name)):
                os.kill(there[-1], signal.SIGKILL)
                killed.append(there[-1])
                return

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()
