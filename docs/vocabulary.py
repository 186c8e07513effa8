"""Writes docs/vocabulary.md from the schema: `python docs/vocabulary.py`."""

from __future__ import annotations

from pathlib import Path

from influence.schema import RELATIONS, TABLES, Column, Relation, Table

PAGE = Path(__file__).with_name("vocabulary.md")

HEAD = """# Vocabulary

Written by `docs/vocabulary.py` from `src/influence/schema.py`; change it there.

Times are UTC, countries ISO 3166-1 alpha-2 (names and other codes [are understood](geography.md)), currencies
ISO 4217, ids are text. A missing value is NA, never 0. A table that a source lacks is simply absent. Columns
in **bold** must be there and hold no NA.
"""


def render() -> str:
    """The whole page."""
    tables = "\n".join(map(_table, TABLES.values()))
    relations = "\n".join(map(_relation, RELATIONS.values()))
    return f"""{HEAD}
## Tables

{tables}
## Relations

The timed edges of the graph. An edge is visible strictly after its time.

| relation | from | to | table | visible after | until |
|---|---|---|---|---|---|
{relations}
"""


def _table(table: Table) -> str:
    sentences = []
    if table.visible_from:
        sentences.append(f"A row is visible from `{table.visible_from}` on")
    if table.happened_at:
        sentences.append(f"never before `{table.happened_at}`")
    if table.visible_with:
        owner = table.column(table.visible_with).references
        sentences.append(f"A row is visible with its row of {owner}")
    later = [
        f"`{name}` only from `{reveal.at}`" + (f" (before that `{shown}`)" if shown else "")
        for reveal in table.reveals
        for name, shown in reveal.until_then.items()
    ]
    visible = "; ".join([*sentences, *later] or ["Always visible"]) + "."
    rows = "\n".join(map(_column, table.columns))
    return f"""### {table.name}

Key: {", ".join(table.key)}. {visible}

| column | holds | values |
|---|---|---|
{rows}
"""


def _column(column: Column) -> str:
    name = f"**{column.name}**" if column.required else column.name
    kind = f"id in {column.references}" if column.references else column.kind
    return f"| {name} | {kind} | {_values(column)} |"


def _values(column: Column) -> str:
    if column.values:
        return (" < " if column.ordered else ", ").join(column.values)
    if column.separator:
        return f"one, or several separated by `\\{column.separator}`"
    if column.low is not None:
        return f"{column.low:g} to {column.high:g}" if column.high is not None else f"at least {column.low:g}"
    return ""


def _relation(relation: Relation) -> str:
    where = "".join(f", {name} = {value}" for name, value in relation.where.items())
    both = " (both ways)" if relation.symmetric else ""
    return (
        f"| {relation.name}{both} | {relation.source} | {relation.target} "
        f"| {relation.table}{where} | {relation.at} | {relation.until or ''} |"
    )


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
    print(f"{PAGE.name} written")
