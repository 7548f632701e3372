"""Workers that never die and daemons that always end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest
from support import PATIENCE, eventually

from PROPPR.SharedServices.service.backoff import Backoff
from PROPPR.SharedServices.service.clock import ManualClock, SystemClock
from PROPPR.SharedServices.service.errors import ConfigError, FatalError
from PROPPR.SharedServices.service.lifecycle import Check, Component, Daemon, Worker


def soon() -> float:
    return SystemClock().monotonic() + 5


class Part:
    """A component that writes down what happens to it."""

    def __init__(self, name: str, journal: list[str], error: BaseException | None = None) -> None:
        self.name = name
        self.journal = journal
        self.error = error
        self.stop_error: BaseException | None = None

    def start(self) -> None:
        self.journal.append(f"start {self.name}")
        if self.error is not None:
            raise self.error

    def stop(self, deadline: float) -> None:
        self.journal.append(f"stop {self.name}")
        if self.stop_error is not None:
            raise self.stop_error

    def check(self) -> Check:
        return Check(True)


def test_a_worker_is_restarted_after_every_failure(caplog: pytest.LogCaptureFixture) -> None:
    runs: list[int] = []
    failed: list[str] = []

    def target(stop: threading.Event) -> None:
        runs.append(1)
        if len(runs) < 4:
            raise ValueError(f"failure {len(runs)}")
        stop.wait()

    worker = Worker("w", target, backoff=Backoff(0.01, 0.02), on_failure=failed.append)
    with caplog.at_level(logging.ERROR):
        worker.start()
        eventually(lambda: len(runs) == 4)
        eventually(lambda: worker.check().ok)
    assert worker.failures == 3
    assert failed == ["w", "w", "w"]
    assert "failure 3" in worker.check().detail
    assert [record.message for record in caplog.records] == ["worker failed"] * 3
    assert all(record.exc_info for record in caplog.records)
    worker.stop(soon())
    assert worker.alive, "stopped in order is not dead"


def test_a_worker_is_not_ok_while_it_is_down_and_unhealthy_when_it_stays_so() -> None:
    severities = []

    def target(_stop: threading.Event) -> None:
        raise OSError("no route")

    worker = Worker("w", target, backoff=Backoff(0.05, 0.05, floor=0.05))
    worker.start()
    while worker.failures < 4:
        check = worker.check()
        if not check.ok:
            severities.append(check.severity)
    assert severities[0] == "degraded"
    assert severities[-1] == "unhealthy"
    worker.stop(soon())


def test_a_restart_does_not_delay_a_stop() -> None:
    def target(_stop: threading.Event) -> None:
        raise OSError

    worker = Worker("w", target, backoff=Backoff(1000, 1000, floor=1000))
    worker.start()
    eventually(lambda: worker.failures)
    worker.stop(soon())


def test_a_fatal_error_is_not_retried() -> None:
    runs = []

    def target(_stop: threading.Event) -> None:
        runs.append(1)
        raise FatalError("over")

    worker = Worker("w", target)
    worker.start()
    eventually(lambda: worker.fatal)
    assert not worker.check().ok
    assert not worker.alive
    worker.stop(soon())
    assert runs == [1]


def test_a_finished_task_is_fine() -> None:
    worker = Worker("w", lambda _stop: None)
    worker.start()
    eventually(lambda: worker.check().detail == "finished")
    assert worker.alive
    assert worker.check().ok


def test_how_the_work_goes_is_told_while_the_thread_is_well() -> None:
    broken = threading.Event()

    def target(stop: threading.Event) -> None:
        while not stop.wait(0.01):
            if broken.is_set():
                raise ValueError("broken")

    slow = Check(False, "behind", 7.0, "degraded")
    worker = Worker("w", target, backoff=Backoff(first=60, cap=60, floor=60), own_check=lambda: slow)
    worker.start()
    assert worker.check() == slow
    broken.set()
    eventually(lambda: "broken" in worker.check().detail)
    worker.stop(soon())


def test_a_worker_that_does_not_end_says_so() -> None:
    release = threading.Event()

    def target(_stop: threading.Event) -> None:
        release.wait()

    worker = Worker("w", target)
    worker.start()
    with pytest.raises(TimeoutError, match="w still runs"):
        worker.stop(SystemClock().monotonic() + 0.05)
    release.set()
    worker.stop(soon())


def test_a_worker_starts_once_and_one_never_started_stops() -> None:
    worker = Worker("w", lambda _stop: None)
    worker.stop(soon())
    assert not worker.check().ok
    worker = Worker("w", lambda _stop: None)
    worker.start()
    with pytest.raises(RuntimeError, match="started before"):
        worker.start()


def run(parts: list[Component], **options: float) -> tuple[int, Daemon]:
    daemon = Daemon("d", parts, **options)  # type: ignore[arg-type]  # only numbers are handed over here

    def stop_when_started() -> None:
        eventually(lambda: daemon.all_started)
        daemon.request_stop()

    threading.Thread(target=stop_when_started).start()
    return daemon.run(), daemon


def test_a_daemon_stops_what_it_started_in_reverse_order() -> None:
    journal: list[str] = []
    code, daemon = run([Part("a", journal), Part("b", journal)])
    assert code == 0
    assert journal == ["start a", "start b", "stop b", "stop a"]
    assert daemon.leftovers == []
    assert daemon.turned().ok
    assert daemon.stop_event.is_set()


@pytest.mark.parametrize(
    ("error", "expected"), [(ConfigError("KEY", "bad"), 2), (OSError("no"), 1), (SystemExit(5), 1)]
)
def test_an_error_in_a_start_stops_the_rest(error: BaseException, expected: int) -> None:
    journal: list[str] = []
    daemon = Daemon("d", [Part("a", journal), Part("b", journal, error), Part("c", journal)])
    assert daemon.run() == expected
    assert journal == ["start a", "start b", "stop b", "stop a"]


def test_an_error_while_components_are_made_counts_as_an_error_in_a_start() -> None:
    journal: list[str] = []

    def components() -> Iterator[Component]:
        yield Part("a", journal)
        raise ConfigError("KEY", "found late")

    assert Daemon("d", components()).run() == 2
    assert journal == ["start a", "stop a"]


def test_an_error_in_a_stop_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    journal: list[str] = []
    parts = [Part(name, journal) for name in "abc"]
    parts[1].stop_error = ValueError("broken")
    parts[2].stop_error = TimeoutError("late")
    code, daemon = run(list(parts))
    assert code == 0
    assert journal[-3:] == ["stop c", "stop b", "stop a"]
    assert daemon.leftovers == ["c"]
    assert "component failed to stop" in caplog.text


def test_many_that_hang_do_not_take_longer_than_allowed() -> None:
    class Hangs(Part):
        def stop(self, deadline: float) -> None:
            threading.Event().wait(30)

    journal: list[str] = []
    began = SystemClock().monotonic()
    code, daemon = run([Part("writer", journal), *(Hangs(f"h{n}", journal) for n in range(4))], stop_seconds=2.5)
    assert code == 0
    assert SystemClock().monotonic() - began < 3.5 * PATIENCE
    assert daemon.leftovers == ["h3", "h2", "h1", "h0"]
    assert journal[-1] == "stop writer", "the last of the line still gets its turn"


def test_a_worker_that_gives_up_ends_the_daemon_with_1() -> None:
    def target(_stop: threading.Event) -> None:
        raise FatalError("over")

    assert Daemon("d", [Worker("w", target)]).run() == 1


def test_an_old_turn_is_not_live() -> None:
    clock = ManualClock()
    daemon = Daemon("d", [], clock)
    assert not daemon.turned().ok
    daemon.last_turn = clock.monotonic()
    assert daemon.turned().ok
    clock.advance(11)
    assert not daemon.turned().ok
