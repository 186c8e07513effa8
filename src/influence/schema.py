"""The vocabulary: every table, column and relation, defined once.

Readers fill these tables, validation checks them, `Network.as_of` hides the future by them, and the
temporal graph takes its relations from them.  To add a relation, add one entry to `RELATIONS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["id", "text", "time", "category", "country", "currency", "number", "integer", "flag"]

PANDAS_DTYPES: Mapping[Kind, str] = {
    "id": "str",
    "text": "str",
    "category": "str",
    "country": "str",
    "currency": "str",
    "time": "datetime64[us, UTC]",
    "number": "float64",
    "integer": "Int64",
    "flag": "boolean",
}
"""How each kind of column is held in memory."""

SCHEMA_VERSION = 1
"""Raised whenever a stored model could misread a table written under an earlier version."""


@dataclass(frozen=True)
class Column:
    """One column: its name, what it holds, and the values it may take.  Missing is NA, never 0."""

    name: str
    kind: Kind
    required: bool = False
    """The column must be present and hold no NA."""
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    """Allowed values of a category, in order where `ordered`."""
    ordered: bool = False
    references: str | None = None
    """The table whose ids this column holds."""
    separator: str = ""
    """What stands between several values of one cell, where it may hold several."""


@dataclass(frozen=True)
class Reveal:
    """Columns that become visible only once `at` has passed, and what is shown until then."""

    at: str
    until_then: Mapping[str, str | None]
    """Column -> the value shown before `at` (None: NA)."""


@dataclass(frozen=True)
class Table:
    """A table of the vocabulary and the rule by which its rows become visible."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    visible_from: str | None = None
    """Rows are visible strictly after this time; None, or NA in a row: static by declaration."""
    happened_at: str | None = None
    """Rows are hidden before this time too, whenever they were observed."""
    visible_with: str | None = None
    """Column with the id of another table's row, without which the row is not visible either."""
    reveals: tuple[Reveal, ...] = ()
    observed_until: str | None = None
    """Column that `as_of(t)` caps at t: until when the row was watched."""
    personal: bool = False
    """Tells who people are: never learned from, and never stored with a model."""

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that must be present and full."""
        return tuple(column.name for column in self.columns if column.required)


@dataclass(frozen=True)
class Relation:
    """A kind of timed edge of the temporal graph, read from a table.

    An edge runs from `source` to `target`, is visible strictly after `at` and, where `until` is
    given, no longer after that.  `symmetric` relations are walked both ways alike.
    """

    name: str
    table: str
    source: str
    target: str
    at: str
    until: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    """Column -> the value that a row must have to give this relation."""
    symmetric: bool = False
    weight: str | None = None
    """Column with the edge's weight; 1 where it is absent or NA."""

    @property
    def ends(self) -> tuple[str, str]:
        """The tables whose ids the two ends are: ("contacts", "contacts") for most."""
        table = TABLES[self.table]
        source, target = table.column(self.source).references, table.column(self.target).references
        assert source is not None and target is not None, f"relation {self.name}: ends must be ids"
        return source, target


SENIORITY = ("entry", "junior", "senior", "manager", "director", "vp", "c_suite")
IDENTITY_KINDS = ("profile", "email", "name", "employer")
OUTCOMES = ("accepted", "declined", "withdrawn", "pending", "unknown")
TIME_RESOLUTIONS = ("second", "minute", "hour", "day")
INTERACTION_KINDS = (
    "message", "like", "comment", "share", "view", "mention",
    "meeting", "call", "email", "endorse", "recommend", "follow",
)  # fmt: skip
COMPANY_LINK_KINDS = ("supplier", "customer", "partner", "investor", "acquirer", "competitor")


def _id(name: str, references: str | None = None, required: bool = True) -> Column:
    return Column(name, "id", required=required, references=references)


