"""What contacts and their companies are, as observed strictly before t, and how their kind has answered.

Categories enter as the acceptance rate of their kind before t, not as codes: nothing has to be learned
by heart, a country never met before is no special case, and drift is followed.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.data import Network
from influence.graph.state import shrunk_rate
from influence.graph.temporal import TemporalGraph, microseconds
from influence.graph.timeline import Timeline, position_before_each
from influence.schema import SENIORITY

PROFILE = ("seniority", "log_n_connections", "profile_quality", "is_own_team", "log_employees", "company_age")
CATEGORIES = ("company_id", "country", "industry", "job_function", "seniority")
N_PROFILE, N_DISTANCES = len(PROFILE), 3
COUNTRY = N_PROFILE + CATEGORIES.index("country")
"""Where `Attributes.known` tells the country's code."""
GAPS = ("seniority_gap", "log_n_connections_gap", "log_distance_km", "shares_border", "shares_language")

ATTRIBUTE_COLUMNS: tuple[str, ...] = (
    *(f"sender.{name}" for name in PROFILE),
    *(f"recipient.{name}" for name in PROFILE),
    *(f"same_{name}" for name in CATEGORIES),
    *GAPS,
    *(f"kind.{name}.{what}" for name in CATEGORIES for what in ("rate_accepting", "log_count")),
    "kind.countries.rate_accepting",
    "kind.countries.log_count",
)


