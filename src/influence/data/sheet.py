"""What records hold and what they lack, in the order of a data sheet.

Source: Gebru et al., 2021, Datasheets for Datasets, CACM 64(12).  It counts, and names nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from influence.data.profile import Profile, dated_by
from influence.data.splits import HORIZON_DAYS, watched_until
from influence.schema import TABLES

if TYPE_CHECKING:
    from influence.data.network import Network

NEEDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "acceptance": (("invitations",),),
    "leadership": (("adoptions", "connections"), ("adoptions", "interactions"), ("nominations",)),
    "partners": (("company_links", "companies"), ("connections", "contacts")),
}
"""Task -> the sets of tables of which it needs one.  The names are those of `influence.tasks.TASKS`."""
HELPS: Mapping[str, Mapping[str, str]] = {
    "acceptance": {
        "connections": "mutual connections, the strongest sign of trust",
        "interactions": "who is in touch with whom, and how active people are",
        "contacts": "seniority, function, industry and country of both; who is of the own team",
    },
    "leadership": {
        "connections": "who could have seen something from whom",
        "interactions": "who has dealt with whom, and when",
        "contacts": "what people are by country, industry and employer",
    },
    "partners": {
        "company_links": "who became whose supplier, customer or partner, and when",
        "contacts": "who stands between two companies",
        "countries": "the countries themselves: capitals, languages, borders, blocs",
    },
}
"""Task -> table -> what it adds."""


@dataclass(frozen=True)
class Sheet:
    """What a network holds and what it lacks; `markdown` is the page."""

    tables: pd.DataFrame
    """table, rows, first and last (when its rows became visible, UTC; NaT where they have no times)."""
    missing: pd.DataFrame
    """table, column, missing (share of the rows), of columns with any value missing."""
    who: Mapping[str, int]
    """What is counted -> how many: contacts, of the own team, companies, countries."""
    outcomes: pd.DataFrame
    """outcome, invitations, share, and `censored`: neither answered nor watched for 21 days."""
    answers: Mapping[str, float]
    """Of accepted invitations: quantile in words -> days until the answer."""
    sources: pd.DataFrame
    """reader, sources, first_exported_at, last_exported_at, legal_basis, retain_until (the earliest)."""
    uses: Mapping[str, str]
    """Task -> whether it can be learnt from these records, and what they lack for it."""
    notes: tuple[str, ...]
    """What the readers recognised, dropped, set aside or could not use."""

    def markdown(self, title: str = "Data sheet") -> str:
        """The sheet as a page of Markdown."""
        return "\n\n".join((f"# {title}", *_parts(self))) + "\n"


def sheet_of(network: Network) -> Sheet:
    """The data sheet of a network."""
    profiles = _in_order(network)
    return Sheet(
        _tables(profiles), _missing(profiles), _who(network), _outcomes(network), _answers(network),
        _sources(network), _uses(profiles), network.notes,
    )  # fmt: skip


def _in_order(network: Network) -> dict[str, Profile]:
    """Its tables in the order of the vocabulary: the same records give the same sheet, however they came."""
    return {name: network.profile(name) for name in TABLES if name in network}


def _tables(profiles: Mapping[str, Profile]) -> pd.DataFrame:
    rows = []
    for name, told in profiles.items():
        first, last = told.spans.get(dated_by(TABLES[name]) or "", (pd.NaT, pd.NaT))
        rows.append((name, told.rows, first, last))
    return pd.DataFrame(rows, columns=["table", "rows", "first", "last"])


def _missing(profiles: Mapping[str, Profile]) -> pd.DataFrame:
    shares = [
        (name, column, n / told.rows) for name, told in profiles.items() for column, n in told.missing.items()
    ]
    return pd.DataFrame(shares, columns=["table", "column", "missing"])


def _who(network: Network) -> dict[str, int]:
    contacts = network.table("contacts")
    own = contacts.loc[contacts["is_own_team"].fillna(False).astype(bool), "contact_id"]
    countries = pd.concat((contacts["country"], network.table("companies")["country"])).dropna()
    return {
        "contacts": len(network.contact_ids),
        "of the own team": own.nunique(),
        "companies": len(network.company_ids),
        "countries": countries.nunique(),
    }


def _outcomes(network: Network) -> pd.DataFrame:
    invitations = network.table("invitations")
    watched = watched_until(invitations) - invitations["sent_at"]
    answered = invitations["outcome"].isin(("accepted", "declined"))
    censored = ~answered & (watched < pd.Timedelta(days=HORIZON_DAYS))
    found = censored.groupby(invitations["outcome"]).agg(["size", "sum"]).reset_index()
    found.columns = pd.Index(["outcome", "invitations", "censored"])
    found["share"] = found["invitations"] / max(len(invitations), 1)
    found = found[["outcome", "invitations", "share", "censored"]]
    return found.sort_values("invitations", ascending=False, ignore_index=True)


def _answers(network: Network) -> dict[str, float]:
    accepted = network.table("invitations").query("outcome == 'accepted'")
    days = (accepted["responded_at"] - accepted["sent_at"]).dt.total_seconds().dropna() / 86_400
    if not len(days):
        return {}
    named = {"a quarter within": 0.25, "half within": 0.5, "nine in ten within": 0.9}
    return {words: float(np.quantile(days, share)) for words, share in named.items()}


def _sources(network: Network) -> pd.DataFrame:
    sources = network.table("sources")
    named = sources.assign(
        reader=sources["reader"].fillna("unknown"), legal_basis=sources["legal_basis"].fillna("not stated")
    )
    return named.groupby(["reader", "legal_basis"], as_index=False).agg(
        sources=("source_id", "size"),
        first_exported_at=("exported_at", "min"),
        last_exported_at=("exported_at", "max"),
        retain_until=("retain_until", "min"),
    )


def _uses(profiles: Mapping[str, Profile]) -> dict[str, str]:
    return {task: _use(task, {name for name, told in profiles.items() if told.rows}) for task in NEEDS}


def _use(task: str, present: set[str]) -> str:
    if not any(present.issuperset(tables) for tables in NEEDS[task]):
        wanted = ", or ".join(" and ".join(f"`{name}`" for name in tables) for tables in NEEDS[task])
        return f"cannot be learnt: it needs {wanted}."
    lacking = [f"`{name}` ({adds})" for name, adds in HELPS[task].items() if name not in present]
    return (
        f"can be learnt, but without {'; '.join(lacking)}."
        if lacking
        else "can be learnt; nothing is lacking."
    )


def _parts(sheet: Sheet) -> Iterator[str]:
    counted = ", ".join(f"{number:,} {what}" for what, number in sheet.who.items())
    yield f"## What the records are\n\nWhom a team's people know, and how they interact: {counted}."
    yield _grid(sheet.tables)
    yield "## Where they come from"
    yield (
        _grid(sheet.sources)
        if len(sheet.sources)
        else "No source is named: the records came as plain tables."
    )
    if sheet.notes:
        yield "Reading them, this was found:\n\n" + "\n".join(f"- {note}" for note in sheet.notes)
    yield "## Outcomes of invitations"
    yield _grid(sheet.outcomes) if len(sheet.outcomes) else "There are no invitations."
    if len(sheet.outcomes):
        yield (
            f"`censored` were not watched for {HORIZON_DAYS:.0f} days: the records end before, they were "
            "withdrawn before, or how they ended was not kept. They are neither acceptances nor refusals."
        )
    if sheet.answers:
        told = ", ".join(f"{words} {days:.1f} days" for words, days in sheet.answers.items())
        yield f"Acceptances came {told}."
    yield "## What is missing"
    yield _grid(sheet.missing) if len(sheet.missing) else "No value is missing."
    yield "## What can be learnt from them"
    yield "\n".join(f"- **{task}** {use}" for task, use in sheet.uses.items())
    yield _MIND


_MIND = """\
## What to mind

- Records of a team show whom this team met. They are no sample of a market, and say nothing of people
  whom nobody here invited.
- They hold personal data. On which legal basis and for how long is told above, as far as it was stated;
  `influence forget`, `disclose` and `expire` act on it.
- They are meant for forecasts of acceptance, leadership and partners that people then judge, not for
  decisions about employment, credit, insurance or anything of like weight."""


def _grid(rows: pd.DataFrame) -> str:
    """Rows as a table of Markdown."""
    head = [str(name).replace("_", " ") for name in rows.columns]
    lines: Iterable[list[str]] = (
        [_cell(value, name) for name, value in zip(rows, row, strict=True)]
        for row in rows.itertuples(index=False)
    )
    cells = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def _cell(value: Any, column: Any) -> str:
    if pd.isna(value):
        return "-"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return f"{value:.1%}" if column in ("missing", "share") else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, (int, np.integer)) else str(value)
