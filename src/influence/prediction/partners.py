"""Partners as users ask about them: a company or a contact in, whom to approach abroad, and through whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from influence.data import Network, moment_of
from influence.data.problems import rows_in_words
from influence.errors import ConfigError, DataError, nearest
from influence.graph.partner_columns import GROUPS
from influence.planning import read_ids
from influence.prediction.markets import markets, network_multiplier
from influence.prediction.partner_view import PartnerView
from influence.prediction.partner_words import reasons, strongest_between
from influence.progress import Tell, silent
from influence.tasks.partners import ID_COLUMNS
from influence.texts import number, text, two_digits
from influence.training.partner_head import Partners, links_abroad

VIEWS_KEPT = 4
"""Moments whose graphs are kept, so that several questions about one moment cost one."""
Ids = str | Sequence[str] | None


class PartnersFace:
    """Fitted partners answering from records.

    Parameters
    ----------
    network
        The records.
    partners
        What was learnt.
    """

    def __init__(self, network: Network, partners: Partners) -> None:
        self.network, self.partners = network, partners
        self.view = lru_cache(VIEWS_KEPT)(self._view)
        """What the records show strictly before a moment."""

    @property
    def id_name(self) -> str:
        """What the id of somebody who looks for partners is called."""
        return "company_id" if self.partners.of == "companies" else "contact_id"

    def example(self, at: str | pd.Timestamp | None = None) -> str:
        """The id of a source to show: the own team's company, else who has most links abroad."""
        view = self.view(moment_of(self.network, at))
        graph = view.graph
        if self.partners.of == "companies":
            people = self.network.table("contacts")
            ours = people.loc[people["is_own_team"].fillna(False).astype(bool), "company_id"].dropna()
            known = [each for each in ours.mode() if each in graph.ids]
            if known and graph.country[graph.positions(known)[0]] >= 0:
                return str(known[0])
        abroad = links_abroad(graph, graph.links, self.partners.config)
        return str(graph.ids[int(np.argmax(np.where(graph.country >= 0, abroad, -1)))])

    def predict(self, rows: pd.DataFrame, at: str | pd.Timestamp | None = None) -> pd.DataFrame:
        """How well each pair fits, part by part.

        Parameters
        ----------
        rows
            `source_id`, who looks for partners, and `target_id`.
        at
            The moment; only what was visible strictly before it counts.

        Returns
        -------
        DataFrame
            In the order and under the index given: the two ids, `score` (log of the odds among equals), its
            parts `fit`, `gravity`, `direct` and `indirect`, which sum to it, `p_partner` (the chance that the
            two link up within the horizon; NA where the records have no dates, or the two are not known to
            be of different countries), `via` (ids of the strongest in between), and `is_cold_source`,
            `is_cold_target`: never seen linked with anybody.
        """
        asked = pairs_of(rows)
        view = self._with_strangers(asked, at)
        graph = view.graph
        source, target = (graph.positions(asked[name]) for name in ID_COLUMNS)
        parts = view.partners.parts(graph, source, target)
        score, p_partner = parts.sum(1), np.full(len(asked), np.nan)
        abroad = graph.is_foreign(source, target)
        for each in np.unique(source[abroad]):
            own = abroad & (source == each)
            p_partner[own] = view.chances(int(each), score[own])
        out = asked.assign(score=score, **dict(zip(GROUPS, parts.T, strict=True)), p_partner=p_partner)
        out["via"] = [" ".join(graph.ids[between]) for between in strongest_between(graph, source, target)]
        out["is_cold_source"], out["is_cold_target"] = graph.degree[source] == 0, graph.degree[target] == 0
        out.index = rows.index
        return out

    def explain(self, rows: pd.DataFrame, at: str | pd.Timestamp | None = None) -> pd.DataFrame:
        """The parts of each score against those of the source's typical candidate, and what they rest on.

        Returns
        -------
        DataFrame
            In the order and under the index given: the two ids, `score`, `base` (the mean score of the
            source's candidates), `because.<part>` (each part's distance from its mean over them; with the
            base they sum to the score), `via` and `reasons`, in words.
        """
        asked = pairs_of(rows)
        told = self.predict(rows, at)
        view = self._with_strangers(asked, at)
        source, target = (view.graph.positions(asked[name]) for name in ID_COLUMNS)
        typical = np.zeros((len(asked), len(GROUPS)))
        for each in np.unique(source):
            everybody = view.in_parts(int(each))
            if len(everybody):
                mean = np.average(everybody[list(GROUPS)], axis=0, weights=everybody["stands_for"])
                typical[source == each] = mean
        because = told[list(GROUPS)].to_numpy(np.float64) - typical
        named = {f"because.{group}": because[:, place] for place, group in enumerate(GROUPS)}
        out = told[[*ID_COLUMNS, "score"]].assign(base=typical.sum(1), **named)
        return out.assign(via=told["via"], reasons=reasons(view.graph, source, target, because))

    def recommend(
        self,
        *,
        k: int,
        at: str | pd.Timestamp | None,
        company_id: Ids = None,
        contact_id: Ids = None,
        countries: Ids = None,
        industries: Ids = None,
        per_country: int | None = None,
        per_partner: int | None = None,
        linked: bool = False,
        suppress: Iterable[str] | str | Path = (),
        progress: Tell = silent,
    ) -> pd.DataFrame:
        """The `k` best partners abroad of a company or a contact, or of each of several.

        Parameters
        ----------
        company_id, contact_id
            Who looks for partners, one id or several; the kind that the model was learnt on.
        countries, industries
            Only partners of these.
        per_country
            At most so many of one country for each source.
        per_partner
            At most so many sources that one partner is recommended to; what that costs is said.
        linked
            Whether partners that a source has already may be named.
        suppress
            Companies or contacts to leave alone: their ids, or a file of them.
        progress
            Hears whose partners are being looked for.

        Returns
        -------
        DataFrame
            source_id, target_id, country, industry, `p_partner`, `score`, its four parts and `via`.

        Raises
        ------
        DataError
            If a source is unknown or its country is, or a country or an industry is nobody's.
        ConfigError
            If the other kind of id was given, or none, or a limit makes no sense.
        """
        for name, limit in (("k", k), ("per_country", per_country), ("per_partner", per_partner)):
            if limit is not None and limit < 1:
                raise ConfigError(f"{name} is {limit}. Give at least 1.")
        view = self.view(moment_of(self.network, at))
        sources = self.sources(view, company_id, contact_id)
        wanted = view.wanted(country=countries, industry=industries)
        wanted &= ~np.isin(view.graph.ids, list(read_ids(suppress)))
        found: list[pd.DataFrame] = []
        for source in sources:
            progress(f"partners of {view.graph.ids[source]}", len(found), len(sources))
            found.append(view.ranked(source, wanted).assign(source=source))
        rows = pd.concat(found, ignore_index=True)
        rows = rows if linked else rows[~rows["is_linked"]]
        rows = rows.sort_values(["source", "score", "target"], ascending=[True, False, True])
        if per_country is not None:
            country = view.graph.country[rows["target"]]
            rows = rows[
                rows.groupby([rows["source"].to_numpy(), country]).cumcount().to_numpy() < per_country
            ]
        best = rows.groupby("source").head(k)
        chosen = best if per_partner is None else capped(rows, k, per_partner)
        out = _in_ids(view, chosen)
        out.attrs["sentences"] = _sentences(view, sources, best, chosen, is_capped=per_partner is not None)
        return out

    def markets(
        self,
        *,
        k: int = 10,
        at: str | pd.Timestamp | None = None,
        company_id: str | None = None,
        contact_id: str | None = None,
        seed: int = 0,
    ) -> pd.DataFrame:
        """A shortlist of countries for one company or contact, best first.

        Parameters
        ----------
        k
            Countries of the list.
        at
            The moment; by default the end of the records.
        company_id, contact_id
            Who looks for partners; the kind that the model was learnt on.
        seed
            Of the resamples behind the network multiplier's interval, which the sentences tell.

        Returns
        -------
        DataFrame
            A row for each country. `country`; `n_candidates`, of them `n_between`, with somebody in between;
            `n_partners`, had already; `expected` links within the horizon, which `expected_direct` and
            `expected_indirect` sum to (NA where the records have no dates); `share` of all countries'
            promise, 0 to 1; `gravity`, the mean of that part of the score; the distance terms that the model
            sees; `precedents`, the firms most alike that have partners there.
            In words: `.attrs["sentences"]`.

        Raises
        ------
        InfluenceError
            As `recommend`.
        """
        if k < 1:
            raise ConfigError(f"k is {k}. Give at least 1.")
        view = self.view(moment_of(self.network, at))
        source = self.sources(view, company_id, contact_id)[0]
        found = markets(view, source, k)
        multiplier = network_multiplier(view.graph, np.random.default_rng(seed))
        found.attrs["multiplier"] = multiplier
        found.attrs["sentences"] = _markets_in_words(view, source, found, multiplier)
        return found

    def sources(self, view: PartnerView, company_id: Ids = None, contact_id: Ids = None) -> list[int]:
        """Positions of those who look for partners, checked.

        Raises
        ------
        DataError
            If somebody is unknown, or of unknown country.
        ConfigError
            If the other kind of id was given, or none.
        """
        given = {"companies": ("company_id", company_id), "contacts": ("contact_id", contact_id)}
        name, ids = given.pop(self.partners.of)
        other, others = next(iter(given.values()))
        if ids is None or others is not None:
            instead = f" instead of `{other}`" if others is not None else ""
            raise ConfigError(
                f"The model knows partners among {self.partners.of}. Give `{name}`, who looks for them"
                f"{instead}."
            )
        names = [ids] if isinstance(ids, str) else list(dict.fromkeys(ids))
        if not names:
            raise ConfigError(f"{name} names nobody. Give at least one.")
        return view.positions(names, name)

    def _with_strangers(self, asked: pd.DataFrame, at: str | pd.Timestamp | None) -> PartnerView:
        """The view of a moment, with those whom the records do not know by then."""
        view = self.view(moment_of(self.network, at))
        named = pd.Index(pd.unique(asked[list(ID_COLUMNS)].to_numpy().ravel()), dtype="str")
        strangers = named[~named.isin(view.graph.ids)]
        return PartnerView(view.partners, view.graph.with_strangers(strangers)) if len(strangers) else view

    def _view(self, moment: pd.Timestamp) -> PartnerView:
        return PartnerView(self.partners, self.partners.graph(self.network, moment))


