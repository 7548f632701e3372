"""Keeps what the provider sent, in the provider's own format, so that it can be replayed through the same code.

A file is gzip-compressed lines. A line is one JSON message exactly as received; a frame of several messages, which the
provider separates by newlines, is simply several lines. Between them stand time marks
`{"type":"recorder.time","at":ms}`, which readers of the provider's format ignore as an unknown type. Changed on
purpose: the account's e-mail in the welcome message and the API key, wherever it is echoed.
"""

from __future__ import annotations

import logging
import re
import threading
import zlib
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from PROPPR.SharedServices.service.clock import Clock

SUFFIX: Final = ".jsonl.gz"
PREFIX: Final = "odds_api"
MARK_TYPE: Final = "recorder.time"
MARK_EVERY_MS: Final = 100
_QUEUE_FRAMES: Final = 20_000
_QUEUE_BYTES: Final = 64 * 1024 * 1024
_ROTATIONS_IN_BOUND: Final = 8
_MAX_FILE_BYTES: Final = 256 * 1024 * 1024
_RETRY_AFTER_ERROR: Final = 30.0
_USER_ID: Final = re.compile(rb'("user_id"\s*:\s*)"(?:[^"\\]|\\.)*"')
_EMAIL: Final = re.compile(rb"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,255}")

logger = logging.getLogger(__name__)


class RecordingFile:
    """One gzip file that is readable up to its last `flush`, also after the process was killed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO = path.open("xb")
        self._compressor = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        self.size = 0

    def write(self, data: bytes) -> None:
        """Append bytes; they may stay in memory until `flush`."""
        self._put(self._compressor.compress(data))

    def flush(self) -> None:
        """Hand everything written to the operating system."""
        self._put(self._compressor.flush(zlib.Z_SYNC_FLUSH))
        self._file.flush()

    def close(self) -> None:
        """Finish the file."""
        try:
            self._put(self._compressor.flush(zlib.Z_FINISH))
        finally:
            self._file.close()

    def _put(self, data: bytes) -> None:
        if data:
            self._file.write(data)
            self.size += len(data)


class FrameRecorder:
    """Records frames in a thread of its own. `record` never waits: above its bound it drops, and counts it.

    One file per UTC day, more where one grows large or the process restarts. All files together stay within `max_bytes`
    (and a second's worth), the oldest deleted first. A failing disk stops the recording for a while, never the feed.
    """

    def __init__(
        self,
        directory: Path,
        max_bytes: int,
        clock: Clock,
        secrets: tuple[str, ...] = (),
        flush_every: float = 1.0,
    ) -> None:
        self._directory = directory
        self._max_bytes = max_bytes
        self._max_file = max(4096, min(_MAX_FILE_BYTES, max_bytes // _ROTATIONS_IN_BOUND))
        self._clock = clock
        self._secrets = tuple(secret.encode() for secret in secrets if secret)
        self._flush_every = flush_every
        self._frames: deque[tuple[int, bytes]] = deque()
        self._queued_bytes = 0
        self._lock = threading.Lock()
        self._file: RecordingFile | None = None
        self._day = ""
        self._last_mark = 0
        self._retry_at = 0.0
        self.recorded = 0
        self.dropped = 0
        self.errors = 0

    def record(self, frame: bytes, received_at: int) -> None:
        """Queue a frame as received, at `received_at` ms since the epoch. Never blocks."""
        with self._lock:
            if len(self._frames) >= _QUEUE_FRAMES or self._queued_bytes + len(frame) > _QUEUE_BYTES:
                self.dropped += 1
                return
            self._frames.append((received_at, frame))
            self._queued_bytes += len(frame)

    @property
    def depth(self) -> int:
        """Frames waiting to be written."""
        return len(self._frames)

    def run(self, stop: threading.Event) -> None:
        """Write until `stop` is set, then what is left, and close the file. The target of a worker thread."""
        try:
            while not stop.wait(self._flush_every):
                self.write_out()
        finally:
            self.write_out()
            self._close()

    def write_out(self) -> None:
        """Write and flush everything queued; on an error of the disk drop it, count it and pause."""
        with self._lock:
            frames, self._frames = self._frames, deque()
            self._queued_bytes = 0
        if self._clock.monotonic() < self._retry_at:
            self.dropped += len(frames)
            return
        try:
            for received_at, frame in frames:
                self._write(received_at, frame)
            if self._file is not None:
                self._file.flush()
                self._prune()
        except OSError as error:
            self.errors += 1
            self._retry_at = self._clock.monotonic() + _RETRY_AFTER_ERROR
            logger.error("recording paused: the disk refuses", extra={"error": str(error), "errors": self.errors})
            self._close()

    def _write(self, received_at: int, frame: bytes) -> None:
        file = self._file_for(received_at)
        if not 0 <= received_at - self._last_mark < MARK_EVERY_MS:
            self._last_mark = received_at
            file.write(b'{"type":"%s","at":%d}\n' % (MARK_TYPE.encode(), received_at))
        file.write(self._redact(frame.strip(b"\r\n")) + b"\n")
        self.recorded += 1

    def _file_for(self, received_at: int) -> RecordingFile:
        day = datetime.fromtimestamp(received_at / 1000, UTC).strftime("%Y-%m-%d")
        if self._file is not None and (day != self._day or self._file.size >= self._max_file):
            self._close()
        if self._file is None:
            self._file, self._day, self._last_mark = self._open(day), day, 0
        return self._file

    def _open(self, day: str) -> RecordingFile:
        self._directory.mkdir(parents=True, exist_ok=True)
        taken = [path for path in recordings(self._directory) if path.name.startswith(f"{PREFIX}-{day}-")]
        number = max((_number(path) for path in taken), default=0)
        while True:
            number += 1
            try:
                # Never append: behind a member that a kill cut short, nothing could be read.
                return RecordingFile(self._directory / f"{PREFIX}-{day}-{number:04d}{SUFFIX}")
            except FileExistsError:
                continue  # Another process records into the same directory.

    def _prune(self) -> None:
        files = [(path, path.stat().st_size) for path in recordings(self._directory)]
        total = sum(size for _, size in files)
        current = self._file.path if self._file is not None else None
        for path, size in files:
            if total <= self._max_bytes:
                break
            if path != current:
                path.unlink(missing_ok=True)
                total -= size

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError as error:
                self.errors += 1
                logger.warning("a recording could not be finished", extra={"error": str(error)})

    def _redact(self, frame: bytes) -> bytes:
        for secret in self._secrets:
            if secret in frame:
                frame = frame.replace(secret, b"[redacted]")
        if b"user_id" in frame or b'"welcome"' in frame:
            frame = _USER_ID.sub(rb'\1"[redacted]"', frame)
            frame = _EMAIL.sub(b"[redacted]", frame)
        return frame


def recordings(directory: Path) -> list[Path]:
    """The recordings of a directory, oldest first."""
    found = [path for path in directory.glob(f"{PREFIX}-*{SUFFIX}") if _NAME.fullmatch(path.name)]
    return sorted(found, key=lambda path: (path.name[: len(PREFIX) + 11], _number(path)))


def _number(path: Path) -> int:
    return int(path.name.removesuffix(SUFFIX).rsplit("-", 1)[1])


_NAME: Final = re.compile(rf"{PREFIX}-\d{{4}}-\d{{2}}-\d{{2}}-\d+{re.escape(SUFFIX)}")
