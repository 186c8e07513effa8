"""LinkedIn archives of the people of a synthetic world, written exactly as real exports are."""

from influence.synthesis.archives.style import LOCALES, Style, mapping_of
from influence.synthesis.archives.view import View
from influence.synthesis.archives.writing import own_team, write_archives

__all__ = ["LOCALES", "Style", "View", "mapping_of", "own_team", "write_archives"]
