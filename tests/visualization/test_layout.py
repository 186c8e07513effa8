"""Where things stand on the map."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from influence.visualization.layout import GAP, disc_layout, sunflower


@given(
    radius=st.lists(st.floats(0.01, 1.0), min_size=1, max_size=25),
    seed=st.integers(0, 5),
)
def test_disc_layout__any_sizes__none_overlap(radius: list[float], seed: int) -> None:
    radii = np.array(radius)
    nobody = np.empty(0, np.int64)
    centre = disc_layout(radii, nobody, nobody, np.empty(0), seed)
    assert centre.shape == (len(radii), 2) and np.isfinite(centre).all()
    distance = np.linalg.norm(centre[:, None] - centre[None], axis=2)
    room = distance - (radii[:, None] + radii[None])
    assert (room[~np.eye(len(radii), dtype=bool)] > 0).all()


def test_disc_layout__tied_strongly__nearer_than_untied() -> None:
    source, target = np.array([0, 2]), np.array([1, 3])
    centre = disc_layout(np.ones(4), source, target, np.array([9.0, 9.0]), 0)
    distance = np.linalg.norm(centre[:, None] - centre[None], axis=2)
    assert distance[0, 1] < distance[0, 2] and distance[2, 3] < distance[1, 3]
    assert distance[0, 1] >= 2 * GAP - 1e-3


def test_disc_layout__same_seed__same_picture() -> None:
    given_ties = (np.array([0, 1]), np.array([1, 2]), np.array([1.0, 2.0]))
    one, two = (disc_layout(np.array([1.0, 0.5, 0.2]), *given_ties, 3) for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_sunflower__any_number__within_the_disc_and_apart() -> None:
    for n in (1, 2, 7, 120):
        points = sunflower(n)
        assert points.shape == (n, 2)
        assert (np.linalg.norm(points, axis=1) < 1).all()
        if n > 1:
            distance = np.linalg.norm(points[:, None] - points[None], axis=2)
            assert distance[~np.eye(n, dtype=bool)].min() > 0.8 / np.sqrt(n)
    np.testing.assert_array_equal(sunflower(1), [[0, 0]])
