"""Whatever a file holds, `read` answers with a network or with an `InfluenceError`, never otherwise."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.readers.folders import SOURCES, write

from influence.errors import InfluenceError
from influence.readers import read

cells = st.sampled_from(
    ["a", "b", "", "1", "-1", "1.5", "1e999", "NaN", "2024-01-01", "2014-10-04 16:26:28.0", '"', "x,", "É"]
)
lines = st.lists(st.lists(cells, min_size=1, max_size=11).map(",".join), max_size=6)


def _answers(files: dict[str, bytes], set_aside: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = write(Path(name) / "source", {})
        for file, content in files.items():
            (folder / file).write_bytes(content)
        try:
            read(folder, set_aside=Path(name) / "aside" if set_aside else None)
        except InfluenceError as error:
            assert len(str(error)) < 5_000


@pytest.mark.parametrize("name", SOURCES)
@settings(max_examples=10)
@given(lines=lines, set_aside=st.booleans())
@example(lines=["a,b,1"], set_aside=False)
@example(lines=["a,a,1082040961"], set_aside=True)
@example(lines=["a,b,1082040961"] * 2, set_aside=True)
def test_read__strange_lines__answer(name: str, lines: list[str], set_aside: bool) -> None:
    files = {}
    for file, text in SOURCES[name].items():
        head = text.splitlines()[0]
        width = head.count(",") + 1
        padded = [(line.split(",") + [""] * width)[:width] for line in lines]
        files[file] = "\n".join([head, *map(",".join, padded)]).encode()
    _answers(files, set_aside)


@pytest.mark.parametrize("name", SOURCES)
@settings(max_examples=8)
@given(tail=st.binary(max_size=60))
@example(tail=b"\x00\x00\n")
@example(tail=b'"\n')
def test_read__strange_bytes__answer(name: str, tail: bytes) -> None:
    _answers({file: text.encode() + tail for file, text in SOURCES[name].items()}, set_aside=True)


@settings(max_examples=10)
@given(content=st.binary(max_size=200))
@example(content=b"")
@example(content=b"\n\n")
@example(content=b"\xef\xbb\xbf")
@example(content=b"PAR1PAR1")
def test_read__nothing_but_bytes__answer(content: bytes) -> None:
    for name in ("invitations.csv", "messages.csv", "votes.csv", "contacts.parquet"):
        _answers({name: content}, set_aside=False)
