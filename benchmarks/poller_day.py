"""A simulated day of the poller alone: after each cycle every change is stored, over outages none is missed.

The simulator and the poller are processes of their own in one fast time (`--factor 60`: a day in 24 minutes), without a
WebSocket. An oracle that knows only the simulator's log of changes and what the poller claims to have completed looks
at the stored books after each cycle. Four outages (three of five minutes, one of an hour; fewer in a shorter day)
are refused, broken off, or never answered. Exit code 1 if a promise was not kept.
"""

from __future__ import annotations

import json
import signal
import subprocess
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from day_report import Figures, show
from day_watch import DayWatch
from harness import PAUSE, Stage, Stalls, fast_folder, resident_bytes, start_simulator
from oracle import Verdict, compare, compare_fixtures, expected_books, stored_books
from pymongo import MongoClient

from PROPPR.SharedServices.odds.times import parse_iso_ms
from PROPPR.SharedServices.service.clock import FastClock, SystemClock
from PROPPR.SharedServices.simulator.config import DEFAULT_BOOKMAKERS
from PROPPR.SharedServices.storage.embedded import EmbeddedServer

HERE = Path(__file__).parent
MINUTE = 60_000
HOUR = 60 * MINUTE
LOOK_SECONDS = 0.2
VANISHED_SECONDS = 2.0
KINDS = ("rest_500=1", "rest_disconnect=1", "rest_slow=1:{seconds}")


@dataclass
class Outage:
    """A time without the provider; ms after the day's begin."""

    begin: int
    length: int
    faults: str


@dataclass
class Day:
    """A running day."""

    watch: DayWatch
    poller: subprocess.Popen[bytes]
    clock: FastClock
    stage: Stage
    figures: Figures
    todo: list[Outage]
    begin: int
    current: Outage | None = None
    recovering: int | None = None
    next_vanished: float = 0.0
    next_sample: float = 0.0
    own_calls: int = 0
    log_every: int = field(default=HOUR)

    def run_until(self, end: int) -> None:
        """Look until a simulated moment, with the outages that fall due."""
        while (now := self.clock.now_ms()) < end:
            self._steer(now)
            self.look()
            PAUSE.wait(LOOK_SECONDS)

    def look(self) -> None:
        """Compare once, and take samples now and then."""
        if self.poller.poll() is not None:
            raise SystemExit(f"the poller ended with {self.poller.returncode}")
        self.watch.look()
        at = time.monotonic()
        if at >= self.next_vanished:
            self.watch.look_for_vanished()
            self.next_vanished = at + VANISHED_SECONDS
        now = self.clock.now_ms()
        if self.figures.synced_after is None and self.watch.is_through:
            self.figures.synced_after = now - self.begin
            self.stage.log(f"everything was read after {self.figures.synced_after // MINUTE} simulated minutes")
        if self.recovering is not None and self.watch.is_through and self._all_after(self.recovering):
            self.figures.recoveries.append(now - self.recovering)
            self.recovering = None
        if now >= self.next_sample:
            self.next_sample = now + self.log_every / 6
            self.figures.memory.append((now - self.begin, resident_bytes(self.poller.pid)))

    def _all_after(self, moment: int) -> bool:
        return all(claim.complete_until > moment for claim in self.watch.claims.values())

    def _steer(self, now: int) -> None:
        if self.current is None and self.todo and now >= self.begin + self.todo[0].begin:
            self.current = self.todo.pop(0)
            seconds = self.current.length / 1000 / self.clock.factor
            self.watch.control.post("faults", {"faults": self.current.faults.format(seconds=seconds)})
            self.watch.outages.append((self.clock.now_ms(), end_of(self.clock.now_ms(), self.current)))
            self.stage.log(f"outage of {self.current.length // MINUTE} min: {self.current.faults}")
        elif self.current is not None and now >= self.watch.outages[-1][1]:
            self.watch.control.post("faults", [])
            ended = self.clock.now_ms()
            self.watch.outages[-1] = (self.watch.outages[-1][0], ended)
            self.figures.forced.append(self.open_fixtures())
            self.recovering, self.current = ended, None

    def open_fixtures(self) -> int:
        """How many fixtures a hole may concern now, by the simulator's list."""
        now = self.clock.now_ms()
        still = [event for event in self.events() if event["status"] in ("pending", "live")]
        return sum(parse_iso_ms(event["date"]) > now - 4 * HOUR for event in still)

    def events(self) -> list[dict[str, Any]]:
        """All fixtures as the provider lists them."""
        self.own_calls += 1
        found: list[dict[str, Any]] = self.watch.control.read(
            "/v3/events", apiKey="oracle", sport="football", limit=5000
        )
        return found

    def settle(self, patience: int) -> None:
        """Let the feed fall silent, and wait until the poller has read everything and found what vanished."""
        self.watch.control.post("pause", {})
        silent = self.clock.now_ms()
        while self.clock.now_ms() < silent + patience:
            self.look()
            if self.watch.is_through and self._all_after(silent) and not self.watch.ledger.vanished:
                return
            PAUSE.wait(LOOK_SECONDS)


