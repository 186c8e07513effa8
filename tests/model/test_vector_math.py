"""The first exponential of a process is asked for by one thread: see docs/decisions/0072-first-pass.md."""

from __future__ import annotations

import subprocess
import sys

import pytest

WATCHED = """
import torch
from torch.utils._python_dispatch import TorchDispatchMode

class Watch(TorchDispatchMode):
    def __torch_dispatch__(self, asked, types, args=(), kwargs=None):
        if asked is torch.ops.aten.exp.default:
            print(args[0].numel())
        return asked(*args, **(kwargs or {}))

with Watch():
    import %s
"""


@pytest.mark.slow
@pytest.mark.parametrize("module", ["influence.model.hazard", "influence.contagion.likelihood"])
def test_import__fresh_process__first_exponential_is_of_one_number(module: str) -> None:
    words = [sys.executable, "-c", WATCHED % module]
    told = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120).stdout.split()
    assert told[:1] == ["1"]
