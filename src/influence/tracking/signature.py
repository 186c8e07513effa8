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
EXAMPLES = {
    "acceptance": {"sender_id": ["ana", "ana"], "recipient_id": ["bo", "cy"]},
    "leadership": {"contact_id": ["ana", "bo"]},
    "partners": {"source_id": ["acme", "acme"], "target_id": ["bolt", "cog"]},
}
"""Task -> made-up rows: an example must not show anybody's."""
OPTIONAL = {"acceptance": ("sent_at", "has_note"), "leadership": ("topic",), "partners": ()}
"""Task -> columns that rows may have."""


def example(task: str) -> pd.DataFrame:
    """The input example that is stored with every model of a task."""
    import pandas as pd

    return pd.DataFrame(EXAMPLES[task], dtype="str")


def signature(answers: Mapping[str, pd.DataFrame]) -> Any:
    """Of several tasks no id is required, since each has its own."""
    from mlflow.models import ModelSignature, infer_signature
    from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema
    from mlflow.types.schema import AnyType

    first = next(iter(answers))
    inputs = [
        ColSpec("string", name, required=len(answers) == 1) for task in answers for name in EXAMPLES[task]
    ]
    # MLflow's own datetime refuses time zones, and its boolean refuses NA.
    inputs += [ColSpec(AnyType(), name, required=False) for task in answers for name in OPTIONAL[task]]
    params = ParamSchema([ParamSpec("task", "string", first), ParamSpec("at", "string", "")])
    return ModelSignature(Schema(inputs), infer_signature(answers[first]).inputs, params)
