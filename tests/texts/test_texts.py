"""The table of texts is whole in every language, and filled in as each language writes."""

from __future__ import annotations

import ast
import datetime
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import influence
from influence.errors import ConfigError
from influence.explanation.groups import NAMES
from influence.explanation.words import PHRASES
from influence.metrics import METRICS
from influence.schema import INTERACTION_KINDS, SENIORITY, TABLES
from influence.texts import LANGUAGES, country, date, in_language, language_now, listed, number, term, text
from influence.texts.table import read
from influence.texts.values import percent, two_digits

SOURCES = sorted(Path(influence.__file__).parent.rglob("*.py"))
THIN = "\u202f"


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def asked_for() -> Iterator[re.Pattern[str]]:
    """The keys that the code asks for; parts that it fills in may be anything."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield re.compile(re.escape(node.value))
            if isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(one.value)) if isinstance(one, ast.Constant) else r"[\w.-]+"
                    for one in node.values
                ]
                if re.search(r"\w\\?\.", parts[0]) and len(parts) > 1:
                    yield re.compile("".join(parts))


def test_table__every_key__in_every_language_with_the_same_placeholders() -> None:
    for key, templates in read().items():
        assert set(templates) == set(LANGUAGES), key
        assert all(template.strip() for template in templates.values()), key
        assert len({frozenset(placeholders(one)) for one in templates.values()}) == 1, key


def test_table__every_sentence__translated() -> None:
    alike = {key for key, told in read().items() if told["en"] == told["fr"] and " " in told["en"].strip()}
    assert alike <= {"hour", "duration.minutes"}


def test_table__french__no_breaking_space_before_high_signs_nor_straight_quotes() -> None:
    for key, told in read().items():
        assert not re.search(r"[^\u202f][;?!»]| [:%]|«[^\u202f]|\w'\w", told["fr"].replace("J’", "")), key


@pytest.mark.parametrize(
    "keys",
    [
        [f"metric.{name}" for name in METRICS],
        [f"kind.{name}" for name in INTERACTION_KINDS],
        [f"seniority.{name}" for name in SENIORITY],
        [f"table.{name}" for name in TABLES],
    ],
)
def test_table__names_of_the_vocabulary__all_there(keys: list[str]) -> None:
    assert set(keys) <= set(read())
    assert set(PHRASES) == set(NAMES)


def test_table__keys__none_that_no_code_asks_for() -> None:
    patterns = list(asked_for())
    words = {pattern.pattern for pattern in patterns}
    groups = ("method.", "slice.", "table.", "seniority.", "kind.", "column.", "metric.", "people.")
    open_ones = [one for one in patterns if "[" in one.pattern]
    unused = [
        key
        for key in read()
        if re.escape(key) not in words
        and not key.startswith(groups)
        and not any(one.fullmatch(key) for one in open_ones)
    ]
    assert unused == []


def test_text__unknown_key_or_missing_value__a_bug() -> None:
    with pytest.raises(KeyError):
        text("no.such.key")
    with pytest.raises(KeyError):
        text("duration.days")


def test_text__counts__words_by_the_plural_rules_of_the_language() -> None:
    told = {n: text("duration.days", n=n) for n in (0, 1, 1.0, 1.5, 2, 1204)}
    assert list(told.values()) == ["0 days", "1 day", "1.5 days", "2 days", "1,204 days"]
    with in_language("fr"):
        told = {n: text("duration.days", n=n) for n in (0, 1, 1.5, 2, 1204)}
    assert list(told.values()) == ["0 jour", "1 jour", "1,5 jour", "2 jours", f"1{THIN}204 jours"]


def test_in_language__nested__the_outer_one_comes_back() -> None:
    assert language_now() == "en"
    with in_language("fr"):
        with in_language("en"):
            assert text("yes") == "yes"
        assert text("yes") == "oui"
    assert language_now() == "en"


def test_in_language__unknown__names_the_ones_there_are() -> None:
    with pytest.raises(ConfigError, match=r"no texts in 'fra'.*fr"), in_language("fra"):
        pass
    assert language_now() == "en"


def test_values__two_languages__as_each_writes_them() -> None:
    day = datetime.date(2026, 1, 31)
    told = [number(-1204.5, 1), percent(0.314), number(0.5, 2, signed=True), date(day), country("DE")]
    assert told == ["-1,204.5", "31 %", "+0.50", "January 31, 2026", "Germany"]
    with in_language("fr"):
        told = [number(-1204.5, 1), percent(0.314), number(0.5, 2, signed=True), date(day), country("DE")]
        assert told == [f"-1{THIN}204,5", f"31{THIN}%", "+0,50", "31 janvier 2026", "Allemagne"]
        assert listed(["a", "b", "c"]) == "a, b et c"
    assert country("X1") == "X1"


def test_values__nothing_and_infinite__say_so() -> None:
    assert [number(float(x), 1) for x in ("nan", "inf", "-inf")] == ["-", "∞", "-∞"]


@pytest.mark.parametrize(("value", "told"), [(0.1234, "0.12"), (2.34, "2.3"), (127.0, "130"), (0.0, "0")])
def test_two_digits__sizes__two_digits_that_count(value: float, told: str) -> None:
    assert two_digits(value) == told


def test_term__name_of_something_added__told_as_it_is() -> None:
    assert term("method", "boosted_trees") == "boosted trees"
    assert term("method", "my_new_baseline") == "my new baseline"
