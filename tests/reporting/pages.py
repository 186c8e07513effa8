"""A page as a reader meets it: its tags checked, its words and its tables collected."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = frozenset({"meta", "img", "hr", "br"})
SILENT = frozenset({"style", "script", "code", "pre", "title"})
SPOKEN = ("alt", "aria-label", "title", "data-label")
"""Attributes that are read aloud or shown."""


class Page(HTMLParser):
    """Collects what is shown, and fails on anything that would fetch or run.

    Attributes
    ----------
    words : texts and spoken attributes in the language of the page
    headings : levels in order
    anchors, names : where links lead, and the ids that there are
    images : alternative texts
    attributes : of each tag, in order
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.words: list[str] = []
        self.headings: list[int] = []
        self.anchors: list[str] = []
        self.names: list[str] = []
        self.images: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(text)
        assert self.open == [], "every tag is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        self.tags.append((tag, own))
        assert tag not in ("script", "link", "iframe", "object", "form", "base")
        for name, value in own.items():
            assert not name.startswith("on")
            assert name not in ("src", "href") or value.startswith(("#", "data:image/png;base64,"))
        if tag[0] == "h" and tag[1:].isdigit():
            self.headings.append(int(tag[1:]))
        if "id" in own:
            self.names.append(own["id"])
        if tag == "a":
            self.anchors.append(own["href"][1:])
        if tag == "img":
            self.images.append(own["alt"])
        hidden = self.hidden or tag in SILENT or (own.get("lang") == "en" and tag != "html")
        if not hidden:
            self.words += [own[name] for name in SPOKEN if name in own]
        if tag not in VOID:
            self.open.append((tag, hidden))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if not self.hidden and data.strip():
            self.words.append(data.strip())

    @property
    def hidden(self) -> bool:
        return bool(self.open) and self.open[-1][1]
