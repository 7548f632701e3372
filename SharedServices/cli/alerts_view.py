"""Alerts and mutes in a terminal. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.table import Table

from PROPPR.SharedServices.service.alerting.control import Mute
from PROPPR.SharedServices.service.alerting.texts import duration, told_by

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_SHOWN = (
    "key", "state", "severity", "title", "detail", "last_detail", "service", "count", "episode", "raised_at",
    "last_seen_at", "recovered_at", "acknowledged_at", "acknowledged_by", "delivery", "last_error",
)  # fmt: skip


def table_of(alerts: Sequence[dict[str, Any]], now: datetime) -> Table:
    """Return the alerts as a table."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("severity", "state", "since (UTC)", "for", "key", "what", "times", "told"):
        table.add_column(name, no_wrap=name in ("severity", "state", "since (UTC)", "for"))
    for alert in alerts:
        table.add_row(
            alert.get("severity", ""), _state(alert), f"{alert['raised_at']:%Y-%m-%d %H:%M}", _lasted(alert, now),
            alert["_id"], _what(alert), str(alert.get("count", "")), told_by(alert),
            style="red" if alert.get("severity") == "critical" and alert["state"] == "failing" else None,
        )  # fmt: skip
    return table


def lines_of(mutes: Sequence[Mute]) -> list[str]:
    """Return a line per mute."""
    return [
        f"muted until {mute.until:%Y-%m-%d %H:%M} UTC: {mute.pattern}"
        + (f" by {mute.by}" if mute.by else "")
        + (f" ({mute.reason})" if mute.reason else "")
        for mute in mutes
    ]


def plain(alert: dict[str, Any]) -> dict[str, Any]:
    """Return an alert for other programs: without what the senders note for themselves."""
    return {name: alert.get(name) for name in _SHOWN} | {"key": alert["_id"]}


def seconds_of(text: str) -> float:
    """Read `90`, `30m`, `2h` or `3d`; ValueError for anything else."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)\s*([smhd]?)", text.strip().lower())
    if match is None:
        raise ValueError(f"must be a time like 30m, 2h or 3d, not {text!r}")
    return float(match[1]) * _UNITS[match[2]]


def _state(alert: dict[str, Any]) -> str:
    if alert["state"] == "failing" and alert.get("acknowledged_at"):
        return f"acknowledged by {alert.get('acknowledged_by') or 'somebody'}"
    return str(alert["state"])


def _lasted(alert: dict[str, Any], now: datetime) -> str:
    if alert["state"] == "notice":
        return ""
    end = alert.get("recovered_at") if alert["state"] == "recovered" else now
    return duration(max(0.0, ((end or now) - alert["raised_at"]).total_seconds()))


def _what(alert: dict[str, Any]) -> str:
    detail = alert.get("last_detail") or alert.get("detail") or ""
    return f"{alert.get('title') or ''}: {detail}".removesuffix(": ")[:200]
