"""The model as its users meet it: DataFrames of raw ids in, DataFrames of calibrated answers out."""

from influence.prediction.model import Model

__all__ = ["Model"]
