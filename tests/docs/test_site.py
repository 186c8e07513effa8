"""The documentation as a site: built strictly, complete, and without a request to anywhere."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from docs.website import contents, pages, settings_page
from docs.website.methods_page import cited, docstrings
from mkdocs.commands.build import build
from mkdocs.config import load_config

from influence.cli import app
from influence.metrics import METRICS

ROOT = Path(__file__).parents[2]
FETCHES = re.compile(
    r"""<(?:script|img|iframe|source|link(?![^>]*rel="canonical"))[^>]*(?:src|href)=["']?(https?:)?//"""
)

Read = Callable[[str], str]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site; `strict` makes any broken link, missing page or unknown reference an error."""
    folder = tmp_path_factory.mktemp("site")
    build(load_config(str(ROOT / "mkdocs.yml"), site_dir=str(folder), strict=True))
    return folder


@pytest.fixture(scope="module")
def words(site: Path) -> Read:
    """The text of a page, as a reader sees it."""

    def read(page: str) -> str:
        source = (site / page).read_text(encoding="utf-8")
        return " ".join(html.unescape(re.sub(r"<[^>]+>", "", source)).split())

    return read


def test_site__pages__every_page_of_the_repository(site: Path) -> None:
    for page in (ROOT / "docs").rglob("*.md"):
        uri = pages.site_uri(str(page.relative_to(ROOT))) or ""
        assert (site / uri).with_suffix(".html").is_file(), page.name
    assert (site / "index.html").read_text(encoding="utf-8").count("make demo")


def test_site__html__fetches_nothing_from_elsewhere(site: Path) -> None:
    files = list(site.rglob("*.html"))
    assert len(files) > 80
    assert not [file.name for file in files if FETCHES.search(file.read_text(encoding="utf-8"))]
    assert not [file.name for file in site.rglob("*.css") if "url(http" in file.read_text(encoding="utf-8")]


@pytest.mark.parametrize("kind", settings_page.FILES.values(), ids=lambda kind: kind.__name__)
def test_settings__every_key__on_its_page(words: Read, kind: type) -> None:
    told = words("reference/settings.html")
    for prefix, section in settings_page.sections(kind):
        for name, field in section.model_fields.items():
            if settings_page.inside(field.annotation) is None:
                assert f"{prefix}.{name}".lstrip(".") in told
                assert field.description, f"{section.__name__}.{name} has no docstring"


def test_commands__every_one__on_its_page(words: Read) -> None:
    told = words("reference/commands.html")
    for command in typer.main.get_command(app).commands.values():  # type: ignore[attr-defined]
        assert f"influence {command.name}" in told
        for parameter in command.params:
            assert all(name in told for name in parameter.opts if name.startswith("--"))


def test_metrics__every_one__on_its_page(words: Read) -> None:
    told = words("reference/metrics.html")
    assert all(name in told for name in METRICS)


def test_methods__every_docstring_with_a_source__on_the_page(words: Read) -> None:
    told = words("methods.html")
    places = [place for _, place, _, _ in cited()]
    assert len(places) == len(set(places)) > 40
    assert all(place in told for place in places)
    assert "Tutz & Schmid (2016)" in told and "Adamic & Adar (2003)" in told


def test_methods__long_name__may_break_so_that_the_source_is_seen(site: Path) -> None:
    page = (site / "methods.html").read_text(encoding="utf-8")
    assert "spread_graph.<wbr>SpreadGraph.<wbr>weighted_cascade</code>" in page


def test_docstrings__of_a_file__modules_classes_functions_and_attributes(tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    inside = '    """K."""\n    y: int\n    """B."""\n    def f(self):\n        """F."""\n'
    file.write_text(f'"""M."""\nX = 1\n"""A."""\nclass C:\n{inside}')
    assert dict(docstrings(file)) == {"": "M.", "X": "A.", "C": "K.", "C.y": "B.", "C.f": "F."}


def test_decisions__every_page__one_line_that_says_something(words: Read) -> None:
    told = words("decisions/index.html")
    lines = contents.decisions().splitlines()[2:]
    assert len(lines) == len(list((ROOT / "docs" / "decisions").glob("[0-9]*.md")))
    assert all(re.fullmatch(r"\| \[\d{4}.+\]\(.+\.md\) \| .{20,} \|", line) for line in lines)
    assert "0010" in told


def test_index__pages_of_docs__all_linked() -> None:
    listed = {page for section in pages.navigation() for uris in section.values() for page in uris}
    written = {pages.site_uri(str(page.relative_to(ROOT))) for page in (ROOT / "docs").rglob("*.md")}
    assert written <= listed


@pytest.mark.parametrize(
    ("page", "link", "becomes"),
    [
        ("docs/time.md", "../README.md", "index.md"),
        ("docs/plans.md", "../experiments/plans-acceptance/README.md", "experiments/plans-acceptance.md"),
        ("docs/decisions/0014-snapshot-view.md", "../../experiments/encoders", "../experiments/encoders.md"),
        ("README.md", "docs/time.md", "time.md"),
        ("README.md", "src/influence/schema.py", "source/src/influence/schema.py.md"),
        ("experiments/encoders/README.md", "../../docs/time.md#rules", "../time.md#rules"),
        ("docs/index.md", "https://example.org/a.md", "https://example.org/a.md"),
    ],
)
def test_relinked__link_of_the_repository__leads_to_the_sites_page(
    page: str, link: str, becomes: str
) -> None:
    assert pages.relinked(f"[x]({link})", page) == f"[x]({becomes})"


def test_relinked__folder_without_a_page_or_link_in_code__left_as_words() -> None:
    assert pages.relinked("see [readers](../src/influence/readers) now", "docs/crm.md") == "see readers now"
    code = "```sh\ncat [x](../README.md)\n```\n"
    assert pages.relinked(code, "docs/crm.md") == code
