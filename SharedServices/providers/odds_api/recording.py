"""Reads recordings back as frames, at any speed."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from PROPPR.SharedServices.providers.odds_api.recorder import MARK_TYPE, recordings
from PROPPR.SharedServices.service.clock import Clock

_CHUNK: Final = 1 << 16
_MAX_LINE: Final = 16 * 1024 * 1024
_MARK_START: Final = b'{"type":"' + MARK_TYPE.encode() + b'"'
_LONGEST_GAP: Final = 3600.0


class _Timed(msgspec.Struct):
    type: str = ""
    at: int | None = None
    timestamp: int | None = None


_timed_decoder: Final = msgspec.json.Decoder(_Timed)


class Recording:
    """The frames of one or more recorded files, in order: an iterable for `UnifiedWebSocketService.connect`.

    `path` is a file (gzip or plain lines) or a directory of recordings. `speed` 1 keeps the recorded pace, 10 is ten
    times as fast, None as fast as they are taken. The pace comes from the recorder's time marks, or from the messages'
    own `timestamp` (seconds) where a capture has no marks. A file cut short by a kill is read as far as it goes.
    """

    def __init__(
        self, path: Path | Sequence[Path], clock: Clock, speed: float | None = None, stop: threading.Event | None = None
    ) -> None:
        if speed is not None and not speed > 0:
            raise ValueError("speed must be above 0, or None for no pauses")
        self._paths = _expand(path)
        self._clock = clock
        self._speed = speed
        self._stop = stop or threading.Event()
        self.truncated = 0

    def __iter__(self) -> Iterator[bytes]:
        pace = _Pace(self._clock, self._speed, self._stop)
        for path in self._paths:
            for line in self._lines(path):
                if self._stop.is_set():
                    return
                marked = line.startswith(_MARK_START)
                pace.wait(line, marked)
                if not marked:
                    yield line

    def _lines(self, path: Path) -> Iterator[bytes]:
        rest = b""
        for chunk in self._chunks(path):
            *lines, rest = (rest + chunk).split(b"\n")
            yield from (line for line in lines if line.strip())
            if len(rest) > _MAX_LINE:
                self.truncated += 1
                return
        if rest.strip():
            yield rest

    def _chunks(self, path: Path) -> Iterator[bytes]:
        with path.open("rb") as file:
            if file.read(2) != b"\x1f\x8b":
                file.seek(0)
                yield from iter(lambda: file.read(_CHUNK), b"")
                return
            file.seek(0)
            yield from self._inflate(iter(lambda: file.read(_CHUNK), b""))

    def _inflate(self, raw: Iterable[bytes]) -> Iterator[bytes]:
        inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
        for compressed in raw:
            data = compressed
            while data:
                try:
                    yield inflater.decompress(data, _CHUNK)
                except zlib.error:
                    self.truncated += 1
                    return
                data = inflater.unconsumed_tail or inflater.unused_data
                if inflater.eof:
                    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
        if not inflater.eof:
            yield inflater.flush()


class _Pace:
    """Holds lines back until their time, counted from the first one."""

    def __init__(self, clock: Clock, speed: float | None, stop: threading.Event) -> None:
        self._clock = clock
        self._speed = speed
        self._stop = stop
        self._recorded_from: float | None = None
        self._started = 0.0
        self._has_marks = False

    def wait(self, line: bytes, marked: bool) -> None:
        if self._speed is None or (self._has_marks and not marked):
            return
        at = _time_of(line)
        if at is None:
            return
        if marked and not self._has_marks:
            self._has_marks, self._recorded_from = True, None
        now = self._clock.monotonic()
        if self._recorded_from is None:
            self._recorded_from, self._started = at, now
            return
        pause = self._started + (at - self._recorded_from) / self._speed - now
        if pause > 0:
            self._stop.wait(min(pause, _LONGEST_GAP))


def _time_of(line: bytes) -> float | None:
    """Seconds since the epoch that a line states for itself."""
    try:
        timed = _timed_decoder.decode(line)
    except msgspec.MsgspecError:
        return None
    if timed.at is not None and timed.type == MARK_TYPE:
        return timed.at / 1000
    return None if timed.timestamp is None else float(timed.timestamp)


def _expand(path: Path | Sequence[Path]) -> list[Path]:
    paths = [path] if isinstance(path, Path) else list(path)
    return [file for item in paths for file in (recordings(item) if item.is_dir() else [item])]
