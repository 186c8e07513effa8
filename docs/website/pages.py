"""Which file of the repository is which page of the site, and in which order pages stand.

Pages are written once, as Markdown that reads well on a code host.  The site takes them from where they are:
the README is its front page, the pages of experiments and the notebooks are pages too, and a source file that
a page links to is shown as one.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]
INDEX = "docs/index.md"
"""The table of all pages; the site's navigation is read from it."""

_NAMED = {
    "README.md": "index.md",
    INDEX: "pages.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "experiments": "experiments/index.md",
}
_LINK = re.compile(r"(?<=\]\()(?!https?:|mailto:|#)([^)\s#]+)")
_FENCE = re.compile(r"^(```|~~~).*?^\1", flags=re.DOTALL | re.MULTILINE)
_LANGUAGES = {".py": "python", ".yaml": "yaml", ".toml": "toml", ".csv": "text", "": "text"}


def site_uri(path: str) -> str | None:
    """The page that shows a file or folder of the repository; None where nothing does.

    >>> site_uri("docs/time.md"), site_uri("README.md"), site_uri("experiments/encoders/README.md")
    ('time.md', 'index.md', 'experiments/encoders.md')
    """
    if path in _NAMED:
        return _NAMED[path]
    if path.startswith("docs/") and not path.endswith(".py"):
        return path.removeprefix("docs/")
    if found := re.fullmatch(r"experiments/([^/]+)(/README\.md)?", path):
        return f"experiments/{found[1]}.md"
    if found := re.fullmatch(r"notebooks/([^/]+)\.ipynb", path):
        return f"notebooks/{found[1]}.md"
    return f"source/{path}.md" if (ROOT / path).is_file() else None


def target(page: str, link: str) -> str:
    """The file of the repository that a link on a page leads to."""
    return os.path.normpath(PurePosixPath(page).parent / link)


def links(text: str) -> Iterator[str]:
    """Relative links of a page, those in code left out."""
    yield from _LINK.findall(_FENCE.sub("", text))


def relinked(text: str, page: str) -> str:
    """The text of a page with links as the site needs them; what no page shows loses its link."""
    here = PurePosixPath(site_uri(page) or page).parent

    def there(found: re.Match[str]) -> str:
        label, link, anchor = found[1], found[2], found[3] or ""
        shown = site_uri(target(page, link))
        return f"[{label}]({os.path.relpath(shown, here)}{anchor})" if shown else label

    pattern = r"\[([^\]]*)\]\((?!https?:|mailto:|#)([^)\s#]+)(#[^)\s]*)?\)"
    parts = re.split(r"(^```.*?^```|^~~~~.*?^~~~~)", text, flags=re.DOTALL | re.MULTILINE)
    return "".join(
        part if part.startswith(("```", "~~~~")) else re.sub(pattern, there, part) for part in parts
    )


def outside() -> list[str]:
    """Files outside docs/ that are pages: the README, experiments, notebooks, and sources linked to."""
    experiments = [
        f"experiments/{folder.parent.name}/README.md"
        for folder in sorted(ROOT.glob("experiments/*/README.md"))
    ]
    found = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *experiments]
    pages = [*found, *(str(page.relative_to(ROOT)) for page in sorted((ROOT / "docs").rglob("*.md")))]
    for page in pages:
        for link in links((ROOT / page).read_text(encoding="utf-8")):
            path = target(page, link)
            if (ROOT / path).is_file() and not path.startswith("docs/"):
                found.append(path)
    return list(dict.fromkeys(found))


def as_markdown(path: str) -> str:
    """A file of the repository as a page: Markdown as it is, a notebook's cells, a source file as code."""
    text = (ROOT / path).read_text(encoding="utf-8")
    if path.endswith(".md"):
        return text
    if path.endswith(".ipynb"):
        return "\n\n".join(map(_cell, json.loads(text)["cells"]))
    return f"# {path}\n\n~~~~{_LANGUAGES.get(Path(path).suffix, 'text')}\n{text}\n~~~~\n"


def _cell(cell: dict[str, object]) -> str:
    source = cell["source"]
    text = "".join(source) if isinstance(source, list) else str(source)
    return text if cell["cell_type"] == "markdown" else f"~~~~python\n{text}\n~~~~"


def navigation() -> list[dict[str, list[str]]]:
    """Sections of docs/index.md and their pages, in its order; decisions and experiments bring all theirs."""
    sections: dict[str, list[str]] = {}
    name = ""
    for line in (ROOT / INDEX).read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            name = line.removeprefix("## ")
            sections[name] = []
        elif (row := re.match(r"\| *\[[^\]]*\]\(([^)#]+)\)", line)) and (
            page := site_uri(target(INDEX, row[1]))
        ):
            sections[name].append(page)
            sections[name] += _below(page)
    first = next(iter(sections))
    sections[first] = [*dict.fromkeys([*sections[first], "pages.md"])]
    return [{name: pages} for name, pages in sections.items()]


def _below(page: str) -> list[str]:
    """What a page of contents lists."""
    folder = {
        "decisions/index.md": "docs/decisions/[0-9]*.md",
        "experiments/index.md": "experiments/*/README.md",
    }
    files = sorted(ROOT.glob(folder[page])) if page in folder else []
    return [uri for file in files if (uri := site_uri(str(file.relative_to(ROOT))))]
