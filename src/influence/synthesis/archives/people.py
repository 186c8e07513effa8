"""Invented people: names from syllables, profile slugs of which no two are equal, employers, titles."""

from __future__ import annotations

from urllib.parse import quote

import numpy as np
import pandas as pd

from influence.data import Network
from influence.schema import SENIORITY

_FIRST = (
    ("Ba", "Ce", "Do", "Fe", "Ga", "Hel", "Il", "Jo", "Ka", "Lu", "Mi", "Ne", "Ol", "Pe", "Ru",
     "Sö", "Ta", "Vi"),
    ("bra", "dan", "fi", "gor", "la", "lin", "mo", "na", "rek", "ri", "sa", "ten", "va", "zé"),
)  # fmt: skip
_LAST = (
    ("Ald", "Bren", "Cor", "Dras", "Eik", "Fal", "Gris", "Holm", "Jar", "Kest", "Lind", "Mar", "Nor", "Öst",
     "Pol", "Quen", "Ros", "Stav", "Tor", "Ulm", "Vos", "Wex"),
    ("a", "e", "i", "o"),
    ("berg", "dal", "ffer", "gren", "kov", "lund", "ner", "quist", "rini", "ska", "ström", "tier",
     "ver", "witz"),
)  # fmt: skip
_TITLES = ("Intern", "Associate", "Specialist", "Manager", "Director", "Vice President", "Chief Officer")
_FORMS = ("GmbH", "Ltd", "Group", "& Sons", "S.A.", "Labs")
SCRAMBLE, SLUG_NUMBERS = 40_503, 2**32
"""An odd factor modulo a power of two: distinct positions stay distinct, and tell nothing of their order."""


def invented_people(network: Network, rng: np.random.Generator) -> pd.DataFrame:
    """Name, profile slug and address of everybody, and what their profile says at the end of the records.

    Names are drawn, so that some people share theirs; slugs are unique.

    Returns
    -------
    DataFrame
        By contact_id: first_name, last_name, profile (the slug, lower case and decoded), member_id, email,
        company, title.
    """
    ids = network.contact_ids
    number = np.arange(len(ids), dtype=np.int64)
    first, last = _drawn(_FIRST, len(ids), rng), _drawn(_LAST, len(ids), rng)
    tail = pd.Series([f"{each:x}" for each in (number + 1) * SCRAMBLE % SLUG_NUMBERS], dtype="str")
    facts = _latest(network.table("contacts"), "contact_id").reindex(ids)
    employers = invented_companies(network, rng)
    rows = pd.DataFrame(
        {
            "first_name": first,
            "last_name": last,
            "profile": (first + "-" + last).str.lower() + "-" + tail,
            "member_id": (100_000_000 + number * 7_919).astype("str"),
            "email": (first + "." + last).str.lower() + "." + tail + "@mail.example",
            "company": facts["company_id"].map(employers["company"]).to_numpy(),
            "title": _titles(facts).to_numpy(),
        }
    )
    return rows.set_axis(ids, axis=0)


def invented_companies(network: Network, rng: np.random.Generator) -> pd.DataFrame:
    """Names of all companies, by company_id; a few hold a comma."""
    ids = network.company_ids
    stem = _drawn(_LAST, len(ids), rng) + " " + pd.Series(np.arange(len(ids)).astype("str"))
    form = pd.Series(rng.choice(_FORMS, len(ids)), dtype="str")
    return pd.DataFrame(
        {"company": stem.where(rng.random(len(ids)) > 0.1, stem + ",") + " " + form}
    ).set_axis(ids, axis=0)


def profile_url(profile: pd.Series) -> pd.Series:
    """Addresses of profiles; letters beyond ASCII are percent-encoded."""
    return "https://www.linkedin.com/in/" + profile.map(quote)


def _drawn(syllables: tuple[tuple[str, ...], ...], size: int, rng: np.random.Generator) -> pd.Series:
    """Words of one syllable from each list."""
    words = pd.Series("", index=range(size), dtype="str")
    for choice in syllables:
        words = words + pd.Series(rng.choice(choice, size), dtype="str")
    return words


def _titles(facts: pd.DataFrame) -> pd.Series:
    """What people call their work, from seniority and job function."""
    level = facts["seniority"].map(dict(zip(SENIORITY, _TITLES, strict=True)))
    return (level + " " + facts["job_function"].fillna("").str.title()).str.strip()


def _latest(rows: pd.DataFrame, key: str) -> pd.DataFrame:
    """The latest observation of each, by its id."""
    ordered = rows.sort_values("observed_at", kind="stable", na_position="first")
    return ordered.drop_duplicates(key, keep="last").set_index(key)
