"""The runbook, entry by entry: what an alert or a failing check means, where to look, what to do. Pure but for load().

One text for people who read docs/ and for the console: the package holds it as `texts/runbook.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final, Literal

_HEADING: Final = re.compile(r"^### (?P<title>.+)$", re.MULTILINE)
_PART: Final = re.compile(r"^- \*\*(?P<name>Means|Look|Do):\*\* (?P<text>.+)$", re.MULTILINE)
_INLINE: Final = re.compile(r"`(?P<code>[^`]+)`|\[(?P<text>[^\]]+)\]\((?P<target>[^)]+)\)|\*(?P<stressed>[^*]+)\*")
_NAME: Final = re.compile(r"[A-Z]{2,}")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a sentence. `target` of a link is the anchor of another entry."""

    kind: Literal["text", "code", "stressed", "link"]
    text: str
    target: str = ""


Text = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `name` is an alert's key, in which words in capitals stand for a name, or Prometheus' name of it."""

    name: str
    anchor: str
    means: Text
    look: Text
    do: Text

    @property
    def named(self) -> tuple[str, ...]:
        """The anchors of the entries that this one sends its reader to, in order, each once."""
        spans = (*self.means, *self.look, *self.do)
        return tuple(dict.fromkeys(span.target for span in spans if span.kind == "link"))


@dataclass(frozen=True, slots=True)
class Runbook:
    """All entries by their anchors, in their order."""

    entries: Mapping[str, Entry]

    def of_alert(self, key: str) -> Entry | None:
        """The entry of a service's alert, None where there is none."""
        return next((entry for entry in self.entries.values() if _pattern(entry.name).fullmatch(key)), None)

    def with_named(self, anchor: str) -> tuple[Entry, ...]:
        """The entry and those that it names, so that a reader has all he needs; empty where there is none."""
        first = self.entries.get(anchor)
        if first is None:
            return ()
        return (first, *(self.entries[each] for each in first.named if each in self.entries and each != anchor))


def read_runbook(text: str) -> Runbook:
    """Read the Markdown of docs/runbook.md: headings of the third level with the parts Means, Look and Do."""
    pieces = _HEADING.split(text)
    entries = {}
    for title, body in zip(pieces[1::2], pieces[2::2], strict=True):
        parts = {found["name"]: _text(found["text"]) for found in _PART.finditer(body)}
        name = title.strip().strip("`")
        entry = Entry(name, anchor_of(name), parts.get("Means", ()), parts.get("Look", ()), parts.get("Do", ()))
        entries[entry.anchor] = entry
    return Runbook(entries)


@cache
def load() -> Runbook:
    """The runbook of this version."""
    return read_runbook(resources.files("PROPPR.Console").joinpath("texts", "runbook.md").read_text("utf-8"))


def anchor_of(name: str) -> str:
    """The anchor that a heading gets where Markdown is shown."""
    return re.sub(r"[^\w\- ]", "", name.lower()).replace(" ", "-")


def _text(markdown: str) -> Text:
    return tuple(_spans(markdown))


def _spans(markdown: str) -> Iterator[Span]:
    end = 0
    for found in _INLINE.finditer(markdown):
        if found.start() > end:
            yield Span("text", markdown[end : found.start()])
        end = found.end()
        if found["code"]:
            yield Span("code", found["code"])
        elif found["stressed"]:
            yield Span("stressed", found["stressed"])
        elif found["target"].startswith("#"):
            yield Span("link", found["text"], found["target"].removeprefix("#"))
        else:  # another page of docs/, which the console does not have
            yield Span("text", f"{found['text']} (in docs/)")
    if end < len(markdown):
        yield Span("text", markdown[end:])


@cache
def _pattern(name: str) -> re.Pattern[str]:
    end, parts = 0, []
    for found in _NAME.finditer(name):
        parts += [re.escape(name[end : found.start()]), ".+"]
        end = found.end()
    return re.compile("".join((*parts, re.escape(name[end:]))), re.DOTALL)
