"""Any other CSV by a mapping: the file that tells it, the reader that follows it, a proposal for it."""

from influence.readers.mapping.config import FileMapping, MappingFile, read_mapping
from influence.readers.mapping.proposal import Proposal, propose
from influence.readers.mapping.reader import MAPPED, maps

__all__ = ["MAPPED", "FileMapping", "MappingFile", "Proposal", "maps", "propose", "read_mapping"]
