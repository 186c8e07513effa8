"""Every algorithm with its source, gathered from the docstrings that name one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from docs.website.pages import ROOT

CITED = re.compile(r"(?:\b[A-Z][^\W\d_]+(?: et al\.)?,? ?(?:,|\()? ?)(?:1[89]|20)\d\d[a-z]?\b")
"""A name and a year, as in "Tutz & Schmid (2016)" or "Xu et al. 2020"."""


def methods() -> str:
    """One table per package: where it stands, what it does, and the source as told there."""
    parts, last = [], ""
    for package, place, first, told in cited():
        if package != last:
            parts += [f"\n## {package}\n", "| where | what | source |", "|---|---|---|"]
            last = package
        shown = place.replace(".", ".<wbr>")  # may break there: the long ones pushed the sources out of sight
        parts.append(f"| <code>{shown}</code> | {first} | {told} |")
    return "\n".join(parts)


def cited() -> Iterator[tuple[str, str, str, str]]:
    """Package, place, first line and citing sentences of every docstring that names a source."""
    sources = ROOT / "src" / "influence"
    for path in sorted(sources.rglob("*.py")):
        parts = path.relative_to(sources).with_suffix("").parts
        module = ".".join(part for part in parts if part != "__init__")
        for name, text in docstrings(path):
            found = [sentence for sentence in _sentences(text) if CITED.search(sentence)]
            if found:
                place = f"{module}.{name}".strip(".")
                yield parts[0], place, _cell(_first_line(text)), _cell(" ".join(found))


def docstrings(path: Path) -> Iterator[tuple[str, str]]:
    """Name and text of every docstring of a file; attributes' too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from _within(tree, "")


def _within(node: ast.Module | ast.ClassDef | ast.FunctionDef, name: str) -> Iterator[tuple[str, str]]:
    text = ast.get_docstring(node)
    if text:
        yield name, text
    for before, inner in zip([None, *node.body], node.body, strict=False):
        if isinstance(inner, ast.ClassDef | ast.FunctionDef):
            yield from _within(inner, f"{name}.{inner.name}".strip("."))
        elif isinstance(before, ast.Assign | ast.AnnAssign) and _is_text(inner):
            yield f"{name}.{ast.unparse(_target(before))}".strip("."), inner.value.value  # type: ignore[attr-defined]


def _target(assignment: ast.Assign | ast.AnnAssign) -> ast.expr:
    return assignment.target if isinstance(assignment, ast.AnnAssign) else assignment.targets[0]


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _sentences(text: str) -> list[str]:
    unlisted = re.sub(r"^\s*(-+$|- )", "", text, flags=re.MULTILINE)
    plain = " ".join(unlisted.split())
    plain = re.sub(r"^.*\bReferences\s+", "", plain) if "References" in plain else plain
    return re.split(r"(?<=[^.\sA-Z]{2}[.:?!)])\s+(?=[A-Z])(?<!al\.\s)", plain)


def _first_line(text: str) -> str:
    return " ".join(text.strip().split("\n\n")[0].split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
