"""Settings of the whole test suite."""

from __future__ import annotations

from hypothesis import settings

# Two cores are shared by everything that runs here: no deadline per example.  The same examples every time.
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")