def capped(rows: pd.DataFrame, k: int, per_partner: int) -> pd.DataFrame:
    """The best rows, from the highest chance on, while their source and their target have room.

    Parameters
    ----------
    rows : with source, target, score and p_partner; each source's best first
    """
    worth = rows["p_partner"] if rows["p_partner"].notna().any() else rows["score"]
    left: dict[tuple[str, int], int] = {}
    kept = np.zeros(len(rows), np.bool_)
    ends = rows[["source", "target"]].to_numpy(np.int64)
    for row in np.argsort(-worth.to_numpy(np.float64), kind="stable"):
        source, target = ("source", int(ends[row, 0])), ("target", int(ends[row, 1]))
        if left.setdefault(source, k) and left.setdefault(target, per_partner):
            left[source] -= 1
            left[target] -= 1
            kept[row] = True
    return rows[kept]


def pairs_of(rows: pd.DataFrame) -> pd.DataFrame:
    """The two ids of every row, as text.

    Raises
    ------
    DataError
        If a column or an id is missing, or an entity is asked about itself.
    """
    for name in ID_COLUMNS:
        if name not in rows.columns:
            raise DataError(f"The rows lack {name}. {nearest(name, map(str, rows.columns))}")
    empty = rows[list(ID_COLUMNS)].isna().any(axis=1).to_numpy()
    if empty.any():
        raise DataError(f"The rows lack an id in {rows_in_words(empty)}. Give it, or drop them.")
    asked = pd.DataFrame({name: rows[name].astype("str").to_numpy() for name in ID_COLUMNS})
    itself = (asked["source_id"] == asked["target_id"]).to_numpy()
    if itself.any():
        raise DataError(f"source_id and target_id are the same in {rows_in_words(itself)}. Drop them.")
    return asked