class Attributes:
    """Looks up contacts' attributes as of any moment.

    Parameters
    ----------
    network
        The records: contacts, companies, country pairs; any of them may be missing.
    graph
        The temporal graph of the same network.
    """

    def __init__(self, network: Network, graph: TemporalGraph) -> None:
        self.graph = graph
        self._contacts = _Observations(network.table("contacts"), "contact_id", graph.contact_ids)
        self._companies = _Observations(network.table("companies"), "company_id", network.company_ids)
        self._countries = _CountryPairs(network.table("country_pairs"))

    def __call__(
        self, sender: NDArray[np.int64], recipient: NDArray[np.int64], at: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """float32 [n, len(ATTRIBUTE_COLUMNS)], NaN where unknown.

        Parameters
        ----------
        sender, recipient : int64 [n], positions, -1 where never met;  at : int64 [n], microseconds
        """
        mine, theirs = self.known(sender, at), self.known(recipient, at)
        country = mine[:, COUNTRY].astype(np.int64), theirs[:, COUNTRY].astype(np.int64)
        profiles, codes = (
            (mine[:, :N_PROFILE], theirs[:, :N_PROFILE]),
            (mine[:, N_PROFILE:], theirs[:, N_PROFILE:]),
        )
        same = np.where((codes[0] < 0) | (codes[1] < 0), np.nan, codes[0] == codes[1])
        gaps, between = profiles[0][:, :2] - profiles[1][:, :2], self.between(*country, at)
        kinds = self.kinds(theirs, at)
        parts = (*profiles, same, gaps, between[:, :N_DISTANCES], kinds, between[:, N_DISTANCES:])
        return np.concatenate(parts, axis=1).astype(np.float32)

    def known(self, contact: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.float64]:
        """What contacts are: float64 [n, PROFILE and CATEGORIES]; codes are -1 where unknown."""
        codes = self._categories(contact, at)
        return np.column_stack((self.profile(contact, at), *codes.values()))

    def kinds(self, known: NDArray[np.float64], at: NDArray[np.int64]) -> NDArray[np.float64]:
        """How those of the same categories have answered, [n, 2 CATEGORIES]: rates and log counts."""
        codes = zip(CATEGORIES, known[:, N_PROFILE:].astype(np.int64).T, strict=True)
        return np.column_stack([self._kinds[name].rates(code, at) for name, code in codes])

    def between(
        self, source: NDArray[np.int64], target: NDArray[np.int64], at: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Distances between countries, and how one has answered the other, [n, N_DISTANCES + 2]."""
        rates = self._kinds["countries"].rates(_pair_code(source, target), at)
        return np.column_stack((self._countries(source, target), rates))

    @property
    def countries(self) -> NDArray[np.int64]:
        """The codes of all countries of contacts, sorted."""
        codes = country_code(self._contacts.table["country"].to_numpy(object))
        return np.unique(codes[codes >= 0])

    def is_own_team(self, contact: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each contact was known, at each moment, as one of the records' own team."""
        return self._contacts.number("is_own_team", self._contacts.row(contact, at)) == 1

    def profile(self, contact: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.float64]:
        """float64 [n, len(PROFILE)] of contacts at moments, NaN where unknown."""
        row = self._contacts.row(contact, at)
        company = self._company_row(row, at)
        age = at / (365.25 * 86_400e6) + 1970 - self._companies.number("founded_year", company)
        return np.column_stack(
            (
                self._contacts.seniority(row),
                np.log1p(self._contacts.number("n_connections", row)),
                self._contacts.number("profile_quality", row),
                self._contacts.number("is_own_team", row),
                np.log1p(self._companies.number("employees", company)),
                age,
            )
        )

    def _company_row(self, row: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.int64]:
        return self._companies.row(_take(self._employers, row, -1), at)

    @cached_property
    def _employers(self) -> NDArray[np.int64]:
        """Of each row of contacts, the position of its company; -1 where unknown."""
        ids = self._contacts.table["company_id"]
        return self._companies.ids.get_indexer(pd.Index(ids)).astype(np.int64)

    def _categories(self, contact: NDArray[np.int64], at: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
        row = self._contacts.row(contact, at)
        return {name: self._contacts.code(name, row) for name in CATEGORIES}

    @cached_property
    def _kinds(self) -> dict[str, _KindHistory]:
        asked, accepted = self.graph.group("invited"), self.graph.group("accepted")
        # An acceptance runs from the recipient to the sender: who accepts is its source.
        of_asked, of_accepted = (
            self._categories(asked.target, asked.at),
            self._categories(accepted.source, accepted.at),
        )
        kinds = {n: _KindHistory(of_asked[n], asked.at, of_accepted[n], accepted.at) for n in CATEGORIES}
        asking, getting = (
            self._categories(asked.source, asked.at)["country"],
            self._categories(accepted.target, accepted.at)["country"],
        )
        kinds["countries"] = _KindHistory(
            _pair_code(asking, of_asked["country"]), asked.at,
            _pair_code(getting, of_accepted["country"]), accepted.at,
        )  # fmt: skip
        return kinds


class _Observations:
    """Rows of a table by id and time of observation."""

    def __init__(self, table: pd.DataFrame, id_column: str, ids: pd.Index) -> None:
        self.ids = ids
        position = ids.get_indexer(table[id_column]).astype(np.int64)
        seen_at = microseconds(table["observed_at"])
        order = np.lexsort((seen_at, position))
        self.table = table.iloc[order].reset_index(drop=True)
        self.seen_at = seen_at[order]
        self.ptr = np.searchsorted(position[order], np.arange(len(ids) + 1)).astype(np.int64)
        self._codes: dict[str, NDArray[np.int64]] = {}
        self._numbers: dict[str, NDArray[np.float64]] = {}

    def row(self, key: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.int64]:
        """The latest row of each id seen strictly before each moment; -1 without one."""
        return position_before_each(self.ptr, self.seen_at, key, at)

    def number(self, column: str, row: NDArray[np.int64]) -> NDArray[np.float64]:
        if column not in self._numbers:
            self._numbers[column] = self.table[column].astype("Float64").to_numpy(np.float64, na_value=np.nan)
        return _take(self._numbers[column], row, np.nan)

    def seniority(self, row: NDArray[np.int64]) -> NDArray[np.float64]:
        if "seniority" not in self._numbers:
            rank = self.table["seniority"].map({name: i for i, name in enumerate(SENIORITY)})
            self._numbers["seniority"] = rank.to_numpy(np.float64, na_value=np.nan)
        return _take(self._numbers["seniority"], row, np.nan)

    def code(self, column: str, row: NDArray[np.int64]) -> NDArray[np.int64]:
        """The category of each row as a number that holds within these records; -1 where unknown.

        The country's code is the same in every network, so that pairs of countries can be looked up.
        """
        if column not in self._codes:
            cells = self.table[column]
            is_country = column == "country"
            codes = country_code(cells.to_numpy(object)) if is_country else pd.factorize(cells, sort=True)[0]
            self._codes[column] = codes.astype(np.int64)
        return _take(self._codes[column], row, -1)


class _KindHistory:
    """Invitations received and accepted by contacts of one kind."""

    def __init__(
        self, asked: NDArray[np.int64], asked_at: NDArray[np.int64],
        accepted: NDArray[np.int64], accepted_at: NDArray[np.int64],
    ) -> None:  # fmt: skip
        self.levels = np.unique(asked[asked >= 0])
        self.asked = self._timeline(asked, asked_at)
        self.accepted = self._timeline(accepted, accepted_at)

    def _timeline(self, code: NDArray[np.int64], at: NDArray[np.int64]) -> Timeline:
        key = self._key(code)
        return Timeline.build(key[key >= 0], at[key >= 0], len(self.levels))

    def _key(self, code: NDArray[np.int64]) -> NDArray[np.int64]:
        place = np.searchsorted(self.levels, code)
        found = place < len(self.levels)
        found[found] = self.levels[place[found]] == code[found]
        return np.where(found, place, -1)

    def rates(self, code: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.float64]:
        """Shrunk acceptance rate and log count of invitations before each moment, [n, 2]."""
        key = self._key(code)
        asked, accepted = self.asked.count_before(key, at), self.accepted.count_before(key, at)
        rate = shrunk_rate(accepted, asked)
        return np.column_stack((np.where(code >= 0, rate, np.nan), np.log1p(asked)))


class _CountryPairs:
    """Distances between countries, both ways alike."""

    def __init__(self, table: pd.DataFrame) -> None:
        pair = _pair_code(
            country_code(table["source_country"].to_numpy(object)),
            country_code(table["target_country"].to_numpy(object)),
        )
        order = np.argsort(pair, kind="stable")
        self.pair = pair[order]
        values = table[["distance_km", "shares_border", "shares_language"]].astype("Float64")
        self.values = values.to_numpy(np.float64, na_value=np.nan)[order]
        self.values[:, 0] = np.log1p(self.values[:, 0])

    def __call__(self, source: NDArray[np.int64], target: NDArray[np.int64]) -> NDArray[np.float64]:
        out = np.full((len(source), 3), np.nan)
        for a, b in ((target, source), (source, target)):
            wanted = _pair_code(a, b)
            place = np.searchsorted(self.pair, wanted)
            found = place < len(self.pair)
            found[found] = self.pair[place[found]] == wanted[found]
            out[found] = self.values[place[found]]
        return out


def country_code(countries: NDArray[np.object_]) -> NDArray[np.int64]:
    """Two capital letters as a number; -1 where missing."""
    return np.array(
        [ord(c[0]) * 128 + ord(c[1]) if isinstance(c, str) else -1 for c in countries], dtype=np.int64
    )


def _pair_code(source: NDArray[np.int64], target: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where((source < 0) | (target < 0), -1, source * (1 << 14) + target)


def _take(values: NDArray, row: NDArray[np.int64], missing: object) -> NDArray:  # type: ignore[type-arg]
    if not len(values):
        return np.full(
            len(row), missing, dtype=np.asarray([missing]).dtype if missing is not None else object
        )
    return np.where(row >= 0, values[np.maximum(row, 0)], missing)
