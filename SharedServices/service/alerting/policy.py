"""When an operator is told of what: quiet hours, reminders, e-mail for what lasts, storms as one message. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections import deque
from dataclasses import dataclass
from zoneinfo import ZoneInfo

_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-3]):([0-5]\d)(?:\s+(\S+))?")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `begin` to before `end` of every day in `zone`, over midnight where `end` is the earlier one."""

    begin: dt.time
    end: dt.time
    zone: dt.tzinfo

    def contains(self, moment: dt.datetime) -> bool:
        """Tell whether an (aware) moment lies within; begin = end is the whole day."""
        local = moment.astimezone(self.zone).time()
        if self.begin < self.end:
            return self.begin <= local < self.end
        return local >= self.begin or local < self.end


def quiet_hours(text: str) -> QuietHours:
    """Read `23:00-07:00` (UTC) or `23:00-07:00 Europe/London`; ValueError says what is wrong."""
    match = _HOURS.fullmatch(text.strip())
    if match is None:
        raise ValueError("must be hours like 23:00-07:00, or 23:00-07:00 Europe/London")
    begin, end = dt.time(int(match[1]), int(match[2])), dt.time(int(match[3]), int(match[4]))
    if match[5] is None:
        return QuietHours(begin, end, dt.UTC)
    try:
        return QuietHours(begin, end, ZoneInfo(match[5]))
    except (OSError, ValueError, KeyError):  # whatever a name can be: unknown, a directory, a path
        raise ValueError(f"names no time zone that is known here: {match[5]}") from None


@dataclass(frozen=True, slots=True)
class AlertPolicy:
    """When who is told; durations in seconds.

    `email_after`: a failure that lasts so long is mailed. `remind_after`: one that nobody acknowledged is told again
    each time so long has passed (0 = never). `quiet`: only what is critical is told in them. `summary_at`: time of the
    daily summary in UTC (None = no summary).
    """

    email_after: float = 900.0
    remind_after: float = 14_400.0
    quiet: QuietHours | None = None
    summary_at: dt.time | None = dt.time(8, 0)

    def is_quiet(self, moment: dt.datetime) -> bool:
        """Tell whether only what is critical may be told now."""
        return self.quiet is not None and self.quiet.contains(moment)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is due: how many messages, seconds that the oldest has waited, and whether one is of something critical."""

    messages: int
    oldest: float
    has_critical: bool


class Pace:
    """How often a chat may be written to, and from when on a storm is gathered into one message.

    Messages wait `settle` seconds for their like. From `group_from` on they go as one. After `burst` messages within
    `window` seconds, what follows is gathered for `gather` seconds (`gather_critical` with something critical among
    it) and goes as one message, until it is calm again.
    """

    def __init__(
        self,
        *,
        spacing: float = 1.05,
        settle: float = 2.0,
        group_from: int = 4,
        burst: int = 5,
        window: float = 60.0,
        gather: float = 30.0,
        gather_critical: float = 5.0,
    ) -> None:
        self.spacing = spacing  # Telegram allows a bot about one message a second in a chat
        self.group_from = group_from
        self._settle = settle
        self._burst = burst
        self._window = window
        self._gather = gather
        self._gather_critical = gather_critical
        self._sent: deque[float] = deque(maxlen=burst)

    def sent(self, now: float) -> None:
        """Note that a message went at `now` (monotonic seconds)."""
        self._sent.append(now)

    def is_storm(self, now: float) -> bool:
        """Tell whether so many messages went lately that what follows is gathered."""
        return len(self._sent) == self._burst and now - self._sent[0] < self._window

    def wait(self, now: float, waiting: Waiting) -> float:
        """Return the seconds until something may go; 0 = now."""
        since_last = now - self._sent[-1] if self._sent else self._window
        left = max(self.spacing - since_last, self._settle - waiting.oldest)
        if self.is_storm(now):
            gather = self._gather_critical if waiting.has_critical else self._gather
            left = max(left, gather - since_last)
        return max(0.0, left)

    def as_one(self, now: float, waiting: Waiting) -> bool:
        """Tell whether what is due goes as one message."""
        return waiting.messages >= self.group_from or (waiting.messages > 1 and self.is_storm(now))
