"""Columns to tensors, the relation-aware temporal encoder, boosted trees beside it, calibration."""
