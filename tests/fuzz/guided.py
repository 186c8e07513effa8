"""Files found by following what code they reach: `python -m tests.fuzz.guided READER [-runs=N] [-seed=S]`.

Needs atheris (libFuzzer for Python), which is no dependency of the project: `pip install atheris`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

try:
    import atheris
except ImportError:
    sys.exit("atheris is not installed. Try: pip install atheris")

with atheris.instrument_imports(include=["influence.readers", "influence.data", "influence.geography"]):
    import influence.readers  # noqa: F401

from tests.fuzz.attempts import attempt
from tests.readers.folders import SOURCES

BETWEEN = b"\n\xff\xff\n"
"""Stands between the files of a folder; no UTF-8 holds it."""


def main(name: str, options: list[str]) -> None:
    """Run until something is raised that is no InfluenceError, or the runs asked for are done."""
    files = sorted(SOURCES[name])

    def one(data: bytes) -> None:
        parts = dict(zip(files, data.split(BETWEEN), strict=False))
        with tempfile.TemporaryDirectory() as root:
            attempt(Path(root), parts, None, name, aside=len(data) % 2 == 1)

    with tempfile.TemporaryDirectory() as corpus:
        sound = BETWEEN.join(SOURCES[name][file].encode() for file in files)
        (Path(corpus) / "sound").write_bytes(sound)
        atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={tempfile.gettempdir()}/", corpus], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
