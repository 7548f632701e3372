"""Where a match stands by the clock, and how much FotMob tells of it by then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from zlib import crc32

from PROPPR.SharedServices.simulator.fotmob.world import Meeting
from PROPPR.SharedServices.simulator.scoreline import LENGTHS, MINUTE_MS, Course, Moment, shown

HOUR_MS = 60 * MINUTE_MS
LINEUPS_MS = HOUR_MS
SETTLING_MS = 25 * MINUTE_MS
CORRECTION_MS = 20 * HOUR_MS
ABANDONED_AT = (2, 14)
FATES = ("played", "postponed", "cancelled", "abandoned", "awarded")
_ALL = (9, 99)
_STATUS_IDS = {"scheduled": 1, "postponed": 5, "cancelled": 106, "abandoned": 17, "awarded": 190}


@dataclass(frozen=True, slots=True)
class Standing:
    """`phase`: scheduled, live, finished, or a fate other than played. `until`: what has been played of it.

    `lineups`: the elevens of the day are known. `settled`: statistics are complete; `corrected`: the next day's
    correction is in.
    """

    phase: str
    until: Moment = (0, 0)
    lineups: bool = False
    settled: bool = True
    corrected: bool = False
    pause: bool = False
    ending: str = "FT"
    score: tuple[int, int] = (0, 0)
    elapsed: int = 0

    @property
    def status_id(self) -> int:
        """FotMob's number of it."""
        if self.phase == "finished":
            return {"FT": 6, "AET": 11, "Pen": 13}[self.ending]
        if self.phase == "live":
            return 10 if self.pause else (2 if self.until[0] <= 1 else 3)
        return _STATUS_IDS[self.phase]

    @property
    def started(self) -> bool:
        """FotMob's flag of it."""
        return self.phase in ("live", "finished", "abandoned", "awarded")

    @property
    def finished(self) -> bool:
        """FotMob's flag of it."""
        return self.phase in ("finished", "awarded")

    @property
    def cancelled(self) -> bool:
        """FotMob's flag of it."""
        return self.phase in ("postponed", "cancelled", "abandoned")

    @property
    def played(self) -> bool:
        """Whether there is something to tell from the pitch."""
        return self.phase in ("live", "finished")


def drawn_fate(seed: int, meeting: Meeting) -> str:
    """What became of a match: a few of the past were called off or awarded; fixtures as the odds side says."""
    if meeting.fixture is not None:
        return meeting.fixture.status if meeting.fixture.status in ("postponed", "cancelled") else "played"
    draw = crc32(b"fate-%d-%d" % (seed, meeting.id)) % 1000
    if draw < 6:
        return "postponed"
    return "abandoned" if draw < 9 else "awarded" if draw < 12 else "played"


def has_correction(seed: int, match_id: int) -> bool:
    """Whether a number of this match is corrected the next day: one match in eight."""
    return crc32(b"correction-%d-%d" % (seed, match_id)) % 8 == 0


def standing(meeting: Meeting, course: Course, fate: str, now: int, correction: bool) -> Standing:
    """Where a match stands at `now` (ms)."""
    elapsed = now - meeting.kickoff
    lineups = elapsed >= -LINEUPS_MS
    if fate in ("postponed", "cancelled"):
        return Standing(fate)
    if elapsed < 0:
        return Standing("scheduled", lineups=lineups, elapsed=elapsed)
    if fate == "awarded":
        return Standing("awarded", score=(3, 0))
    live = Standing("live", course.seen_at(elapsed), lineups, elapsed=elapsed)
    if fate == "abandoned" and live.until > ABANDONED_AT:
        return Standing("abandoned", ABANDONED_AT, lineups, score=course.score(ABANDONED_AT))
    if elapsed < course.length:
        period, minute = live.until
        over = period > 0 and minute >= LENGTHS[period] + course.stoppage[period]
        return replace(live, pause=over and period < course.last_period, score=course.score(live.until), settled=False)
    ending = "Pen" if course.shootout else "AET" if course.extra_time else "FT"
    ago = elapsed - course.length
    return Standing(
        "finished",
        _ALL,
        lineups,
        settled=ago >= SETTLING_MS,
        corrected=correction and ago >= CORRECTION_MS,
        ending=ending,
        score=course.score(_ALL),
        elapsed=elapsed,
    )


def clock_text(at: Standing, course: Course) -> tuple[str, str, int]:
    """Of a match in play: the short and long texts of its clock, and the length of the period in minutes."""
    period = max(1, at.until[0])
    base = (0, 45, 90, 105, 120)[period]
    if at.pause:
        return "HT", "Half-Time", base
    minute, over = shown((period, at.until[1]))
    seconds = at.elapsed // 1000 % 60
    short = f"{minute}+{over}" if over else str(minute + 1)
    return f"{short}\u200e\u2019\u200e", f"{minute + over}:{seconds:02d}", base
