"""The runner of blocks itself: what it must not let pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.docs.blocks import Block, Runner, blocks_of, commands, files_in


def page(folder: Path, text: str) -> Path:
    file = folder / "page.md"
    file.write_text(text, encoding="utf-8")
    return file


def test_blocks_of__marks_and_languages__told_with_lines(tmp_path: Path) -> None:
    marked = "<!-- not run: needs a server of your own -->\n```python\nx = 1\n```\n"
    text = f"# T\n\n```sh\na\n```\n\n{marked}\n```\nplain\n```\n"
    first, second = blocks_of(page(tmp_path, text))
    assert (first.language, first.line, first.mark) == ("sh", 4, "")
    assert (second.language, second.mark, second.reason) == (
        "python",
        "not run",
        "needs a server of your own",
    )


def test_blocks_of__comment_before_a_paragraph__marks_nothing(tmp_path: Path) -> None:
    [block] = blocks_of(page(tmp_path, "<!-- slow -->\n\nWords.\n\n```sh\na\n```\n"))
    assert block.mark == ""


def test_runner__python_that_fails__raised_with_its_place() -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        Runner({}, with_slow=False).run(Block("page.md", 7, "python", "1 / 0"))
    assert raised.value.__notes__ == ["in page.md:7"]


def test_runner__names__kept_for_the_next_block() -> None:
    runner = Runner({"x": 1}, with_slow=False)
    runner.run(Block("page.md", 1, "python", "y = x + 1"))
    runner.run(Block("page.md", 5, "python", "assert y == 2"))


@pytest.mark.parametrize(
    "line", ["influence no-such-command", "influence score nowhere a.csv b.csv", "rm -rf x"]
)
def test_runner__command_that_fails_or_is_unknown__error(line: str) -> None:
    with pytest.raises((AssertionError, BaseException)) as raised:
        Runner({}, with_slow=True).run(Block("page.md", 1, "sh", line))
    assert raised.value.__notes__ == ["in page.md:1"]


def test_runner__slow_command__left_out_unless_asked() -> None:
    Runner({}, with_slow=False).run(Block("page.md", 1, "sh", "influence evaluate nowhere.yaml"))
    with pytest.raises(AssertionError):
        Runner({}, with_slow=True).run(Block("page.md", 1, "sh", "influence evaluate nowhere.yaml"))


def test_commands__continued_lines_comments_and_patterns__resolved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("b.zip", "a.zip"):
        (tmp_path / name).touch()
    found = list(commands("influence read *.zip \\\n  --output x   # why\n\n# only words\n"))
    assert found == [["influence", "read", "a.zip", "b.zip", "--output", "x"]]


def test_files_in__yaml_without_a_name__refused() -> None:
    named = Block("page.md", 1, "yaml", "# sweep.yaml\ntrials: 3\n")
    assert files_in([named]) == {"sweep.yaml": "# sweep.yaml\ntrials: 3\n"}
    with pytest.raises(AssertionError, match="name the file"):
        files_in([Block("page.md", 1, "yaml", "trials: 3\n")])
