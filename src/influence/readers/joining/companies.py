"""Companies of several sources: one domain, or one name, is one company."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.readers.joining import spelling
from influence.readers.joining.components import joined, stars
from influence.readers.joining.observed import columns_of
from influence.readers.source import Records


def same_companies(found: Sequence[Records]) -> tuple[dict[str, str], int]:
    """Company id -> the id that survives, where that is another; and how many names could be of several.

    Ids with one domain are one company.  Ids with one name, legal forms dropped, are one too, unless a source
    has two of them or they have two domains.  An id that is a domain survives, else the alphabetically first.
    """
    told = _told(found)
    company, ids = pd.factorize(told["company_id"])
    group = np.arange(len(ids))
    with_domain = (told["domain"] != "").to_numpy(np.bool_)
    group = joined(group, stars(company[with_domain], told["domain"][with_domain]))
    named = told.assign(company=company, group=group[company])[told["name"] != ""]
    several = _several(named)
    sound = named[~named["name"].isin(several)]
    group = joined(group, stars(sound["company"].to_numpy(np.int64), sound["name"]))
    survivor = _survivors(ids, group)
    return {own: kept for own, kept in zip(ids, survivor, strict=True) if own != kept}, len(several)


def _told(found: Sequence[Records]) -> pd.DataFrame:
    """Columns source (the number of the records), company_id, name, domain, in the form that is compared."""
    parts = []
    for number, records in enumerate(found):
        for table, column in columns_of(records.tables, "companies"):
            rows = records.tables[table]
            own = pd.DataFrame({"company_id": rows[column], "name": None, "domain": None})
            if table == "companies":
                own = own.assign(**{c: rows[c] for c in ("name", "domain") if c in rows.columns})
            parts.append(own.dropna(subset="company_id").drop_duplicates().assign(source=number))
    if not parts:
        return pd.DataFrame({"source": [], "company_id": [], "name": [], "domain": []}, dtype="str")
    rows = pd.concat(parts, ignore_index=True).astype({"company_id": "str"})
    name, domain = (
        rows["name"].fillna("").astype("str"),
        rows["domain"].fillna(rows["company_id"]).astype("str"),
    )
    return rows.assign(name=name.map(spelling.company), domain=domain.map(spelling.domain))


def _several(named: pd.DataFrame) -> list[str]:
    """Names that one source gives to several companies, or that stand beside several domains."""
    within = named.groupby(["name", "source"])["group"].nunique()
    domains = named[named["domain"] != ""].groupby("name")["domain"].nunique()
    twice = within[within > 1].index.get_level_values("name")
    return sorted({*twice, *domains[domains > 1].index})


def _survivors(ids: pd.Index, group: NDArray[np.int64]) -> NDArray[np.object_]:
    rows = pd.DataFrame({"id": ids, "group": group, "other": [not spelling.domain(each) for each in ids]})
    first = rows.sort_values(["other", "id"]).drop_duplicates("group").set_index("group")["id"]
    return first.reindex(group).to_numpy(object)
