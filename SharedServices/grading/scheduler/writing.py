"""One write behind the grading: while a batch is being stored, the next one is graded."""

from __future__ import annotations

import threading
from collections.abc import Callable


class WriteBehind:
    """At most one write is under way, in a thread of its own. Used by one thread.

    The thread is a daemon: a write that hangs must not keep the process from ending, and what it has not written is
    still pending.
    """

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._written = 0
        self._error: BaseException | None = None

    def begin(self, write: Callable[[], int]) -> int:
        """Wait for the write before, then begin this one; returns and raises like `end`."""
        written = self.end()
        self._thread = threading.Thread(target=self._run, args=(write,), name="settlements", daemon=True)
        self._thread.start()
        return written

    def end(self) -> int:
        """Wait for the write that is under way: how many documents it has changed. Raises what it raised."""
        if self._thread is None:
            return 0
        self._thread.join()
        self._thread = None
        written, error = self._written, self._error
        self._written, self._error = 0, None
        if error is not None:
            raise error
        return written

    def _run(self, write: Callable[[], int]) -> None:
        try:
            self._written = write()
        # Raised again by `end`, in the thread that grades.
        except BaseException as error:
            self._error = error
