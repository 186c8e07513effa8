"""The package imports, and carries its version."""

from importlib.metadata import version

import influence
from influence import errors


def test_package__imported__has_version() -> None:
    assert influence.__name__ == "influence"
    assert version("influence")


def test_nearest__misspelt_word__names_the_closest() -> None:
    assert errors.nearest("recieved", ["received", "sent"]) == "Did you mean 'received'?"
