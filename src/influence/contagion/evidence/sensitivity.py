"""How much unlike in their chance of exposure people alike on record may be before a finding could be chance.

The bounds of Rosenbaum (1991, "Sensitivity analysis for matched case-control studies"; 2002, "Observational
Studies", chapter 4): if of two people of one stratum the one's odds of being exposed are at most gamma times
those of the other, then the one who took up among n exposed and m unexposed people was exposed with a chance
of at most gamma n / (gamma n + m), whatever was not recorded.  Where n = m = 1 this is his bound for the test
of McNemar.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import norm

Floats = NDArray[np.float64]

LEVEL = 0.05
"""One-sided, as these bounds are usually given."""
LARGEST_GAMMA = 1e6


def p_value_at(gamma: float, n_cases: int, exposed: Floats, unexposed: Floats) -> float:
    """The largest one-sided p-value that differences in the odds of exposure by `gamma` allow.

    Parameters
    ----------
    n_cases
        Take-ups by exposed people.
    exposed, unexposed
        float64 [n], people of either kind at risk at each take-up, whoever took up among them; above 0.

    Returns
    -------
    float
        By the normal approximation, with the correction for continuity.
    """
    p = gamma * exposed / (gamma * exposed + unexposed)
    deviation = float(np.sqrt((p * (1 - p)).sum()))
    return float(norm.sf((n_cases - 0.5 - p.sum()) / deviation)) if deviation > 0 else 1.0


def gamma_of(n_cases: int, exposed: Floats, unexposed: Floats, level: float = LEVEL) -> float:
    """The gamma at which significance at `level` is lost; 1 where there is none to lose."""

    def beyond(log_gamma: float) -> float:
        return p_value_at(float(np.exp(log_gamma)), n_cases, exposed, unexposed) - level

    if not len(exposed) or beyond(0.0) >= 0:
        return 1.0
    return float(np.exp(brentq(beyond, 0.0, np.log(LARGEST_GAMMA))))
