"""Pages of contents: every decision, experiment and metric with one line."""

from __future__ import annotations

import re
from pathlib import Path

from docs.website.pages import ROOT

from influence.metrics import METRICS


def decisions() -> str:
    """One line per decision: number, title, and the first sentence of what was decided."""
    rows = [_decision(path) for path in sorted(ROOT.glob("docs/decisions/[0-9]*.md"))]
    return "\n".join(("| decision | in one line |", "|---|---|", *rows))


def _decision(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    heading = re.search(r"^# (.+)$", text, flags=re.MULTILINE)
    line = first_sentence(_decided(text))
    return f"| [{heading[1] if heading else path.stem}]({path.name}) | {line} |"


def _decided(text: str) -> str:
    """What follows the word "Decision"; where a page has no such word, what follows its heading."""
    told = re.search(
        r"(?:\*\*Decisions?\b[^*]*\*\*|^## Decisions?$)\s*(.+)", text, flags=re.DOTALL | re.MULTILINE
    )
    told = told or re.search(r"^# .+?\n\s*(?:\*\*\w+\.\*\*\s*)?(.+)", text, flags=re.DOTALL)
    return re.sub(r"^(?:- |1\. )", "", told[1] if told else "").split("\n\n")[0]


def experiments() -> str:
    """One line per experiment: its question."""
    rows = []
    for path in sorted(ROOT.glob("experiments/*/README.md")):
        text = path.read_text(encoding="utf-8")
        asked = re.search(r"\*\*Question\.\*\*\s*(.+?)(?:\n\n|\Z)", text, flags=re.DOTALL)
        question = " ".join(asked[1].split()) if asked else ""
        rows.append(f"| [{path.parent.name}]({path.parent.name}.md) | {question} |")
    head = "# Experiments\n\nOne page per question: command, seeds, table, and what follows.\n"
    return "\n".join((head, "| experiment | question |", "|---|---|", *rows, ""))


def metrics() -> str:
    """One line per metric, from the registry."""
    rows = [
        f"| `{each.name}` | {each.direction} | {each.low:g} to {each.high:g} | {each.meaning} |"
        for each in METRICS.values()
    ]
    return "\n".join(("| metric | better | range | meaning |", "|---|---|---|---|", *rows))


def first_sentence(text: str, shortest: int = 40) -> str:
    """A paragraph's first sentences, `shortest` letters at least, without links, for a cell of a table."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(text.split()))
    told = ""
    for sentence in re.split(r"(?<=[.?!])\s(?=[A-Z`*])|(?<=[.?!]\*\*)\s", plain.replace("|", "\\|")):
        told = f"{told} {sentence}".strip()
        if len(told) >= shortest:
            break
    return told
