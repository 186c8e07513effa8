"""Company and position are known for those who accepted, and for no one else: they never become features."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.experiment.worlds import quick_config
from tests.readers.linkedin.writing import connection, files_of, invitation, message, write_folder

from influence import experiment
from influence.data import Network
from influence.graph.pairs import PairFeatures
from influence.readers import ReadingConfig, read
from influence.tasks.acceptance import queries_of

OWNERS = ("ann-lee", "bob-ray", "cat-fox")
Facts = Callable[[str], tuple[str, str]]
"""Slug -> company and position as an archive has them."""


def _network(folder: Path, facts: Facts, key: Path) -> Network:
    """Three archives of 120 invitations to 150 people, a third accepted; `facts` of acceptors only."""
    rng = np.random.default_rng(4)
    for owner in OWNERS:
        sent, met, said = [], [], []
        for number in rng.permutation(150)[:120]:
            slug, at = (
                f"p-{number:03}",
                pd.Timestamp("2021-01-01") + pd.Timedelta(hours=int(rng.integers(7_000))),
            )
            sent.append(
                invitation(owner, slug, f"{at:%Y-%m-%d %H:%M}:00 UTC", owner, "Hi" if number % 3 else "")
            )
            if rng.random() < 0.35:
                day = at + pd.Timedelta(days=int(rng.integers(15)))
                met.append(connection(slug, f"{day:%d %b %Y}", *facts(slug)))
                said.append(message(slug, [owner], f"{day + pd.Timedelta(days=2):%Y-%m-%d} 10:00:00 UTC"))
        files = {"Invitations.csv": sent, "Connections.csv": met, "messages.csv": said}
        write_folder(folder / owner, files_of(files))
    return read(folder, config=ReadingConfig(key_file=key))


def _told(slug: str) -> tuple[str, str]:
    return f"Firm {int(slug[-3:]) % 7}", ("CEO", "Clerk")[int(slug[-1]) % 2]


def _nothing(slug: str) -> tuple[str, str]:
    return "", ""


def _features(network: Network) -> np.ndarray:
    features = PairFeatures(network)
    return features(queries_of(network.table("invitations"), features.graph))


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("key") / "key"


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, key: Path) -> Network:
    return _network(tmp_path_factory.mktemp("told"), _told, key)


@pytest.mark.slow
@settings(max_examples=3, phases=[Phase.generate])  # an example takes seconds: none is made smaller
@given(seed=st.integers(0, 2**31), keeps=st.sampled_from((0.0, 0.5, 1.0)))
def test_features__company_and_position_altered_or_gone__the_same(
    network: Network, key: Path, tmp_path_factory: pytest.TempPathFactory, seed: int, keeps: float
) -> None:
    rng = np.random.default_rng(seed)

    def altered(slug: str) -> tuple[str, str]:
        company, position = (f"{word} {rng.integers(1_000_000)}" for word in ("Org", "Role"))
        return (company, position) if rng.random() < keeps else ("", "")

    other = _network(tmp_path_factory.mktemp("altered"), altered, key)
    assert _employers(other) != _employers(network)
    for name in ("connections", "invitations", "interactions"):
        pd.testing.assert_frame_equal(network.table(name), other.table(name), obj=name)
    np.testing.assert_array_equal(_features(network), _features(other))


def _employers(network: Network) -> set[str]:
    told = network.table("identities")
    return set(told.loc[told["kind"] == "employer", "value"])


def test_employers__told__in_identities_alone(network: Network) -> None:
    assert _employers(network) == {f"Firm {i}" for i in range(7)}
    for name, rows in network.impersonal().tables.items():
        cells = rows.astype("str")
        assert not cells.apply(lambda column: column.str.contains("Firm|CEO|Clerk")).any(axis=None), name


@pytest.mark.slow
def test_fit__company_and_position_gone__the_same_predictions(
    network: Network, key: Path, tmp_path: Path
) -> None:
    """Retrained, so that nothing can have entered by way of what was learned."""
    other = _network(tmp_path / "gone", _nothing, key)
    at = pd.Timestamp("2021-09-01", tz="UTC")
    asked = network.table("invitations")
    asked = asked.loc[asked["sent_at"] >= at, ["sender_id", "recipient_id"]]
    told, gone = (
        experiment.fit(each, quick_config(tmp_path / str(place)), at=at)
        .with_network(each)
        .predict("acceptance", asked, at=at)
        for place, each in enumerate((network, other))
    )
    assert told["p_within_3_weeks"].nunique() > 10
    pd.testing.assert_frame_equal(told, gone, check_exact=True)