def evidence(day: Day, database: Any) -> list[Any]:  # noqa: ANN401
    """What was stored where a change was missed; and of the fixtures whose withdrawn books still stand, what is."""
    events = {event["id"]: event for event in day.events()}
    return day.watch.evidence + [
        {
            "withdrawn": (fixture_id, feed, at),
            "event": events.get(fixture_id),
            "fixture": database["fixtures"].find_one({"id": fixture_id}),
            "books": list(database["odds_books"].find({"fixture_id": fixture_id}, {"markets": 0, "journal": 0})),
            "waiting": database["poller_rereads"].find_one({"_id": fixture_id}),
        }
        for (fixture_id, feed), at in list(day.watch.ledger.vanished.items())[:10]
    ]


def end_of(begin: int, outage: Outage) -> int:
    """When an outage that begins now ends."""
    return begin + outage.length


def outages_of(hours: float) -> list[Outage]:
    """Three of five minutes and one of an hour in a day; in a shorter one what fits."""
    short, long = 5 * MINUTE, 60 * MINUTE
    lengths = [short, long, short, short] if hours >= 6 else [short] * min(3, max(1, int(hours)))
    step = int(hours * HOUR) // (len(lengths) + 1)
    return [Outage(step * (index + 1), length, KINDS[index % len(KINDS)]) for index, length in enumerate(lengths)]


def run(
    folder: Path, hours: float, factor: float, fixtures: int, bookmakers: tuple[str, ...], seed: int, rate: float
) -> Figures:
    """Run a day and return its figures."""
    stage = Stage(folder)
    with ExitStack() as stack:
        server = EmbeddedServer(folder / "mongo", cache_bytes=2**30, oplog_bytes=2**30)
        server.start()
        stack.callback(server.discard)
        stack.callback(stage.end)
        _, control = start_simulator(
            stage, seed=seed, fixtures=fixtures, bookmakers=",".join(bookmakers), rate=rate, time_factor=factor,
            living=True, new_fixtures_per_hour=fixtures / 40, change_log_size=400_000,
        )  # fmt: skip
        told = control.get("seed")
        clock = FastClock(SystemClock(), factor, told["start"], told["anchor"])
        client = stack.enter_context(MongoClient[dict[str, Any]](server.uri, tz_aware=True))
        poller = stage.spawn(
            "poller", str(HERE / "day_child.py"), f"--simulator={control.base_url}", f"--mongo={server.uri}",
            f"--factor={factor}", f"--start={told['start']}", f"--anchor={told['anchor']}",
            f"--bookmakers={','.join(bookmakers)}",
        )  # fmt: skip
        database = client["day"]
        watch = DayWatch(control, database, clock, bookmakers)
        begin = clock.now_ms()
        figures = Figures(watch, hours, factor)
        day = Day(watch, poller, clock, stage, figures, outages_of(hours), begin)
        day.run_until(begin + int(hours * HOUR))
        figures.polled_for = clock.now_ms() - begin
        watch.count_requests(begin + int(hours * HOUR))
        figures.fixtures = control.get("stats")["fixtures"]
        stage.log("the feed is silent")
        day.settle(45 * MINUTE)
        figures.own_calls = day.own_calls
        verdict = Verdict()
        compare(expected_books(control.get("truth")), stored_books(database), verdict)
        compare_fixtures(day.events(), database, clock.now_ms(), verdict)
        figures.verdict = verdict
        (folder / "evidence.json").write_text(json.dumps(evidence(day, database), default=str, indent=1))
        poller.send_signal(signal.SIGTERM)
        figures.exit_code = poller.wait(20)
        return figures


@click.command()
@click.option("--hours", default=24.0)
@click.option("--factor", default=60.0, help="Simulated seconds a real second.")
@click.option("--fixtures", default=1000)
@click.option("--bookmakers", default=5)
@click.option("--seed", default=1)
@click.option("--rate", default=0.4, help="Messages a simulated second.")
@click.option("--keep", type=click.Path(path_type=Path), help="Leave the processes' output here.")
def main(
    hours: float, factor: float, fixtures: int, bookmakers: int, seed: int, rate: float, keep: Path | None
) -> None:
    """Run the day, print the figures, and say whether every promise held."""
    with tempfile.TemporaryDirectory(dir=fast_folder()) as folder, Stalls() as stalls:
        place = keep or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        figures = run(place, hours, factor, fixtures, DEFAULT_BOOKMAKERS[:bookmakers], seed, rate)
        figures.stalls = stalls.long
        (place / "requests.json").write_text(json.dumps(figures.watch.requests.kept))
    show(figures)
    if figures.broken():
        raise SystemExit(1)


if __name__ == "__main__":
    main()
