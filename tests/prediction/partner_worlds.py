"""Small invented markets: industries that fit, countries, and dated links between companies."""

from __future__ import annotations

import numpy as np
import pandas as pd

from influence.config import Config, parse_config
from influence.data import Network

COUNTRIES = ("DE", "FR", "NA", "PL")
INDUSTRIES = ("brewing", "glass", "malt")
FITS = {("brewing", "malt"), ("malt", "brewing"), ("glass", "brewing")}
START = pd.Timestamp("2024-01-01", tz="UTC")


def market(seed: int = 0, n: int = 60, n_links: int = 700, days: int = 720) -> Network:
    """Companies link up mostly where their industries fit; the last one has no country, nor any link."""
    rng = np.random.default_rng(seed)
    industry = np.array(INDUSTRIES)[np.arange(n) % 3]
    country = np.array(COUNTRIES)[rng.integers(0, 4, n)].astype(object)
    country[-1] = None
    companies = pd.DataFrame(
        {"company_id": [f"c{i:02d}" for i in range(n)], "country": country, "industry": industry}
    )
    a, b = rng.integers(0, n - 1, (2, 6 * n_links))
    fits = np.array([(x, y) in FITS for x, y in zip(industry[a], industry[b], strict=True)])
    kept = np.flatnonzero((a != b) & (rng.random(len(a)) < np.where(fits, 0.9, 0.06)))[:n_links]
    links = pd.DataFrame(
        {
            "source_id": companies["company_id"].to_numpy()[a[kept]],
            "target_id": companies["company_id"].to_numpy()[b[kept]],
            "kind": "supplier",
            "at": START + pd.to_timedelta(np.sort(rng.uniform(0, days, len(kept))), unit="D").round("s"),
        }
    )
    first = links.drop_duplicates(["source_id", "target_id"])
    return Network.from_tables({"companies": companies, "company_links": first})


def quick_partners(**departures: object) -> Config:
    """A training that takes seconds."""
    return parse_config(
        {
            "task": "partners",
            "seeds": [0],
            "partners": {"n_negatives": 20, "window_days": 60} | departures,
            "encoder": {"width": 8},
            "training": {"max_epochs": 4, "batch_size": 32, "learning_rate": 0.01, "averaging": 0.9},
            "trees": {"max_rounds": 20, "check_every": 5, "min_data_in_leaf": 20},
            "tracking": {"enabled": False},
        }
    )
