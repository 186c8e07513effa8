"""Addresses of databases: told from paths, and never with a password in them."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from influence.errors import CLOSE, CheckpointError, ConfigError, DataError, nearest

Place = str | Path
"""A folder, a file, or the address of a database."""

IN_FILES = ("sqlite", "duckdb")
"""Kinds of databases that lie in one file."""

REMEDY = (
    "Leave the password out: PostgreSQL takes it from PGPASSWORD or ~/.pgpass, or all of the login from a "
    "service (?service=NAME)"
)
_SECRET = re.compile(r"(pass(word|wd)|pwd|token|secret|credential)\w*\s*=", re.IGNORECASE)
_LOGIN = re.compile(r"(?<!\bmodels)(:/{1,2})(?:\S*:\S*@|[^/@\s]*@)")
_SECRET_VALUE = re.compile(rf"({_SECRET.pattern})[^&;\s'\"]+", re.IGNORECASE)


MODEL_FILE = "model.json"
"""What tells a folder with a model from any other."""
FORGOTTEN = "forgotten"
"""The entry of the card that tells of people forgotten since the model learnt: see `influence.privacy`."""

REGISTERED = ("models:/", "runs:/")
"""How the place of a model begins that MLflow keeps."""


def check_model(place: Place) -> None:
    """See that a folder holds a model; whether MLflow keeps one is asked when it is fetched.

    Raises
    ------
    CheckpointError
        If it does not.
    """
    if str(place).startswith(REGISTERED):
        return
    if not Path(place).exists():
        raise CheckpointError(
            f"There is no model {str(place)!r}. {beside(place) or 'Train one: influence train CONFIG'}"
        )
    if not (Path(place) / MODEL_FILE).is_file():
        raise CheckpointError(f"{str(place)!r} holds no {MODEL_FILE}. Train one: influence train CONFIG")


def existing(path: Path, remedy: str) -> Path:
    """The path of records, seen to lead somewhere.

    Raises
    ------
    DataError
        If it does not.
    """
    if not path.exists():
        raise DataError(f"There is no data at {str(path)!r}. {beside(path) or remedy}")
    return path


def beside(place: Place) -> str:
    """What is called much like a place that does not exist, and lies beside it; empty where nothing is."""
    path = Path(place)
    try:
        near = nearest(path.name, [other.name for other in path.parent.iterdir()])
    except OSError:  # no folder, or not one to be looked into
        return ""
    return near if near.startswith(CLOSE) else ""


def is_address(place: Place) -> bool:
    """Whether a place is an address such as `postgresql+psycopg://host/db`; a path never is one."""
    return isinstance(place, str) and "://" in place


def holds_password(address: str) -> bool:
    """Whether an address gives a password away, to the left of the host or among the options.

    >>> holds_password("postgresql://ann@host/crm"), holds_password("postgresql://ann:secret@host/crm")
    (False, True)
    """
    rest = address.partition("://")[2]
    login = "" if rest.startswith("/") else rest.rpartition("@")[0]
    return ":" in login or _SECRET.search(unquote(rest.partition("?")[2])) is not None


def checked(address: str) -> str:
    """The address, seen to hold no password.

    Raises
    ------
    ConfigError
        If it does; the message does not repeat it.
    """
    if holds_password(address):
        raise ConfigError(f"The address {shown(address)} holds a password. {REMEDY}.")
    return address


def with_table(address: str) -> tuple[str, str | None]:
    """An address such as `sqlite:///crm.db#scores`, parted into database and table."""
    database, mark, table = address.rpartition("#")
    return (database, table) if mark else (address, None)


def shown(address: str) -> str:
    """What may be said of an address: no login, no options, of a file only its name."""
    scheme, _, rest = address.partition("://")
    if holds_password(address):
        return f"{scheme}://..."  # where it ends cannot be told for sure
    bare = rest.partition("?")[0].partition("#")[0]
    if scheme.partition("+")[0] in IN_FILES:
        return bare.rpartition("/")[2] or scheme
    return f"{scheme}://{bare.rpartition('@')[2]}"


def label_of(place: Place) -> str:
    """What notes call a place: the name of a file or a folder, or an address without login."""
    return shown(str(place)) if is_address(place) else Path(place).name


def name_of(place: Place) -> str:
    """What a data set is called after its place: the folder's name, or the database's."""
    if not is_address(place):
        return Path(place).name
    name = urlsplit(str(place)).path.rpartition("/")[2]
    return Path(name).stem if shown(str(place)) == name else name or shown(str(place))


def without_credentials(text: str) -> str:
    """Text with addresses, without the logins and the secrets in them.

    >>> without_credentials("cannot reach postgresql://ann:a/b@host/crm?sslpassword=x&connect_timeout=3")
    'cannot reach postgresql://host/crm?sslpassword=...&connect_timeout=3'
    >>> without_credentials("Known: models:/influence@champion.")  # an alias is no login
    'Known: models:/influence@champion.'
    """
    return _SECRET_VALUE.sub(r"\1...", _LOGIN.sub(r"\1", text))
