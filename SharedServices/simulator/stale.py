"""Earlier answers, kept to be given once more: what a cache or a lagging replica of the provider would do."""

from __future__ import annotations

import re
from collections import OrderedDict, deque
from dataclasses import dataclass, replace

from PROPPR.SharedServices.simulator.answers import Response
from PROPPR.SharedServices.simulator.filters import split
from PROPPR.SharedServices.simulator.http import Request

KEPT_BYTES = 64 * 1024 * 1024
KEPT_VERSIONS = 6
# What differs from one time a question is asked to the next.
_CHANGING = ("apiKey", "since", "from", "to", "eventIds")
_ID = re.compile(rb'^\{"id":(\d+)')

Question = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer, or one event's part of an answer of /odds/multi: `at` in simulated ms."""

    at: int
    elements: tuple[bytes, ...] | None
    body: bytes
    headers: dict[str, str]

    @property
    def size(self) -> int:
        return len(self.body) + sum(map(len, self.elements or ()))


class StaleAnswers:
    """A few versions of each answer, bounded in bytes; a question unasked for longest is forgotten first.

    The same question is the same endpoint with the same parameters, whatever its `since`, `from` and `to`. Of
    /odds/multi every event is a question of its own: an event may be asked for in ever other company.
    """

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept_bytes = kept_bytes
        self._bytes = 0
        self._answers: OrderedDict[Question, deque[Kept]] = OrderedDict()

    def keep(self, request: Request, path: str, response: Response, at: int, spacing: int) -> None:
        """Keep a sound answer given at `at`, unless one was kept less than `spacing` ms before."""
        common = Kept(at, None, response.body, dict(response.headers))
        if path != "/odds/multi":
            elements = None if response.elements is None else tuple(response.elements)
            self._keep(_question(request, path), replace(common, elements=elements), spacing)
            return
        by_id = {_event_id(element): element for element in response.elements or ()}
        for event_id in split(request.query.get("eventIds", "")):
            found = (by_id[event_id],) if event_id in by_id else ()
            self._keep(_question(request, path, event_id), replace(common, elements=found), spacing)

    def find(self, request: Request, path: str, before: int) -> Response | None:
        """The newest answer to the same question given before a time (ms); None where none is kept."""
        if path != "/odds/multi":
            kept = self._find(_question(request, path), before)
            return None if kept is None else _response([kept], kept.elements is not None)
        ids = split(request.query.get("eventIds", ""))
        parts = [self._find(_question(request, path, event_id), before) for event_id in ids]
        known = [part for part in parts if part is not None]
        return _response(known, True) if known and len(known) == len(parts) else None

    def _keep(self, question: Question, answer: Kept, spacing: int) -> None:
        versions = self._answers.setdefault(question, deque())
        self._answers.move_to_end(question)
        if (versions and answer.at - versions[-1].at < spacing) or answer.size > self._kept_bytes // 4:
            return
        versions.append(answer)
        self._bytes += answer.size
        if len(versions) > KEPT_VERSIONS:
            self._bytes -= versions.popleft().size
        while self._bytes > self._kept_bytes:
            self._bytes -= sum(version.size for version in self._answers.popitem(last=False)[1])

    def _find(self, question: Question, before: int) -> Kept | None:
        return next((kept for kept in reversed(self._answers.get(question, ())) if kept.at <= before), None)


def _question(request: Request, path: str, event_id: str = "") -> Question:
    parameters = sorted(f"{name}={value}" for name, value in request.query.items() if name not in _CHANGING)
    return (path, event_id, *parameters)


def _event_id(element: bytes) -> str:
    found = _ID.match(element)
    return found.group(1).decode() if found else ""


def _response(parts: list[Kept], is_list: bool) -> Response:
    """The parts as one answer, with the headers of the oldest: its position covers all of them."""
    oldest = min(parts, key=lambda part: part.at)
    elements = [element for part in parts for element in part.elements or ()] if is_list else None
    return Response(200, oldest.body, dict(oldest.headers), elements=elements)
