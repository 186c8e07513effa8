"""How like two names and two employers are, as weights of evidence that they are one person's.

After Fellegi and Sunter (1969), "A theory for record linkage", Journal of the American Statistical
Association 64(328): every agreement counts log(m / u), m the chance of it where both records are of one
person, u the chance of it where they are of two.  Here u comes from the data's own frequencies (Winkler 2000,
"Frequency-based matching in Fellegi-Sunter model of record linkage"): two who are called Anna agree in
little, two who are called Zbigniew in much.  The chances m are set, not learnt, since the records of a small
team do not hold enough pairs to learn from.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from math import log

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

SAME, SHORTENED, ALIKE, ADDITIONAL = 0.9, 0.03, 0.03, 0.2
"""m of a word of a name: the same, one the beginning of the other (an initial), misspelt; a further word."""
SAME_COMPANY, LIKE_COMPANY, OTHER_COMPANY = 0.7, 0.1, 0.2
"""m of an employer: the same, spelt alike, another one (people move, and records grow old)."""
SPELLINGS = 10
"""So many times as often as a word itself, words that are spelt like it are met."""
IMAGINED = 1_000
"""People, all called differently, who are counted along: few records tell little of what is common."""
FOUND = 0.5
"""The share of records whose person is in another source too, before anything is compared."""
SIMILARITY = 0.8
"""Of two words by their edits (optimal string alignment), to count as one misspelt: one in five letters."""
LARGEST = 50.0
"""Log-odds are held within this."""


@dataclass(frozen=True)
class Frequencies:
    """How common each word is among so many people."""

    count: dict[str, int]
    n_people: int
    words: list[str]
    before: list[int]
    """How many people bear the words before each of `words`, which are sorted."""

    @classmethod
    def of(cls, words: Iterable[str], n_people: int) -> Frequencies:
        """From one word per person who bears it."""
        series = pd.Series(list(words), dtype="object")
        count = {str(word): int(n) for word, n in series.value_counts().items()}
        ordered = sorted(count)
        return cls(count, n_people, ordered, [0, *accumulate(count[word] for word in ordered)])

    def share(self, word: str) -> float:
        """Of the people, those who bear the word, with those imagined."""
        return (self.count.get(word, 0) + 1) / (self.n_people + IMAGINED)

    def beginning(self, start: str) -> float:
        """Of the people, those who bear a word with this beginning."""
        low, high = bisect_left(self.words, start), bisect_left(self.words, start + "\U0010ffff")
        return min(1.0, (self.before[high] - self.before[low] + IMAGINED / 26 ** len(start) + 1)
                   / (self.n_people + IMAGINED))  # fmt: skip


def name_evidence(one: tuple[str, ...], other: tuple[str, ...], common: Frequencies) -> float | None:
    """log(m / u) of two names; None where they do not agree.

    They agree where every word of the shorter name, which has two at least, stands in the longer one: the
    same, as its beginning, or misspelt; and one of them in full.
    """
    short, rest = (one, list(other)) if len(one) <= len(other) else (other, list(one))
    if len(short) < 2:
        return None
    weight, n_full, left = 0.0, 0, []
    for word in short:
        if word not in rest:
            left.append(word)
            continue
        rest.remove(word)
        n_full += len(word) > 1
        weight += log(SAME / (common.share(word) if len(word) > 1 else common.beginning(word)))
    for word in sorted(left, key=len, reverse=True):
        partner, evidence = _nearest(word, rest, common)
        if partner is None:
            return None
        rest.remove(partner)
        weight += evidence
    return None if not n_full else weight + (log(ADDITIONAL) if rest else 0.0)


def _nearest(word: str, others: list[str], common: Frequencies) -> tuple[str | None, float]:
    """The word that this one shortens, or that shortens it, or that is spelt alike; and the evidence."""
    for other in others:
        short, long = sorted((word, other), key=len)
        if long.startswith(short) and (len(short) == 1 or len(short) > 2):
            return other, log(SHORTENED / common.beginning(short))
    for other in others:
        if OSA.normalized_similarity(word, other) >= SIMILARITY:
            chance = min(1.0, SPELLINGS * max(common.share(word), common.share(other)))
            return other, log(ALIKE / chance)
    return None, 0.0


def contradict(one: Iterable[tuple[str, ...]], other: Iterable[tuple[str, ...]]) -> bool:
    """Whether two records bear names, and no word of the one is a word of the other, or like it."""
    left, right = {word for each in one for word in each}, {word for each in other for word in each}
    if not left or not right or left & right:
        return False
    return not any(
        a.startswith(b) or b.startswith(a) or OSA.normalized_similarity(a, b) >= SIMILARITY
        for a in left
        for b in right
    )


def company_evidence(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """log(m / u) of the same employer, where the share of all people who work there is given."""
    evidence: NDArray[np.float64] = np.log(SAME_COMPANY / share)
    return evidence


def chances(evidence: NDArray[np.float64], n_people: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Odds, and the chance, that a pair is one person, before pairs that exclude each other are compared."""
    odds = np.exp(np.clip(log(FOUND / max(n_people, 1)) + evidence, -LARGEST, LARGEST))
    return odds, odds / (1 + odds)
