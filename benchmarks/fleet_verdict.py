"""What an hour of the whole fleet has to show, and whether it did. Pure: from figures to broken promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from fleet_bets import Bets
from fleet_figures import HOUR, Stretch, grows, seconds, share_outside, slope, without
from fleet_samples import Series

MEGABYTE = 2.0**20
MOST_GROWTH = 1.0
"""MB an hour."""
MOST_FILES = 2.0
"""Open files an hour: less than this is no leak, connections come and go."""
LEAST_FRESH = 0.999
LONG_ENOUGH = HOUR / 2
"""Seconds after the warm-up from which on a slope means something."""
EDGE = 0.15
BETS_IN_PLAY = ("grader", "queue_size")
"""The bets that wait for the end of their matches: the bots place more while these are played. `late` are judged."""


@dataclass
class Slopes:
    """One process after the warm-up: MB, MB an hour, open files, threads; its queues with slope and maximum."""

    name: str
    service: bool
    first: float = 0.0
    last: float = 0.0
    most: float = 0.0
    growth: float = 0.0
    own_growth: float = 0.0
    files: tuple[float, float] = (0.0, 0.0)
    files_growth: float = 0.0
    threads: tuple[float, float] = (0.0, 0.0)
    processor: float = 0.0
    queues: dict[str, tuple[float, float]] = field(default_factory=dict)
    growing: list[str] = field(default_factory=list)


@dataclass
class Fresh:
    """Shares of the time with an age under a second. `late` is the time for which the provider held back.

    `gaps` are when nothing was stored for a second, `old` when what was newest was older though nothing was held back.
    """

    stored: float
    made: float
    made_when_sent: float
    late: float
    longest_gap: float
    oldest: float
    gaps: list[Stretch]
    old: list[Stretch]
    without_kills: float | None = None


@dataclass
class Result:
    """All that a soak ended with. `judged` are the seconds after the warm-up, `ends` what was wrong at the end."""

    settings: dict[str, Any]
    measured: float
    judged: float
    slopes: list[Slopes]
    fresh: Fresh
    bets: Bets
    books: dict[str, Any]
    ends: list[str] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)

    def broken(self) -> list[str]:
        """The promises that were not kept."""
        slopes = [*_memory(self), *_queues(self), *_files(self)] if self.judged >= LONG_ENOUGH else []
        return [*slopes, *_freshness(self), *self.books["broken"], *self.bets.faults[:5], *self.ends]


def slopes_of(name: str, series: Series, stretch: Stretch, *, service: bool) -> Slopes:
    """The slopes of one process over a stretch of time."""
    found = Slopes(name, service)
    resident = series.within("resident", stretch)
    if len(resident) < 2:
        return found
    found.first, found.last = (value / MEGABYTE for value in _ends(resident))
    found.most = max(value for _, value in series.figures["resident"]) / MEGABYTE
    found.growth = slope(resident) / MEGABYTE
    found.own_growth = slope(series.within("own", stretch)) / MEGABYTE
    files, threads = series.within("files", stretch), series.within("threads", stretch)
    found.files, found.files_growth = _ends(files), slope(files)
    found.threads = _ends(threads)
    processor = series.within("processor", stretch)
    if len(processor) > 1:
        found.processor = (processor[-1][1] - processor[0][1]) / (processor[-1][0] - processor[0][0])
    for queue in series.queues():
        depths = series.within(queue, stretch)
        if depths:
            found.queues[queue] = (slope(depths), max(value for _, value in depths))
            if grows(depths) and (name, queue) != BETS_IN_PLAY:
                found.growing.append(queue)
    return found


def fresh_of(
    stored: Sequence[Stretch], made: Sequence[Stretch], whole: Stretch, late: Sequence[Stretch],
    oldest: tuple[float, float], kills: Sequence[float] = (),
) -> Fresh:  # fmt: skip
    """The shares of the time that was fresh; `stored` and `made` are when it was not, `kills` moments."""
    excused = [(at - 1.0, at + 60.0) for at in kills]
    return Fresh(
        stored=share_outside(stored, whole),
        made=share_outside(made, whole),
        made_when_sent=share_outside(made, whole, late),
        late=seconds(without([whole], without([whole], late))),
        longest_gap=oldest[0],
        oldest=oldest[1],
        gaps=[(begin - whole[0], end - whole[0]) for begin, end in stored],
        old=[(begin - whole[0], end - whole[0]) for begin, end in without(made, late)],
        without_kills=share_outside(stored, whole, excused) if kills else None,
    )


def _ends(samples: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The medians of the first and the last few samples."""
    if not samples:
        return 0.0, 0.0
    some = max(1, int(len(samples) * EDGE))
    return median(value for _, value in samples[:some]), median(value for _, value in samples[-some:])


def _memory(result: Result) -> list[str]:
    return [
        f"memory of {one.name}: {one.growth:+.2f} MB an hour"
        for one in result.slopes
        if one.service and one.growth > MOST_GROWTH
    ]


def _queues(result: Result) -> list[str]:
    found = []
    for one in result.slopes:
        for queue in one.growing:
            rise, most = one.queues[queue]
            found.append(f"queue {queue} of {one.name}: {rise:+.0f} an hour, at most {most:.0f}")
    return found


def _files(result: Result) -> list[str]:
    return [
        f"open files of {one.name}: {one.files[0]:.0f} to {one.files[1]:.0f}, {one.files_growth:+.1f} an hour"
        for one in result.slopes
        if one.service and one.files_growth > MOST_FILES and one.files[1] - one.files[0] >= MOST_FILES
    ]


def _freshness(result: Result) -> list[str]:
    fresh, found = result.fresh, []
    judged: Mapping[str, float] = {
        "something stored within the last second": fresh.stored if fresh.without_kills is None else fresh.without_kills,
        "newest quote under a second old while the provider did not hold back": fresh.made_when_sent,
    }
    for what, share in judged.items():
        if share < LEAST_FRESH:
            found.append(f"{what}: {share:.3%} of the time, promised {LEAST_FRESH:.1%}")
    return found
