"""Batch scoring on a Ray cluster: Parquet in, a folder of Parquet parts out, through Ray Data.

Ray Data (Luan et al. 2025, "The streaming batch model for efficient and fault-tolerant heterogeneous
execution") streams the rows through workers that each load the model once; what a lost worker had in hand is
done again by another.
"""

from __future__ import annotations

import io
import logging
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from influence.addresses import is_address
from influence.batch.files import Asked
from influence.batch.parts import Part, part_name, tell
from influence.batch.runs import run_of
from influence.batch.stream import (
    CHUNK_ROWS,
    EXPLAINED_ROWS,
    as_frame,
    beside,
    explained,
    ids_of,
    stamped,
)
from influence.data import to_utc
from influence.engine import RayConfig, ray_session, told_plainly
from influence.errors import ConfigError, DataError
from influence.files import new_folder
from influence.prediction import Model
from influence.writing import FORMATS, table_of


def score_on_ray(
    model: Model,
    source: str | Path,
    target: str | Path,
    config: RayConfig,
    *,
    task: str = "acceptance",
    at: str | pd.Timestamp | None = None,
    explain: bool = False,
    chunk_rows: int = CHUNK_ROWS,
) -> int:
    """Score every row of `source` into parts of a new folder (`part-00000.parquet`, ...), on Ray's workers.

    In the order of their names the parts hold the rows in the input's order, with the columns and the
    numbers that `influence.batch.score` gives.  The model travels to the workers through Ray's object store;
    `source` and `target` must be places that all machines see.  The folder appears only when all rows are
    done, a manifest beside them as `score` writes it.

    Parameters
    ----------
    source
        A Parquet file, or a folder of them.
    target
        A new folder.
    chunk_rows
        Rows scored at once by a worker.

    Returns
    -------
    int
        The number of rows scored.

    Raises
    ------
    DataError
        If the input cannot be read, lacks a column, holds an empty id, or has no rows.
    ConfigError
        If the extra `ray` is missing, no cluster answers, or the folder holds something already or cannot be
        one.
    """
    check_places(source, target)
    paths, ids = _parts(Path(source)), ids_of(task)
    checked = Asked.open(tuple(paths), str(source), ids)
    checked.check_cells(task, at)
    n_rows = checked.n_rows
    size = min(chunk_rows, EXPLAINED_ROWS) if explain else chunk_rows
    asked = {"task": task, "at": at, "explain": explain}
    with new_folder(target) as new, ray_session(config) as ray, told_plainly():
        rows = _read(ray, paths, size)
        scored = rows.map_batches(
            _Scorer,
            fn_constructor_kwargs={"packed": ray.put(packed(model)), "ids": ids, "asked": asked},
            batch_size=size,
            batch_format="pyarrow",
            compute=ray.data.ActorPoolStrategy(size=config.workers),
            num_cpus=config.cpus_per_worker,
            num_gpus=config.gpus_per_worker or None,
        )
        scored.write_parquet(
            str(new.absolute()), filename_provider=_part_names(), mode=ray.data.SaveMode.OVERWRITE
        )
        parts = _number(new, n_rows)
        told = checked.told_of(source)
        moment = None if at is None else to_utc(at).isoformat()
        run = run_of(model, told, {**asked, "at": moment, "partition_rows": size})
        tell(new, run, parts, finished=True)
    return n_rows


def _read(ray: Any, paths: list[Path], size: int) -> Any:
    """The rows as Ray's data set, in their order, cut into blocks so that all workers have work."""
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    rows = ray.data.read_parquet([str(path.absolute()) for path in paths])
    rows.context.execution_options.preserve_order = True
    rows.context.enable_progress_bars = False
    rows.context.raise_original_map_exception = True  # else a complaint is lost between Ray's processes
    return rows.repartition(target_num_rows_per_block=size)


def packed(model: Model) -> bytes:
    """What `Model.save` writes, as one archive."""
    with tempfile.TemporaryDirectory() as name, io.BytesIO() as archive:
        folder = Path(name) / "model"
        model.save(folder)
        with zipfile.ZipFile(archive, "w") as file:
            for path in sorted(each for each in folder.rglob("*") if each.is_file()):
                file.write(path, path.relative_to(folder))
        return archive.getvalue()


def unpacked(archive: bytes, folder: Path) -> Model:
    """The model that was packed, by way of a folder."""
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        file.extractall(folder)
    return Model.load(folder)


class _Scorer:
    """A worker: it loads the model once, and answers chunk after chunk as `influence.batch.score` does."""

    def __init__(self, packed: Any, ids: tuple[str, ...], asked: dict[str, Any]) -> None:
        import ray

        self.folder = tempfile.TemporaryDirectory()
        self.model = unpacked(ray.get(packed), Path(self.folder.name))
        self.ids, self.asked = ids, asked

    def __call__(self, chunk: pa.Table) -> pa.Table:
        task, at = self.asked["task"], self.asked["at"]
        asked = as_frame(chunk, self.ids)
        rows = stamped(self.model, beside(asked, self.model.predict(task, asked, at=at), self.ids))
        if self.asked["explain"]:
            rows = explained(self.model, task, rows, at)
        return table_of(rows)


def check_places(source: str | Path, target: str | Path) -> None:
    """See that Ray can read from the one place and write to the other.

    Raises
    ------
    ConfigError
        If not.
    """
    if is_address(source) or is_address(target):
        raise ConfigError("On Ray, input and output are Parquet. For a database use engine local.")
    if Path(target).suffix.lower() in FORMATS:
        raise ConfigError(f"{str(target)!r} names a file. On Ray the output is a folder: name one.")


def _parts(source: Path) -> list[Path]:
    paths = sorted(source.glob("*.parquet")) if source.is_dir() else [source]
    if not paths or not all(path.is_file() for path in paths):
        raise DataError(f"There is no Parquet at {str(source)!r}. Check the path of the input.")
    if any(path.suffix.lower() != ".parquet" for path in paths):
        raise ConfigError(
            f"{str(source)!r}: on Ray, input is Parquet. Write it as such, or use engine local."
        )
    return paths


def _number(folder: Path, n_rows: int) -> list[Part]:
    """Name the parts by their order, none of them empty, and see that no row was lost or doubled."""
    sizes = {path: pyarrow.parquet.read_metadata(path).num_rows for path in sorted(folder.glob("*.parquet"))}
    assert sum(sizes.values()) == n_rows, f"{sum(sizes.values())} of {n_rows} rows were written"
    for path in (path for path, size in sizes.items() if not size):
        path.unlink()
    filled = [path for path, size in sizes.items() if size]
    return [Part.of(path.rename(folder / part_name(number))) for number, path in enumerate(filled)]


def _part_names() -> Any:
    """Files by the number of the task that writes them: the same name when a lost task is done again."""
    from ray.data.datasource import FilenameProvider

    class PartNames(FilenameProvider):
        def get_filename_for_task(self, write_uuid: str, task_index: int) -> str:
            return f"task-{task_index:08}-{{i}}.parquet"

    return PartNames(file_format="parquet")
