"""The rules of the house: pages that tell the truth, pins, small rooms, nothing of one machine."""

from __future__ import annotations

import ast
import itertools
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from docs import vocabulary
from influence.cli import app

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "experiments").rglob("*.md")])
TARGETS = [
    *("help", "setup", "setup-browser", "demo", "test", "test-all", "check", "lint", "types"),
    *("train", "evaluate", "score", "report", "app", "bench", "docs", "docs-serve", "mlflow-ui", "clean"),
]
LONGEST_FILE, LONGEST_BODY = 400, 50
"""Forty lines of body are where to stop and look; a compiled kernel may need a few more."""


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def commands_in(page: Path) -> Iterator[list[str]]:
    """Words of every shell command shown in a page's sh blocks."""
    for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            if words := line.split("#")[0].split():
                yield words


@cache
def commands() -> Mapping[str, Any]:
    """The commands of `influence`, by name."""
    known: Any = typer.main.get_command(app)
    return known.commands  # type: ignore[no-any-return]


def makefile_targets() -> dict[str, str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z-]+):[^=\n]*?## (.+)$", text, flags=re.MULTILINE))


def test_makefile__targets__all_there_and_explained() -> None:
    assert list(makefile_targets()) == TARGETS


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_page__commands_shown__exist(page: Path) -> None:
    known = commands()
    for words in commands_in(page):
        if words[0] == "make":
            assert words[1] in makefile_targets(), f"{page.name}: {' '.join(words)}"
        if words[0] == "influence" and len(words) > 1 and not words[1].startswith("-"):
            command = known.get(words[1])
            assert command is not None, f"{page.name}: {' '.join(words)}"
            options = {name for parameter in command.params for name in parameter.opts} | {"--help"}
            used = {word for word in words if re.match(r"--?[a-z]", word)}
            assert used <= options, f"{page.name}: {' '.join(words)}: no option {used - options}"


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_page__links_to_files__lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{relative(page)} links to {target}"


def test_readme__first_commands__demo_then_test() -> None:
    shown = [" ".join(words) for words in commands_in(ROOT / "README.md")]
    assert shown[:2] == ["make demo", "make test"]


def test_vocabulary_page__schema__agrees() -> None:
    written = vocabulary.PAGE.read_text(encoding="utf-8")
    assert written == vocabulary.render(), "Run: python docs/vocabulary.py"


def test_constraints__dependencies__all_pinned_and_portable() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", pin) for pin in pins)
    pinned = {canonical(pin.split("==")[0]) for pin in pins}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *itertools.chain.from_iterable(extras)]
    names = {canonical(re.split(r"[\[<>=~! ]", line)[0]) for line in wanted} - {"influence"}
    assert names <= pinned
    assert {"torch==2.13.0", "mlflow==3.17.2"} <= set(pins)
    assert not [name for name in pinned if name.startswith("nvidia")]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_tracked_files__machine_paths__none() -> None:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: no list of tracked files")
    for words in ("/" + "work/", "/" + "root/", "/" + "opt/", "/" + "home/"):
        found = subprocess.run(["git", "grep", "-lF", words], cwd=ROOT, capture_output=True, text=True)
        assert found.stdout == "", f"{words} in {found.stdout}"


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_source__size__files_and_functions_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE
    long = {
        node.name: length
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and (length := body_lines(node)) > LONGEST_BODY
    }
    assert not long


def body_lines(function: ast.FunctionDef) -> int:
    """Lines of the body, its docstring not counted."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return 0 if not body else (body[-1].end_lineno or 0) - body[0].lineno + 1


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_source__forbidden_calls__none(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = {alias.name for node in imports for alias in node.names}
    modules |= {
        node.module.split(".")[0] for node in imports if isinstance(node, ast.ImportFrom) and node.module
    }
    assert not modules & {"pickle", "cloudpickle", "joblib", "dill"}, "no pickle anywhere"
    assert "torch.load(" not in text, "weights are read from safetensors"
    if "cli" not in path.parts:
        assert not re.search(r"\.(now|utcnow|today)\(", text), (
            "the moment is an argument below the command line"
        )


def test_experiments__folders__hold_a_page_and_a_config_only() -> None:
    folders = [path for path in (ROOT / "experiments").iterdir() if path.is_dir()]
    assert folders
    for folder in folders:
        names = {path.name for path in folder.iterdir()}
        assert names >= {"README.md", "config.yaml"}
        assert not [name for name in names if name.endswith(".py")]
