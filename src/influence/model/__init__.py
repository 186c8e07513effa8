"""Columns to tensors, the relation-aware temporal encoder, boosted trees beside it, calibration."""

from influence.vector_math import settle

settle()
