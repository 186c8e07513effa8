"""Headers and months of other languages, as the user tells them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from influence.errors import ConfigError, nearest
from influence.readers.linkedin.files import FILES, folded_name

MONTHS = "months"


@dataclass(frozen=True)
class Headers:
    """The words of an archive in another language.

    Attributes
    ----------
    files : folded file name -> their header -> ours
    months : name of a month -> its number
    """

    files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    months: Mapping[str, int] = field(default_factory=dict)


def read_headers(path: Path | None) -> Headers:
    """The mapping in a YAML file; English where none is named.

    Raises
    ------
    ConfigError
        If there is no such file, or it names a file, a header or a month that there is not.
    """
    if path is None:
        return Headers()
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The file of headers {str(path)!r} cannot be read: {error}.") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not valid YAML. Write lines of `their header: our header`.") from error
    if not isinstance(told, dict) or not all(isinstance(names, dict) for names in told.values()):
        raise ConfigError(f"{path}: expected {{file: {{their header: our header}}, {MONTHS}: {{name: 1}}}}.")
    files = {folded_name(str(name)): names for name, names in told.items() if name != MONTHS}
    return Headers(
        {name: _columns(path, name, names) for name, names in files.items()},
        _months(path, told.get(MONTHS, {})),
    )


def _columns(path: Path, name: str, names: Mapping[Any, Any]) -> dict[str, str]:
    if name not in FILES:
        raise ConfigError(f"{path}: {name!r} is no file that is read. {nearest(name, FILES)}")
    known = FILES[name].columns
    # A header that is passed over, such as that of a text, may be mapped too.
    return {str(theirs): str(ours) for theirs, ours in names.items() if str(ours) in known}


def _months(path: Path, names: Mapping[Any, Any]) -> dict[str, int]:
    for name, number in names.items():
        if not isinstance(number, int) or not 1 <= number <= 12:
            raise ConfigError(f"{path}: {MONTHS}.{name} = {number!r}: write a number from 1 to 12.")
    return {str(name): int(number) for name, number in names.items()}
