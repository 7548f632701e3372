"""What the services and the console show at `/metrics`, read from real processes, and the table in the docs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from pymongo.database import Database
from service_processes import Fleet
from support import eventually

from PROPPR.SharedServices.cli.plan import SERVICES
from PROPPR.SharedServices.simulator.server import SimulatorServer

TABLE = Path(__file__).parents[1] / "docs" / "metrics.md"
# What grows once a service has done each kind of its work; the ledger is read last in a round.
WORK = {
    "websocket-updater": ["proppr_stream_commit_seconds"],
    "unified-poller": ["proppr_poll_cycles_total", "proppr_budget_limit_requests"],
    "stats-pipeline": ["proppr_fotmob_requests_total", "proppr_budget_limit_requests"],
    "grading-scheduler": ["proppr_grading_rounds_total", "proppr_ledger_bets"],
    "console": ["proppr_console_events_total"],
}
ALL = {**SERVICES, "console": "PROPPR.Console.runners.run_console"}
STANDARD = ("process_", "python_")  # the client library's own


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    name: str
    kind: str
    labels: frozenset[str]
    meaning: str
    services: frozenset[str]


def documented() -> dict[str, Row]:
    """The table of docs/metrics.md by the names that queries use."""
    rows: dict[str, Row] = {}
    for line in TABLE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("| `proppr_") or len(cells) != 5:
            continue
        name, kind, labels, meaning, services = cells
        rows[name.strip("`")] = Row(
            name.strip("`"), kind, frozenset(re.findall(r"`(\w+)`", labels)), meaning,
            frozenset(ALL) if services == "all" else frozenset(services.split(", ")),
        )  # fmt: skip
    return rows


def series(rows: Iterable[Row]) -> dict[str, frozenset[str]]:
    """The names that a query may use, with the labels of each."""
    found: dict[str, frozenset[str]] = {}
    for row in rows:
        if row.kind == "histogram":
            found |= {f"{row.name}_{part}": row.labels for part in ("sum", "count")}
            found[f"{row.name}_bucket"] = row.labels | {"le"}
        else:
            found[row.name] = row.labels
    return found


def shown_name(family: Metric) -> str:
    """A family's name as queries use it: with `_total` or `_info`."""
    ending = {"counter": "_total", "info": "_info"}.get(family.type, "")
    return family.name if family.name.endswith(ending) else family.name + ending


def scrape(process: Any) -> dict[str, Metric]:
    """The families of a process, without the client library's own."""
    process.health()  # finds the port
    text = requests.get(f"http://127.0.0.1:{process._port}/metrics", timeout=10).text
    families = text_string_to_metric_families(text)
    return {shown_name(each): each for each in families if not each.name.startswith(STANDARD)}


def scrape_all(
    database: Database[Any], uri: str, provider: SimulatorServer, folder: Path
) -> Mapping[str, Mapping[str, Metric]]:
    """Start all of them against the stand-in, with everything switched on, and read their metrics once."""
    host = provider.base_url
    extra = {
        "FOTMOB_BASE_URL": provider.fotmob_url, "PROPPR_FOTMOB_PAUSE": "0", "POLL_INTERVAL": "1",
        "PROPPR_REGISTRY_INTERVAL": "1", "TELEGRAM_BOT_TOKEN": "1:simulated-bot-token", "TELEGRAM_ADMIN_CHAT_ID": "1",
        "TELEGRAM_API_BASE_URL": f"{host}/telegram", "PROPPR_RECORD_DIR": str(folder / "recordings"),
        "BOOKMAKERS": "Bet365,M88", "CONSOLE_PORT": "0",
    }  # fmt: skip
    database["team_tracked_bets"].insert_one({"bet_id": "1", "status": "pending"})
    fleets = {name: Fleet(module, database, uri, provider, folder) for name, module in ALL.items()}
    try:
        processes = {name: fleet.start(name, **extra) for name, fleet in fleets.items()}
        for name, process in processes.items():
            eventually(lambda process=process: started(process), 60, f"{name} to be started")  # type: ignore[misc]
        for name, process in processes.items():
            eventually(
                lambda name=name, process=process: has_worked(name, scrape(process)),  # type: ignore[misc]
                60, f"{name} to have worked",
            )  # fmt: skip
        return {name: scrape(process) for name, process in processes.items()}
    finally:
        for fleet in fleets.values():
            fleet.end()


def started(process: Any) -> bool:
    return bool(process.health().get("checks", {}).get("startup", {}).get("ok"))


def has_worked(service: str, families: Mapping[str, Metric]) -> bool:
    """Whether the service has done each kind of its work at least once."""
    return all(any(sample.value > 0 for sample in families[name].samples) for name in WORK[service])
