"""Alerts as people read them: one alone, a storm as one text, a mail. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PROPPR.SharedServices.service.mongo_types import Document

MARKS = {"failed": "FAILED", "recovered": "RECOVERED", "notice": "NOTICE", "reminder": "STILL FAILING",
         "worse": "WORSE", "acknowledged": "ACKNOWLEDGED"}  # fmt: skip
_RANKS = {"critical": 0, "warning": 1, "info": 2}
_ORDER = ("failed", "worse", "reminder", "recovered", "notice", "acknowledged")
AGAIN = "(may have been sent before: the sender was interrupted)"


@dataclass(frozen=True, slots=True)
class News:
    """One thing to tell of an alert."""

    key: str
    kind: str
    severity: str
    title: str
    detail: str
    service: str
    at: datetime
    raised_at: datetime | None = None
    episode: int = 0
    count: int = 1
    again: bool = False


def news_of(alert: Document, message: Document) -> News:
    """Return what a message of an alert says."""
    return News(
        alert["_id"], message["kind"], alert.get("severity", "info"), message["title"] or alert["_id"],
        message["detail"], alert.get("service") or "service", message["at"], alert.get("raised_at"),
        alert.get("episode") or 0, alert.get("count") or 1, bool((alert.get("claim") or {}).get("again")),
    )  # fmt: skip


def alone(news: News) -> str:
    """One message: what, how bad, since when, how often, by whom."""
    level = " (critical)" if news.severity == "critical" and news.kind != "recovered" else ""
    lines = [f"{MARKS[news.kind]}: {news.title}{level}", news.detail,
             f"{news.at:%Y-%m-%d %H:%M:%S} UTC, {news.service}"]  # fmt: skip
    lasted = _lasted(news)
    if news.kind in ("recovered", "reminder", "worse") and lasted:
        lines.append(f"after {lasted}")
    if news.kind in ("reminder", "worse"):
        lines.append(f"raised {news.count} times; proppr alerts acknowledge '{news.key}'")
    if news.again:
        lines.append(AGAIN)
    return "\n".join(line for line in lines if line)


def together(all_news: Sequence[News], room: int) -> str:
    """Many as one text of at most `room` characters: a count, then a line each, what is worst first."""
    ordered = sorted(all_news, key=lambda news: (_RANKS.get(news.severity, 3), _ORDER.index(news.kind), news.at))
    head = f"{len(ordered)} alerts: {summed(ordered)}"
    if any(news.again for news in ordered):
        head += f"\n{AGAIN}"
    lines = [_line(news) for news in ordered]
    for length in (len(lines), *range(min(len(lines), 60), -1, -1)):
        rest = f"\nand {len(lines) - length} more: proppr alerts --all" if length < len(lines) else ""
        text = "\n".join((head, *lines[:length])) + rest
        if len(text.encode("utf-16-le", "surrogatepass")) // 2 <= room:
            return text
    return head[:room]


def summed(all_news: Sequence[News]) -> str:
    """How many of each kind, like "3 failed, 1 recovered"."""
    counts = Counter(news.kind for news in all_news)
    return ", ".join(f"{counts[kind]} {MARKS[kind].lower()}" for kind in _ORDER if counts[kind])


def subject(all_news: Sequence[News]) -> str:
    """The subject of a mail."""
    if len(all_news) == 1:
        text = f"{MARKS[all_news[0].kind]}: {all_news[0].title}"
    else:
        text = f"{len(all_news)} alerts: {summed(all_news)}"
    return " ".join(f"[PROPPR] {text}".split())[:180]


def mail(all_news: Sequence[News]) -> str:
    """The text of a mail."""
    parts = []
    for news in all_news:
        since = f"since {news.raised_at:%Y-%m-%d %H:%M:%S} UTC" if news.raised_at else ""
        facts = [f"severity {news.severity}", f"from {news.service}", since, f"raised {news.count} times",
                 f"key {news.key}"]  # fmt: skip
        lasted = _lasted(news) if news.kind == "recovered" else ""
        body = [f"{MARKS[news.kind]}: {news.title}", news.detail, f"after {lasted}" if lasted else "",
                ", ".join(fact for fact in facts if fact)]  # fmt: skip
        parts.append("\n".join(line for line in body if line))
    return "\n\n".join(parts) + "\n\nWhat to do: docs/runbook.md. Acknowledge: proppr alerts acknowledge KEY\n"


def duration(seconds: float) -> str:
    """Seconds in words."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def told_by(alert: Document) -> str:
    """By which channels an alert was told, and what is on its way."""
    chat = {"sent": "telegram", "pending": "telegram waits", "undeliverable": "telegram refused", "muted": "muted"}
    parts = [chat.get(str(alert.get("delivery")), "")]
    parts += [name for name in ("email", "pagerduty") if (alert.get(name) or {}).get("told_at")]
    return ", ".join(part for part in parts if part)


def _lasted(news: News) -> str:
    if news.raised_at is None or news.raised_at > news.at:
        return ""
    return duration((news.at - news.raised_at).total_seconds())


def _line(news: News) -> str:
    level = " (critical)" if news.severity == "critical" and news.kind != "recovered" else ""
    detail = f": {news.detail[:100]}" if news.detail and news.kind != "recovered" else ""
    return f"{MARKS[news.kind]}{level} {news.at:%H:%M} {news.title}{detail}"
