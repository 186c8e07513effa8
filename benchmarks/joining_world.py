"""The same invented people in an archive, a CRM and a campaign log, spelt as such sources spell them.

Names follow Zipf's law within eight cultures, companies in size; most people of a company are of one culture,
so that names and companies go together as they do in life, which the score does not know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from influence.readers import Records

CULTURES, GIVEN, FAMILY = 8, 400, 8_000
LEGAL = ("GmbH", "AG", "Inc.", "Ltd", "SAS", "B.V.", "S.p.A.", "LLC")
ONSETS = (
    "b",
    "br",
    "c",
    "d",
    "f",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "kr",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "sch",
    "st",
    "t",
    "v",
    "w",
    "z",
)
VOWELS = ("a", "e", "i", "o", "u", "ei", "ie", "au", "ä", "ö", "ü", "é")
CODAS = ("l", "m", "n", "r", "s", "t", "nn", "ck", "rt", "ls", "nd")
KEYS = np.array(list("abcdefghijklmnopqrstuvwxyz"))
NICKNAMED, MISSPELT, SHORTENED, MIDDLE, TITLED, TURNED = 0.02, 0.03, 0.02, 0.03, 0.03, 0.2
MOVED, RESPELT = 0.1, 0.15


@dataclass(frozen=True)
class World:
    """The records of each source, and for each of their ids the person it is of."""

    found: list[Records]
    truth: dict[str, int]


def make(n_people: int, seed: int, overlap: float = 0.5) -> World:
    """People of whom each source knows a part: any two of them share about `overlap` of the smaller one."""
    rng = np.random.default_rng(seed)
    people = _people(n_people, rng)
    sources = {
        "linkedin": {"profile": 1.0, "email": 0.05, "employer": 0.6},
        "hubspot": {"profile": 0.1, "email": 0.7, "employer": 0.85},
        "campaign_log": {"profile": 0.6, "email": 0.0, "employer": 0.9},
    }
    found, truth = [], dict[str, int]()
    for name, told in sources.items():
        chosen = people[rng.random(n_people) < overlap * (0.2 if name == "campaign_log" else 1)]
        records, own = _source(name, chosen, told, rng)
        found.append(records)
        truth |= own
    return World(found, truth)


def _words(n: int, syllables: int, rng: np.random.Generator) -> np.ndarray:
    """Made-up words, each once."""
    found: dict[str, None] = {}
    onsets, vowels, codas = (rng.permutation(each)[: 2 * len(each) // 3] for each in (ONSETS, VOWELS, CODAS))
    while len(found) < n:
        size = rng.integers(1, syllables + 1)
        parts = [rng.choice(onsets) + rng.choice(vowels) + (rng.choice(codas) if rng.random() < 0.6 else "")
                 for _ in range(size)]  # fmt: skip
        found["".join(parts) + (rng.choice(vowels[:4]) if rng.random() < 0.3 else "")] = None
    return np.array([word.capitalize() for word in found], dtype=object)


def _zipf(n: int, size: int, rng: np.random.Generator, exponent: float = 0.9) -> np.ndarray:
    weight = 1 / np.arange(3, n + 3) ** exponent
    return rng.choice(n, size=size, p=weight / weight.sum())


def _people(n: int, rng: np.random.Generator) -> pd.DataFrame:
    n_companies = max(5, n // 20)
    company = _zipf(n_companies, n, rng)
    culture_of = rng.integers(CULTURES, size=n_companies)
    culture = np.where(rng.random(n) < 0.75, culture_of[company], rng.integers(CULTURES, size=n))
    given, family = np.empty(n, object), np.empty(n, object)
    for each in range(CULTURES):
        here = np.flatnonzero(culture == each)
        given[here] = _words(GIVEN, 2, rng)[_zipf(GIVEN, len(here), rng)]
        family[here] = _words(FAMILY, 3, rng)[_zipf(FAMILY, len(here), rng)]
    stems = _words(n_companies, 3, rng)
    trade = np.array(["", " Robotics", " Systems", " Software", " Consulting", " Logistik"], object)
    names = stems + trade[rng.integers(len(trade), size=n_companies)]
    legal = np.array(LEGAL, object)[rng.integers(len(LEGAL), size=n_companies)]
    return pd.DataFrame(
        {"person": np.arange(n), "given": given, "family": family, "company": names[company],
         "legal": legal[company], "former": names[rng.permutation(company)]}
    )  # fmt: skip


def _source(
    source: str, people: pd.DataFrame, told: dict[str, float], rng: np.random.Generator
) -> tuple[Records, dict[str, int]]:
    n = len(people)
    slug = [
        f"{_ascii(g)}-{_ascii(f)}-{p:x}".lower()
        for g, f, p in people[["given", "family", "person"]].to_numpy()
    ]
    has = {kind: rng.random(n) < share for kind, share in told.items()}
    names = [_written_name(g, f, rng) for g, f in people[["given", "family"]].to_numpy()]
    moved = rng.random(n) < MOVED
    companies = np.where(moved, people["former"], people["company"])
    employers = [_written_company(c, legal, rng) for c, legal in zip(companies, people["legal"], strict=True)]
    # Large companies tell namesakes apart by a number, small ones have none.
    emails = [f"{_ascii(g)}.{_ascii(f)}.{p:x}@{_ascii(c).replace(' ', '')}.com".lower()
              for g, f, p, c in people[["given", "family", "person", "company"]].to_numpy()]  # fmt: skip
    ids = [
        f"profile:{slug[i]}"
        if has["profile"][i]
        else f"email:{emails[i]}"
        if has["email"][i]
        else f"{source}:{i}"
        for i in range(n)
    ]
    source_id = f"{source}:{'0' * 12}"
    rows = [
        (ids[i], kind, value)
        for i in range(n)
        for kind, value in (("profile", slug[i]), ("email", emails[i]), ("employer", employers[i]))
        if has[kind][i]
    ]
    rows += [(own, "name", name) for own, name in zip(ids, names, strict=True)]
    identities = pd.DataFrame(rows, columns=["contact_id", "kind", "value"]).assign(source_id=source_id)
    tables = {
        "contacts": pd.DataFrame({"contact_id": ids, "source": source_id}),
        "identities": identities,
        "sources": pd.DataFrame({"source_id": [source_id], "exported_at": ["2026-01-01T00:00:00Z"]}),
    }
    return Records(tables), dict(zip(ids, people["person"].tolist(), strict=True))


def _written_name(given: str, family: str, rng: np.random.Generator) -> str:
    if rng.random() < NICKNAMED:
        given = given[: max(3, len(given) // 2)]
    if rng.random() < MISSPELT:
        given, family = (
            (_misspelt(given, rng), family) if rng.random() < 0.3 else (given, _misspelt(family, rng))
        )
    if rng.random() < SHORTENED:
        given = f"{given[0]}."
    if rng.random() < MIDDLE:
        given = f"{given} {rng.choice(list('ABCDEFGH'))}."
    if rng.random() < 0.1:
        given, family = _ascii(given), _ascii(family)
    written = f"{family}, {given}" if rng.random() < TURNED else f"{given} {family}"
    return f"Dr. {written}" if rng.random() < TITLED else written


def _misspelt(word: str, rng: np.random.Generator) -> str:
    """One letter exchanged, left out, doubled or swapped with the next."""
    place = int(rng.integers(len(word)))
    kind = rng.integers(4)
    if kind == 0:
        return word[:place] + str(rng.choice(KEYS)) + word[place + 1 :]
    if kind == 1:
        return word[:place] + word[place + 1 :] if len(word) > 3 else word
    if kind == 2:
        return word[:place] + word[place] + word[place:]
    return word[:place] + word[place + 1 : place + 2] + word[place : place + 1] + word[place + 2 :]


def _written_company(name: str, legal: str, rng: np.random.Generator) -> str:
    chance = rng.random()
    if chance < 0.5:
        name = f"{name} {legal}"
    if rng.random() < RESPELT:
        kind = rng.integers(3)
        name = (name.upper(), f"{name} Group", _misspelt(name, rng))[kind]
    return name


def _ascii(word: str) -> str:
    for letter, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("é", "e")):
        word = word.replace(letter, plain)
    return word


def pairs(group: Sequence[object], source: Sequence[object]) -> int:
    """How many pairs of records of two sources are in one group."""
    rows = pd.DataFrame({"group": group, "source": source})
    total = rows.groupby("group").size()
    within = rows.groupby(["group", "source"]).size()
    return int((total * (total - 1) // 2).sum() - (within * (within - 1) // 2).sum())
