"""The rows behind the report, as files: one for each block, and one that tells which is which."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from influence.files import atomic_folder, new_folder
from influence.reporting.blocks import Block
from influence.texts import list_separator
from influence.writing import as_text, write_list

CONTENTS = "tables.json"
"""What tells a folder of ours from any other."""


def write_rows(blocks: Sequence[Block], folder: Path, about: Mapping[str, str]) -> None:
    """Write the rows of every block into a folder, which appears whole; one of an earlier report gives way.

    Raises
    ------
    ConfigError
        If the folder holds anything else.
    """
    with (atomic_folder if (folder / CONTENTS).is_file() else new_folder)(folder) as new:
        listed = []
        for block in blocks:
            assert block.rows is not None, "only blocks with rows are asked for"
            write_list(as_text(block.rows), new / f"{block.name}.csv", list_separator())
            told = {"file": f"{block.name}.csv", "heading": block.heading, "made_by": block.made_by}
            listed.append({**told, "n_rows": len(block.rows)})
        told_whole = json.dumps({**about, "tables": listed}, indent=1, ensure_ascii=False)
        (new / CONTENTS).write_text(told_whole, encoding="utf-8")
