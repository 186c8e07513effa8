"""Invented predictions for the tests of this folder."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from influence.metrics import Outcome

COUNTS = {"n_train": 900, "n_validation": 150, "n_test": 0}


def predictions(
    noise: Mapping[str, float], n: int = 200, seeds: tuple[int, ...] = (0, 1), seed: int = 0
) -> pd.DataFrame:
    """Forecasts of the same n invitations by methods that blur the truth by `noise` (logits)."""
    rng = np.random.default_rng(seed)
    logit = rng.normal(-0.5, 1, n)
    p_21d = 1 / (1 + np.exp(-logit))
    u = rng.random(n)
    label = np.select(
        [u < 0.6 * p_21d, u < p_21d, u < p_21d + 0.05], [Outcome.AT_ONCE, Outcome.LATER, Outcome.DECLINED]
    )
    sender = rng.integers(0, max(n // 8, 1), n)
    frames = []
    for method, spread in noise.items():
        for run in seeds:
            p = 1 / (1 + np.exp(-(logit + rng.normal(0, spread, n))))
            frames.append(
                pd.DataFrame(
                    {
                        "query_id": [f"invitation-{i}" for i in range(n)],
                        "candidate_id": [f"contact-{i % 17}" for i in range(n)],
                        "method": method,
                        "seed": run,
                        "label": label,
                        "p_at_once": 0.6 * p,
                        "p_within_3_weeks": p,
                        "p_declined": 0.05 * (1 - p),
                        "group": [f"sender-{i}" for i in sender],
                        "sent_at": pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(np.arange(n), "h"),
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)
