"""Which people of different sources may be one by name and employer, and the chance that they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from influence.readers.joining import spelling
from influence.readers.joining.observed import Observed
from influence.readers.joining.scoring import (
    IMAGINED,
    LIKE_COMPANY,
    OTHER_COMPANY,
    SPELLINGS,
    Frequencies,
    chances,
    company_evidence,
    name_evidence,
)

LARGEST_BLOCK = 500
"""People with one company and one word of a name, or one name: more are not compared with each other."""
HOPELESS = 50.0
"""Likeness of two names in per cent (Indel) below which their words are not compared."""
LIKE_COMPANIES = 85.0
"""Likeness of two companies' names in per cent (Indel), or one begins with the other: spelt alike."""
BEGINNING = 4
"""Letters that a company's name must have for another one to begin with it."""


@dataclass(frozen=True)
class People:
    """The people so far: columns person, words (of a name); and person, company."""

    names: pd.DataFrame
    companies: pd.DataFrame
    bits: NDArray[np.uint8]
    """The sources of each person [n_people, ceil(sources / 8)]."""
    told_by: pd.DataFrame
    """Columns person, source."""


def people_of(observed: Observed, group: NDArray[np.int64]) -> People:
    """The records of each group as one person; `group` numbers them from 0."""
    names = [(group[record], words) for record, each in observed.names.items() for words in each]
    bits = np.zeros((int(group.max(initial=-1)) + 1, observed.source_bits.shape[1]), dtype=np.uint8)
    np.bitwise_or.at(bits, group, observed.source_bits)
    told = pd.DataFrame({"person": group[observed.told_by["record"]], "source": observed.told_by["source"]})
    return People(
        pd.DataFrame(names, columns=["person", "words"])
        .astype({"person": "int64"})
        .drop_duplicates(ignore_index=True),
        _companies(observed, group),
        bits,
        told.drop_duplicates(ignore_index=True),
    )


def _companies(observed: Observed, group: NDArray[np.int64]) -> pd.DataFrame:
    """Columns person, company: employers as told, as hosts, and behind the @ of addresses."""
    employers, emails = observed.values("employer"), observed.values("email")
    hosts = emails.assign(value=emails["value"].str.split("@").str[-1])
    told = pd.concat([employers, hosts], ignore_index=True)
    forms = {
        value: (spelling.company_of_host(value) if spelling.domain(value) else spelling.company(value))
        for value in told["value"].unique()
    }
    free = {value for value in hosts["value"].unique() if not spelling.domain(value)}
    companies = told["value"].map(lambda value: "" if value in free else forms[value])
    found = pd.DataFrame({"person": group[told["record"]], "company": companies.astype("str")})
    return found[found["company"] != ""].drop_duplicates(ignore_index=True)


def candidates(people: People, least: float) -> pd.DataFrame:
    """Pairs of people of different sources with like names.

    Returns
    -------
    columns one < other, chance (that they are one person, if of one source nobody can be two; those below
    `least` are left out), company ("same", "alike", "other", "unknown"), rivals (whether others compete)
    """
    pairs = _blocked(people)
    common = Frequencies.of(
        (word for words in people.names["words"] for word in words), people.names["person"].nunique()
    )
    pairs = _with_names(pairs, people.names, common)
    pairs = _with_companies(pairs, people)
    evidence = (pairs["name_evidence"] + pairs["company_evidence"]).to_numpy(np.float64)
    odds, alone = chances(evidence, common.n_people)
    pairs = pairs.assign(odds=odds, alone=alone)[["one", "other", "company", "odds", "alone"]]
    pairs = pairs[pairs["alone"] >= least / 10]
    chance = _among_rivals(pairs, people.told_by)
    pairs = pairs.assign(chance=chance, rivals=chance < 0.9 * pairs["alone"])
    kept = pairs[pairs["chance"] >= least].sort_values(["one", "other"], ignore_index=True)
    return kept[["one", "other", "chance", "company", "rivals"]]


def _blocked(people: People) -> pd.DataFrame:
    """Columns one < other: people of different sources with one name, or one company and a word of a name."""
    names = people.names.assign(
        words=people.names["words"].map(lambda words: [w for w in words if len(w) > 1])
    )
    whole = names["words"].map(" ".join)
    both = names.merge(people.companies, on="person")
    words = both.explode("words").dropna(subset="words")
    keys = [
        pd.DataFrame({"person": names["person"], "key": whole}),
        pd.DataFrame({"person": both["person"], "key": both["words"].map(" ".join) + "|" + both["company"]}),
        pd.DataFrame({"person": words["person"], "key": words["words"] + "@" + words["company"]}),
    ]
    found = [_pairs(block, people.bits) for block in keys]
    return pd.concat(found).drop_duplicates(ignore_index=True)


