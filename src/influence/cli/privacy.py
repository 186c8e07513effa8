"""Commands about what is held on people: forget, disclose, expire."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from influence.cli.app import app
from influence.cli.places import now
from influence.cli.terminal import say
from influence.errors import counted
from influence.progress import bars

if TYPE_CHECKING:
    from influence.privacy import Forgotten

In = Annotated[
    list[Path] | None,
    typer.Option(
        "--in", help="A folder or a file; may be repeated; runs/, mlruns/ and mlflow.db by default."
    ),
]
KeyFile = Annotated[Path | None, typer.Option(help="The key of pseudonyms, where it is not the usual one.")]


@app.command()
def forget(
    people: Annotated[
        list[str], typer.Argument(metavar="PERSON...", help="An id, a profile, an e-mail address or a name.")
    ],
    places: In = None,
    key_file: KeyFile = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look, but change nothing.")] = False,
    sources: Annotated[bool, typer.Option("--sources", help="Clean sources of your own, too.")] = False,
    json: Annotated[Path | None, typer.Option("--json", help="Write the list of files here.")] = None,
) -> None:
    """Take people out of networks, models' records, scores, reports and tracked runs; exit 1 if any stays."""
    from influence import privacy

    with bars() as report:
        found = privacy.forget(
            people, places or (), key_file=key_file, dry_run=dry_run, with_sources=sources, progress=report
        )
    _end(found, json, dry_run)


@app.command()
def disclose(
    person: Annotated[
        str, typer.Argument(metavar="PERSON", help="An id, a profile, an e-mail address or a name.")
    ],
    output: Annotated[Path, typer.Option(help="A new folder, or a name that ends in .zip.")],
    places: In = None,
    key_file: KeyFile = None,
) -> None:
    """Write all that is held on a person: a page to read, and the rows; others are made unrecognisable."""
    from influence import privacy

    told = privacy.disclose(person, places or (), output, key_file=key_file)
    for note in told.notes:
        say(note)
    n_rows = sum(len(one.rows) for one in told.found if one.rows is not None)
    found = (counted(n_rows, "row"), counted(len(told.found), "file"), counted(len(told.models), "model"))
    typer.echo("{} of {}, {}: {}.".format(*found, output))


@app.command()
def expire(
    places: In = None,
    at: Annotated[str | None, typer.Option("--at", help="As of this day (UTC); today by default.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look, but change nothing.")] = False,
    json: Annotated[Path | None, typer.Option("--json", help="Write the list of files here.")] = None,
) -> None:
    """Remove what only sources past their `retain_until` told; exit status 1 if any of it stays."""
    from influence import privacy

    with bars() as report:
        found = privacy.expire(places or (), at or now(), dry_run=dry_run, progress=report)
    _end(found, json, dry_run)


def _end(found: Forgotten, json: Path | None, dry_run: bool) -> None:
    if json is not None:
        from influence.evaluation.summary import write_json

        write_json(found.as_json(), json)
    _show(found, dry_run)
    if found.left:
        raise typer.Exit(1)


def _show(found: Forgotten, dry_run: bool) -> None:
    for note in found.notes:
        say(note)
    for one in found.touched:
        typer.echo(
            f"{one.file}: {counted(one.hits.rows, 'row')} removed, {counted(one.hits.cells, 'cell')} blanked "
            f"({one.kind})."
        )
    for file, why in found.left:
        typer.echo(f"LEFT {file}: {why}")
    for folder in found.retrain:
        typer.echo(f"TRAIN ANEW {folder}: it learnt from records of somebody forgotten.")
    done = "would be changed" if dry_run else "were changed"
    n_files = counted(found.n_files, "file")
    typer.echo(f"Of {n_files} {len(found.touched):,} {done}; {len(found.left):,} need you.")
