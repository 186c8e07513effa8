from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from influence.readers.joining import spelling


def test_doctests__pass() -> None:
    assert doctest.testmod(spelling).failed == 0
    assert doctest.testmod(spelling).attempted > 5


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jürgen Müller", "Juergen Mueller"),
        ("Łukasz Żak", "Lukasz Zak"),
        ("José Núñez", "JOSE NUNEZ"),
        ("Jose\u0301 Nu\u0301n\u0303ez", "José Núñez"),
        ("O'Brien, Sean", "Sean OBrien"),
        ("Anna Schmidt_123456789", "Anna Schmidt"),
        ("Prof. Dr. Anna Schmidt, PhD", "Anna Schmidt"),
        ("Anna (Anni) Schmidt", "Schmidt Anna"),
        ("Straße, Karl", "Karl Strasse"),
        ("Иван Петров", "ПЕТРОВ ИВАН"),
    ],
)
def test_name__one_person_spelt_in_two_ways__same_words(one: str, other: str) -> None:
    assert spelling.name(one) == spelling.name(other) != ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme GmbH", "ACME, Inc."),
        ("Müller GmbH & Co. KG", "Mueller"),
        ("Café S.A.S.", "cafe"),
        ("The Acme Corporation", "Acme Corp"),
        ("Acme Sp. z o.o.", "Acme"),
        ("Acme Robotics", "AcmeRobotics Ltd."),
    ],
)
def test_company__legal_forms__dropped(one: str, other: str) -> None:
    assert spelling.company(one) == spelling.company(other) != ""


@pytest.mark.parametrize("text", ["Self-employed", "n/a", "-", "", "Freelance", "..."])
def test_company__none__empty(text: str) -> None:
    assert spelling.company(text) == ""


def test_company__nothing_but_a_legal_form__kept() -> None:
    assert spelling.company("SE") == "se"


@given(st.text())
def test_every_form__any_text__stable(text: str) -> None:
    for form in (spelling.profile, spelling.address, spelling.company, spelling.domain):
        assert isinstance(form(text), str)
    words = spelling.name(text)
    assert words == tuple(sorted(words))
    assert spelling.address(spelling.address(text)) == spelling.address(text)
    if host := spelling.domain(text):
        assert spelling.label(host) in host
