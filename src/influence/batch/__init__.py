"""Batch scoring: tables of rows asked about, in and out, as a stream."""

from influence.batch.candidates import write_candidates
from influence.batch.scoring import check_paths, score
from influence.batch.stream import Chunk, Predictor, beside, explained, ids_of
from influence.writing import check_format, write_table

__all__ = [
    "Chunk",
    "Predictor",
    "beside",
    "check_format",
    "check_paths",
    "explained",
    "ids_of",
    "score",
    "write_candidates",
    "write_table",
]
