"""Who of a club plays a match: the eleven, the bench, who comes on and goes off, and who is shown a card."""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import dataclass, field

from PROPPR.SharedServices.simulator.fotmob.clubs import ELEVEN, Club, Man
from PROPPR.SharedServices.simulator.scoreline import LENGTHS, Course, Moment, poisson, shown

ROTATION_SHARE = 0.12
YELLOW_MEAN = 1.9
SECOND_YELLOW_SHARE = 0.035
RED_SHARE = 0.03
COACH_SHARE = 0.06
BENCH_SHARE = 0.03
BENCH = 10
KEEPER_RESERVE = 14
_TAKERS_FIRST = 3


@dataclass(frozen=True, slots=True)
class Booking:
    """A card: `kind` is Yellow, YellowRed or Red; `where` is "" on the pitch, else coach or not_on_pitch."""

    at: Moment
    home: bool
    kind: str
    man: Man
    where: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A substitution."""

    at: Moment
    on: Man
    off: Man
    reason: str


@dataclass(slots=True)
class SideOfDay:
    """One side of one match. `stretches[i]` are the men on the pitch from `since[i]` on."""

    club: Club
    starters: tuple[Man, ...]
    bench: tuple[Man, ...]
    missing: tuple[Man, ...]
    bookings: list[Booking] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    since: list[Moment] = field(default_factory=list)
    stretches: list[tuple[Man, ...]] = field(default_factory=list)

    def stretch(self, at: Moment) -> int:
        """The index of the stretch a moment belongs to."""
        return max(0, bisect_right(self.since, at) - 1)

    def keeper(self, at: Moment) -> Man | None:
        """Who is in goal; None where the keeper is off and nobody is."""
        return next((man for man in self.stretches[self.stretch(at)] if man.position == 0), None)

    def taker(self, at: Moment) -> Man:
        """Who takes a penalty."""
        return self.takers(at)[0]

    def takers(self, at: Moment) -> list[Man]:
        """The men on the pitch in the order in which they take penalties; keepers last."""
        return sorted(self.stretches[self.stretch(at)], key=lambda man: (man.position == 0, man.index))

    def stays(self, course: Course) -> dict[int, tuple[Moment, Moment]]:
        """From when to when each man who played was on the pitch."""
        found = {man.id: ((1, 0), (course.last_period, 99)) for man in self.starters}
        for change in self.changes:
            found[change.off.id] = (found[change.off.id][0], change.at)
            found[change.on.id] = (change.at, (course.last_period, 99))
        for booking in self.bookings:
            if booking.kind != "Yellow" and not booking.where and booking.man.id in found:
                found[booking.man.id] = (found[booking.man.id][0], booking.at)
        return found


def nominal(at: Moment) -> int:
    """The minute a substitution or dismissal counts as; one at the break (46) counts as 45."""
    minute, _ = shown(at)
    return minute - 1 if at in ((2, 1), (3, 1), (4, 1)) else minute


def minutes(stay: tuple[Moment, Moment], until: Moment, finished: bool) -> int:
    """Nominal minutes of a stay up to a moment: 90 or 120 at most; whoever came on at the very end has one."""
    came, went = stay
    last = nominal(min(went, until)) if not finished or went[1] != 99 else (90 if until[0] == 2 else 120)
    first = nominal(came) if came != (1, 0) else 0
    return max(1, last - first)


def draw_side(rng: random.Random, club: Club, course: Course, home: bool) -> SideOfDay:
    """The side of a club in one match."""
    squad = club.squad
    starters = [squad[index] for index in ELEVEN]
    rest = [man for man in squad if man not in starters]
    missing: list[Man] = []
    for place, man in enumerate(starters):
        others = [other for other in rest if other.position == man.position]
        if others and rng.random() < ROTATION_SHARE:
            other = rng.choice(others)
            rest.remove(other)
            starters[place] = other
            (missing if rng.random() < 0.5 else rest).append(man)
    keepers = [man for man in rest if man.position == 0]
    field_men = [man for man in rest if man.position != 0]
    rng.shuffle(field_men)
    bench = (*keepers[:1], *sorted(field_men[: BENCH - 1], key=lambda man: man.index))
    side = SideOfDay(club, tuple(starters), bench, tuple(missing))
    _cards(rng, side, course, home)
    _changes(rng, side, course)
    _stretches(side)
    return side


def _any(rng: random.Random, course: Course, first: int = 1) -> Moment:
    period = 1 if rng.random() < 0.38 else 2
    if course.extra_time and rng.random() < 0.2:
        period = rng.choice((3, 4))
    return period, rng.randint(first, LENGTHS[period] + course.stoppage[period])


def _cards(rng: random.Random, side: SideOfDay, course: Course, home: bool) -> None:
    """Yellows for men of the eleven, now and then a second one, a red, the coach or a man on the bench."""
    men = list(side.starters[1:])
    rng.shuffle(men)
    yellows = min(7, poisson(rng, YELLOW_MEAN * side.club.style.cards))
    cards = [Booking(_any(rng, course), home, "Yellow", men.pop()) for _ in range(yellows)]
    if cards and rng.random() < SECOND_YELLOW_SHARE * len(cards):
        first = min(cards, key=lambda booking: booking.at)
        if first.at < (2, 40):
            earliest = first.at[1] + 1 if first.at[0] == 2 else 2
            cards.append(Booking((2, rng.randint(earliest, 44)), home, "YellowRed", first.man))
    if rng.random() < RED_SHARE:
        cards.append(Booking((2, rng.randint(5, 44)), home, "Red", men.pop()))
    if rng.random() < COACH_SHARE:
        cards.append(Booking(_any(rng, course), home, "Yellow", side.club.coach, "coach"))
    if rng.random() < BENCH_SHARE:
        cards.append(Booking((1, rng.randint(5, 44)), home, "Yellow", side.bench[-1], "not_on_pitch"))
    side.bookings = sorted(cards, key=lambda booking: booking.at)


def _changes(rng: random.Random, side: SideOfDay, course: Course) -> None:
    """Up to five, none of them for a man who is sent off; a man booked later than he would go stays on."""
    last_card = {booking.man.id: booking.at for booking in side.bookings}
    dismissed = {booking.man.id for booking in side.bookings if booking.kind != "Yellow"}
    off = [man for man in side.starters[1:] if man.id not in dismissed]
    on = [man for man in side.bench if man.position != 0]
    rng.shuffle(off)
    moments = sorted(_moments(rng, course))
    for at in moments:
        man = next((man for man in off if last_card.get(man.id, (0, 0)) < at), None)
        if man is None or not on:
            continue
        off.remove(man)
        fresh = min(on, key=lambda other: (abs(other.position - man.position), other.index))
        on.remove(fresh)
        reason = "injury" if at[0] == 1 or rng.random() < 0.05 else "tactical"
        side.changes.append(Change(at, fresh, man, reason))


def _moments(rng: random.Random, course: Course) -> list[Moment]:
    found: list[Moment] = [(1, rng.randint(12, 44))] if rng.random() < 0.08 else []
    if rng.random() < 0.2:
        found.append((2, 1))
    while len(found) < 3 or (len(found) < 5 and rng.random() < 0.75):
        late = rng.random() < 0.06
        found.append((2, 45 + rng.randint(1, course.stoppage[2])) if late else (2, rng.randint(10, 44)))
    if course.extra_time:
        found.append((3, rng.randint(2, 14)))
    return found


def _stretches(side: SideOfDay) -> None:
    pitch = list(side.starters)
    side.since, side.stretches = [(1, 0)], [tuple(pitch)]
    turns: list[tuple[Moment, Man, Man | None]] = [(change.at, change.off, change.on) for change in side.changes]
    turns += [(b.at, b.man, None) for b in side.bookings if b.kind != "Yellow" and not b.where]
    for at, off, fresh in sorted(turns, key=lambda turn: turn[0]):
        pitch.remove(off)
        if fresh is not None:
            pitch.append(fresh)
        side.since.append(at)
        side.stretches.append(tuple(pitch))
