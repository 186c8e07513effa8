"""What MLflow knows of a logged model: its code, columns and parameters, and made-up rows to try it with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

MODEL_CODE = '''"""The model as MLflow serves it: a DataFrame of raw ids in, a DataFrame of answers out."""

import warnings

import mlflow

import influence
from influence.tracking import guarding, serving

warnings.filterwarnings("ignore", ".*Add type hints to the `predict` method")  # the signature tells the types


class InfluenceModel(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        self.served = serving.Served(influence.load(context.artifacts["model"]))
        guarding.guard()

    def predict(self, context, model_input, params=None):
        return self.served.answer(model_input, params)


mlflow.models.set_model(InfluenceModel())
'''


def example(task: str) -> pd.DataFrame:
    """The input example that is stored with every model of a task."""
    import pandas as pd

    from influence.tasks import TASKS

    return pd.DataFrame(dict(TASKS[task].EXAMPLE), dtype="str")


def signature(answers: Mapping[str, pd.DataFrame]) -> Any:
    """Of several tasks no id is required, since each has its own."""
    from mlflow.models import ModelSignature, infer_signature
    from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema
    from mlflow.types.schema import AnyType

    from influence.tasks import TASKS

    first, asked = next(iter(answers)), [TASKS[task] for task in answers]
    inputs = [
        ColSpec("string", name, required=len(answers) == 1) for task in asked for name in task.ID_COLUMNS
    ]
    # MLflow's own datetime refuses time zones, and its boolean refuses NA.
    inputs += [
        ColSpec(AnyType(), one.name, required=False) for task in asked for one in task.OPTIONAL_COLUMNS
    ]
    params = ParamSchema([ParamSpec("task", "string", first), ParamSpec("at", "string", "")])
    return ModelSignature(Schema(inputs), infer_signature(answers[first]).inputs, params)
