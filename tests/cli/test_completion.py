"""What the shell completes: read from the sources, and the same as what the program knows."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from influence.cli import completion
from influence.readers import READERS
from influence.settings import Settings, _every_key
from influence.tasks import TASKS


def completed(*words: str) -> list[str]:
    """What bash is offered for the last of the words."""
    code = "import sys; sys.argv[0] = 'influence'; from influence.cli import main; main()"
    told = {
        "_INFLUENCE_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
    }
    ran = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **told}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("influence", "desc"), ["describe"]),
        (("influence", "train", "c.yaml", "--set", "trees.num"), ["trees.num_leaves="]),
        (("influence", "synth", "out", "--set", "n_cont"), ["n_contacts="]),
        (("influence", "read", "x", "--reader", "hub"), ["hubspot"]),
        (("influence", "score", "m", "a", "b", "--task", "pa"), ["partners"]),
        (("influence", "recommend", "m", "int"), ["introductions"]),
    ],
)
def test_tab__some_letters__completed(words: tuple[str, ...], offered: list[str]) -> None:
    assert completed(*words) == offered


def test_names__tasks_and_readers__those_of_the_registries() -> None:
    assert completion.complete_task("") == sorted(TASKS)
    assert completion.complete_reader("") == sorted(READERS)


def classes() -> Iterator[tuple[str, str]]:
    yield "config", "Config"
    yield from completion.SETTINGS.values()


@pytest.mark.parametrize(("module", "name"), sorted(set(classes())))
def test_settings_below__every_class__the_keys_that_it_takes(module: str, name: str) -> None:
    kind: type[BaseModel] = getattr(importlib.import_module(f"influence.{module}"), name)
    assert issubclass(kind, Settings)
    assert set(completion.settings_below(module, name)) == set(_every_key(kind))
