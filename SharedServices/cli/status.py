"""`proppr status`: one look at everything, for people and for scripts (exit code)."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from pymongo.database import Database
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.table import Table

from PROPPR.SharedServices.cli.console import EXIT_OK, EXIT_UNHEALTHY, env_file_option, settings_or_exit
from PROPPR.SharedServices.cli.dashboard import Picture, ServiceRow, Speed, render
from PROPPR.SharedServices.cli.grade_readings import BetsReading, read_bets
from PROPPR.SharedServices.cli.plan import SERVICES, port_of
from PROPPR.SharedServices.cli.readings import Board, CheckReading, HealthReading, read_board, read_health
from PROPPR.SharedServices.cli.running import Running, database_uri, read_note, settings_of
from PROPPR.SharedServices.cli.stats_readings import StatsReading, read_stats
from PROPPR.SharedServices.ingest.poller_readings import PollerReading, read_poller
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.errors import ProPprError
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.client import connect
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker

SILENT_AFTER = timedelta(seconds=30)


@click.command("status")
@env_file_option
def command(env_file: Path) -> None:
    """Show health, budget per service, lag per bookmaker, the statistics' last run, newest drops and bets, heartbeats.

    Exit code 1 when something is unhealthy.
    """
    settings = settings_or_exit(env_file)
    running = read_note(settings.proppr_data_dir)
    health = read_services(settings, running)
    board, usage, poller, stats, beats, trouble = Board(), None, PollerReading(), StatsReading(), [], ""
    bets = BetsReading()
    try:
        with database_uri(settings, running) as uri, connect(settings, uri, service="status") as client:
            database = client[settings.mongo_database]
            board = read_board(database)
            usage = GlobalRequestTracker(settings.max_api_requests_per_hour, database=database).usage()
            poller = read_poller(database, settings, SystemClock())
            bets = read_bets(database, SystemClock())
            stats = read_stats(database, settings_of(settings, running), SystemClock())
            beats = heartbeats(database, SystemClock())
    except (PyMongoError, ProPprError) as error:
        trouble = f"MongoDB: {Redactor(settings.secrets()).text(str(error).split(',')[0])}"
    health, notes = by_heartbeat(health, beats)
    speeds = {beat["service"]: speed_of(beat) for beat in reversed(beats)}
    rows = [ServiceRow(one.service, health=one, speed=speeds.get(one.service, Speed())) for one in health]
    console = Console(markup=False, highlight=False)
    notes += [trouble] if trouble else []
    picture = Picture("PROPPR status", rows, board, usage, notes, poller, detailed=not trouble, stats=stats, bets=bets)
    console.print(render(picture))
    if beats:
        console.print(_heartbeat_table(beats))
    sys.exit(EXIT_UNHEALTHY if trouble or any(not is_bearable(reading) for reading in health) else EXIT_OK)


def read_services(settings: Settings, running: Running | None) -> list[HealthReading]:
    """The health of every service, where `up` put it or where the settings say."""
    host = "127.0.0.1" if settings.health_host in ("0.0.0.0", "::") else settings.health_host
    urls = {name: f"http://{host}:{port_of(name, settings)}" for name in SERVICES}
    if running is not None:
        urls |= running.services
    return [read_health(name, url) for name, url in urls.items()]


def by_heartbeat(
    health: Sequence[HealthReading], beats: Sequence[Mapping[str, Any]]
) -> tuple[list[HealthReading], list[str]]:
    """Where no /health answers at all, what the processes wrote of themselves; and a note that names them.

    In containers each process has a loopback of its own. Where one answers, another that does not is down. A heartbeat
    that is silent says nothing.
    """
    newest = {beat["service"]: beat for beat in reversed(beats) if beat["silent_for"] <= SILENT_AFTER}
    alive = [reading.service for reading in health if reading.service in newest]
    if not alive or any(reading.status != "down" for reading in health):
        return list(health), []
    told = [_of_heartbeat(newest[each.service]) if each.service in newest else each for each in health]
    return told, [f"by their heartbeats, as no /health answers here: {', '.join(alive)}"]


def _of_heartbeat(beat: Mapping[str, Any]) -> HealthReading:
    last: datetime | None = beat.get("last_update")
    checks = {each["name"]: CheckReading(each["ok"], each["detail"]) for each in beat.get("checks", ())}
    uptime = (beat["beat_at"] - beat["started_at"]).total_seconds()
    return HealthReading(
        beat["service"], beat["status"], beat.get("version", ""), uptime,
        None if last is None else last.isoformat(), beat.get("queue_size") or 0, checks,
    )  # fmt: skip


def speed_of(beat: Mapping[str, Any]) -> Speed:
    """Messages a second and the time to their acknowledged write, of the last minutes, as the heartbeat tells."""
    latency = beat.get("latency")
    if not latency or not latency["window_s"]:
        return Speed()
    messages = latency["count"] / latency["window_s"]
    return Speed(messages=messages, latency_p50=latency["p50_s"] * 1000, latency_p99=latency["p99_s"] * 1000)


def is_bearable(reading: HealthReading) -> bool:
    """Healthy or degraded: nobody has to get up."""
    return reading.status in ("healthy", "degraded")


def heartbeats(database: Database[dict[str, Any]], clock: Clock) -> list[dict[str, Any]]:
    """The processes that should be running, with `silent_for` since their last heartbeat, the newest first."""
    now = clock.now()
    found = database["service_heartbeats"].find({"state": "running"}).sort("beat_at", -1).limit(50)
    return [{**beat, "silent_for": now - beat["beat_at"]} for beat in found]


def _heartbeat_table(beats: Sequence[dict[str, Any]]) -> Table:
    table = Table("process", "last heartbeat", title="heartbeats", title_justify="left", box=None, header_style="bold")
    for beat in beats:
        seconds = beat["silent_for"].total_seconds()
        table.add_row(
            str(beat["_id"]), f"{seconds:.0f} s ago{' (silent)' if beat['silent_for'] > SILENT_AFTER else ''}"
        )
    return table
