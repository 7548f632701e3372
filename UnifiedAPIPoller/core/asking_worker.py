"""A worker whose thread may be waiting for the provider when the process has to end."""

from __future__ import annotations

import logging
from typing import Final

from PROPPR.SharedServices.service.components import Worker

PATIENCE: Final = 2.5

log = logging.getLogger(__name__)


class AskingWorker(Worker):
    """Is left behind at the stop if an answer is still on its way: nothing that counts was begun before it came."""

    def stop(self, deadline: float) -> None:
        """Wait a little for the thread, and no longer."""
        try:
            super().stop(min(deadline, self._clock.monotonic() + PATIENCE))
        except TimeoutError:
            log.info("an answer is not waited for", extra={"worker": self.name})
