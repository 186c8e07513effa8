"""What a synthetic world is made of: size, span, seed."""

from __future__ import annotations

import math
import zlib

import numpy as np
import pandas as pd
from pydantic import Field, field_validator

from influence.settings import Settings

SECONDS_PER_DAY = 86_400


class WorldConfig(Settings):
    """Settings of the synthetic world; the same settings always give the same tables."""

    n_contacts: int = Field(20_000, ge=100, le=20_000_000)
    """People in the records, own team included."""
    n_companies: int | None = Field(None, ge=10)
    """Firms they work for; by default one per eight contacts, at least ten."""
    n_countries: int = Field(12, ge=2, le=25)
    """Countries, the largest economies of the built-in list first."""
    n_industries: int = Field(12, ge=2, le=16)
    """Industries, from the built-in list."""
    n_topics: int = Field(8, ge=2, le=12)
    """Topics that people write about, from the built-in list."""
    n_items: int = Field(120, ge=1)
    """Items (posts, products, practices) whose take-up is followed."""
    days: int = Field(540, ge=60, le=3_650)
    """Length of the recorded window in days; the export happens at its end."""
    start: str = "2024-01-01"
    """First day of the recorded window, UTC.  Ties go back eight years further."""
    seed: int = Field(0, ge=0)
    """Seed of every random draw."""
    effect: bool = True
    """False: the no-effect world, in which the graph explains nothing: one constant chance of
    acceptance, take-up without contagion, partners without affinity."""
    invitations_per_contact: float = Field(1.5, gt=0, le=50)
    """Invitations in the records per contact."""
    own_team: int | None = Field(None, ge=1)
    """Own team members, who send most invitations; by default one contact in 300, at least 20."""
    own_share: float = Field(0.65, ge=0, le=1)
    """Share of the invitations sent by the own team."""
    median_degree: float | None = Field(None, gt=1)
    """Median number of ties per person; by default 100, fewer below about 8,000 contacts."""
    circle_size: int | None = Field(None, ge=5)
    """Mean size of the hidden circles (communities); by default 150, fewer in tiny worlds."""
    interactions_per_contact: float = Field(10.0, ge=0, le=1_000)
    """Interactions along ties per contact over the window, spread 90-9-1."""

    @field_validator("start")
    @classmethod
    def _start_is_a_time(cls, value: str) -> str:
        stamp = pd.Timestamp(value)
        if pd.isna(stamp) or stamp.year < 2000:
            raise ValueError("start must be a date from 2000 on, such as 2024-01-01")
        return value

    @property
    def companies(self) -> int:
        """Number of firms."""
        return self.n_companies or max(10, self.n_contacts // 8)

    @property
    def team(self) -> int:
        """Number of own team members; never more than a quarter of all contacts."""
        return min(self.own_team or max(20, self.n_contacts // 300), self.n_contacts // 4)

    @property
    def degree(self) -> float:
        """Median degree aimed at."""
        return self.median_degree or min(100.0, 1.1 * math.sqrt(self.n_contacts))

    @property
    def circles(self) -> int:
        """Number of hidden circles."""
        size = self.circle_size or min(150, max(20, self.n_contacts // 12))
        return max(2, round(self.n_contacts / size))

    @property
    def seconds(self) -> int:
        """Length of the recorded window in seconds."""
        return self.days * SECONDS_PER_DAY

    @property
    def started_at(self) -> pd.Timestamp:
        """First moment of the recorded window."""
        stamp = pd.Timestamp(self.start)
        return stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp.tz_convert("UTC")

    def rng(self, part: str) -> np.random.Generator:
        """The generator of one part of the world, so that parts do not disturb one another."""
        return np.random.default_rng([self.seed, zlib.crc32(part.encode())])