def _in_ids(view: PartnerView, rows: pd.DataFrame) -> pd.DataFrame:
    graph = view.graph
    source, target = (rows[name].to_numpy(np.int64) for name in ("source", "target"))
    parts = view.partners.parts(graph, source, target)
    told = {
        "source_id": graph.ids[source],
        "target_id": graph.ids[target],
        "country": graph.countries[graph.country[target]],
        "industry": graph.texts("industry", target),
        "p_partner": rows["p_partner"].to_numpy(np.float64),
        "score": rows["score"].to_numpy(np.float64),
        **dict(zip(GROUPS, parts.T, strict=True)),
        "via": [" ".join(graph.ids[between]) for between in strongest_between(graph, source, target)],
    }
    return pd.DataFrame(told)


def _markets_in_words(
    view: PartnerView, source: int, found: pd.DataFrame, multiplier: Mapping[str, float]
) -> list[str]:
    name = view.graph.ids[source]
    if not len(found):
        return [text("partners.left", name=name)]
    said = []
    if view.partners.pace is not None:
        expected = found[["expected_direct", "expected_indirect"]].sum()
        n, between = (two_digits(float(x)) for x in (expected.sum(), expected.iloc[1]))
        horizon = float(view.partners.pace.horizon_days)
        said.append(text("partners.expected", days=horizon, name=name, n=n, between=between))
    if multiplier["n"]:
        said.append(text("partners.multiplier", **multiplier))
    return said


def _sentences(
    view: PartnerView, sources: list[int], best: pd.DataFrame, chosen: pd.DataFrame, *, is_capped: bool
) -> list[str]:
    if not len(chosen):
        return [text("partners.no_candidate", names=", ".join(view.graph.ids[sources]))]
    said = [text("partners.sum")]
    pace = view.partners.pace
    if pace is None:
        said.append(text("partners.undated"))
    else:
        said.append(text("partners.chance", days=float(pace.horizon_days)))
    key, column = ("expected", "p_partner") if pace is not None else ("score", "score")
    before, after = best[column].sum(), chosen[column].sum()
    if not best.index.equals(chosen.index):
        lost, of = (number(float(x), 2) for x in (before - after, before))
        said.append(text(f"partners.cap_{key}", lost=lost, of=of))
    elif is_capped:
        said.append(text("partners.cap_free"))
    return said
