"""Markets: in which countries a firm is to expect partners, directly and through its network.

A candidate is reached indirectly if somebody stands between: a partner of both.  The network multiplier is
how many partners are won that way for each that is won directly.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.graph.partner_columns import BY_GROUP
from influence.graph.partner_columns.words import cosine
from influence.graph.partners import Ints, PartnerGraph
from influence.graph.timeline import STATIC
from influence.prediction.partner_view import PartnerView

Floats = NDArray[np.float64]
N_PRECEDENTS = 3
N_RESAMPLES = 1_000
LEVEL = 0.95


def markets(view: PartnerView, source: int, k: int) -> pd.DataFrame:
    """The `k` countries with most partners to expect for a source, best first.

    Returns
    -------
    DataFrame
        country; `n_candidates`, and of them `n_between`, those with somebody in between; `n_partners`, those
        that the source has already; `expected` links within the horizon, `expected_direct` of candidates with
        nobody in between and `expected_indirect` of the others (NaN without dates); `share`, the country's
        part of the exponentiated scores of all candidates; `gravity`, the mean of that part of the score;
        the distance terms that the model sees; `precedents`, the firms most alike, those at home first, that
        have partners there.
    """
    graph = view.graph
    rows = view.in_parts(source)
    rows = rows.assign(
        country=graph.country[rows["target"]],
        between=has_between(graph, source, rows["target"].to_numpy(np.int64)),
        p=view.chances(source, rows["score"].to_numpy(np.float64)),
    )
    new = rows[~rows["is_linked"]]
    weight = new["stands_for"]
    told = pd.DataFrame(
        {
            "country": new["country"],
            "n_candidates": weight,
            "n_between": weight * new["between"],
            "expected": weight * new["p"],
            "expected_indirect": weight * new["p"].where(new["between"], 0.0),
            "share": weight * np.exp(new["score"] - new["score"].max()),
            "gravity": new["gravity"] * weight,
        }
    )
    found = told.groupby("country").sum(min_count=1)
    found["gravity"] /= found["n_candidates"]
    found["share"] /= found["share"].sum()
    found["expected_direct"] = found["expected"] - found["expected_indirect"]
    found["n_partners"] = rows[rows["is_linked"]].groupby("country").size().reindex(found.index, fill_value=0)
    best = found.sort_values("share", ascending=False, kind="stable").head(k)
    best = best.join(distances(graph, source, best.index.to_numpy(np.int64)))
    best["precedents"] = precedents(graph, source, best.index.to_numpy(np.int64))
    best.insert(0, "country_code", graph.countries[best.index.to_numpy(np.int64)])
    counts = ["n_candidates", "n_between", "n_partners"]
    best[counts] = best[counts].round().astype(np.int64)
    first = ["country_code", *counts, "expected", "expected_direct", "expected_indirect", "share", "gravity"]
    rest = [name for name in best.columns if name not in first]
    return best[[*first, *rest]].rename(columns={"country_code": "country"}).reset_index(drop=True)


def has_between(graph: PartnerGraph, source: int, target: Ints) -> NDArray[np.bool_]:
    """Whether each target has a partner that the source has too."""
    reached = np.zeros(len(graph), np.bool_)
    reached[graph.ties[graph.neighbours(source)].indices] = True
    return reached[target]


def network_multiplier(graph: PartnerGraph, rng: np.random.Generator) -> dict[str, float]:
    """How many links across borders closed a triangle, for each that did not, as they came; with interval.

    Dated links count as they came: whether somebody stood between the two before.  Undated ones count as if
    each had come last.

    Returns
    -------
    dict
        `value`, `low` and `high` (95 %, resampling the sources), and `n`, the links counted; NaN without any.
    """
    links = graph.links.where(graph.is_foreign(graph.links.source, graph.links.target))
    was_between = _closed(graph, links.source, links.target, links.at)
    n_sources = len(np.unique(links.source))
    if not n_sources:
        return {"value": np.nan, "low": np.nan, "high": np.nan, "n": 0}
    code = np.unique(links.source, return_inverse=True)[1]
    indirect, direct = (np.bincount(code, mask, minlength=n_sources) for mask in (was_between, ~was_between))
    drawn = rng.multinomial(n_sources, np.full(n_sources, 1 / n_sources), N_RESAMPLES)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = (drawn @ indirect) / (drawn @ direct)
        value = float(indirect.sum() / direct.sum()) if direct.sum() else np.inf
    low, high = np.nanquantile(ratios, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return {"value": value, "low": float(low), "high": float(high), "n": len(links)}


def _closed(graph: PartnerGraph, source: Ints, target: Ints, at: Ints) -> NDArray[np.bool_]:
    """Whether, when each link came, some third was linked with both already."""
    since = _since(graph)
    found = np.zeros(len(source), np.bool_)
    rows = zip(source.tolist(), target.tolist(), at.tolist(), strict=True)
    for row, (a, b, moment) in enumerate(rows):
        if a in since and b in since:
            mine, theirs = since[a], since[b]
            fewer, more = (mine, theirs) if len(mine) < len(theirs) else (theirs, mine)
            found[row] = any(
                moment == STATIC or max(first, more[third]) < moment
                for third, first in fewer.items()
                if third in more
            )
    return found


def _since(graph: PartnerGraph) -> dict[int, dict[int, int]]:
    """Entity -> partner -> when the two were first linked."""
    found: dict[int, dict[int, int]] = {}
    links = graph.links
    for a, b, at in zip(links.source.tolist(), links.target.tolist(), links.at.tolist(), strict=True):
        for one, other in ((a, b), (b, a)):
            own = found.setdefault(one, {})
            own[other] = min(at, own.get(other, at))
    return found


def distances(graph: PartnerGraph, source: int, country: Ints) -> pd.DataFrame:
    """What the model sees of the way from a source's country to others, one row each, indexed by these."""
    own = np.full(len(country), source)
    terms = BY_GROUP["gravity"](graph, own, graph.representatives[country])
    return pd.DataFrame(dict(terms), index=pd.Index(country, name="country"))


def precedents(graph: PartnerGraph, source: int, country: Ints) -> list[str]:
    """For each country, the firms most alike that have partners there, those of the own country first."""
    foreign = graph.ties.tocoo()
    what = [i for i, name in enumerate(graph.word_names) if not name.startswith("country=")]
    words = graph.words[:, what]
    told = []
    for code in country.tolist():
        has = np.unique(foreign.row[graph.country[foreign.col] == code])
        has = has[(has != source) & (graph.country[has] != code)]
        like = np.nan_to_num(cosine(words, np.full(len(has), source), has))
        at_home = graph.country[has] == graph.country[source]
        order = np.lexsort((has, -like, ~at_home))
        order = order[like[order] > 0][:N_PRECEDENTS]
        told.append(" ".join(graph.ids[has[order]]))
    return told
