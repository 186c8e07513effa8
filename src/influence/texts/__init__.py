"""Every sentence that people are shown, in each language: one table, `texts.csv`, and how it is filled in.

Sentences are made where their figures are, in many layers, and all of them ask here for the words.  The
language is that of the context, English unless `in_language` says otherwise, as `decimal.localcontext` does
it for precision: no function has to carry a language that it does not look at.
"""

from influence.texts.language import LANGUAGES, in_language, language_now
from influence.texts.table import FEW, first_few, term, text
from influence.texts.values import (
    country,
    date,
    list_separator,
    listed,
    number,
    percent,
    two_digits,
)

__all__ = [
    "FEW", "LANGUAGES", "country", "date", "first_few", "in_language", "language_now", "list_separator",
    "listed", "number", "percent", "term", "text", "two_digits",
]  # fmt: skip
