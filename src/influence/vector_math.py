"""PyTorch's exp, log and their like made ready by one thread, so that every process answers to the same bits.

They are those of Intel's MKL.  Its first call finds out which version suits the processor, and keeps a number
for it that is, for an instant, another one: that of a version with errors of 1e-4.  A second thread that
looks in that instant computes with it.  See docs/decisions/0072-first-pass.md.
"""

import torch


def settle() -> None:
    """Make that first call, before threads share one: a single number is never divided among threads."""
    torch.ones(1).exp()
