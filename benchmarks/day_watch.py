"""Looks at a poller from outside: what it claims, what is stored, what the simulator knows, what was requested."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from harness import SimulatorControl
from ledger import Ledger, Missed, undisturbed
from pymongo.database import Database
from stored_quotes import priced_feeds, stored_quotes

from PROPPR.SharedServices.service.clock import Clock

Document = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AT_ONCE = 5000


@dataclass
class Claim:
    """What `poller_state` says of a bookmaker: complete until when, and since when not (ms)."""

    complete_until: int
    hole_since: int | None


@dataclass
class Requests:
    """The simulator's log of requests, added up."""

    by_endpoint: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    cycles: Counter[str] = field(default_factory=Counter)
    sizes: Counter[int] = field(default_factory=Counter)
    kept: list[Document] = field(default_factory=list)
    number: int = 0

    @property
    def total(self) -> int:
        """All requests."""
        return sum(self.by_endpoint.values())

    def add(self, entry: Document) -> None:
        """Count one entry of /_sim/requests; failed ones count as requests, not as cycles."""
        self.number = entry["n"]
        self.kept.append(entry)
        endpoint = entry["endpoint"]
        self.by_endpoint[endpoint] += 1
        if entry["status"] != 200 or entry["fault"] is not None:
            return
        self.answered[endpoint] += 1
        if endpoint == "/odds/updated":
            self.cycles[entry["bookmaker"]] += 1
        elif endpoint == "/odds/multi":
            self.sizes[entry["event_ids"]] += 1


@dataclass
class DayWatch:
    """One `look` is one comparison. `outages` are the simulated times in which the provider did not answer, so far."""

    control: SimulatorControl
    database: Database[Document]
    clock: Clock
    bookmakers: tuple[str, ...]
    outages: list[tuple[int, int]] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    requests: Requests = field(default_factory=Requests)
    claims: dict[str, Claim] = field(default_factory=dict)
    worst_lag: int = 0
    worst_lag_at: int = 0
    worst_hole: int = 0
    holes: int = 0
    rereads_waiting: int = 0
    oldest_vanished: int = 0
    evidence: list[Document] = field(default_factory=list)

    def look(self) -> bool:
        """Judge everything that fell due since the last look; whether any watermark had moved."""
        moved = self._read_claims()
        if moved:
            waiting = self._waiting()
            self.drain()
            due = {name: self.ledger.due(name, self.claims[name].complete_until) for name in moved}
            stored = stored_quotes(self.database, [place for places in due.values() for place in places])
            self.drain()
            now = self.clock.now_ms()
            known = len(self.ledger.missed)
            for name, places in due.items():
                until = self.claims[name].complete_until
                self.ledger.judge(places, until, stored, waiting.get(name, set()), now)
            self._keep_evidence(self.ledger.missed[known:], now)
        self._note_lags()
        return bool(moved)

    def _keep_evidence(self, missed: list[Missed], now: int) -> None:
        for one in missed:
            books = self.database["odds_books"].find({"fixture_id": one.place.fixture_id}, {"markets": 0})
            claims = {name: (claim.complete_until, claim.hole_since) for name, claim in self.claims.items()}
            self.evidence.append({"missed": one, "now": now, "claims": claims, "books": list(books)})

    def look_for_vanished(self) -> None:
        """Note which withdrawn books are gone from what is stored, and how old the oldest of the others is."""
        self.drain()
        waiting = dict(self.ledger.vanished)
        priced = priced_feeds(self.database, list(waiting))
        self.ledger.check_vanished(priced | (self.ledger.vanished.keys() - waiting.keys()), self.clock.now_ms())
        now = self.clock.now_ms()
        ages = [undisturbed(at, now, self.outages) for feed, at in self.ledger.vanished.items()]
        self.oldest_vanished = max([self.oldest_vanished, *ages])

    def drain(self) -> None:
        """Take in all changes that the simulator logged since."""
        while True:
            found = self.control.get("changes", after=self.ledger.sequence, limit=AT_ONCE, before="false")
            self.ledger.add(found)
            if len(found) < AT_ONCE:
                return

    def count_requests(self, until: int) -> None:
        """Take in the requests that arrived before a moment; whatever was to become of them has become by then."""
        while True:
            entries = self.control.get("requests", after=self.requests.number, limit=AT_ONCE)
            for entry in entries:
                if entry["at"] >= until:
                    return
                self.requests.add(entry)
            if len(entries) < AT_ONCE:
                return

    @property
    def is_through(self) -> bool:
        """Whether every bookmaker was read, no hole is open and no fixture waits to be read again."""
        return (
            len(self.claims) == len(self.bookmakers)
            and all(claim.hole_since is None for claim in self.claims.values())
            and not self.rereads_waiting
        )

    def _read_claims(self) -> list[str]:
        moved = []
        for document in self.database["poller_state"].find({"bookmaker": {"$exists": True}}):
            if document["complete_until"] is None:
                continue
            hole = document["hole_since"]
            claim = Claim(_ms(document["complete_until"]), None if hole is None else _ms(hole))
            known = self.claims.get(document["bookmaker"])
            if claim != known:
                moved.append(document["bookmaker"])
                self.holes += claim.hole_since is not None and (known is None or known.hole_since is None)
            self.claims[document["bookmaker"]] = claim
        return moved

    def _waiting(self) -> dict[str, set[int]]:
        """Which fixtures wait to be read again, by bookmaker: read after the claims and before the books."""
        waiting: dict[str, set[int]] = {}
        self.rereads_waiting = 0
        for document in self.database["poller_rereads"].find({}, {"bookmakers": 1}):
            self.rereads_waiting += 1
            for bookmaker in document["bookmakers"]:
                waiting.setdefault(bookmaker, set()).add(document["_id"])
        return waiting

    def _note_lags(self) -> None:
        now = self.clock.now_ms()
        for claim in self.claims.values():
            lag = undisturbed(claim.complete_until, now, self.outages)
            if lag > self.worst_lag:
                self.worst_lag, self.worst_lag_at = lag, now
            if claim.hole_since is not None:
                self.worst_hole = max(self.worst_hole, undisturbed(claim.hole_since, now, self.outages))


def _ms(at: datetime) -> int:
    return (at - EPOCH) // timedelta(milliseconds=1)
