"""The connection's life with a scripted socket: endings, stalls, turns, takeovers, and where each connection starts."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from stream_fakes import FakeAlerts, FakeKeeper, FakeLease, FakeReader, FakeWriter, fixture, stream_metrics
from support import eventually

from PROPPR.SharedServices.ingest.tickets import Tickets
from PROPPR.SharedServices.providers.odds_api.subscription import Subscription
from PROPPR.SharedServices.providers.odds_api.websocket import HandshakeError, StreamLost
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.WebsocketUpdater.core.calendar import FixtureCalendar
from PROPPR.WebsocketUpdater.core.connection_watch import ConnectionWatch
from PROPPR.WebsocketUpdater.core.frame_handler import FrameHandler
from PROPPR.WebsocketUpdater.core.live_feed import Address, LiveFeed
from PROPPR.WebsocketUpdater.core.policies import ReconnectPolicy, ReconnectTimes, StallJudge, StallTimes
from PROPPR.WebsocketUpdater.core.positions import StreamPosition
from PROPPR.WebsocketUpdater.core.remedies import StreamRemedies
from PROPPR.WebsocketUpdater.core.replay import ReplayEvents
from PROPPR.WebsocketUpdater.core.stream_status import StreamStatus

Step = bytes | Exception | Callable[[], None]
CLOCK = SystemClock()
TIMES = ReconnectTimes(base=0.01, eviction=0.2, denied=0.3, rate_limited=0.3)


def odds(sequence: int | None) -> bytes:
    market = {"name": "ML", "updatedAt": "2026-01-01T00:00:00Z", "odds": [{"home": "2.1", "away": "1.8"}]}
    message = {"type": "updated", "id": "7", "bookie": "Bet365", "markets": [market], "seq": sequence}
    return json.dumps({key: value for key, value in message.items() if value is not None}).encode()


class Desk:
    """`scripts` says what each connection does in turn; after its script a connection is silent."""

    def __init__(self, *scripts: list[Step], sets: int = 1, rotation: float | None = None, stall: float = 90) -> None:
        self.scripts = list(scripts)
        self.opened: list[dict[str, list[str]]] = []
        self.closed = 0
        self.times: list[float] = []
        self.tickets = Tickets()
        self.positions = [StreamPosition(Subscription(("ML", f"M{n}")), CLOCK) for n in range(sets)]
        self.metrics = stream_metrics(CLOCK)
        self.calendar = FixtureCalendar()
        self.alerts = FakeAlerts()
        self.reader = FakeReader()
        self.lease = FakeLease()
        self.stop = threading.Event()
        self.judge = StallJudge(StallTimes(threshold=stall))
        self.status = StreamStatus(CLOCK, self.judge, self.metrics)
        self.remedies = StreamRemedies(
            self.positions, self.reader, FakeKeeper(), self.metrics, self.alerts, CLOCK, bookmakers=[]  # type: ignore[arg-type]
        )  # fmt: skip
        self.writer = FakeWriter(self.tickets)
        self.handler = FrameHandler(
            self.positions[0], writer=self.writer, tickets=self.tickets, events=ReplayEvents(), calendar=self.calendar,
            remedies=self.remedies, metrics=self.metrics, clock=CLOCK,
        )  # fmt: skip
        self.policy = ReconnectPolicy(TIMES, random.Random(1))
        self.watch = ConnectionWatch(
            self.remedies, lease=self.lease, policy=self.policy, judge=self.judge, calendar=self.calendar,
            status=self.status, metrics=self.metrics, alerts=self.alerts, clock=CLOCK, stop=self.stop,
            rotation=rotation,
        )  # fmt: skip
        self.feed = LiveFeed(
            Address("ws://host/v3/ws", "k3y"), self.handler, self.remedies, self.watch, positions=self.positions,
            load_positions=self.load, new_transport=lambda: ScriptedTransport(self), stopped=self.stop.is_set,
            on_standby=lambda: self.status.standby("other"), on_connecting=self.status.connecting,
        )  # fmt: skip
        self.loads = 0
        self._thread = threading.Thread(target=self.run, daemon=True)

    def load(self) -> None:
        self.loads += 1
        for number, position in enumerate(self.positions):
            position.start_at(100 * (number + 1))

    def run(self) -> None:
        for frame in self.feed:
            self.handler.handle(frame)

    def __enter__(self) -> Desk:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self._thread.join(10)
        assert not self._thread.is_alive()
        assert self.closed == len(self.opened)

    @property
    def starts(self) -> list[str | None]:
        return [query.get("lastSeq", [None])[0] for query in self.opened]

    def reasons(self) -> dict[str, int]:
        return {key.removeprefix("reconnects_"): n for key, n in self.metrics.counts.items() if "reconnects" in key}


class ScriptedTransport:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._steps: list[Step] = []
        self._open = False

    def connect(self, url: str) -> None:
        desk = self._desk
        desk.times.append(CLOCK.monotonic())
        desk.opened.append(parse_qs(urlsplit(url).query))
        self._steps = desk.scripts.pop(0) if desk.scripts else []
        self._open = True
        if self._steps and isinstance(self._steps[0], HandshakeError):
            raise self._steps.pop(0)  # type: ignore[misc]

    def receive(self, timeout: float) -> bytes | None:
        if not self._open:
            raise StreamLost("lost", "closed")
        if not self._steps:
            threading.Event().wait(0.005)
            return None
        step = self._steps.pop(0)
        if isinstance(step, Exception):
            raise step
        if isinstance(step, bytes):
            return step
        step()
        return None

    def close(self) -> None:
        self._desk.closed += self._open
        self._open = False


LOST = StreamLost("lost", "gone", 1006)
CLOSED = StreamLost("closed", "closed by the server with 1000", 1000)


def test_a_lost_connection_is_made_anew_from_what_is_known() -> None:
    with Desk([odds(101), LOST], [LOST], [odds(102)]) as desk:
        eventually(lambda: len(desk.writer.updates) == 2)
        assert desk.starts == ["100", "100", "100"]
        assert desk.reasons() == {"lost": 2}
        assert desk.status.connection().ok
        assert desk.opened[0]["apiKey"] == ["k3y"]


def test_a_clean_close_nobody_asked_for_waits_and_is_alerted_when_it_repeats() -> None:
    with Desk([CLOSED], [CLOSED], [CLOSED]) as desk:
        eventually(lambda: "stream.evicted" in desk.alerts.raised)
        eventually(lambda: len(desk.opened) == 4)
        waits = [later - earlier for earlier, later in pairwise(desk.times)]
        assert all(wait >= TIMES.eviction for wait in waits)
        assert desk.reasons() == {"evicted": 3}


@pytest.mark.parametrize(
    ("kind", "alerted", "least"),
    [("invalid", True, 0.0), ("denied", True, 0.3), ("rate_limited", False, 0.3), ("unavailable", False, 0.0)],
)
def test_refused_handshakes_wait_by_their_kind(kind: Any, alerted: bool, least: float) -> None:
    refusals: list[list[Step]] = [[HandshakeError(kind, "no", 400)]]
    with Desk(*refusals) as desk:
        eventually(lambda: desk.opened)
        eventually(lambda: desk.reasons())
        assert ("stream.refused" in desk.alerts.raised) == (alerted and kind != "invalid")
        eventually(lambda: len(desk.opened) == 2)
        assert desk.times[1] - desk.times[0] >= least
        eventually(lambda: "stream.refused" not in desk.alerts.raised)


def test_a_refused_position_is_given_up_once_and_everything_is_read() -> None:
    with Desk([HandshakeError("invalid", "bad lastSeq", 400)], [HandshakeError("invalid", "bad", 400)]) as desk:
        eventually(lambda: desk.reader.requests)
        desk.reader.requests[0].note(500)
        eventually(lambda: len(desk.opened) == 3)
        assert desk.starts[:2] == ["100", "500"]


def test_unreadable_odds_are_replayed_from_before_them() -> None:
    with Desk([odds(101), b'{"type":"updated","id":', odds(103)], [odds(102), odds(103)]) as desk:
        eventually(lambda: len(desk.writer.updates) == 4)
        assert desk.starts == ["100", "100"]
        assert desk.reasons() == {"recovery": 1}


@pytest.mark.parametrize("kind", ["oversized", "protocol"])
def test_an_impossible_frame_ends_the_connection_and_is_recovered(kind: Any) -> None:
    with Desk([odds(101), StreamLost(kind, "1 GB", 1009)], [odds(102)]) as desk:
        eventually(lambda: len(desk.writer.updates) == 2)
        assert desk.starts == ["100", "100"]
        assert desk.metrics.counts["rejects"] == 1
        assert desk.metrics.counts["recoveries_replay"] == 1


def test_a_resync_connects_from_the_snapshots_first_sequence() -> None:
    with Desk([b'{"type":"resync_required","reason":"too old"}', odds(7)], [odds(501)]) as desk:
        eventually(lambda: desk.reader.requests)
        assert len(desk.writer.updates) <= 1
        desk.reader.requests[0].note(500)
        eventually(lambda: len(desk.writer.updates) == 2)
        assert desk.starts == ["100", "500"]
        assert desk.positions[0].durable is None
        desk.reader.requests[0].complete = True
        eventually(lambda: desk.positions[0].durable is not None)


def test_filter_sets_take_turns_each_from_its_own_position() -> None:
    with Desk([odds(900)], sets=3, rotation=0.1) as desk:
        eventually(lambda: len(desk.opened) >= 7)
        assert desk.starts[:6] == ["100", "200", "300", "100", "200", "300"]
        assert [query["markets"][0] for query in desk.opened[:3]] == ["ML,M0", "ML,M1", "ML,M2"]
        assert set(desk.reasons()) == {"rotation"}


def test_expected_data_that_does_not_come_is_a_stall_and_unhealthy() -> None:
    desk = Desk(stall=0.3)
    now = CLOCK.now_ms()
    desk.calendar.replace([fixture(1, now, "live")], now)
    desk.calendar.set_priced(1)
    with desk:
        eventually(lambda: desk.reasons().get("stalled"))
        eventually(lambda: not desk.status.data_age().ok)
        desk.scripts = [[odds(101)]] * 5
        eventually(lambda: desk.status.data_age().ok)


def test_silence_is_fine_while_nothing_is_expected() -> None:
    with Desk([odds(101)], stall=0.05) as desk:
        eventually(lambda: desk.writer.updates)
        threading.Event().wait(0.3)
        assert desk.reasons() == {}
        assert desk.status.data_age().ok


def test_without_the_lease_there_is_no_connection_and_with_it_the_positions_are_read_anew() -> None:
    desk = Desk()
    desk.lease.held = False
    with desk:
        eventually(lambda: desk.status.connection().detail.startswith("standby"))
        assert desk.status.connection().ok
        assert desk.opened == []
        desk.lease.held = True
        eventually(lambda: len(desk.opened) == 1)
        desk.lease.held = False
        eventually(lambda: desk.closed == 1)
        desk.lease.held = True
        eventually(lambda: len(desk.opened) == 2)
        assert desk.loads == 2


def test_losing_the_lease_closes_the_socket_even_while_the_stream_waits_for_the_writer() -> None:
    waiting, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        waiting.set()
        go_on.wait(10)

    with Desk([wait]) as desk:
        assert waiting.wait(5)
        desk.lease.held = False
        desk.feed.interrupt()
        assert desk.closed == 1
        go_on.set()
        eventually(lambda: desk.status.connection().detail.startswith("standby"))


def test_the_key_is_in_no_text_of_the_address() -> None:
    assert "k3y" not in repr(Address("ws://host", "k3y"))
