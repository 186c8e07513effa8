"""Where records come from: a row of the table `sources`, whose id tells reader and content."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from influence.addresses import Place, label_of
from influence.files import content_digest
from influence.readers.config import ReadingConfig


def source_row(
    place: Place,
    reader: str,
    exported_at: pd.Timestamp | None,
    asked: ReadingConfig,
    digest: str | None = None,
) -> pd.DataFrame:
    """One row of the table `sources`, whose id tells reader and content (SHA-256; by default the files')."""
    digest = digest or content_digest(Path(place))
    return pd.DataFrame(
        {
            "source_id": [f"{reader}:{digest[:12]}"],
            "file": [label_of(place)],
            "sha256": [digest],
            "exported_at": [exported_at],
            "reader": [reader],
            "legal_basis": [asked.legal_basis],
            "retain_until": [None if asked.retain_until is None else asked.retain_until.isoformat()],
        }
    )
