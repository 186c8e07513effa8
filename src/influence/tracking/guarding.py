"""A strict door to MLflow's scoring server: what a client does wrong is told as 4xx, and told briefly.

The server offers no hook for requests.  By itself it ignores parameters that it does not know, casts `["x"]`
to an id, repeats whole bodies in errors, and answers some bodies with 500.  Every request goes through one
function of its module; `guard` lays another around it, in a serving process alone (decision 0058).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from influence.errors import nearest

if TYPE_CHECKING:
    import pandas as pd

MAX_BODY_BYTES = 16 * 1024 * 1024
"""Of one request; ten thousand rows are well below."""
MAX_ROWS = 10_000
"""Of one request, so that it ends within MLflow's 60 seconds."""
LONGEST_MESSAGE = 1_000
"""Characters of an error."""
SERVING_VARIABLE = "__pyfunc_model_path__"
"""`mlflow models serve` sets it for the processes that answer."""
BULK = "Ask for fewer rows at a time, or score a file: influence score MODEL INPUT OUTPUT."
JSON = "application/json"
_log = logging.getLogger(__name__)


def guard() -> None:
    """Lay `guarded` around MLflow's scoring server, where this process is one."""
    if SERVING_VARIABLE in os.environ:
        from mlflow.pyfunc import scoring_server

        scoring_server.invocations = guarded(scoring_server.invocations)


def guarded(invocations: Callable[..., Any]) -> Callable[..., Any]:
    """MLflow's function that answers a request, made strict.

    Parameters
    ----------
    invocations
        (body, content type, model, input schema) -> (text, status, content type); raises `MlflowException`.

    Returns
    -------
    Callable
        The same, with 413 for a body that is too large, 415 where there is no content type, and 400 for
        parameters that no model heeds, for too many rows, and for whatever cannot be read.
    """
    from mlflow.exceptions import MlflowException
    from mlflow.pyfunc.scoring_server import InvocationsResponse

    def strict(body: bytes, content_type: str | None, model: Any, schema: Any) -> Any:
        if content_type is None:
            return InvocationsResponse(f"Give the request a Content-Type, such as {JSON}.", 415, "text/plain")
        if len(body) > MAX_BODY_BYTES:
            words = f"The body holds {len(body):,} bytes; {MAX_BODY_BYTES:,} are the most. {BULK}"
            return InvocationsResponse(words, 413, "text/plain")
        try:
            return invocations(body, content_type, _Strict(model), _read_by(content_type, schema))
        except MlflowException as error:
            raise _brief(error) from None
        except Exception as error:  # noqa: BLE001 - of reading alone: MLflow has turned those of the model
            raise _refusal(f"The body cannot be read: {error}") from None

    return strict


class _Strict:
    """A served model that refuses unknown parameters and too many rows; JSON's null stands for NaN."""

    def __init__(self, model: Any) -> None:
        self.model, self.metadata = model, model.metadata

    def predict(self, data: Any, params: Any = None) -> pd.DataFrame:
        known = [one.name for one in self.metadata.get_params_schema() or ()]
        for name in params if isinstance(params, dict) else ():
            if name not in known:
                raise _refusal(f"There is no parameter {name!r}. {nearest(name, known)}")
        if (n_rows := _n_rows(data)) == 0:
            raise _refusal("No rows are asked for. Give one at least.")
        if n_rows > MAX_ROWS:
            raise _refusal(f"{n_rows:,} rows are asked for; {MAX_ROWS:,} are the most. {BULK}")
        if hasattr(data, "columns"):
            data = self._table(data)
        return _with_nulls(self.model.predict(data, params=params))

    def _table(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows that the model's own words can be about: MLflow's on columns of numbers are hard to read."""
        if not rows.columns.is_unique:
            raise _refusal(f"The column {rows.columns[rows.columns.duplicated()][0]!r} is given twice.")
        from influence.tasks import TASKS

        every_id = {name for task in TASKS.values() for name in task.ID_COLUMNS}
        ids = [one.name for one in self.metadata.get_input_schema().inputs if one.name in every_id]
        numbers = [name for name in ids if name in rows and rows[name].dtype.kind in "biuf"]
        return rows.astype(dict.fromkeys(numbers, object))


def _n_rows(data: Any) -> int:
    """Rows of a table, a list of rows, or columns by name."""
    if isinstance(data, dict):
        return max((len(cells) for cells in data.values() if getattr(cells, "shape", ())), default=1)
    return len(data) if getattr(data, "shape", (1,)) and hasattr(data, "__len__") else 1


def _read_by(content_type: str, schema: Any) -> Any:
    """The schema to read a body by: in CSV ids are text, elsewhere cells have kinds of their own.

    The whole schema is enforced afterwards, by the model.
    """
    from mlflow.types import DataType, Schema

    if schema is None or content_type.startswith(JSON):
        return None
    return Schema([one for one in schema.inputs if one.type == DataType.string])


def _with_nulls(answers: pd.DataFrame) -> pd.DataFrame:
    """JSON has no form for NaN and infinity."""
    import numpy as np

    answers = answers.replace([np.inf, -np.inf], np.nan)
    gaps = answers.columns[answers.isna().any()]
    return answers.assign(
        **{name: answers[name].astype(object).where(answers[name].notna(), None) for name in gaps}
    )


def _refusal(message: str) -> Exception:
    from mlflow.exceptions import MlflowException

    return MlflowException.invalid_parameter_value(message[:LONGEST_MESSAGE])


def _brief(error: Any) -> Exception:
    """An error of MLflow's without the body that it repeats, and without our inside, which is logged."""
    if trace := error.json_kwargs.pop("stack_trace", None):
        _log.error("%s\n%s", error.message[:LONGEST_MESSAGE], trace)
    message = error.message.partition("\nInput: ")[0].rpartition("\nError: ")[2].rpartition("'. Error: ")[2]
    error.message = message[:LONGEST_MESSAGE]
    return error
