"""The command that names the best candidates of many senders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from influence.cli.app import app
from influence.cli.options import AnsweringRecords, ModelPlace, Moment
from influence.cli.places import check_moment, load_model
from influence.cli.terminal import in_place
from influence.progress import bars


@app.command()
def candidates(
    model: ModelPlace,
    output: Annotated[
        str, typer.Argument(metavar="OUTPUT", help="Candidates: Parquet, CSV, or a folder of parts.")
    ],
    senders: Annotated[
        Path | None, typer.Option(help="File of those who would send (contact_id); the own team.")
    ] = None,
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="Candidates of each sender.")] = 50,
    pool: Annotated[int, typer.Option(min=1, help="Contacts that the model looks at for each.")] = 1_000,
    at: Moment = None,
    suppress: Annotated[Path | None, typer.Option(help="File of contacts to leave alone.")] = None,
    partition_senders: Annotated[int, typer.Option(min=1, help="Senders of each part of a folder.")] = 1_024,
    data: AnsweringRecords = None,
) -> None:
    """Name the best contacts to invite for each sender, without scoring every pair.

    The graph proposes contacts to each sender, and the model ranks them. The file holds sender_id and
    recipient_id, so that `influence score` can take it. A folder (a name without ending, or with / at its
    end) fills part by part; run again after an interruption, it goes on after the last one.
    """
    from influence import batch
    from influence.addresses import check_model

    batch.check_target(output)
    check_model(model)
    check_moment(at)
    from influence.planning import read_ids

    who = None if senders is None else sorted(read_ids(senders))
    asked: dict[str, Any] = {"k": k, "pool": pool, "at": at}
    asked |= {"suppress": sorted(read_ids(suppress)) if suppress is not None else ()}
    earlier = in_place(output)
    loaded = load_model(model, data)
    asked["partition_senders"] = partition_senders
    with bars() as report:
        n_rows = batch.write_candidates(loaded, output, who, progress=report, **asked)
    typer.echo(f"{n_rows:,} candidates in {output}{earlier}. Next: influence score {model} {output} scores/")
