"""The code blocks of the pages, and how each is run.

A comment on the line before a block says what is special: `<!-- slow -->`, or `<!-- not run: REASON -->`.
"""

from __future__ import annotations

import importlib.util
import re
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt

from influence.cli import main

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SLOW = {"audit", "drift", "evaluate", "invite", "promote", "report", "sweep", "train"}
"""Commands that train, or need what a training left."""
ELSEWHERE = {"make", "pip"}
"""Programs that change the installation: `tests/house` sees that their targets exist."""
_MARK = re.compile(r"<!-- (slow|not run)(?:: (.+?))? -->\s*$", flags=re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: str
    line: int
    """Of its first line of code, counted from 1."""
    language: str
    text: str
    mark: str = ""
    """`slow`, `not run`, or nothing."""
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks_of(page: Path) -> list[Block]:
    """Every block of a page that names a language."""
    found, before = [], None
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        if token.type == "fence" and token.info:
            marked = (
                _MARK.match(before.content) if before is not None and before.type == "html_block" else None
            )
            line = (token.map or [0])[0] + 2
            words = (marked[1], marked[2] or "") if marked else ("", "")
            found.append(Block(page.name, line, token.info.split()[0], token.content, *words))
        before = token
    return found


class Runner:
    """Runs the blocks of one page in order, in one folder, with names that later blocks may use.

    Parameters
    ----------
    names
        What the Python blocks find defined.
    with_slow
        Whether slow blocks and slow commands run too.
    """

    def __init__(self, names: dict[str, Any], with_slow: bool) -> None:
        self.names, self.with_slow = names, with_slow

    def run(self, block: Block) -> None:
        """Run one block; what goes wrong is raised with the place on the page."""
        if block.mark == "not run" or (block.mark == "slow" and not self.with_slow):
            return
        try:
            getattr(self, f"_{block.language}", self._nothing)(block)
        except Exception as error:
            error.add_note(f"in {block}")
            raise

    def _python(self, block: Block) -> None:
        exec(compile(block.text, str(block), "exec"), self.names)

    def _sh(self, block: Block) -> None:
        for line in commands(block.text):
            self.command(line)

    def command(self, words: list[str]) -> None:
        """One command line, without a shell; `influence` in this process, so that nothing is loaded twice."""
        program, *rest = words
        if program == "influence":
            if rest[0] not in SLOW or self.with_slow:
                with pytest.raises(SystemExit) as ended:
                    main(rest)
                assert ended.value.code == 0, shlex.join(words)
        elif program == "torchrun":
            if self.with_slow:
                starter = [sys.executable, "-m", "torch.distributed.run", "--local-addr", "127.0.0.1"]
                subprocess.run([*starter, *rest], check=True, timeout=300)
        elif program == "python":
            assert rest[0] == "-m" and importlib.util.find_spec(rest[1]), shlex.join(words)
        else:
            assert program in ELSEWHERE, f"{program}: say why it is not run: <!-- not run: REASON -->"

    def _sql(self, block: Block) -> None:
        [database] = set(Path().glob("*.db")) - {Path("mlflow.db")}
        with sqlite3.connect(database) as connection:
            assert connection.execute(block.text).fetchall()

    def _nothing(self, block: Block) -> None:
        """Files and output that a page shows."""


def commands(text: str) -> Iterator[list[str]]:
    """Words of each command of a shell block, patterns of file names resolved."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words:
            yield [found for word in words for found in (_matching(word) if "*" in word else [word])]


def _matching(pattern: str) -> list[str]:
    return sorted(str(path) for path in Path().glob(pattern))


def files_in(blocks: list[Block]) -> dict[str, str]:
    """YAML that a page shows as a file: its name stands in a comment on the first line."""
    found = {}
    for block in blocks:
        if block.language == "yaml":
            yaml.safe_load(block.text)
            named = re.match(r"# (\S+\.ya?ml)\b", block.text)
            assert named, f"{block}: name the file in a comment on the first line"
            found[named[1]] = block.text
    return found
