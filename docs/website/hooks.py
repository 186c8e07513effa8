"""What mkdocs asks while it builds: the files, the navigation, and the text of each page."""

from __future__ import annotations

from collections.abc import Callable

from docs.website import contents, pages, settings_page
from docs.website.commands_page import commands
from docs.website.methods_page import methods
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

WRITTEN: dict[str, Callable[[], str]] = {
    "<!-- commands -->": commands,
    "<!-- settings -->": settings_page.settings,
    "<!-- methods -->": methods,
    "<!-- metrics -->": contents.metrics,
    "<!-- decisions -->": contents.decisions,
}
"""A mark that stands in a page -> what takes its place in the site."""

_origin: dict[str, str] = {}
"""Page of the site -> file of the repository that it is written in."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """The navigation is the table of all pages."""
    config.nav = pages.navigation()
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Pages that are not below docs/; docs/index.md makes way for the README as the front page."""
    _origin.update({file.src_uri: f"docs/{file.src_uri}" for file in files.documentation_pages()})
    front = files.get_file_from_path("index.md")
    if front is not None:
        files.remove(front)
    for path in (pages.INDEX, *pages.outside()):
        uri = pages.site_uri(path)
        if uri is not None:
            _origin[uri] = path
            files.append(File.generated(config, uri, content=pages.as_markdown(path)))
    files.append(File.generated(config, "experiments/index.md", content=contents.experiments()))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill what is written at build time, and turn links into those of the site."""
    for mark, write in WRITTEN.items():
        if mark in markdown:
            markdown = markdown.replace(mark, write())
    origin = _origin.get(page.file.src_uri)
    if origin is None or page.file.src_uri.startswith("source/"):
        return markdown
    return pages.relinked(markdown, origin)
