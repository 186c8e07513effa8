"""What a run was made of, in plain words: the state of the code, the packages, the settings."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from influence.addresses import MODEL_FILE, without_credentials
from influence.data import Network

LONGEST_VALUE = 500
_DESCRIBE = ("--always", "--dirty", "--abbrev=40", "--exclude=*")


def commit() -> str:
    """The git commit of this code, `-dirty` where it was changed since; `unknown` outside a checkout."""
    here = Path(__file__).resolve()
    try:
        for words in (["ls-files", "--error-unmatch", here.name], ["describe", *_DESCRIBE]):
            told = subprocess.run(
                ["git", *words], cwd=here.parent, capture_output=True, text=True, timeout=10, check=True
            )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return told.stdout.strip()


def requirements() -> list[str]:
    """The packages that the model needs, as installed here.

    `influence` itself is left out: it is installed from its own wheel, and a package index might hold another
    project of that name.
    """
    names = [
        re.split(r"[^A-Za-z0-9._-]", line)[0]
        for line in metadata.requires("influence") or []
        if "extra ==" not in line
    ]
    return [f"{name}=={metadata.version(name).partition('+')[0]}" for name in names]


def model_digest(folder: Path) -> str:
    """SHA-256 over what `Model.save` wrote: the same model gives the same digest, wherever it lies.

    The records are in it by their fingerprint, which `model.json` holds; what others laid beside is not.
    """
    digest = hashlib.sha256()
    for path in (folder / MODEL_FILE, *sorted((folder / "acceptance").rglob("*"))):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def flat_params(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """A nested configuration as `encoder.width: 64`, long values cut."""
    flat: dict[str, str] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat |= flat_params(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = str(value)[:LONGEST_VALUE]
    return flat


def sentence(error: Exception) -> str:
    """The first line of an error as a short sentence."""
    first = without_credentials(str(error)).strip().partition("\n")[0].partition(" with exception")[0]
    first = first[:300].rstrip(". ")
    return f"{first or type(error).__name__}."


def tags_of(command: str, dataset: str, network: Network) -> dict[str, str]:
    """What a run is found by: command, data set, state of the code, records."""
    state = commit()
    return {
        "command": command,
        "dataset": dataset,
        "git_commit": state,
        "mlflow.source.git.commit": state.removesuffix("-dirty"),
        "version": metadata.version("influence"),
        "data_fingerprint": network.fingerprint,
        **{f"rows.{name}": str(network.n_rows(name)) for name in network.tables},
    }
