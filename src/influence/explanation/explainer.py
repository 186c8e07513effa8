"""Takes the score of a request apart into what each group of evidence contributes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit

from influence.explanation.background import Background, join
from influence.explanation.groups import NAMES
from influence.explanation.mixing import MixedQueries
from influence.explanation.shapley import Attribution, Orders
from influence.explanation.words import evidence_of, reasons
from influence.graph.loading import QuerySet
from influence.graph.pairs import PairFeatures, Queries
from influence.training.mixture import Combination

N_BACKGROUNDS = 32
"""Earlier requests that stand in for what is left out, each with one order of the groups and its reverse.

Against 96 of them, contributions are off by .02 with 32 and by .04 with 16 (decision 0020)."""

AT_A_TIME, MIXED_AT_A_TIME = 256, 8192
"""Requests explained, and mixed requests scored, at a time: bounds memory."""

BOUND = 1e-9
"""Chances closer to 0 or 1 than this have no finite log-odds worth telling."""

CONTRIBUTION_COLUMNS: tuple[str, ...] = tuple(f"because.{name}" for name in NAMES)


class Explainer:
    """Explains the log-odds of acceptance within three weeks.

    Parameters
    ----------
    features
        The graph and the features of the records.
    combination
        The fitted and recalibrated model.
    invitations
        The records' invitations; a background is drawn from those before each request.
    n_backgrounds
        Background requests; the more, the steadier the contributions, and the slower.
    seed
        Of the orders in which groups are exchanged.
    """

    def __init__(
        self,
        features: PairFeatures,
        combination: Combination,
        invitations: pd.DataFrame,
        n_backgrounds: int = N_BACKGROUNDS,
        seed: int = 0,
    ) -> None:
        self.features, self.combination = features, combination
        self.background = Background(invitations, features.graph, n_backgrounds, self.score)
        self.orders = Orders.draw(len(NAMES), n_backgrounds, np.random.default_rng(seed))

    def __call__(self, queries: Queries) -> pd.DataFrame:
        """Score, base, contributions, introducers and reasons of each query, in its order.

        Returns
        -------
        DataFrame
            `log_odds` of acceptance within three weeks; `base_log_odds`, their mean over the background; one
            column of `CONTRIBUTION_COLUMNS` per group, which with the base sum to the log-odds;
            `introducers`, ids of the strongest mutual contacts; `reasons`, the largest ones in words.
        """
        parts = [self._explain(queries[rows]) for rows in _slices(len(queries), AT_A_TIME)]
        return pd.concat(parts, ignore_index=True) if parts else self._explain(queries)

    def _explain(self, queries: Queries) -> pd.DataFrame:
        known, backgrounds = self._known(queries)
        found = self._attribute(known, backgrounds)
        values = np.column_stack((found.score, found.base, found.contributions))
        out = pd.DataFrame(values, columns=["log_odds", "base_log_odds", *CONTRIBUTION_COLUMNS])
        evidence = evidence_of(known[: len(queries)])
        out["introducers"] = pd.Series(["; ".join(each.introducers) for each in evidence], dtype="str")
        told = [reasons(each, values) for each, values in zip(evidence, found.contributions, strict=True)]
        out["reasons"] = pd.Series(told, dtype="str")
        return out

    def attribute(self, queries: Queries) -> Attribution:
        """The numbers alone."""
        return self._attribute(*self._known(queries))

    def without(self, queries: Queries, removed: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Log-odds [n] with some groups as in the background, the mean over it; `removed` is [n, groups]."""
        known, backgrounds = self._known(queries)
        n, size = backgrounds.shape
        kept = np.repeat(~removed, size, axis=0)
        return (
            self._values(known, np.repeat(np.arange(n), size), backgrounds.ravel(), kept)
            .reshape(n, size)
            .mean(1)
        )

    def score(self, queries: Queries) -> NDArray[np.float64]:
        """Log-odds of acceptance within three weeks, [n]."""
        return self._log_odds(self.combination.logits(QuerySet(self.features, queries)), queries.at)

    def _log_odds(self, logits: NDArray[np.float64], at: NDArray[np.int64]) -> NDArray[np.float64]:
        chance = self.combination.forecast(logits, at).p_within_3_weeks
        return logit(np.clip(chance, BOUND, 1 - BOUND))

    def _known(self, queries: Queries) -> tuple[QuerySet, NDArray[np.int64]]:
        """The queries and then their backgrounds as one set, and the rows of each query's background."""
        if not len(queries):
            return QuerySet(self.features, queries), np.empty((0, self.background.size), np.int64)
        others, rows = self.background.before(queries.at)
        return QuerySet(self.features, join([queries, others])), len(queries) + rows

    def _attribute(self, known: QuerySet, backgrounds: NDArray[np.int64]) -> Attribution:
        n, n_states = len(backgrounds), len(self.orders.kept)
        own = np.repeat(np.arange(n), n_states)
        other = backgrounds[:, self.orders.background].ravel()
        values = self._values(known, own, other, np.tile(self.orders.kept, (n, 1)))
        return self.orders.attribute(values.reshape(n, n_states))

    def _values(
        self, known: QuerySet, own: NDArray[np.int64], other: NDArray[np.int64], kept: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Log-odds [n] of mixed requests; arguments as those of `MixedQueries`."""
        parts = [
            self.combination.logits(MixedQueries(known, own[rows], other[rows], kept[rows]))
            for rows in _slices(len(own), MIXED_AT_A_TIME)
        ]
        return self._log_odds(np.concatenate(parts), known.queries.at[own]) if parts else np.empty(0)


def _slices(n: int, size: int) -> list[slice]:
    return [slice(i, i + size) for i in range(0, n, size)]
