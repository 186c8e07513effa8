"""Stored models: records and card change together, so that the model still loads, and says what it lost."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from influence.addresses import FORGOTTEN, MODEL_FILE
from influence.data import Network
from influence.files import atomic_folder, link
from influence.privacy.keepers import Hits, keeper_of
from influence.privacy.sought import Sought
from influence.provenance import model_digest
from influence.readers.stored import IDS, RECORDS, leave_graph


@dataclass(frozen=True)
class Renewed:
    """A model whose records held somebody.

    Attributes
    ----------
    folder : where it lies
    hits : records file -> what was found
    digests : what runs knew the model by, and what they are to know it by now; equal where nothing changed
    """

    folder: Path
    hits: dict[Path, Hits]
    digests: tuple[str, str]


def look(folder: Path, sought: Sought) -> dict[Path, Hits]:
    """What the records of a model, and its card, hold."""
    found = {path: keeper_of(path).clean(path, None, sought) for path in _parts(folder)}
    return {path: hits for path, hits in found.items() if hits}


def clean(folder: Path, sought: Sought) -> Renewed:
    """Take people out of a model's records: all files in one step, so that it loads at any moment."""
    hits, before = look(folder, sought), model_digest(folder)
    if not hits:
        return Renewed(folder, hits, (before, before))
    with atomic_folder(folder) as new:
        shutil.copytree(folder, new, dirs_exist_ok=True, copy_function=link)
        for path in hits:
            target = new / path.relative_to(folder)
            target.unlink()
            keeper_of(path).clean(path, target, sought)
        _renew(new)
    return Renewed(folder, hits, (before, model_digest(folder)))


def to_retrain(folder: Path) -> bool:
    """Whether somebody was forgotten from a model's records after it had learnt from them."""
    try:
        return bool(json.loads((folder / MODEL_FILE).read_text()).get(FORGOTTEN))
    except (OSError, ValueError, AttributeError):
        return False


def _parts(folder: Path) -> list[Path]:
    of_a_graph = filter(Path.is_file, [folder / IDS])
    return [*sorted((folder / RECORDS).glob("*.parquet")), *of_a_graph, folder / MODEL_FILE]


def _renew(folder: Path) -> None:
    """The card tells the records' new fingerprint, and that they have lost people; their graph goes."""
    leave_graph(folder)
    tables = {path.stem: pd.read_parquet(path) for path in sorted((folder / RECORDS).glob("*.parquet"))}
    card = folder / MODEL_FILE
    told = json.loads(card.read_text())
    told["records_fingerprint"] = Network(MappingProxyType(tables)).fingerprint
    told[FORGOTTEN] = True
    card.unlink()
    card.write_text(json.dumps(told, indent=1))
