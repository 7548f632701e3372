"""The `status` of a match as pages and match payloads write it, and FotMob's ways of writing times."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from PROPPR.SharedServices.simulator.fotmob.standing import Standing, clock_text
from PROPPR.SharedServices.simulator.fotmob.world import Meeting
from PROPPR.SharedServices.simulator.scoreline import Course

Json = dict[str, Any]
_REASONS: dict[str, Json] = {
    "FT": {"short": "FT", "shortKey": "fulltime_short", "long": "Full-Time", "longKey": "finished"},
    "AET": {"short": "AET", "shortKey": "afterextratime_short", "long": "After extra time", "longKey": "afterextra"},
    "Pen": {"short": "Pen", "shortKey": "penalties_short", "long": "After penalties", "longKey": "afterpenalties"},
    "postponed": {"short": "PP", "shortKey": "postponed_short", "long": "Postponed", "longKey": "postponed"},
    "cancelled": {"short": "Can", "shortKey": "cancelled_short", "long": "Cancelled", "longKey": "cancelled"},
    "abandoned": {"short": "Ab", "shortKey": "aborted_short", "long": "Abandoned", "longKey": "aborted"},
    "awarded": {"short": "AW", "shortKey": "", "long": "Awarded win", "longKey": "awarded_win"},
}
_STARTS = (
    (1, "firstHalfStarted"),
    (2, "secondHalfStarted"),
    (3, "firstExtraHalfStarted"),
    (4, "secondExtraHalfStarted"),
)


@lru_cache(maxsize=64)
def zone(name: str) -> tzinfo:
    """A time zone by its name, UTC for one that is not known."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def utc_text(milliseconds: int) -> str:
    """A time as `2026-05-16T13:30:00.000Z`."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def local_text(milliseconds: int, where: tzinfo, pattern: str = "%d.%m.%Y %H:%M:%S") -> str:
    """A time of day in a zone."""
    return datetime.fromtimestamp(milliseconds / 1000, where).strftime(pattern)


def reason(at: Standing) -> Json | None:
    """Why a match is over; None where it is not."""
    if at.phase == "finished":
        return dict(_REASONS[at.ending])
    return dict(_REASONS[at.phase]) if at.phase in _REASONS else None


def status(meeting: Meeting, at: Standing, course: Course) -> Json:
    """What every page says of a match."""
    found: Json = {"utcTime": utc_text(meeting.kickoff), "started": at.started, "cancelled": at.cancelled}
    found["finished"] = at.finished
    if at.finished:
        found["awarded"] = at.phase == "awarded"
    if at.phase == "live":
        found["ongoing"] = True
    if at.started:
        found["scoreStr"] = f"{at.score[0]} - {at.score[1]}"
    why = reason(at)
    if why is not None:
        found["reason"] = why
    if at.phase == "live":
        short, long, base = clock_text(at, course)
        keys = ("halftime_short", "pause_match") if at.pause else ("", "")
        found["liveTime"] = {
            "short": short, "shortKey": keys[0], "long": long, "longKey": keys[1],
            "maxTime": base, "basePeriod": base, "addedTime": 0,
        }  # fmt: skip
    return found


def halves(meeting: Meeting, at: Standing, course: Course, where: tzinfo, whole: bool) -> Json:
    """When the halves began and, with `whole`, ended: local texts, "" for what has not been."""
    found: Json = {}
    for period, name in _STARTS:
        begun = period <= course.last_period and at.until >= (period, 0)
        if begun or (whole and at.started):
            found[name] = local_text(meeting.kickoff + course.starts(period), where) if begun else ""
    if whole and at.started:
        for period, name in ((1, "firstHalfEnded"), (2, "secondHalfEnded")):
            over = at.until > (period, 99) or (at.pause and at.until[0] == period)
            found[name] = local_text(meeting.kickoff + course.ends(period), where) if over else ""
        found["gameEnded"] = local_text(meeting.kickoff + course.length, where) if at.phase == "finished" else ""
    return found or ({} if whole else {"firstHalfStarted": local_text(meeting.kickoff, where)})
