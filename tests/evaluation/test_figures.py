"""Figures draw what the figures say; the arithmetic behind them is checked by hand."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from scipy.stats import binomtest
from tests.evaluation.frames import COUNTS, predictions

from influence.evaluation import figures
from influence.evaluation.picture import png
from influence.evaluation.summary import summarise

NOISE = {"model": 0.0, "boosted_trees": 1.0, "prior": 3.0}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return predictions(NOISE, n=150)


def test_all_figures__summary_with_slices__one_png_each(frame: pd.DataFrame) -> None:
    cold = pd.Series(np.arange(150) < 60, index=frame["query_id"].unique())
    slices = {"cold_contacts": cold, "nobody": cold & False}
    summary = summarise(frame, task="acceptance", dataset="d", counts=COUNTS, slices=slices, n_resamples=20)
    drawn = figures.all_figures(summary, frame)
    assert set(drawn) == {"comparison", "reliability", "gains", "delay", "slices"}
    for figure in drawn.values():
        assert isinstance(figure, Figure)
        assert png(figure, dpi=20).startswith(b"\x89PNG")


def test_png__drawn_twice__same_bytes(frame: pd.DataFrame) -> None:
    assert png(figures.gains(frame), 30) == png(figures.gains(frame), 30)


def test_all_figures__one_class_or_one_row__drawn_all_the_same() -> None:
    for n, label in ((1, 1), (12, 0)):
        few = predictions(NOISE, n=n).assign(label=label)
        summary = summarise(few, task="acceptance", dataset="d", counts=COUNTS, n_resamples=5)
        for figure in figures.all_figures(summary, few).values():
            assert png(figure, dpi=20)


def test_gain_curve__ties__one_point_for_each_group() -> None:
    happened = np.array([True, False, True, False, False])
    invited, accepted = figures.gain_curve(happened, np.array([0.9, 0.5, 0.5, 0.5, 0.1]))
    assert invited.tolist() == [0, 1, 4, 5]
    assert accepted.tolist() == [0, 1, 2, 2]


def test_wilson__seven_of_twenty__equals_scipy() -> None:
    low, high = figures.wilson(np.array([7.0]), np.array([20.0]))
    expected = binomtest(7, 20).proportion_ci(0.95, method="wilson")
    assert (low[0], high[0]) == (
        pytest.approx(expected.low, abs=1e-4),
        pytest.approx(expected.high, abs=1e-4),
    )


def test_reliability__two_methods__bins_lie_at_the_observed_shares(frame: pd.DataFrame) -> None:
    panel = figures.reliability(frame).axes[1]
    line = next(one for one in panel.lines if len(one.get_xdata()) == 10)
    rows = frame[(frame["method"] == "model") & (frame["seed"] == 0)].sort_values("p_within_3_weeks")
    expected = [np.isin(part, [1, 2]).mean() for part in np.split(rows["label"].to_numpy(), 10)]
    assert list(line.get_ydata()) == pytest.approx(expected)


def test_delay__with_delays__observed_curve_ends_at_the_share_accepted(frame: pd.DataFrame) -> None:
    delays = np.select([frame["label"] == 1, frame["label"] == 2], [0.5, 9.0], np.nan)
    axes = figures.delay(frame.assign(delay_days=delays)).axes[0]
    observed = next(line for line in axes.lines if line.get_label() == "observed")
    share = frame.loc[(frame["method"] == "model") & (frame["seed"] == 0), "label"].isin([1, 2]).mean()
    assert observed.get_ydata()[-1] == pytest.approx(share)
