"""What records of people owe: a legal basis on which they are held, and an end to their keeping."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import pandas as pd

from influence.data import Network
from influence.data.pseudonyms import EVENTS, personal_columns
from influence.errors import DataError, few
from influence.readers.config import ReadingConfig
from influence.schema import TABLES

LEGAL_BASES = (
    "consent", "contract", "legal obligation", "vital interests", "public task", "legitimate interests",
)  # fmt: skip
"""Article 6(1) of the General Data Protection Regulation, (EU) 2016/679, letters a to f."""
TOLD_BY: Mapping[str, str] = {
    "contacts": "source", "identities": "source_id", "matches": "source_id", "sources": "source_id",
}  # fmt: skip
"""Tables whose rows name their source -> the column that does."""
STAYS = (*TABLES["contacts"].key, TOLD_BY["contacts"])
"""Columns of `contacts` that are left of what an ended source told of somebody whom a living one tells of."""


def observed(network: Network, personal: bool, asked: ReadingConfig) -> Network:
    """The network without what only expired sources told, and notes on what its sources owe.

    Raises
    ------
    DataError
        If the keeping of every source has ended.
    """
    notes = [*_on_legal_basis(network, personal)]
    if asked.at is None:
        return Network(network.tables, (*network.notes, *notes))
    ended = expired(network.table("sources"), pd.Timestamp(asked.at))
    if ended and len(ended) == network.table("sources")["source_id"].nunique():
        raise DataError(_refusal(network, ended))
    if not ended:
        return Network(network.tables, (*network.notes, *notes))
    told = told_of(network.tables)
    gone, heirs = told_only_by(network.tables, ended, told), heirs_of(network.tables, ended, told)
    tables = {name: _without(name, rows, ended, gone, heirs) for name, rows in network.tables.items()}
    notes.append(
        f"{len(ended):,} sources are past their retention and were not read ({', '.join(sorted(ended))}): "
        f"with them went {len(gone):,} people whom no other source tells of. Remove them from where they are "
        "kept: influence expire --in PLACE"
    )
    return Network(MappingProxyType(tables), (*network.notes, *notes))


def check_kept(network: Network, now: pd.Timestamp) -> None:
    """Refuse to learn from records that should be gone.

    Raises
    ------
    DataError
        If the keeping of a source has ended.
    """
    if ended := expired(network.table("sources"), now):
        raise DataError(_refusal(network, ended))


def expired(sources: pd.DataFrame, at: pd.Timestamp) -> frozenset[str]:
    """Ids of the sources whose retention has passed: the day of `retain_until` is the last."""
    if "retain_until" not in sources.columns:
        return frozenset()
    moment = at.tz_localize("UTC") if at.tzinfo is None else at.tz_convert("UTC")
    until = pd.to_datetime(sources["retain_until"], utc=True).dt.normalize() + pd.Timedelta(days=1)
    return frozenset(sources.loc[until <= moment, "source_id"])


def told_of(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Who is told of by which source: `contact` and `source`, of the tables that name both."""
    found = [pd.DataFrame({"contact": [], "source": []}, dtype="str")]
    for name, column in TOLD_BY.items():
        if name in tables and {"contact_id", column} <= set(tables[name].columns):
            rows = tables[name][["contact_id", column]].dropna().astype("str")
            found.append(rows.set_axis(["contact", "source"], axis=1))
    return pd.concat(found).drop_duplicates(ignore_index=True)


def told_only_by(
    tables: Mapping[str, pd.DataFrame], ended: frozenset[str], told: pd.DataFrame
) -> frozenset[str]:
    """People whom no other source tells of.

    Contacts, identities and matches name their sources; connections, invitations and interactions do not, so
    that people on record in these alone are gone only where every source is.

    Parameters
    ----------
    told : who is told of by which source, as of `told_of`
    """
    sources = set(tables["sources"]["source_id"]) if "sources" in tables else set()
    if not (sources and sources <= ended):
        is_ended = told["source"].isin(ended)
        return frozenset(told.loc[is_ended, "contact"]) - frozenset(told.loc[~is_ended, "contact"])
    everybody: set[str] = set()
    for name, rows in tables.items():
        for column in personal_columns(TABLES[name]):
            if column in rows.columns and column not in EVENTS:
                everybody |= set(rows[column].dropna())
    return frozenset(everybody)


def heirs_of(
    tables: Mapping[str, pd.DataFrame], ended: frozenset[str], told: pd.DataFrame
) -> Mapping[str, str]:
    """People of a living source, every row of whom in `contacts` names an ended one -> the living one.

    A row of `contacts` names one source, whichever have told of the person: without one, the rows of other
    tables would name nobody.
    """
    if "contacts" not in tables or TOLD_BY["contacts"] not in tables["contacts"].columns:
        return {}
    rows = tables["contacts"]
    is_ended = rows[TOLD_BY["contacts"]].isin(ended)
    bare = set(rows.loc[is_ended, "contact_id"]) - set(rows.loc[~is_ended, "contact_id"])
    living = told[told["contact"].isin(bare) & ~told["source"].isin(ended)]
    least = living.sort_values("source").drop_duplicates("contact")
    return dict(zip(least["contact"], least["source"], strict=True))


def _without(
    name: str,
    rows: pd.DataFrame,
    ended: frozenset[str],
    gone: frozenset[str],
    heirs: Mapping[str, str],
) -> pd.DataFrame:
    """The rows of a table that are left; references to contents that are gone are emptied with them."""
    people = [one for one in personal_columns(TABLES[name]) if one not in EVENTS and one != "observed_by"]
    kept = ~rows[people].isin(gone).any(axis=1)
    if name in TOLD_BY:
        is_ended = rows[TOLD_BY[name]].isin(ended)
        if name == "contacts":
            is_bare = is_ended & rows["contact_id"].isin(heirs.keys())
            rows = rows.assign(
                **{one: rows[one].mask(is_bare) for one in rows.columns if one not in STAYS},
                source=rows["source"].mask(is_bare, rows["contact_id"].map(heirs)),
            )
            is_ended &= ~is_bare
        kept &= ~is_ended
    left = rows[kept].reset_index(drop=True)
    if "observed_by" in left.columns:
        left = left.assign(observed_by=left["observed_by"].mask(left["observed_by"].isin(gone)))
    return left


def _on_legal_basis(network: Network, personal: bool) -> Iterator[str]:
    if "sources" not in network:
        return
    sources = network.table("sources")
    lacking = sources.loc[sources["legal_basis"].isna(), "source_id"]
    if len(lacking) and (personal or "identities" in network):
        yield (
            f"sources: no legal basis is noted for {few([*lacking], most=3)}, which name people. Note it: "
            f"--set reading.legal_basis='...'; the GDPR knows {', '.join(LEGAL_BASES)}."
        )
    for basis in sources["legal_basis"].dropna().unique():
        near = difflib.get_close_matches(str(basis).casefold(), LEGAL_BASES, n=1, cutoff=0.7)
        if near and str(basis).casefold() != near[0]:
            yield f"sources: the legal basis is {basis!r}. Did you mean {near[0]!r}?"


def _refusal(network: Network, ended: frozenset[str]) -> str:
    rows = network.table("sources").set_index("source_id").loc[sorted(ended)]
    until = f"{rows['retain_until'].max():%Y-%m-%d}"
    return (
        f"sources: {few(sorted(ended), most=3)} were to be kept until {until} at most, which has passed. "
        "Remove what they told: influence expire --in PLACE. If they may be kept longer, read them again "
        "with --set reading.retain_until=DATE."
    )
