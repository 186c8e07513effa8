"""Ids of people replaced by keyed ones, so that records without the key name nobody.

HMAC-SHA256 (RFC 2104) under a key in a file of the user's own: the same person has the same pseudonym in all
records read with that key, and nobody without it can tell whether a given person is among them.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from influence.errors import ConfigError, DataError
from influence.schema import TABLES, Table

KEY_VARIABLE = "INFLUENCE_KEY_FILE"
"""The environment variable that names the key file."""

KEY_BYTES = 32
PSEUDONYM_CHARACTERS = 24
"""96 bits: among a billion people, two share a pseudonym with a chance below one in 10^11."""

PSEUDONYM = re.compile(rf"\b[0-9a-f]{{{PSEUDONYM_CHARACTERS}}}\b")
"""What they look like in a text."""

EVENTS = frozenset({"invitation_id", "event_id", "content_id", "record_id"})
"""Ids that may be made of people's."""


def default_key_file() -> Path:
    """Where the key lies unless one is named."""
    named = os.environ.get(KEY_VARIABLE)
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return Path(named) if named else settings / "influence" / "key"


def key_of(file: Path) -> tuple[bytes, bool]:
    """The key in a file, and whether it was made just now, readable to its owner alone.

    Raises
    ------
    DataError
        If the file holds no key of 64 hexadecimal digits.
    ConfigError
        If it cannot be read or made.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_key(file), False
    except OSError as error:
        raise ConfigError(f"The key file {str(file)!r} cannot be made: {error.strerror}.") from error
    with os.fdopen(handle, "w", encoding="ascii") as text:
        text.write(secrets.token_hex(KEY_BYTES) + "\n")
    return _read_key(file), True


def _read_key(file: Path) -> bytes:
    try:
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except OSError as error:
        raise ConfigError(f"The key file {str(file)!r} cannot be read: {error.strerror}.") from error
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise DataError(
            f"{str(file)!r} holds no key: {2 * KEY_BYTES} hexadecimal digits. Name another file, "
            "or remove it to have a new key made; pseudonyms of the old one then match nothing."
        )
    return key


def pseudonym(key: bytes, own: str) -> str:
    """The keyed id of one person, invitation or event."""
    return hmac.new(key, own.encode(), hashlib.sha256).hexdigest()[:PSEUDONYM_CHARACTERS]


def pseudonymised(tables: Mapping[str, pd.DataFrame], key: bytes) -> dict[str, pd.DataFrame]:
    """The tables with every id of a person, and every id that may be made of one, replaced by its pseudonym.

    Ids of companies, deals and items stay: they name no person.
    """
    known: dict[str, str] = {}

    def of(own: str) -> str:
        if own not in known:
            known[own] = pseudonym(key, own)
        return known[own]

    return {
        name: rows.assign(
            **{
                column: rows[column].astype("str").map(of, na_action="ignore").astype("str")
                for column in personal_columns(TABLES[name])
                if column in rows.columns
            }
        )
        if name in TABLES
        else rows
        for name, rows in tables.items()
    }


def personal_columns(table: Table) -> Iterator[str]:
    """The columns of a table whose ids are of people, or may be made of theirs."""
    for column in table.columns:
        of_people = column.references == "contacts" or column.name in ("contact_id", "observed_by")
        if of_people or column.name in EVENTS:
            yield column.name
