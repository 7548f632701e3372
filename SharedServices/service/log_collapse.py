"""Keeps a storm of the same log line from filling disks and hiding the other lines."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass

from PROPPR.SharedServices.service.clock import Clock

STANDARD_FIELDS = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}

Key = tuple[str, int, str]


@dataclass(slots=True)
class _Line:
    since: float
    last: str
    passed: int = 1
    held: int = 0
    sample: logging.LogRecord | None = None


class Collapser:
    """Decides which lines pass. Lines are the same if logger, level and message template are.

    Within `period` seconds an exact repetition (same arguments and extras) is held back at once, and of lines that
    differ only in those, `burst` pass. Held lines are counted; when the period is over, the last of them passes with
    the extra `repeated` = how many were held. Remembers `bound` templates at most. Thread-safe.
    """

    def __init__(self, clock: Clock, period: float = 30.0, burst: int = 20, bound: int = 1000) -> None:
        self._clock = clock
        self._period = period
        self._burst = burst
        self._bound = bound
        self._lines: OrderedDict[Key, _Line] = OrderedDict()
        self._overflow: list[logging.LogRecord] = []
        self._next_look = 0.0
        self._lock = threading.Lock()

    def passes(self, record: logging.LogRecord) -> bool:
        """Say whether the record goes on; one that does not is remembered and counted."""
        key = (record.name, record.levelno, str(record.msg))
        variable = _variable_part(record)
        now = self._clock.monotonic()
        with self._lock:
            line = self._lines.get(key)
            if line is None or now - line.since >= self._period:
                if line is not None and line.held:
                    self._overflow.append(_summary(line))
                    del self._overflow[:-100]
                self._lines[key] = _Line(now, variable)
                self._lines.move_to_end(key)
                self._forget_one()
                return True
            repeated = variable == line.last
            line.last = variable
            if repeated or line.passed >= self._burst:
                line.held += 1
                line.sample = record
                return False
            line.passed += 1
            return True

    def due(self, everything: bool = False) -> list[logging.LogRecord]:
        """Return the summaries whose period is over (or all of them) and forget their lines. Cheap between periods."""
        now = self._clock.monotonic()
        with self._lock:
            if now < self._next_look and not everything:
                return []
            self._next_look = now + min(1.0, self._period / 4)
            ended = [key for key, line in self._lines.items() if everything or now - line.since >= self._period]
            lines = [self._lines.pop(key) for key in ended]
            summaries = self._overflow + [_summary(line) for line in lines if line.held]
            self._overflow = []
        return summaries

    def _forget_one(self) -> None:
        if len(self._lines) > self._bound:
            _, line = self._lines.popitem(last=False)
            if line.held:
                self._overflow.append(_summary(line))
                del self._overflow[:-100]


def extras_of(record: logging.LogRecord) -> dict[str, object]:
    """Return what a caller handed over as `extra`."""
    return {name: value for name, value in record.__dict__.items() if name not in STANDARD_FIELDS}


def _variable_part(record: logging.LogRecord) -> str:
    # Cut: this is compared and kept, not shown.
    return f"{record.args!r} {extras_of(record)!r} {record.exc_info[1] if record.exc_info else None!r}"[:2000]


def _summary(line: _Line) -> logging.LogRecord:
    record = logging.makeLogRecord(line.sample.__dict__ if line.sample else {})
    record.exc_info = None  # the first of the lines showed the traceback
    record.__dict__["repeated"] = line.held
    return record
