"""Job titles read for seniority and function, by a table of words in English, French and German."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import StringIO

import pandas as pd

from influence.readers.crm.words import folded
from influence.schema import SENIORITY

TABLE = "titles.csv"
_NOT_ONESELF = re.compile(
    r"\b(assistante?|assistent(in)?|office|secretary|secretaire|sekretariat|referente?n?|advisor|adviser|berater(in)?"
    r"|conseill\w+|reporting|support|referent(in)?|assistance|assistenz) (to|of|the|du|de|des|der|a|an|fur)\b"
)
_NO_LONGER = re.compile(
    r"\b(ex|former|formerly|retired|past|ancien|ancienne|ehemaliger?|ehem|a d|retraite|i r)\b"
)
_BESIDE = re.compile(r"\b(deputy|adjointe?|stellvertretende?r?|stellv|acting|interim|associate|assistant)\b")
"""Words beside a rank that make it another one: which, is left open."""

_PEOPLELESS = re.compile(
    r"\b(account|product|project|produkt|projekt|key account|office|community|case) ?manager"
)
"""Managers of things: the word is the name of a job, not a rank."""


@dataclass(frozen=True)
class _Rule:
    pattern: re.Pattern[str]
    value: str


def read_titles(titles: pd.Series) -> pd.DataFrame:
    """Columns `seniority` and `job_function` of job titles; NA where unsure.

    Of several ranks in a title the highest counts; `Assistant to the CEO`, `Former CEO`, `Deputy Director`
    and a rank beside that of a beginner are unsure, and so is a title of two functions.
    """
    spelled, spellings = pd.factorize(titles)
    read = [_read(str(spelling)) for spelling in spellings]
    columns = {
        "seniority": [seniority for seniority, _ in read],
        "job_function": [function for _, function in read],
    }
    return pd.DataFrame(
        {name: pd.array([*values, None], dtype="str").take(spelled) for name, values in columns.items()},
        index=titles.index,
    )


def _read(title: str) -> tuple[str | None, str | None]:
    text = folded(title)
    if not text or _NO_LONGER.search(text):
        return None, None
    functions = {rule.value for rule in _rules("job_function") if rule.pattern.search(text)}
    function = functions.pop() if len(functions) == 1 else None
    return _seniority(text), function


def _seniority(text: str) -> str | None:
    if _NOT_ONESELF.search(text):
        return None
    text = _PEOPLELESS.sub(" ", text)
    found: set[str] = set()
    # The longest words first, and what they cover is taken out: a vice president is no president.
    for rule in _rules("seniority"):
        text, n = rule.pattern.subn(" ", text)
        if n:
            found.add(rule.value)
    ranks = sorted(found, key=SENIORITY.index)
    if not ranks:
        return None
    top = ranks[-1]
    led = SENIORITY.index(top) >= SENIORITY.index("manager")
    if led and ({"entry", "junior"} & found or _BESIDE.search(text)):
        return None
    return None if {"entry", "senior"} <= found or {"junior", "senior"} <= found else top


@cache
def _rules(column: str) -> tuple[_Rule, ...]:
    """The words of a column of the table as patterns, the longest first."""
    text = (resources.files(__package__) / TABLE).read_text(encoding="utf-8")
    table = pd.read_csv(StringIO(text), dtype="str")
    named = [
        (words, value)
        for written, value in table.loc[table["column"] == column, ["words", "value"]].itertuples(index=False)
        for words in written.split("|")
    ]
    named.sort(key=lambda pair: (-len(pair[0]), pair))
    return tuple(_Rule(re.compile(rf"\b{_as_pattern(words)}\b"), value) for words, value in named)


def _as_pattern(words: str) -> str:
    return re.escape(words).replace(r"\*", r"\w*")
