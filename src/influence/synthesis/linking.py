"""The best forecast of the next links between firms: it knows the laws and the firms' latent tastes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, diags

from influence.synthesis.acceptance import mutual_worth, sigmoid
from influence.synthesis.config import WorldConfig
from influence.synthesis.partners import (
    AMONG_COMPATRIOTS,
    AMONG_FURTHER,
    CANDIDATES,
    Affinity,
    make_affinity,
    make_links,
)
from influence.synthesis.people import Firms, make_firms
from influence.synthesis.sampling import Floats, Ints


@dataclass(frozen=True)
class LinkLaw:
    """How links of the window come about: who considers whom, and whether they then link up.

    Attributes
    ----------
    firms, affinity : what draws two firms together
    indirect_peak : worth of common partners at the peak
    further : float64 CSR [firms, firms], where two steps from a firm lead, along the links that were there as
        the window began
    among_compatriots, among_further : shares of those whom a firm considers
    """

    firms: Firms
    affinity: Affinity
    indirect_peak: float
    further: csr_matrix
    among_compatriots: float
    among_further: float

    @classmethod
    def of(cls, config: WorldConfig) -> LinkLaw:
        """The laws of the world that these settings make."""
        firms, affinity = make_firms(config)[0], make_affinity(config)
        links, n, on = make_links(config, firms, affinity), config.companies, float(config.effect)
        old = links.linked & (links.at < 0)
        ends = np.concatenate([(links.source, links.target), (links.target, links.source)], axis=1)
        known = csr_matrix((np.ones(2 * old.sum()), ends[:, np.tile(old, 2)]), shape=(n, n))
        step = diags(1 / np.maximum(np.asarray(known.sum(1)).ravel(), 1)) @ known
        return cls(
            firms,
            affinity,
            links.indirect_peak,
            csr_matrix(step @ step),
            on * AMONG_COMPATRIOTS,
            on * AMONG_FURTHER,
        )

    def considered(self, a: Ints, b: Ints) -> Floats:
        """How often two firms come up for each other in the window, expected, [pairs]."""
        return self._comes_up(a, b) + self._comes_up(b, a)

    def expected(self, a: Ints, b: Ints, n_common: Floats) -> Floats:
        """Links to expect of pairs in the window, given their common partners by then, each [pairs]."""
        wanted = self.affinity.direct(self.firms, a, b) + self.indirect_peak * mutual_worth(n_common)
        return self.considered(a, b) * sigmoid(wanted)

    def _comes_up(self, a: Ints, b: Ints) -> Floats:
        """How often `a` considers `b`: a partner's partner, a compatriot, or anyone."""
        country, n = self.firms.country, len(self.firms.country)
        same = (country[a] == country[b]) / np.bincount(country)[country[a]]
        by_chance = self.among_compatriots * same + (1 - self.among_compatriots) / n
        goes_further = self.among_further * (np.diff(self.further.indptr)[a] > 0)
        step = np.asarray(self.further[np.array(a), np.array(b)]).ravel()
        return np.asarray(CANDIDATES * (goes_further * step + (1 - goes_further) * by_chance))
