"""When each alert fires and when it does not: series a minute apart, and what fires after so many minutes.

A series is written as Prometheus' own unit tests write it: `0x9` is ten times 0, `0+5x9` begins at 0 and grows by 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

UPDATER: Final = 'service="websocket-updater"'
POLLER: Final = 'service="unified-poller"'
CONSOLE: Final = 'service="console"'
STATISTICS: Final = 'service="stats-pipeline"'
GRADER: Final = 'service="grading-scheduler"'
ALIVE: Final = {'up{job="proppr"}': "1x900"}


@dataclass(frozen=True)
class Case:
    """What is measured, and exactly which alerts fire at the end of that minute."""

    name: str
    series: dict[str, str]
    minute: int
    firing: frozenset[str] = frozenset()


def _case(name: str, series: dict[str, str], minute: int, *firing: str, alive: bool = True) -> Case:
    return Case(name, {**(ALIVE if alive else {}), **series}, minute, frozenset(firing))


def _check(service: str, check: str, values: str) -> dict[str, str]:
    return {f'proppr_health_check_ok{{{service}, check="{check}"}}': values}


def _lease(first: str, second: str) -> dict[str, str]:
    return {
        'proppr_lease_held{lease="odds_api_ws", instance="a"}': first,
        'proppr_lease_held{lease="odds_api_ws", instance="b"}': second,
    }


FLEET: Final = [
    _case("all is well", {**_lease("1x20", "0x20"), "proppr_mongo_up": "1x20"}, 20),
    _case("one process is down", {f'up{{job="proppr", {UPDATER}}}': "0x5"}, 3, "ProcessDown"),
    _case("a process is down for a moment", {f'up{{job="proppr", {UPDATER}}}': "1 0 1x9"}, 3),
    _case("all are down", {f'up{{job="proppr", {UPDATER}}}': "0x5"}, 3, "ProcessDown", "FleetDown", alive=False),
    _case("only the console answers", {f'up{{job="proppr", {UPDATER}}}': "0x5",
          f'up{{job="proppr", {CONSOLE}}}': "1x5"}, 3, "ProcessDown", "FleetDown", alive=False),
    _case("the console is down", {f'up{{job="proppr", {CONSOLE}}}': "1x20 0x20"}, 30, "ConsoleDown"),
    _case("the console was never there", {f'up{{job="proppr", {CONSOLE}}}': "0x40"}, 30),
    _case("the console starts again", {f'up{{job="proppr", {CONSOLE}}}': "1x20 0x3 1x9"}, 30),
    _case("nothing is known of any", {"proppr_mongo_up": "1x9"}, 3, "FleetDown", alive=False),
    _case("unhealthy", {f'proppr_health_status{{{POLLER}, status="unhealthy"}}': "1x5"}, 3, "ProcessUnhealthy"),
    _case("degraded for a while", {f'proppr_health_status{{{POLLER}, status="degraded"}}': "1x20"}, 20),
    _case("degraded for long", {f'proppr_health_status{{{POLLER}, status="degraded"}}': "1x40"}, 35, "ProcessDegraded"),
    _case("starting again", {f'process_start_time_seconds{{job="proppr", {POLLER}}}': "1x3 2x3 3x3 4x9"}, 14,
          "ProcessRestarting"),
    _case("started again once", {f'process_start_time_seconds{{job="proppr", {POLLER}}}': "1x3 2x20"}, 14),
    _case("a worker fails", {f'proppr_worker_failures_total{{{GRADER}, worker="grading"}}': "0+1x20"}, 20,
          "WorkerFailing"),
    _case("a worker failed once", {f'proppr_worker_failures_total{{{GRADER}, worker="grading"}}': "0x3 1x20"}, 15),
    _case("few file descriptors are left", {'process_open_fds{job="proppr"}': "900x9",
          'process_max_fds{job="proppr"}': "1000x9"}, 7, "FileDescriptorsRunOut"),
    _case("MongoDB away", {f"proppr_mongo_up{{{GRADER}}}": "1 0x5"}, 3, "MongoDBAway"),
    _case("nobody holds a lease", _lease("0x9", "0x9"), 3, "LeaseUnheld"),
    _case("the standby is gone", _lease("1x60", "0x20 _x40"), 40, "LeaseStandbyMissing"),
    _case("there was never a standby", {'proppr_lease_held{lease="grading"}': "1x60"}, 40),
]  # fmt: skip

FEED: Final = [
    _case("silent", _check(UPDATER, "data_age", "1 0x9"), 4, "FeedSilent"),
    _case("a quiet night", _check(UPDATER, "data_age", "1x9"), 4),
    _case("not connected", _check(UPDATER, "connection", "1 0x9"), 4, "FeedDisconnected"),
    _case("late", {'proppr_stream_commit_seconds_bucket{le="1"}': "0+90x20",
          'proppr_stream_commit_seconds_bucket{le="5"}': "0+100x20",
          'proppr_stream_commit_seconds_bucket{le="+Inf"}': "0+100x20"}, 15, "FeedLate"),
    _case("in time", {'proppr_stream_commit_seconds_bucket{le="0.01"}': "0+100x20",
          'proppr_stream_commit_seconds_bucket{le="+Inf"}': "0+100x20"}, 15),
    _case("lost again and again", {'proppr_stream_reconnects_total{reason="closed"}': "0+2x30"}, 25,
          "FeedReconnecting"),
    _case("turning through its filters", {'proppr_stream_reconnects_total{reason="rotation"}': "0+2x30"}, 25),
    _case("stale books", {f"proppr_last_update_timestamp_seconds{{{UPDATER}}}": "0x9",
          "proppr_stream_odds_expected": "1x9"}, 5, "BooksStale"),
    _case("the poller keeps them current", {f"proppr_last_update_timestamp_seconds{{{UPDATER}}}": "0x9",
          f"proppr_last_update_timestamp_seconds{{{POLLER}}}": "0+60x9", "proppr_stream_odds_expected": "1x9"}, 5),
    _case("old books that nobody expects to change", {f"proppr_last_update_timestamp_seconds{{{UPDATER}}}": "0x9",
          "proppr_stream_odds_expected": "0x9"}, 5),
    _case("drops wait", {f"proppr_writer_history_waiting{{{UPDATER}}}": "5000x9"}, 7, "DropsBacklog"),
    _case("drops on their way", {f"proppr_writer_history_waiting{{{UPDATER}}}": "500x9"}, 7),
    _case("a queue grows", {f'proppr_queue_depth{{{UPDATER}, queue="books"}}': "200+100x30"}, 20, "QueueGrowing"),
    _case("a queue holds", {f'proppr_queue_depth{{{UPDATER}, queue="books"}}': "500x30"}, 20),
    _case("re-reads after an outage", {f'proppr_queue_depth{{{POLLER}, queue="rereads"}}': "200+100x30"}, 20),
    _case("a full queue", {f'proppr_queue_dropped_total{{{UPDATER}, queue="alerts"}}': "0x3 5x9"}, 8, "QueueDropping"),
    _case("dead letters", {f"proppr_dead_letters_total{{{UPDATER}}}": "0x3 1x20",
          f"proppr_dead_letters_lost_total{{{UPDATER}}}": "0x23"}, 15, "DeadLetters"),
    _case("an old dead letter", {f"proppr_dead_letters_total{{{UPDATER}}}": "7x80",
          f"proppr_dead_letters_lost_total{{{UPDATER}}}": "0x80"}, 75),
]  # fmt: skip

BUDGET: Final = [
    _case("nearly used", {'proppr_budget_free_requests{budget="odds_api"}': "300x20",
          'proppr_budget_limit_requests{budget="odds_api"}': "5000x20"}, 15, "BudgetNearlyUsed"),
    _case("half used", {'proppr_budget_free_requests{budget="odds_api"}': "2500x20",
          'proppr_budget_limit_requests{budget="odds_api"}': "5000x20"}, 15),
    _case("parked", {'proppr_budget_parked_until_timestamp_seconds{budget="odds_api"}': "3600x9"}, 5, "BudgetParked"),
    _case("parked long ago", {'proppr_budget_parked_until_timestamp_seconds{budget="odds_api"}': "60x9"}, 5),
    _case("never parked", {'proppr_budget_parked_until_timestamp_seconds{budget="odds_api"}': "0x9"}, 5),
    _case("FotMob's day is used", {'proppr_budget_free_requests{budget="fotmob"}': "0x800",
          'proppr_budget_limit_requests{budget="fotmob"}': "2000x800"}, 750, "FotMobBudgetUsed"),
    _case("FotMob's day is used for an hour", {'proppr_budget_free_requests{budget="fotmob"}': "0x60",
          'proppr_budget_limit_requests{budget="fotmob"}': "2000x60"}, 60),
]  # fmt: skip

WORK: Final = [
    _case("the poller is behind", {**_check(POLLER, "lag", "0x9"), "proppr_poll_lag_seconds": "400x9"}, 7,
          "PollerLate"),
    _case("the poller is far behind", {**_check(POLLER, "lag", "0x9"), "proppr_poll_lag_seconds": "1000x9"}, 7,
          "PollerLate", "PollerVeryLate"),
    _case("only a refused bookmaker is behind", {**_check(POLLER, "lag", "1x9"), "proppr_poll_lag_seconds": "9999x9"},
          7),
    _case("REST is away", _check(POLLER, "source", "0x20"), 15, "PollerSourceAway"),
    _case("REST is away for a moment", _check(POLLER, "source", "0x2 1x20"), 15),
    _case("a bookmaker is refused", _check(POLLER, "bookmakers", "0x20"), 18, "BookmakerRefused"),
    _case("statistics are old", _check(STATISTICS, "daily_run", "0x20"), 15, "StatisticsStale"),
    _case("FotMob refuses", {f"proppr_fotmob_degraded{{{STATISTICS}}}": "1x40"}, 35, "StatisticsSourceDegraded"),
    _case("FotMob refused for ten minutes", {f"proppr_fotmob_degraded{{{STATISTICS}}}": "1x10 0x30"}, 35),
    _case("other pages", _check(GRADER, "layout", "0x9"), 7, "StatisticsLayoutChanged"),
    _case("bets wait too long", {"proppr_grading_pending_late": "3x40"}, 35, "GradingPendingTooOld"),
    _case("no bet waits too long", {"proppr_grading_pending_late": "0x40"}, 35),
    _case("no rounds", _check(GRADER, "rounds", "0x20"), 15, "GradingStopped"),
    _case("alerts are not stored", {f'proppr_queue_depth{{{GRADER}, queue="alerts"}}': "2x20"}, 15, "AlertsNotStored"),
    _case("no alert arrives", {'proppr_alert_deliveries_total{channel="telegram", outcome="retry"}': "0+1x30"}, 25,
          "AlertsNotDelivered"),
    _case("some alerts arrive", {'proppr_alert_deliveries_total{channel="telegram", outcome="retry"}': "0+1x30",
          'proppr_alert_deliveries_total{channel="telegram", outcome="sent"}': "0+1x30"}, 25),
]  # fmt: skip

CASES: Final = (*FLEET, *FEED, *BUDGET, *WORK)
