"""The best ways in to some targets, as a table with its reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from numbers import Integral

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.errors import ConfigError
from influence.graph.pairs import PairFeatures
from influence.planning.introductions.answering import Answering
from influence.planning.introductions.endorsement import Endorsement
from influence.planning.introductions.paths import MOST_HOPS, Paths, Search, choose, n_ways
from influence.planning.introductions.words import Teller, evidence
from influence.planning.introductions.worth import Worth, worth_of
from influence.texts import first_few, text

Ints = NDArray[np.int64]
Accepts = Callable[[pd.DataFrame], pd.Series]
"""Pairs of sender_id and recipient_id -> `p_within_3_weeks` in the same order, at the moment asked about."""

ARROW = " > "
"""Between the ids of a path."""


@dataclass(frozen=True)
class Wish:
    """What is asked for.

    Raises
    ------
    ConfigError
        If a number makes no sense.
    """

    senders: Sequence[str]
    """Ids of those who may ask."""
    targets: Sequence[str]
    k: int = 20
    """Paths in all."""
    max_asks: int | None = 3
    """Paths of the list in which the same person may be asked; None: any number."""
    per_target: int | None = None
    """Paths to the same target; None: any number."""
    max_hops: int = MOST_HOPS
    suppress: frozenset[str] = field(default=frozenset())
    """Ids of contacts to leave alone: never asked, never targets."""

    def __post_init__(self) -> None:
        for name in ("k", "max_asks", "per_target"):
            value = getattr(self, name)
            if value is None and name != "k":
                continue
            if not isinstance(value, Integral) or value < 1:
                raise ConfigError(f"{name} is {value!r}. Give a whole number, at least 1.")
        if self.max_hops not in range(1, MOST_HOPS + 1):
            raise ConfigError(f"max_hops is {self.max_hops!r}. Give a whole number from 1 to {MOST_HOPS}.")


@dataclass(frozen=True)
class Guide:
    """What is known at a moment (microseconds) about who passes a request on and who accepts it."""

    features: PairFeatures
    answering: Answering
    endorsement: Endorsement
    accepts: Accepts
    at: int

    def ways(self, wish: Wish) -> tuple[Paths, Worth]:
        """Every path that the wish allows, and what it is worth."""
        graph = self.features.graph
        barred = np.zeros(graph.n_contacts, np.bool_)
        left_alone = graph.positions(sorted(wish.suppress))
        barred[left_alone[left_alone >= 0]] = True
        senders = graph.positions([one for one in wish.senders if one not in wish.suppress])
        search = Search(self.features.ties["connection"], np.unique(senders[senders >= 0]), barred, self.at)
        targets = np.unique(graph.positions([one for one in wish.targets if one not in wish.suppress]))
        paths = Paths.joined([search.to(int(one), wish.max_hops) for one in targets if one >= 0])
        worth = worth_of(paths, self.features, self.answering, self.endorsement, self._accepts, self.at)
        return paths, worth

    def table(self, wish: Wish) -> pd.DataFrame:
        """The best paths under the cap, best first; `.attrs["sentences"]` tells why."""
        paths, worth = self.ways(wish)
        rows = choose(paths, worth.p_success, wish.k, wish.max_asks, wish.per_target)
        found, own = paths[rows], worth[rows]
        table = pd.DataFrame(
            {
                "rank": np.arange(1, len(rows) + 1),
                "target_id": self._ids(found.target),
                "sender_id": self._ids(found.sender),
                "introducer_id": self._ids(found.first),
                "endorser_id": self._ids(found.endorser),
                "path": [ARROW.join(ids) for ids in self._steps(found)],
                "hops": found.hops,
                "p_success": own.p_success,
                "p_first_answers": own.first,
                "p_second_answers": own.second,
                "p_target": own.target,
                "n_alternatives": n_ways(paths, rows) - 1,
                "reasons": list(self._reasons(found, own)),
            }
        )
        table.attrs["sentences"] = (
            *self._told(table, wish, paths),
            *evidence(self.answering, self.endorsement),
        )
        return table

    def _accepts(self, sender: Ints, recipient: Ints) -> NDArray[np.float64]:
        pairs = pd.DataFrame({"sender_id": self._ids(sender), "recipient_id": self._ids(recipient)})
        return self.accepts(pairs).to_numpy(np.float64)

    def _ids(self, positions: Ints) -> pd.Series:
        return pd.Series(self.features.graph.contact_ids.array.take(positions, allow_fill=True), dtype="str")

    def _steps(self, paths: Paths) -> Iterator[list[str]]:
        names = self.features.graph.contact_ids
        for row in zip(paths.sender, paths.first, paths.second, paths.target, strict=True):
            yield [str(names[one]) for one in row if one >= 0]

    def _reasons(self, paths: Paths, worth: Worth) -> Iterator[str]:
        teller = Teller(self.answering, self.at)
        for i in range(len(paths)):
            one = np.array([i])
            yield teller.path(paths[one], worth[one])

    def _told(self, table: pd.DataFrame, wish: Wish, ways: Paths) -> Iterator[str]:
        """What was found, and why not more."""
        wanted = pd.Index(list(wish.targets), dtype="str")
        left_alone = wanted[wanted.isin(wish.suppress)]
        if len(left_alone):
            yield text("introduction.left_alone", names=first_few(left_alone))
        direct = table[table["hops"] == 1]
        if len(direct):
            names, senders = (first_few(direct[name].unique()) for name in ("target_id", "sender_id"))
            yield text("introduction.not_needed", names=names, senders=senders)
        reached = wanted.isin(self.features.graph.contact_ids[np.unique(ways.target)])
        beyond = wanted[reached & ~wanted.isin(table["target_id"])]
        if len(beyond):
            yield text("introduction.left_out", names=first_few(beyond))
        yield from self._unreached(wanted[~reached & ~wanted.isin(wish.suppress)], wish)

    def _unreached(self, targets: pd.Index, wish: Wish) -> Iterator[str]:
        ties, positions = self.features.ties["connection"], self.features.graph.positions(targets)
        alone = (positions < 0) | (ties.degree(np.maximum(positions, 0), np.full(len(targets), self.at)) == 0)
        if alone.any():
            yield text("introduction.no_connection", names=first_few(targets[alone]))
        if not alone.all():
            key = "introduction.too_far_spared" if wish.suppress else "introduction.too_far"
            names, senders = first_few(targets[~alone]), first_few(wish.senders)
            yield text(key, names=names, hops=wish.max_hops, senders=senders)
