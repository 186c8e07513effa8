"""Every block of code on a page runs as it stands there, or says why it does not."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
import yaml
from tests.docs import workspace
from tests.docs.blocks import PAGES, ROOT, Runner, blocks_of, files_in

from influence.evaluation.baselines import BASELINES
from influence.prediction.heads import HEADS
from influence.readers import READERS
from influence.tasks import TASKS

OWN_TESTS = {
    "batch.md": "tests/cli/test_batch_page.py",
    "from_data_to_champion.md": "tests/cli/test_story.py",
    "own_task.md": "tests/tasks/test_own_task.py",
    "serving.md": "tests/tracking/test_serving.py",
}
"""Pages whose blocks hang together, or need a server: a test of their own runs them."""
WITH_CODE = [page for page in PAGES if page.name not in OWN_TESTS and blocks_of(page)]
HEAVY = {"ambassadors.md", "crm.md", "graphs.md", "map.md", "plans.md", "privacy.md", "reasons.md"}
"""Pages whose quick blocks take seconds, too: they run with the slow ones alone."""
CHAMPION = "models:/influence@champion"
CHAMPIONS = (
    "influence promote runs/model",
    "influence evaluate configs/default.yaml --data exports/ --model runs/model",
    "influence promote runs/model --replace",
)
"""The present one, and one before it that a rollback leads to."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages") / "workspace"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("INFLUENCE_KEY_FILE", str(folder.parent / "key"))
        workspace.build(folder)
    return folder


@pytest.fixture
def here(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the workspace as the current folder, with the key that its records were read by.

    What a page adds to a registry is gone after it.
    """
    folder = shutil.copytree(built, tmp_path / "here")
    monkeypatch.setenv("INFLUENCE_KEY_FILE", str(built.parent / "key"))
    monkeypatch.chdir(folder)
    with mock.patch.dict(READERS), mock.patch.dict(BASELINES), mock.patch.dict(TASKS), mock.patch.dict(HEADS):
        yield folder


def run_page(page: Path, folder: Path, *, with_slow: bool) -> None:
    blocks = blocks_of(page)
    for name, text in files_in(blocks).items():
        (folder / name).write_text(text, encoding="utf-8")
    runner = Runner(workspace.names(folder), with_slow)
    if with_slow and CHAMPION in page.read_text(encoding="utf-8"):
        for line in CHAMPIONS:
            runner.command(shlex.split(line))
        shutil.copytree("runs/model", "runs/other", dirs_exist_ok=True)
    for block in blocks:
        runner.run(block)


@pytest.mark.parametrize(
    "page", [page for page in WITH_CODE if page.name not in HEAVY], ids=lambda page: page.name
)
def test_page__quick_blocks__run(page: Path, here: Path) -> None:
    run_page(page, here, with_slow=False)


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.name)
def test_page__all_blocks__run(page: Path, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # MLflow keeps a store open by its address: a relative one would lead to the store of the page before.
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{here / 'mlflow.db'}")
    if "--in mlflow.db" not in page.read_text(encoding="utf-8"):
        (here / "mlflow.db").unlink()  # stands for a store to look through; runs are recorded in a real one
    for file in (here / "configs").iterdir():
        settings = yaml.safe_load(file.read_text(encoding="utf-8")) | {"tracking": {"enabled": True}}
        file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    run_page(page, here, with_slow=True)


@pytest.mark.parametrize(("page", "test"), OWN_TESTS.items())
def test_page__with_a_test_of_its_own__is_read_there(page: str, test: str) -> None:
    assert page in (ROOT / test).read_text(encoding="utf-8")


def test_blocks__not_run__say_why_and_are_few() -> None:
    blocks = [block for page in WITH_CODE for block in blocks_of(page)]
    left_out = [block for block in blocks if block.mark == "not run"]
    assert all(len(block.reason) >= 20 for block in left_out), "a reason that a reader understands"
    assert len(left_out) <= len(blocks) * 0.15, [str(block) for block in left_out]
