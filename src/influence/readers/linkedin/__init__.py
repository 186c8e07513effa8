"""LinkedIn archives: what people can download about themselves, pooled over colleagues and over time.

Who and when only: what was written is passed over by the parser and never held.
"""

from influence.readers.linkedin.archive import NAME
from influence.readers.linkedin.files import recognises
from influence.readers.linkedin.pooling import pool, read
from influence.readers.source import Reader

LINKEDIN = Reader(
    NAME,
    "the archive of one person, zip or folder: Connections.csv or Invitations.csv as LinkedIn writes them",
    recognises,
    read,
    personal=True,
    pool=pool,
)

__all__ = ["LINKEDIN"]
