"""Columns to tensors."""

from __future__ import annotations

import torch

from influence.model.scaling import Standardizer

NAN = float("nan")


def fitted() -> Standardizer:
    # Mean 2 and deviation 1; mean 4 over the known two, deviation 2; constant; never known.
    rows = torch.tensor([[1, 2, 7, NAN], [3, NAN, 7, NAN], [1, 6, 7, NAN], [3, NAN, 7, NAN]])
    scaler = Standardizer(4)
    scaler.fit(rows)
    return scaler


def test_standardizer__fitted__mean_and_deviation_of_what_is_known() -> None:
    torch.testing.assert_close(fitted().mean, torch.tensor([2.0, 4.0, 7.0, 0.0]))
    torch.testing.assert_close(fitted().scale, torch.tensor([1.0, 0.5, 0.0, 0.0]))


def test_standardizer__missing_values__zero_beside_a_flag() -> None:
    found = fitted()(torch.tensor([[3.0, NAN, 7.0, NAN], [NAN, 8.0, 9.0, 1.0]]))
    expected = torch.tensor([[1.0, 0, 0, 0, 0, 1, 0, 1], [0, 2, 0, 0, 1, 0, 0, 0]])
    torch.testing.assert_close(found, expected)


def test_standardizer__far_out__clipped() -> None:
    found = fitted()(torch.tensor([[1e9, -1e9, 1e30, -1e30]]))
    torch.testing.assert_close(found[0, :4], torch.tensor([5.0, -5.0, 0.0, 0.0]))


def test_standardizer__state__travels_with_the_weights() -> None:
    other = Standardizer(4)
    other.load_state_dict(fitted().state_dict())
    rows = torch.tensor([[0.5, 1.5, 2.5, NAN]])
    torch.testing.assert_close(other(rows), fitted()(rows))


def test_standardizer__no_rows__silent() -> None:
    scaler = Standardizer(2)
    scaler.fit(torch.empty(0, 2))
    torch.testing.assert_close(scaler(torch.tensor([[3.0, NAN]])), torch.tensor([[0.0, 0, 0, 1]]))
