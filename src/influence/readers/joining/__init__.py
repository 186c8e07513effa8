"""Records of several sources as one set of tables, in which a person is one contact.

Who is who is decided in `grouping`, the surest evidence first; which rows then tell the same fact, in `rows`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from influence.readers.config import JoiningConfig, ReadingConfig
from influence.readers.joining import decisions
from influence.readers.joining.combining import combined
from influence.readers.joining.companies import same_companies
from influence.readers.joining.matching import Joined, in_order, match
from influence.readers.joining.visibility import outcome_given_away
from influence.readers.source import Records

__all__ = ["Joined", "join", "match"]


def join(found: Sequence[Records], config: ReadingConfig) -> Records:
    """The records of all sources, each person one contact; those of a single source, or joined before, stay.

    The order of the sources changes nothing.  Where they contradict each other, the one exported last stands.

    Parameters
    ----------
    found : what each source held, ids as it gave them

    Raises
    ------
    DataError
        If the table of decisions is at fault.
    ConfigError
        If the ambiguous pairs cannot be written.
    """
    if len(found) == 1 and ("matches" in found[0].tables or len(found[0].tables.get("sources", ())) < 2):
        return found[0]
    ordered = in_order(found)
    who = match(ordered, config.joining)
    companies, n_several = same_companies(ordered)
    tables, notes = combined(ordered, who, companies)
    if len(who.matches):
        tables["matches"] = who.matches
    if config.joining.ambiguous is not None:
        decisions.write(who.ambiguous, config.joining.ambiguous)
    notes.extend(outcome_given_away(tables, who.matches))
    told = (*_said(who, config.joining), *_of_companies(companies, n_several), *notes)
    return Records(tables, (*(note for each in found for note in each.notes), *told))


def _said(who: Joined, config: JoiningConfig) -> list[str]:
    """Who is who, what is left open, and which decisions are about nobody."""
    said = [who.sentence]
    if len(who.refused):
        asked = "`influence matches` of the same sources lists them"
        where = f"listed in {config.ambiguous}" if config.ambiguous else asked
        said.append(f"{len(who.refused):,} pairs of records may be one person and were not joined; {where}.")
    if who.n_unknown:
        said.append(f"{who.n_unknown:,} decisions in {config.decisions} name records that no source holds.")
    return said


def _of_companies(companies: Mapping[str, str], n_several: int) -> list[str]:
    said = []
    if companies:
        said.append(f"companies: {len(companies):,} ids were taken as another one's, by domain or name.")
    if n_several:
        said.append(f"companies: {n_several:,} names are of several companies; these were not joined.")
    return said
