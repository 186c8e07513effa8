"""What MLflow asks a logged model, and how it answers: rows checked, mistakes in plain words, caches warm."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol

from influence.errors import DataError, InfluenceError
from influence.tracking.gathering import Gathered
from influence.tracking.signature import example

if TYPE_CHECKING:
    import pandas as pd

    from influence.data import Network

KINDS: Mapping[str, tuple[type, str]] = {
    "sent_at": (datetime.date, "text such as 2026-01-31T08:00:00Z"),
    "has_note": (bool, "true, false or null"),
}
"""Column -> what its cells may be besides text, and how a client writes them; all others hold text alone."""
DTYPES: Mapping[type, str] = {datetime.date: "M", bool: "b"}
"""Kind of cell -> the letter by which pandas calls columns of it: these need no look at each cell."""


class Answers(Protocol):
    """A trained model, as far as it is asked here."""

    network: Network

    @property
    def tasks(self) -> tuple[str, ...]:
        """The questions that it was trained for."""
        ...

    def predict(self, task: str, rows: pd.DataFrame, at: str | None = None) -> pd.DataFrame:
        """One row of answers per row asked."""
        ...

    def warm_up(self, at: str | None = None) -> None:
        """Keep what small questions about one moment share; by default of the end of the records."""
        ...


class Served:
    """A model as MLflow asks it.

    Parameters
    ----------
    model
        The trained model; it is asked at once, for every task, so that later answers find caches full and
        code compiled.
    """

    def __init__(self, model: Answers) -> None:
        self.tasks, self._model = model.tasks, model
        # Each thread that asks keeps memory of its own, and threads of its own to compute with.
        self._thread = ThreadPoolExecutor(1, "model")
        self._answers = Gathered(self._predict)
        model.warm_up()
        for task in model.tasks:
            rows = _first_rows(task, model.network)
            # A single row lies otherwise in memory than several, and has compiled code of its own.
            for asked in (rows, rows.head(1), rows.tail(1)):
                self._predict(task, asked, None)

    def answer(self, rows: pd.DataFrame, params: Mapping[str, Any] | None) -> pd.DataFrame:
        """One row of answers per row.

        Parameters
        ----------
        rows
            The columns of the task, as `influence.tasks` names them; others are ignored.
        params
            `task`, by default the model's first, and `at`, by default the end of the records.

        Raises
        ------
        MlflowException
            In the words of an `InfluenceError`; MLflow's server answers it with 400.
        """
        from mlflow.exceptions import MlflowException

        asked = params or {}
        try:
            task = asked.get("task") or self.tasks[0]
            return self._answers(task, checked(task, rows), asked.get("at") or None)
        except InfluenceError as error:
            raise MlflowException.invalid_parameter_value(str(error)) from error

    def _predict(self, task: str, rows: pd.DataFrame, at: str | None) -> pd.DataFrame:
        return self._thread.submit(self._model.predict, task, rows, at).result()


def _first_rows(task: str, network: Network) -> pd.DataFrame:
    """Strangers, and somebody on record: these take other roads through the model."""
    import pandas as pd

    strangers = example(task)
    ids = network.company_ids if task == "partners" and len(network.company_ids) else network.contact_ids
    known = {name: ids[n : n + 1].astype(object) for n, name in enumerate(strangers)}
    return pd.concat((strangers, pd.DataFrame(known).dropna()), ignore_index=True)


def checked(task: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows, once no cell is of a kind that would be misread: a list as an id, a number as a time.

    Raises
    ------
    DataError
        Naming the column, the first such cell and its row.
    """
    from influence.tasks import TASKS

    asked = TASKS.get(task)
    names = () if asked is None else (*asked.ID_COLUMNS, *(one.name for one in asked.OPTIONAL_COLUMNS))
    texts = dict.fromkeys(names, (str, "text"))
    for name, (kind, written) in {**texts, **KINDS}.items():
        if name in texts and name in rows:
            rows = rows.assign(**{name: _column(rows[name], kind, written)})
    return rows


def _column(cells: pd.Series, kind: type, written: str) -> pd.Series:
    import numpy as np
    import pandas as pd

    if isinstance(cells.dtype, pd.StringDtype) and kind is not bool:
        return cells
    if cells.dtype.kind == DTYPES.get(kind):
        return cells
    # The formats `inputs` and `instances` wrap each cell.
    cells = cells.map(lambda cell: cell.item() if isinstance(cell, np.ndarray) and cell.ndim == 0 else cell)
    allowed = (bool, np.bool_) if kind is bool else (str, kind)
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, allowed) and not (pd.api.types.is_scalar(cell) and pd.isna(cell)):
            raise DataError(f"{cells.name} is {cell!r} in row {number}. Write it as {written}.")
    return cells
