"""From decoded updates to stored books, value bets and arbitrages: the way that both odds services share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

from pymongo.database import Database

from PROPPR.SharedServices.ingest.pipeline_metrics import show_derived, show_writer
from PROPPR.SharedServices.ingest.tickets import Tickets
from PROPPR.SharedServices.odds.arbitrage import ArbitrageRule
from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.odds.types import Source
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.setting_values import named_names, named_percentages
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.books.store import BookStore
from PROPPR.SharedServices.storage.books.worker import Listener, OnDoubt
from PROPPR.SharedServices.storage.books.writer import BookWriter, WriterOptions
from PROPPR.SharedServices.storage.dead_letters import DeadLetters
from PROPPR.SharedServices.storage.derived.arbitrage_bets import ArbitrageBets
from PROPPR.SharedServices.storage.derived.follower import BooksFollower
from PROPPR.SharedServices.storage.derived.value_bets import ValueBets, ValueRule
from PROPPR.SharedServices.storage.fixtures import FixtureStore

_RETENTION = timedelta(days=30)


class Numbers(Protocol):
    """Who counts what is stored and what is set aside."""

    def committed(self, received: Sequence[float]) -> None: ...
    def reject(self, reason: str) -> None: ...


class BookPipeline:
    """The writer of books and the follower that derives from them, with their tickets and dead letters.

    Start `follower` before `writer` and stop it after.
    """

    def __init__(
        self,
        database: Database[dict[str, Any]],
        settings: Settings,
        clock: Clock,
        metrics: Metrics,
        redactor: Redactor,
        numbers: Numbers,
        *,
        service: str,
        source: Source,
        listeners: Sequence[Listener] = (),
        on_doubt: OnDoubt | None = None,
    ) -> None:
        self._numbers = numbers
        self.tickets = Tickets()
        self.letters = DeadLetters(database, clock, service, redactor.text)
        self.store = BookStore(
            database, clock, DropRule(settings.drop_threshold_pct), _RETENTION,
            timedelta(days=settings.proppr_history_days),
        )  # fmt: skip
        self.follower = BooksFollower(
            database,
            clock,
            [
                ValueBets(database, clock, value_rule(settings), source),
                ArbitrageBets(database, clock, arbitrage_rule(settings), source),
            ],
            FixtureStore(database, clock).get,
            source,
            retention=_RETENTION,
            foreign_bytes=settings.proppr_cache_bytes // 8,
        )
        self.writer = BookWriter(
            self.store,
            clock,
            on_done=self._stored,
            set_aside=self._set_aside,
            listeners=[self.follower, *listeners],
            options=_options(settings, source),
            on_doubt=on_doubt,
        )
        metrics.watch_queue("books", lambda: self.writer.pending)
        metrics.watch_queue("tickets", lambda: self.tickets.outstanding)
        metrics.watch_queue("derived", lambda: self.follower.pending)
        show_writer(metrics, self.writer.statistics)
        show_derived(metrics, self.follower.statistics)
        metrics.watch_queue("dead_letters", lambda: self.letters.waiting)
        metrics.observe_counter("proppr_dead_letters_total", "Dead letters stored", lambda: self.letters.stored)
        metrics.observe_counter(
            "proppr_dead_letters_lost_total", "Dead letters that could not be kept", lambda: self.letters.lost
        )

    def _stored(self, tickets: Sequence[int], received: Sequence[float]) -> None:
        self.tickets.done(tickets)
        self._numbers.committed(received)

    def _set_aside(self, kind: str, reason: str, document: Mapping[str, Any]) -> None:
        self._numbers.reject(f"dead_letter_{kind}")
        self.letters.put(kind, reason, document)


def value_rule(settings: Settings) -> ValueRule:
    """What counts as value by the settings."""
    return ValueRule(settings.sharp_bookmakers, settings.min_expected_value, settings.proppr_margin_method)


def arbitrage_rule(settings: Settings) -> ArbitrageRule:
    """What counts as an arbitrage by the settings."""
    return ArbitrageRule(
        max_age=round(settings.proppr_arbitrage_max_age * 1000),
        max_age_in_play=round(settings.proppr_arbitrage_max_age_in_play * 1000),
        error_margin=settings.proppr_arbitrage_error_margin / 100,
        commissions=named_percentages(settings.proppr_exchange_commission),
        one_feed=named_names(settings.proppr_same_prices),
    )


def _options(settings: Settings, source: Source) -> WriterOptions:
    options = WriterOptions(cache_bytes=settings.proppr_cache_bytes)
    if source == "api_poller":
        # REST can wait, a stream can't: what is read of a large answer need not pile up in memory, and one write at a
        # time leaves MongoDB to the updater.
        options = replace(options, workers=1, soft_limit=4_000, hard_limit=8_000, looks_first=True)
    return options
