"""Colonial ties and trade between countries, from files that users bring."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from influence.geography.reading import PairFacts, read_columns, resolved


def colonial_ties(path: Path) -> PairFacts:
    """Whether two countries were ever in a colonial relationship, in the form of CEPII's `dist_cepii`.

    The columns `iso_o`, `iso_d` (alpha-3, also of before 2002) and `colony` (1 or 0) are read.  Source:
    Mayer and Zignago (2011), Notes on CEPII's distances measures, CEPII working paper 2011-25.
    """
    return _pairs(path, ("iso_o", "iso_d"), "colony", "colonial_tie")


def trade(path: Path) -> PairFacts:
    """Flows between countries: `Fij` is what `i` sells to `j`, in any unit of money.

    The logarithm of 1 + the flow is kept, so that no trade is 0; a flow below 0 is unknown.
    """
    flows = _pairs(path, ("i", "j"), "Fij", "log_trade")
    known = flows.pairs["log_trade"].where(flows.pairs["log_trade"] >= 0)
    return PairFacts(flows.pairs.assign(log_trade=np.log1p(known)), flows.notes)


def _pairs(path: Path, ends: tuple[str, str], column: str, name: str) -> PairFacts:
    table = read_columns(path, ends, [column])
    (source, first), (target, second) = (resolved(table[end], path) for end in ends)
    known = source.notna() & target.notna() & table[column].notna()
    pairs = pd.DataFrame({"source_country": source, "target_country": target, name: table[column]})
    return PairFacts(pairs[known].reset_index(drop=True), (*first, *second))
