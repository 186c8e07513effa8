"""Sources into networks: one file per kind of source, one line of the registry each."""

from influence.readers.config import ReadingConfig
from influence.readers.duties import check_kept
from influence.readers.reading import matched, read
from influence.readers.registry import READERS
from influence.readers.source import Reader, Records
from influence.readers.tables import write_tables

__all__ = ["READERS", "Reader", "ReadingConfig", "Records", "check_kept", "matched", "read", "write_tables"]