def _pairs(keyed: pd.DataFrame, bits: NDArray[np.uint8]) -> pd.DataFrame:
    """Columns one < other: people with a key in common and no source."""
    keyed = keyed[keyed["key"] != ""]
    rows = keyed.assign(code=pd.factorize(keyed["key"])[0])[["person", "code"]].drop_duplicates()
    size = rows.groupby("code")["person"].transform("size")
    rows = rows[(size > 1) & (size <= LARGEST_BLOCK)].sort_values(["code", "person"])
    person, code = rows["person"].to_numpy(), rows["code"].to_numpy()
    ends = np.searchsorted(code, code, side="right")
    later = ends - np.arange(len(code)) - 1
    first = np.repeat(np.arange(len(code)), later)
    second = np.arange(len(first)) - np.repeat(np.cumsum(later) - later, later) + first + 1
    one, other = person[first], person[second]
    apart = ~(bits[one] & bits[other]).any(axis=1)
    return pd.DataFrame({"one": one[apart], "other": other[apart]})


def _with_names(pairs: pd.DataFrame, names: pd.DataFrame, common: Frequencies) -> pd.DataFrame:
    """The pairs whose names agree, with the best `name_evidence` of all names they bear."""
    code, distinct = pd.factorize(names["words"].map(" ".join))
    borne = pd.DataFrame({"person": names["person"], "name": code})
    both = pairs.merge(borne.rename(columns={"person": "one", "name": "left"}), on="one")
    both = both.merge(borne.rename(columns={"person": "other", "name": "right"}), on="other")
    compared = both[["left", "right"]].drop_duplicates()
    texts = np.asarray(distinct, dtype=object)
    left, right = texts[compared["left"]], texts[compared["right"]]
    likeness = process.cpdist(list(left), list(right), scorer=fuzz.ratio, score_cutoff=HOPELESS, workers=1)
    compared = compared[likeness > 0]
    evidence = [
        name_evidence(tuple(a.split(" ")), tuple(b.split(" ")), common)
        for a, b in zip(left[likeness > 0], right[likeness > 0], strict=True)
    ]
    scored = compared.assign(name_evidence=pd.array(evidence, dtype="Float64")).dropna()
    agreeing = both.merge(scored.astype({"name_evidence": "float64"}), on=["left", "right"])
    return agreeing.groupby(["one", "other"])["name_evidence"].max().reset_index()


def _with_companies(pairs: pd.DataFrame, people: People) -> pd.DataFrame:
    """The pairs with `company` and the best `company_evidence` of all employers told."""
    n_people, works = len(people.bits), people.companies
    share = (works["company"].value_counts() + 1) / (n_people + IMAGINED)
    both = pairs.merge(works.set_axis(["one", "left"], axis=1), on="one", how="left")
    both = both.merge(works.set_axis(["other", "right"], axis=1), on="other", how="left")
    known = both["left"].notna() & both["right"].notna()
    same = (known & (both["left"] == both["right"])).to_numpy(np.bool_)
    alike = (known & ~same).to_numpy(np.bool_, copy=True)
    alike[alike] = _alike(both[alike])
    commoner: NDArray[np.float64] = np.fmax(
        *(both[end].map(share).fillna(1.0).to_numpy() for end in ("left", "right"))
    )
    other = np.where(known, np.log(OTHER_COMPANY), 0.0)
    looser = np.log(LIKE_COMPANY / np.minimum(1.0, SPELLINGS * commoner))
    evidence = np.select([same, alike], [company_evidence(commoner), looser], other)
    word = np.select([same, alike, known.to_numpy(np.bool_)], ["same", "alike", "other"], "unknown")
    both = both.assign(company=word, company_evidence=evidence)
    rank = both["company"].map({"same": 0, "alike": 1, "unknown": 2, "other": 3})
    best = both.assign(rank=rank).sort_values(
        ["rank", "company_evidence"], ascending=[True, False], kind="stable"
    )
    return best.drop_duplicates(["one", "other"])[
        ["one", "other", "name_evidence", "company", "company_evidence"]
    ]


def _alike(both: pd.DataFrame) -> NDArray[np.bool_]:
    left, right = both["left"].tolist(), both["right"].tolist()
    likeness = process.cpdist(left, right, scorer=fuzz.ratio, score_cutoff=LIKE_COMPANIES, workers=1)
    begins = [
        min(len(a), len(b)) >= BEGINNING and (a.startswith(b) or b.startswith(a))
        for a, b in zip(left, right, strict=True)
    ]
    return (likeness > 0) | np.array(begins, dtype=np.bool_)


def _among_rivals(pairs: pd.DataFrame, told_by: pd.DataFrame) -> NDArray[np.float64]:
    """The chance of each pair where, of the records of one source, one person is one at most."""
    rest = np.full(len(pairs), 0.0)
    numbered = pairs.assign(pair=np.arange(len(pairs)))
    for end, partner in (("one", "other"), ("other", "one")):
        spread = numbered[["pair", end, partner, "odds"]].merge(
            told_by.rename(columns={"person": partner}), on=partner
        )
        rivals = spread.groupby([end, "source"])["odds"].transform("sum") - spread["odds"]
        worst = rivals.groupby(spread["pair"]).max()
        rest[worst.index] = np.maximum(rest[worst.index], worst.to_numpy())
    odds = pairs["odds"].to_numpy(np.float64)
    chance: NDArray[np.float64] = odds / (1 + odds + np.maximum(rest, 0.0))
    return chance
