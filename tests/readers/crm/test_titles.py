"""Job titles of three languages read for seniority and function."""

from __future__ import annotations

import pandas as pd
import pytest

from influence.readers.crm.titles import read_titles
from influence.schema import SENIORITY
from influence.synthesis.people import JOB_FUNCTIONS

KNOWN = [
    ("CEO", "c_suite", None),
    ("CEO & Founder", "c_suite", None),
    ("Chief Marketing Officer", "c_suite", "marketing"),
    ("Managing Director", "c_suite", None),
    ("PDG", "c_suite", None),
    ("Geschäftsführerin", "c_suite", None),
    ("Vice President of Sales", "vp", "sales"),
    ("SVP Operations", "vp", "operations"),
    ("President", "c_suite", None),
    ("Head of Purchasing", "director", "purchasing"),
    ("Directrice des achats", "director", "purchasing"),
    ("Leiter Einkauf", "director", "purchasing"),
    ("Vertriebsleiter", "director", "sales"),
    ("IT-Leiter", "director", "it"),
    ("Sales Manager", "manager", "sales"),
    ("Teamleiter Entwicklung", "manager", "engineering"),
    ("Responsable qualité", "manager", "operations"),
    ("Sr. Buyer", "senior", "purchasing"),
    ("Senior Software Engineer", "senior", "engineering"),
    ("Junior Developer", "junior", "engineering"),
    ("Assistante de direction", None, None),
    ("Praktikantin", "entry", None),
    ("Stagiaire RH", "entry", "people"),
    ("Account Manager", None, "sales"),
    ("Einkäufer", None, "purchasing"),
    ("Comptable", None, "finance"),
]
UNSURE = [
    "Assistant to the CEO",
    "Former CEO",
    "Ex-Director",
    "Deputy Director",
    "Assistant Manager",
    "Junior Manager",
    "Intern to the Managing Director",
    "Consultant",
    "Partner",
    "",
    "???",
    "Product Manager",
]


@pytest.mark.parametrize(("title", "seniority", "job_function"), KNOWN)
def test_titles__known_words__read(title: str, seniority: str | None, job_function: str | None) -> None:
    found = read_titles(pd.Series([title], dtype="str")).iloc[0]
    assert [None if pd.isna(cell) else cell for cell in found] == [seniority, job_function]


@pytest.mark.parametrize("title", UNSURE)
def test_titles__unsure__seniority_is_na(title: str) -> None:
    assert read_titles(pd.Series([title], dtype="str"))["seniority"].isna().all()


def test_titles__two_functions__neither() -> None:
    assert read_titles(pd.Series(["Sales and Marketing Director"]))["job_function"].isna().all()


def test_titles__every_value__a_word_of_the_vocabulary() -> None:
    found = read_titles(pd.Series([title for title, _, _ in KNOWN]))
    assert set(found["seniority"].dropna()) <= set(SENIORITY)
    assert set(found["job_function"].dropna()) == set(JOB_FUNCTIONS)


def test_titles__missing_cells__keep_their_index() -> None:
    found = read_titles(pd.Series(["CEO", pd.NA, "VP"], index=[7, 8, 9], dtype="str"))
    assert found.index.tolist() == [7, 8, 9]
    assert found["seniority"].isna().tolist() == [False, True, False]
