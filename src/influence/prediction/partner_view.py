"""Partners as seen at one moment: who could be one, how well each fits, and with what chance."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.errors import DataError, nearest
from influence.graph.partner_columns import GROUPS
from influence.graph.partners import Ints, PartnerGraph
from influence.model.retrieval import Retrieval
from influence.training.partner_head import Partners

Floats = NDArray[np.float64]
ALL_SCORED = 20_000
"""Candidates up to which the full model scores all; of more, the best retrieved and a random sample."""
N_RETRIEVED = 1_000
N_SAMPLED = 1_000
SOURCES_KEPT = 256


class PartnerView:
    """Fitted partners and the graph of one moment.

    Parameters
    ----------
    partners
        What was learnt.
    graph
        What was known strictly before the moment.
    """

    def __init__(self, partners: Partners, graph: PartnerGraph) -> None:
        self.partners, self.graph = partners, graph
        self.everybody = lru_cache(SOURCES_KEPT)(self._everybody)
        """Of a source's position: its candidates, those it is linked with too, one row each: `target`,
        `score`, `is_linked`, and how many it `stands_for`, where there are too many to score."""
        self.in_parts = lru_cache(SOURCES_KEPT)(self._in_parts)
        """The same rows with the parts of their scores, which take many times as long as the scores."""

    def positions(self, ids: Sequence[str], name: str) -> list[int]:
        """Positions of those who look for partners.

        Raises
        ------
        DataError
            If somebody is on no record, or of no known country.
        """
        graph = self.graph
        for each in ids:
            if each not in graph.ids:
                raise DataError(f"{name}: {each!r} is on no record by then. {nearest(each, graph.ids)}")
        places = [int(place) for place in graph.positions(ids)]
        homeless = [each for each, place in zip(ids, places, strict=True) if graph.country[place] < 0]
        if homeless:
            raise DataError(
                f"{graph.of}: no country is known of {', '.join(map(repr, homeless[:3]))}, so nobody is "
                "abroad for it. Add its country."
            )
        return places

    def wanted(self, **asked: str | Sequence[str] | None) -> NDArray[np.bool_]:
        """Whether each entity has, in each column asked about, one of the words asked for, [n].

        Raises
        ------
        DataError
            If a word is nobody's.
        """
        found = np.ones(len(self.graph), np.bool_)
        for name, words in asked.items():
            if words is None:
                continue
            known = self.graph.words_of(name)
            chosen = [words] if isinstance(words, str) else list(words)
            for word in chosen:
                if word not in known:
                    raise DataError(f"{self.graph.of}: nobody's {name} is {word!r}. {nearest(word, known)}")
            columns = self.graph.word_names.get_indexer(pd.Index([f"{name}={word}" for word in chosen]))
            found &= np.asarray(self.graph.words[:, columns].sum(1)).ravel() > 0
        return found

    def ranked(self, source: int, wanted: NDArray[np.bool_]) -> pd.DataFrame:
        """The wanted candidates of a source; of very many, those with the highest retrieval score.

        One row each: `target`, `score`, `is_linked`, `p_partner`.
        """
        rows = self.everybody(source)
        if (rows["stands_for"] > 1).any():
            target = self.graph.abroad(source, linked=True)
            rows = self._scored(source, self._best_retrieved(source, target[wanted[target]]))
        else:
            rows = rows[wanted[rows["target"]]]
        return rows.assign(p_partner=self.chances(source, rows["score"].to_numpy(np.float64)))

    def shortlist(self, source: Ints, k: int, n_retrieved: int = 4) -> pd.DataFrame:
        """The `k` best new candidates of each of many sources, best first: for lists by the thousand.

        Of each source, `n_retrieved` x k candidates with the highest retrieval score, found exactly, are
        scored in full.

        Parameters
        ----------
        source
            int64 [sources], positions.

        Returns
        -------
        DataFrame
            `source`, `target`, the parts and `score`; at most `k` rows for each source.
        """
        place, _ = self._retrieval.best(source, min(n_retrieved * k, len(self.graph)), self.graph.ties)
        found = place.ravel() >= 0
        asking, target = np.repeat(source, place.shape[1])[found], place.ravel()[found]
        kept, parts = self.partners.best(self.graph, asking, target, k)
        told = dict(zip(GROUPS, parts.T, strict=True))
        return pd.DataFrame({"source": asking[kept], "target": target[kept], **told, "score": parts.sum(1)})

    def chances(self, source: int, score: Floats) -> Floats:
        """P(link within the horizon) of scores: the links expected of the source times the score's share.

        NaN where the records have no dates, or the source has no candidates.
        """
        expected = self.partners.expected_links(self.graph, np.array([source]))[0]
        rows = self.everybody(source)
        rows = rows[~rows["is_linked"]]
        if not len(rows):
            return np.full(len(score), np.nan)
        top = float(rows["score"].max())
        total = float((rows["stands_for"] * np.exp(rows["score"] - top)).sum())
        share = np.minimum(np.exp(score - top) / total, 1.0)
        return np.asarray(1 - np.exp(-self.partners.correction(expected * share)))

    @cached_property
    def _retrieval(self) -> Retrieval:
        return self.partners.retrieval(self.graph)

    def _everybody(self, source: int) -> pd.DataFrame:
        target = self.graph.abroad(source, linked=True)
        stands_for = np.ones(len(target))
        if len(target) > ALL_SCORED:
            best = self._best_retrieved(source, target)
            rest = np.setdiff1d(target, best, assume_unique=True)
            some = np.random.default_rng([source, 9]).choice(rest, N_SAMPLED, replace=False)
            stands_for = np.repeat([1.0, len(rest) / N_SAMPLED], [len(best), N_SAMPLED])
            target = np.concatenate((best, some))
        return self._scored(source, target).assign(stands_for=stands_for)

    def _in_parts(self, source: int) -> pd.DataFrame:
        rows = self.everybody(source)
        target = rows["target"].to_numpy(np.int64)
        parts = self.partners.parts(self.graph, np.full(len(rows), source), target)
        return rows.assign(**dict(zip(GROUPS, parts.T, strict=True)))

    def _scored(self, source: int, target: Ints) -> pd.DataFrame:
        own = np.full(len(target), source)
        score = self.partners.score(self.graph, own, target)
        linked = self.graph.are_linked(own, target)
        return pd.DataFrame({"target": target, "score": score, "is_linked": linked})

    def _best_retrieved(self, source: int, target: Ints) -> Ints:
        """The targets with the highest retrieval score."""
        if len(target) <= N_RETRIEVED:
            return target
        score = self._retrieval.score(np.full(len(target), source), target)
        return np.sort(target[np.argpartition(-score, N_RETRIEVED)[:N_RETRIEVED]])