_CONTACTS = Table(
    "contacts",
    key=("contact_id", "observed_at"),
    visible_from="observed_at",
    columns=(
        _id("contact_id"),
        Column("observed_at", "time"),
        _id("company_id", "companies", required=False),
        Column("country", "country"),
        Column("industry", "text"),
        Column("job_function", "text"),
        Column("seniority", "category", values=SENIORITY, ordered=True),
        Column("n_connections", "integer", low=0),
        Column("profile_quality", "number", low=0, high=1),
        Column("is_own_team", "flag"),
        Column("source", "text"),
    ),
)
_COMPANIES = Table(
    "companies",
    key=("company_id", "observed_at"),
    visible_from="observed_at",
    columns=(
        _id("company_id"),
        Column("observed_at", "time"),
        Column("name", "text"),
        Column("country", "country"),
        Column("city", "text"),
        Column("industry", "text", separator="|"),
        Column("employees", "integer", low=0),
        Column("founded_year", "integer", low=1000, high=2100),
        Column("revenue", "number"),
        Column("currency", "currency"),
        Column("domain", "text"),
    ),
)
_CONNECTIONS = Table(
    "connections",
    key=("source_id", "target_id"),
    visible_from="connected_at",
    reveals=(Reveal("removed_at", {"removed_at": None}),),
    columns=(
        _id("source_id", "contacts"),
        _id("target_id", "contacts"),
        Column("connected_at", "time"),
        Column("removed_at", "time"),
        Column("direction", "category", values=("mutual", "directed")),
        Column("sentiment", "number", low=-1, high=1),
        Column("observed_by", "id"),
    ),
)
_INVITATIONS = Table(
    "invitations",
    key=("invitation_id",),
    visible_from="sent_at",
    reveals=(Reveal("responded_at", {"responded_at": None, "outcome": "pending"}),),
    observed_until="observed_until",
    columns=(
        _id("invitation_id"),
        _id("sender_id", "contacts"),
        _id("recipient_id", "contacts"),
        Column("sent_at", "time", required=True),
        Column("time_resolution", "category", values=TIME_RESOLUTIONS),
        Column("has_note", "flag"),
        Column("outcome", "category", required=True, values=OUTCOMES),
        Column("responded_at", "time"),
        Column("observed_until", "time"),
    ),
)
_INTERACTIONS = Table(
    "interactions",
    key=("event_id",),
    visible_from="at",
    columns=(
        _id("event_id"),
        _id("actor_id", "contacts"),
        _id("target_id", "contacts", required=False),
        Column("kind", "category", required=True, values=INTERACTION_KINDS),
        Column("at", "time", required=True),
        Column("topic", "text"),
        _id("content_id", "contents", required=False),
        Column("sentiment", "number", low=-1, high=1),
        Column("weight", "number", low=0),
    ),
)
_CONTENTS = Table(
    "contents",
    key=("content_id", "observed_at"),
    visible_from="observed_at",
    happened_at="at",
    columns=(
        _id("content_id"),
        Column("observed_at", "time"),
        _id("author_id", "contacts"),
        Column("at", "time", required=True),
        Column("topic", "text"),
        Column("n_likes", "integer", low=0),
        Column("n_comments", "integer", low=0),
        Column("n_shares", "integer", low=0),
        Column("n_views", "integer", low=0),
    ),
)
_ADOPTIONS = Table(
    "adoptions",
    key=("contact_id", "item"),
    visible_from="at",
    columns=(
        _id("contact_id", "contacts"), Column("item", "id", required=True),
        Column("at", "time"), Column("topic", "text"),
    ),
)  # fmt: skip
_NOMINATIONS = Table(
    "nominations",
    key=("source_id", "target_id", "topic"),
    visible_from="at",
    columns=(
        _id("source_id", "contacts"), _id("target_id", "contacts"),
        Column("topic", "text", required=True), Column("at", "time"),
    ),
)  # fmt: skip
_TRAITS = Table(
    "traits",
    key=("contact_id", "name", "observed_at"),
    visible_from="observed_at",
    columns=(
        _id("contact_id", "contacts"),
        Column("name", "id", required=True),
        Column("observed_at", "time"),
        Column("value", "number", required=True),
    ),
)
_DEALS = Table(
    "deals",
    key=("deal_id",),
    visible_from="opened_at",
    reveals=(Reveal("closed_at", {"closed_at": None, "won": None, "stage": None}),),
    columns=(
        _id("deal_id"),
        _id("company_id", "companies"),
        Column("stage", "text"),
        Column("amount", "number"),
        Column("currency", "currency"),
        Column("opened_at", "time", required=True),
        Column("closed_at", "time"),
        Column("won", "flag"),
    ),
)
_DEAL_ROLES = Table(
    "deal_roles",
    key=("deal_id", "contact_id", "side"),
    visible_with="deal_id",
    columns=(
        _id("deal_id", "deals"),
        _id("contact_id", "contacts"),
        Column("side", "category", required=True, values=("buy", "sell")),
        Column("role", "text"),
    ),
)
_COMPANY_LINKS = Table(
    "company_links",
    key=("source_id", "target_id", "kind", "at"),
    visible_from="at",
    columns=(
        _id("source_id", "companies"),
        _id("target_id", "companies"),
        Column("kind", "category", required=True, values=COMPANY_LINK_KINDS),
        Column("at", "time"),
        Column("weight", "number", low=0),
    ),
)
_COUNTRIES = Table(
    "countries",
    key=("country",),
    columns=(
        Column("country", "country", required=True),
        Column("capital_latitude", "number", low=-90, high=90),
        Column("capital_longitude", "number", low=-180, high=180),
        Column("languages", "text"),
        Column("borders", "text"),
        Column("blocs", "text"),
    ),
)
_COUNTRY_PAIRS = Table(
    "country_pairs",
    key=("source_country", "target_country"),
    columns=(
        Column("source_country", "country", required=True),
        Column("target_country", "country", required=True),
        Column("distance_km", "number", low=0),
        Column("shares_border", "flag"),
        Column("shares_language", "flag"),
        Column("colonial_tie", "flag"),
        Column("cultural_distance", "number", low=0),
    ),
)
_SOURCES = Table(
    "sources",
    key=("source_id",),
    columns=(
        _id("source_id"),
        Column("file", "text"),
        Column("sha256", "text"),
        Column("exported_at", "time"),
        Column("reader", "text"),
        Column("legal_basis", "text"),
        Column("retain_until", "time"),
    ),
)
_IDENTITIES = Table(
    "identities",
    key=("contact_id", "kind", "value", "source_id"),
    personal=True,
    columns=(
        _id("contact_id", "contacts"), Column("kind", "category", required=True, values=IDENTITY_KINDS),
        Column("value", "text", required=True), _id("source_id", "sources", required=False),
    ),
)  # fmt: skip
_MATCHES = Table(
    "matches",
    key=("record_id", "source_id"),
    personal=True,
    columns=(
        _id("record_id"), _id("source_id", "sources"), _id("contact_id", "contacts"),
        Column("rule", "text", required=True), Column("score", "number", low=0, high=1),
    ),
)  # fmt: skip

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        _CONTACTS, _COMPANIES, _CONNECTIONS, _INVITATIONS, _INTERACTIONS, _CONTENTS, _ADOPTIONS,
        _NOMINATIONS, _TRAITS, _DEALS, _DEAL_ROLES, _COMPANY_LINKS, _COUNTRIES, _COUNTRY_PAIRS, _SOURCES,
        _IDENTITIES, _MATCHES,
    )
}  # fmt: skip

RELATIONS: dict[str, Relation] = {
    relation.name: relation
    for relation in (
        Relation("invited", "invitations", "sender_id", "recipient_id", "sent_at"),
        Relation(
            "accepted", "invitations", "recipient_id", "sender_id", "responded_at",
            where={"outcome": "accepted"},
        ),
        Relation(
            "declined", "invitations", "recipient_id", "sender_id", "responded_at",
            where={"outcome": "declined"},
        ),
        Relation(
            "connected", "connections", "source_id", "target_id", "connected_at",
            until="removed_at", symmetric=True,
        ),
        *(
            Relation(
                kind, "interactions", "actor_id", "target_id", "at",
                where={"kind": kind}, weight="weight",
            )
            for kind in INTERACTION_KINDS
        ),
        *(
            Relation(
                kind, "company_links", "source_id", "target_id", "at",
                where={"kind": kind}, weight="weight",
            )
            for kind in COMPANY_LINK_KINDS
        ),
    )
}  # fmt: skip
