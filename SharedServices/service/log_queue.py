"""Takes log records off the threads that work: a bounded queue in front of the slow handlers."""

from __future__ import annotations

import logging
import queue
import threading
from logging.handlers import QueueHandler, QueueListener

from PROPPR.SharedServices.service.log_collapse import Collapser, extras_of
from PROPPR.SharedServices.service.redact import Redactor

LONGEST_TEXT = 16_000
"""Characters of a message or a traceback that are kept."""

_TRACEBACKS = logging.Formatter()


class Scrubber(logging.Filter):
    """Makes a record final and free of secrets: message with its arguments, extras, traceback and stack.

    A record that can't be formatted passes with its template and the reason: logging never raises into the caller.
    """

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        """Scrub the record in place; always True."""
        try:
            message = record.getMessage()
        except Exception as error:
            message = f"{record.msg} (bad log arguments: {type(error).__name__})"
        record.msg = record.message = self._text(message)
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = _TRACEBACKS.formatException(record.exc_info)
        # The exception itself must not travel on: its arguments may hold what was just taken out of its text.
        record.exc_info = None
        record.exc_text = self._text(record.exc_text) if record.exc_text else None
        record.stack_info = self._text(record.stack_info) if record.stack_info else None
        for name, value in extras_of(record).items():
            record.__dict__[name] = self._extra(value)
        return True

    def _text(self, text: str) -> str:
        # Cut after redacting: half a secret is no longer recognised.
        redacted = self._redactor.text(text)
        return redacted if len(redacted) <= LONGEST_TEXT else redacted[:LONGEST_TEXT] + " [cut]"

    def _extra(self, value: object) -> object:
        try:
            redacted = self._redactor.value(value)
        except Exception as error:
            return f"unprintable: {type(error).__name__}"
        return redacted[:LONGEST_TEXT] if isinstance(redacted, str) else redacted


class BoundedQueueHandler(QueueHandler):
    """Hands scrubbed records to a queue and drops them, counted, when it is full. Repeated lines are held back."""

    def __init__(self, records: queue.Queue[logging.LogRecord], redactor: Redactor, collapser: Collapser) -> None:
        super().__init__(records)
        self.dropped = 0
        self._collapser = collapser
        self._scrubber = Scrubber(redactor)
        self._lock_dropped = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue the record unless it repeats an earlier one."""
        try:
            if self._collapser.passes(record):
                self.put(record)
        except Exception:
            self.handleError(record)

    def put(self, record: logging.LogRecord) -> None:
        """Scrub a copy of the record and queue it, past the collapser."""
        copied = logging.makeLogRecord(record.__dict__)
        self._scrubber.filter(copied)
        self.enqueue(copied)

    def enqueue(self, record: logging.LogRecord) -> None:
        """Queue the record or count it as dropped: a full queue never blocks who logs."""
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            with self._lock_dropped:
                self.dropped += 1

    def handleError(self, record: logging.LogRecord) -> None:
        """Count the record as dropped instead of printing it unredacted to stderr, as logging would."""
        with self._lock_dropped:
            self.dropped += 1


class Listener(QueueListener):
    """Feeds the handlers from the queue, adds the summaries of collapsed lines and says how many were dropped."""

    def __init__(
        self,
        records: queue.Queue[logging.LogRecord],
        source: BoundedQueueHandler,
        collapser: Collapser,
        *handlers: logging.Handler,
        tick: float = 1.0,
    ) -> None:
        super().__init__(records, *handlers, respect_handler_level=True)
        self._records = records
        self._source = source
        self._collapser = collapser
        self._tick = tick
        self._reported = 0
        self._ending = threading.Event()

    @property
    def depth(self) -> int:
        """Records that wait."""
        return self._records.qsize()

    def dequeue(self, block: bool) -> logging.LogRecord:
        """Wait for the next record and look after the summaries; queue.Empty ends the thread."""
        while True:
            self.summarise()
            try:
                return self._records.get(block, self._tick)
            except queue.Empty:
                if not block or self._ending.is_set():
                    raise

    def handle(self, record: logging.LogRecord) -> None:
        """Give the record to every handler."""
        super().handle(record)
        if self._source.dropped != self._reported:
            self._report_dropped()

    def add_handler(self, handler: logging.Handler) -> None:
        """Feed this handler too, from now on."""
        self.handlers = (*self.handlers, handler)

    def remove_handler(self, handler: logging.Handler) -> None:
        """Do not feed this handler any more."""
        self.handlers = tuple(other for other in self.handlers if other is not handler)

    def drained(self, timeout: float) -> bool:
        """Wait until everything queued so far was handled; False after `timeout` seconds."""
        with self._records.all_tasks_done:
            return self._records.all_tasks_done.wait_for(lambda: not self._records.unfinished_tasks, timeout)

    def summarise(self, everything: bool = False) -> None:
        """Queue the summaries that are due."""
        for record in self._collapser.due(everything):
            self._source.put(record)

    def finish(self, timeout: float) -> None:
        """Write what is queued and end; give up after `timeout` seconds (QueueListener.stop() would wait for ever)."""
        thread = self._thread
        if thread is None:
            return
        self.summarise(everything=True)
        self._ending.set()
        try:
            self._records.put(self._sentinel, timeout=timeout / 2)  # type: ignore[attr-defined]
        except queue.Full:
            return
        thread.join(timeout)
        self._thread = None

    def _report_dropped(self) -> None:
        dropped, self._reported = self._source.dropped - self._reported, self._source.dropped
        record = logging.makeLogRecord(
            {"name": __name__, "levelno": logging.WARNING, "levelname": "WARNING", "msg": "log lines dropped"}
        )
        record.__dict__.update(message=record.msg, dropped=dropped)
        super().handle(record)
