"""The live stream as an endless iterable of frames: connects, reconnects, takes turns and never gives up."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from pymongo.errors import PyMongoError

from PROPPR.SharedServices.providers.odds_api.websocket import HandshakeError, StreamLost, Transport
from PROPPR.WebsocketUpdater.core.connection_watch import ConnectionWatch, End
from PROPPR.WebsocketUpdater.core.frame_handler import FrameHandler
from PROPPR.WebsocketUpdater.core.positions import StreamPosition
from PROPPR.WebsocketUpdater.core.remedies import StreamRemedies

RECEIVE_TIMEOUT: Final = 0.1
ANCHOR_WAIT: Final = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect, and the key."""

    base: str
    api_key: str = field(repr=False)


class LiveFeed:
    """Iterate it in one thread; it ends when the process stops. Between two frames it looks after the connection.

    With several positions (filter sets) each gets the connection for a turn; it resumes where its last turn ended, so
    what happened between its turns comes with the next one.
    """

    def __init__(
        self,
        address: Address,
        handler: FrameHandler,
        remedies: StreamRemedies,
        watch: ConnectionWatch,
        *,
        positions: Sequence[StreamPosition],
        load_positions: Callable[[], None],
        new_transport: Callable[[], Transport],
        on_standby: Callable[[], None],
        on_connecting: Callable[[], None],
        stopped: Callable[[], bool],
    ) -> None:
        self._address = address
        self._handler = handler
        self._remedies = remedies
        self._watch = watch
        self._positions = positions
        self._load_positions = load_positions
        self._new_transport = new_transport
        self._on_standby = on_standby
        self._on_connecting = on_connecting
        self._stopped = stopped
        self._turn = 0
        self._transport: Transport | None = None

    def __iter__(self) -> Iterator[bytes]:
        while not self._stopped():
            if not self._watch.may_go_on():
                self._on_standby()
                self._watch.rest(0.1)
                continue
            self._on_connecting()
            if not self._begin():
                self._watch.rest(0.5)
                continue
            while self._watch.may_go_on():
                yield from self._connection(self._positions[self._turn % len(self._positions)])

    def interrupt(self) -> None:
        """Close the socket at once, from any thread: also while the stream's own thread waits for the writer."""
        transport = self._transport
        if transport is not None:
            transport.close()

    def _begin(self) -> bool:
        """Take over from whoever had the stream before: another instance, or this one."""
        try:
            self._load_positions()
        except PyMongoError as error:
            log.warning("the stream's positions can't be read", extra={"reason": str(error)[:300]})
            return False
        self._remedies.begin()
        return True

    def _connection(self, position: StreamPosition) -> Iterator[bytes]:
        """One connection from its beginning to the wait after its end."""
        self._remedies.current = position
        self._handler.begin(position)
        self._on_connecting()
        self._wait_for_anchor(position)
        if not self._watch.may_go_on():
            return
        transport = self._transport = self._new_transport()
        resumed_from = position.resume_from
        end = End("stopped")
        try:
            transport.connect(position.subscription.url(self._address.base, self._address.api_key, resumed_from))
            self._opened(position, resumed_from)
            while (reason := self._watch.reason_to_leave()) is None:
                frame = transport.receive(RECEIVE_TIMEOUT)
                if frame is None:
                    position.drained()
                else:
                    yield frame
            end = End(reason)
        except HandshakeError as error:
            end = self._watch.refused(error, resumed=resumed_from is not None)
        except StreamLost as error:
            end = self._watch.lost(error) if self._watch.may_go_on() else End("interrupted")
        finally:
            self._transport = None
            transport.close()
        if end.reason == "rotation":
            self._turn += 1
        self._watch.wait(self._watch.ended(end))

    def _opened(self, position: StreamPosition, resumed_from: int | None) -> None:
        position.connected()
        if self._remedies.recovery.due is not None:
            self._remedies.recovered()
        self._remedies.opened(resumed_from)
        self._watch.opened()

    def _wait_for_anchor(self, position: StreamPosition) -> None:
        """Give a snapshot a moment to say from where on the stream is needed."""
        if position.resume_from is not None:
            return
        self._remedies.need_snapshot()
        for _ in range(int(ANCHOR_WAIT / 0.05)):
            self._remedies.tick()
            progress = self._remedies.progress
            knows = progress is None or progress.anchor is not None or progress.read > 0
            if position.resume_from is not None or knows or not self._watch.may_go_on():
                return
            self._watch.wait(0.05)
