"""One attempt to read something spoiled, and what must hold whatever it is."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from influence.data import Network
from influence.errors import InfluenceError
from influence.readers import read

LONGEST_MESSAGE = 20_000
LONGEST_S = 5.0
"""Seconds of the processor for a folder of a few kilobytes."""


def attempt(
    root: Path, files: Mapping[str, bytes], packed: bytes | None, reader: str | None, aside: bool
) -> str:
    """Read the files, or their zip, in an empty folder `root`; the name of what came of it.

    Raises
    ------
    AssertionError
        If anything was written outside the folder named for what is set aside, or it took too long.
    Exception
        Whatever `read` raises that is no InfluenceError: a bug.
    """
    source = root / ("source" if packed is None else "source.zip")
    if packed is None:
        source.mkdir()
        for name, content in files.items():
            (source / name).write_bytes(content)
    else:
        source.write_bytes(packed)
    began = time.process_time()
    try:
        network = read(source, reader, root / "aside" if aside else None)
        assert isinstance(network, Network)
        came_of_it = "Network"
    except InfluenceError as error:
        assert len(str(error)) < LONGEST_MESSAGE
        came_of_it = type(error).__name__
    assert time.process_time() - began < LONGEST_S
    assert {each.name for each in root.iterdir()} <= {source.name, *(["aside"] if aside else [])}
    if packed is None:
        assert {each.name: each.read_bytes() for each in source.iterdir()} == files
        shutil.rmtree(source)
    else:
        source.unlink()
    shutil.rmtree(root / "aside", ignore_errors=True)
    return came_of_it
