"""A thousand firms against a million candidates: `python -m benchmarks.partners [--candidates N]`.

A model is learnt on a small market and answers for a large one of the same kind, in which no firm is the
same: it knows words, not ids.  Making the graph searchable is told apart from the ranking.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from benchmarks.measure import Phases
from benchmarks.turns import need_memory
from influence.config import parse_config
from influence.data import Network
from influence.experiment import recipe_of
from influence.prediction.partner_view import PartnerView
from influence.training.partner_head import Partners
from influence.training.partners import PartnerMix

N_SOURCES, K = 1_000, 50
N_COUNTRIES, N_INDUSTRIES, LINKS_PER_FIRM = 40, 60, 5
SMALL = 500
NEEDED_MIB = 6_144
SECONDS, MIB = 60.0, 4_096
START = pd.Timestamp("2020-01-01", tz="UTC")
DAYS = 1_000
QUICK = {
    "seeds": [0],
    "encoder": {"width": 32},
    "partners": {"n_negatives": 10},
    "training": {"max_epochs": 2, "batch_size": 512},
    "trees": {"max_rounds": 100},
}


def market(n: int, seed: int) -> Network:
    """Firms that link up where their industries are near each other on a ring, more often at home."""
    rng = np.random.default_rng(seed)
    industry, country = rng.integers(0, N_INDUSTRIES, n), rng.zipf(1.5, n) % N_COUNTRIES
    letters = [chr(ord("A") + i) for i in range(26)]
    codes = np.array(
        [f"X{letter}" for letter in letters] + [f"Q{letter}" for letter in letters[12:26]], object
    )
    ids = np.array([f"c{i:07d}" for i in range(n)], object)
    companies = pd.DataFrame(
        {"company_id": ids, "country": codes[country], "industry": np.char.add("i", industry.astype(str))}
    )
    # The firms of an industry stand together; a link goes to the same one or the next.
    order = np.argsort(industry, kind="stable")
    place = np.argsort(order)
    source = rng.integers(0, n, n * LINKS_PER_FIRM)
    step = rng.normal(n / N_INDUSTRIES, n / N_INDUSTRIES / 2, len(source)).astype(np.int64)
    target = order[(place[source] + step) % n]
    days = np.sort(rng.uniform(0, DAYS, len(source)))
    links = pd.DataFrame(
        {
            "source_id": ids[source],
            "target_id": ids[target],
            "kind": "supplier",
            "at": START + pd.to_timedelta(days, unit="D").round("us"),
            "weight": 1.0,
        }
    )
    links = links[source != target].drop_duplicates(["source_id", "target_id"])
    empty = Network.from_tables({"companies": companies.head(1)}).table("companies")
    whole = companies.reindex(columns=empty.columns).astype(empty.dtypes)
    # Made sound: a million rows need not be looked through for faults here.
    return Network(MappingProxyType({"companies": whole, "company_links": links.reset_index(drop=True)}))


def main() -> None:
    """Print what learning, making ready and ranking cost."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--candidates", type=int, default=1_000_000)
    n = asked.parse_args().candidates
    need_memory(NEEDED_MIB)
    end = START + pd.Timedelta(days=DAYS)
    config = parse_config(QUICK)
    phases = Phases()
    partners = Partners.fit(market(SMALL, 0), config.partners, recipe_of(config, 0, None), end)
    # Whatever so small a market says of them: every part of the model is asked.
    forecasters = partners.mix.forecasters
    partners = replace(
        partners, mix=PartnerMix(forecasters, dict.fromkeys(forecasters, 1 / len(forecasters)))
    )
    phases.ended(f"learning on {SMALL:,} firms")
    records = market(n, 1)
    phases.ended(f"a market of {n:,} firms")
    view = PartnerView(partners, partners.graph(records, end))
    del records
    _ = view.graph.ties
    phases.ended(f"the graph of its {len(view.graph.links):,} links")
    view.shortlist(np.arange(2), K)
    phases.ended("made searchable")
    source = np.random.default_rng(2).choice(n, N_SOURCES, replace=False)
    found = view.shortlist(source, K)
    phases.ended(f"{N_SOURCES:,} sources, the best {K}, {len(found):,} rows")
    print(f"asked of the last: {SECONDS:.0f} s on two cores, {MIB:,} MiB")


if __name__ == "__main__":
    main()
