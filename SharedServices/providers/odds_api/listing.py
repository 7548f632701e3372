"""A large JSON array, cut into its elements while it arrives, without building any of them.

Only the ends of elements are looked for, by one regular expression that steps over strings and counts braces; it never
goes back, so its time is proportional to the size. What is inside an element is judged when that is decoded.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator
from typing import Final, Literal

from PROPPR.SharedServices.odds.rest import MAX_ELEMENTS
from PROPPR.SharedServices.odds.times import cached_iso_ms
from PROPPR.SharedServices.providers.http.bodies import Body, BodyError, NoJson, read_json, too_large

MAX_ELEMENT_BYTES: Final = 16 * 2**20
MAX_OTHER_BYTES: Final = 2**16
"""What is no list says something else in a few words (an error), or is of no use."""
Expected = Literal["start", "element", "separator", "end"]
_OPEN, _COMMA, _CLOSE = b"[,]"
_TURNS: Final[dict[tuple[Expected, int], Expected]] = {
    ("start", _OPEN): "element",
    ("separator", _COMMA): "element",
    ("separator", _CLOSE): "end",
    ("element", _CLOSE): "end",  # of an empty list
}
_LEVELS: Final = 8
_STRING: Final = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'


def _object(levels: int) -> bytes:
    nested = rb"|" + _object(levels - 1) if levels else b""
    return rb'\{(?:[^{}"]++|' + _STRING + nested + rb")*+\}"


def _array(levels: int) -> bytes:
    """An element that is itself a list is never right, but it must not cost the others."""
    nested = rb"|" + _array(levels - 1) if levels else b""
    return rb'\[(?:[^\[\]"]++|' + _STRING + nested + rb")*+\]"


_SCALAR: Final = rb'[^\s,\[\]{}":]++(?=[\s,\]])'
_ELEMENT: Final = re.compile(b"|".join((_object(_LEVELS), _STRING, _SCALAR, _array(_LEVELS))), re.DOTALL)
_SPACE: Final = re.compile(rb"\s*+")
_QUOTE_TIME: Final = re.compile(rb'"updatedAt"\s*:\s*"([0-9TZtz:. +-]{20,40})"')
_LONGEST_TIME: Final = 80


class Splitter:
    """Fed with pieces of a JSON array, it finds where its elements start and end. Raises BodyError."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._passed = 0
        self._expects: Expected = "start"
        self.starts = array("Q")
        self.ends = array("Q")

    def feed(self, piece: bytes) -> None:
        """Go through a piece."""
        self._waiting += piece
        position = 0
        while (position := self._skip_space(position)) < len(self._waiting):
            if self._expects == "element" and not self._is_empty(position):
                end = self._element(position)
                if end is None:
                    break
                self.starts.append(self._passed + position)
                self.ends.append(self._passed + end)
                position = end
            else:
                self._turn(self._waiting[position])
                position += 1
        del self._waiting[:position]
        self._passed += position

    def finish(self) -> None:
        """Raises NoJson unless the array is closed and nothing follows it."""
        if self._expects != "end" or self._waiting:
            raise NoJson("the answer is no JSON, or cut off", temporary=False)

    def _skip_space(self, position: int) -> int:
        found = _SPACE.match(self._waiting, position)
        return position if found is None else found.end()

    def _is_empty(self, position: int) -> bool:
        return not self.starts and self._waiting[position] == _CLOSE

    def _turn(self, character: int) -> None:
        """Take a character that is no part of an element."""
        expects = _TURNS.get((self._expects, character))
        if expects is None:
            raise NoJson("the answer is no JSON list", temporary=False)
        self._expects = expects

    def _element(self, start: int) -> int | None:
        """Where the element ends that starts there, None while that has not arrived."""
        found = _ELEMENT.match(self._waiting, start)
        if found is None:
            if len(self._waiting) - start > MAX_ELEMENT_BYTES:
                raise too_large(MAX_ELEMENT_BYTES)
            return None
        if len(self.starts) == MAX_ELEMENTS:
            raise BodyError(f"the answer has more than {MAX_ELEMENTS} elements", temporary=False)
        self._expects = "separator"
        return found.end()


class Listing:
    """The elements of a received array: how many, the newest quote in them (ms, 0: none), and one after the other."""

    def __init__(self, body: Body, splitter: Splitter, newest: int) -> None:
        self.count = len(splitter.starts)
        self.newest = newest
        self._body = body
        self._splitter = splitter

    def __iter__(self) -> Iterator[bytes]:
        """Unpack the body once more: only the element at hand is in memory."""
        pieces = self._body.pieces()
        plain, passed = bytearray(), 0
        for start, end in zip(self._splitter.starts, self._splitter.ends, strict=True):
            while passed + len(plain) < end:
                plain += next(pieces)
            yield bytes(plain[start - passed : end - passed])
            del plain[: end - passed]
            passed = end


class JsonReader:
    """Collects a small body and decodes it."""

    def __init__(self) -> None:
        self._plain = bytearray()

    def feed(self, piece: bytes) -> None:
        self._plain += piece

    def finish(self, body: Body) -> object:
        """Return the decoded body. Raises BodyError."""
        return read_json(self._plain)


class ListingReader:
    """Looks through a large list while it arrives. What is no list is decoded instead.

    A quote that is dated later than `now_ms` does not count as the newest: its clock is wrong.
    """

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._splitter = Splitter()
        self._other: bytearray | None = None
        self._seen = False
        self._end = b""
        self._newest = 0
        self._newest_second = b""

    def feed(self, piece: bytes) -> None:
        if not self._seen:
            first = piece.lstrip()[:1]
            self._seen = bool(first)
            if self._seen and first != b"[":
                self._other = bytearray()
        if self._other is not None:
            self._other += piece
            if len(self._other) > MAX_OTHER_BYTES:
                raise NoJson("the answer is no JSON list", temporary=False)
            return
        self._look_for_times(piece)
        self._splitter.feed(piece)

    def finish(self, body: Body) -> object:
        """Return the Listing, or what else was answered. Raises BodyError."""
        if self._other is not None:
            return read_json(self._other)
        self._splitter.finish()
        return Listing(body, self._splitter, self._newest)

    def _look_for_times(self, piece: bytes) -> None:
        """Keep the newest time. Most are ruled out by their first 19 characters, to the second."""
        now = self._now_ms()
        text = self._end + piece
        for found in set(_QUOTE_TIME.findall(text)):
            if found.endswith(b"Z") and found[:19] < self._newest_second:
                continue
            try:
                at = cached_iso_ms(found.decode("ascii"))
            except ValueError:
                continue
            if self._newest < at <= now:
                self._newest = at
                self._newest_second = found[:19] if found.endswith(b"Z") else b""
        self._end = text[-_LONGEST_TIME:]
