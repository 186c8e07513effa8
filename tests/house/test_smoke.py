"""The package imports, carries its version, and offers its public names."""

import subprocess
import sys
from importlib.metadata import version

import pytest

import influence
from influence import errors


def test_package__imported__has_version() -> None:
    assert influence.__name__ == "influence"
    assert version("influence")


@pytest.mark.parametrize("name", influence.__all__)
def test_package__public_name__found(name: str) -> None:
    assert name in dir(influence)
    assert callable(getattr(influence, name))


def test_package__unknown_name__attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        influence.no_such_name  # noqa: B018


def test_nearest__misspelt_word__names_the_closest() -> None:
    assert errors.nearest("recieved", ["received", "sent"]) == "Did you mean 'received'?"


def test_nearest__no_close_word__lists_few_but_counts_many() -> None:
    assert errors.nearest("x", ["sent", "received"]) == "Known: received, sent."
    assert errors.nearest("x", []) == "None is defined."
    many = [f"contact-{number:05}" for number in range(20_000)]
    for names in (many, many[:100]):
        hint = errors.nearest("somebody", names)
        assert hint == f"{len(names):,} are known, such as contact-00000, contact-00001, contact-00002."


def test_package__imported_alone__batch_scoring_at_hand() -> None:
    words = [sys.executable, "-c", "import influence; influence.batch.score"]
    assert subprocess.run(words, check=False).returncode == 0
