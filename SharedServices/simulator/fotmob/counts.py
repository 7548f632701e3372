"""What has been counted of a match up to a moment: per side and period, and per man."""

from __future__ import annotations

from collections import Counter, defaultdict
from zlib import crc32

from PROPPR.SharedServices.simulator.fotmob.clubs import Man
from PROPPR.SharedServices.simulator.fotmob.play import Act, Attempt, Game
from PROPPR.SharedServices.simulator.fotmob.squad_of_day import Booking, minutes
from PROPPR.SharedServices.simulator.fotmob.standing import Standing
from PROPPR.SharedServices.simulator.scoreline import LENGTHS, Moment

BIG_CHANCE = 0.35
BOX_EDGE = 88.5
_PASSES = (0.42, 0.62, 0.55, 0.3)
_ACCURACY = (0.72, 0.87, 0.85, 0.76)
LATE = (2, 40)


class Counts:
    """`team[home][period]` and `man[id]` count by kind; period 0 is the whole match.

    Until the numbers have settled, what happened in the last minutes is missing, and most men have no minutes yet.
    """

    def __init__(self, game: Game, match_id: int, at: Standing) -> None:
        self.team: dict[bool, list[Counter[str]]] = {side: [Counter() for _ in range(5)] for side in (True, False)}
        self.man: defaultdict[int, Counter[str]] = defaultdict(Counter)
        self.xg: dict[bool, list[list[float]]] = {side: [[0.0] * 4 for _ in range(5)] for side in (True, False)}
        self.man_xg: defaultdict[int, float] = defaultdict(float)
        self.minutes: dict[int, int] = {}
        self._match_id = match_id
        self._unsettled = at.phase == "finished" and not at.settled
        last = (game.course.last_period, 98)
        until = min(at.until, last)
        self.attempts = [attempt for attempt in game.attempts if attempt.at <= until]
        self.bookings = [b for b in game.bookings if b.at <= until]
        if self._unsettled:
            self.bookings = [b for b in self.bookings if b.at < LATE]
        for attempt in self.attempts:
            self._attempt(attempt)
        acts = _corrected(game.acts) if at.corrected else game.acts
        seen = LATE if self._unsettled else until
        for act in acts:
            if act.at > seen:
                break
            self._count(act.home, act.at, act.kind, act.man)
        self._cards()
        for home in (True, False):
            self._passes(game, home, until, at)

    def period(self, home: bool, period: int, kind: str) -> int:
        """A side's number; period 0 is the whole match."""
        return self.team[home][period][kind]

    def _count(self, home: bool, at: Moment, kind: str, man: Man | None, number: int = 1) -> None:
        self.team[home][0][kind] += number
        self.team[home][at[0]][kind] += number
        if man is not None:
            self.man[man.id][kind] += number

    def _attempt(self, shot: Attempt) -> None:
        if shot.goal:
            self._count(shot.scored_for, shot.at, "score", None)
        if shot.own_goal:
            self.man[shot.man.id]["owngoal"] += 1
            return
        for kind in _kinds(shot):
            self._count(shot.home, shot.at, kind, shot.man)
        if shot.assist is not None:
            self._count(shot.home, shot.at, "assist", shot.assist)
        if shot.end == "AttemptSaved" and shot.keeper is not None:
            self._count(not shot.home, shot.at, "save", shot.keeper)
        if shot.blocker is not None and shot.end == "Blocked":
            self._count(not shot.home, shot.at, "shot_block", shot.blocker)
        self._xg(shot)

    def _xg(self, shot: Attempt) -> None:
        on_target = shot.xg * 1.1 if shot.on_target else 0.0
        open_play, set_play = (0.0, 0.0) if shot.penalty else (shot.xg, 0.0) if shot.number % 5 else (0.0, shot.xg)
        for period in (0, shot.at[0]):
            row = self.xg[shot.home][period]
            for place, value in enumerate((shot.xg, open_play, set_play, on_target)):
                row[place] += value
        self.man_xg[shot.man.id] += shot.xg

    def _cards(self) -> None:
        """Team numbers leave out the first yellow of a man sent off by a second, and whoever is not on the pitch."""
        twice = {booking.man.id for booking in self.bookings if booking.kind == "YellowRed"}
        for booking in self.bookings:
            if not booking.where and not (booking.kind == "Yellow" and booking.man.id in twice):
                kind = "yellow" if booking.kind == "Yellow" else "red"
                self._count(booking.home, booking.at, kind, None)

    def _passes(self, game: Game, home: bool, until: Moment, at: Standing) -> None:
        """Passes follow from minutes, so that they need no acts of their own; touches follow from all of it."""
        side = game.side(home)
        men = {man.id: man for man in (*side.starters, *side.bench)}
        finished = at.phase == "finished"
        for man_id, stay in side.stays(game.course).items():
            if stay[0] > until:
                continue
            man = men[man_id]
            self.minutes[man_id] = minutes(stay, until, finished)
            for period in range(1, game.course.last_period + 1):
                played = _overlap(stay, until, period)
                if played <= 0:
                    continue
                noise = crc32(b"%d-%d-%d" % (self._match_id, man_id, period)) % 1000 / 1000
                tried = round(played * _PASSES[man.position] * side.club.style.passes * (0.7 + 0.6 * noise))
                good = round(tried * min(1.0, _ACCURACY[man.position] + 0.1 * (noise - 0.5)))
                self._count(home, (period, 0), "pass", man, tried)
                self._count(home, (period, 0), "pass_good", man, good)
                self._count(home, (period, 0), "box_touch", man, round(noise * played * 0.03 * man.position))

    def has_minutes(self, man_id: int) -> bool:
        """Whether the man's minutes are told yet."""
        return not self._unsettled or man_id % 3 == 0

    def cards_of(self, man_id: int) -> list[Booking]:
        """A man's cards."""
        return [booking for booking in self.bookings if booking.man.id == man_id]


def _kinds(shot: Attempt) -> list[str]:
    """What a shot counts as."""
    kinds = ["shot_all", {"Goal": "goal", "AttemptSaved": "saved", "Blocked": "blocked"}.get(shot.end, "wide")]
    kinds.append("inside" if shot.x >= BOX_EDGE else "outside")
    if shot.on_target:
        kinds.append("on_target")
    if shot.end == "Post":
        kinds.append("post")
    if shot.xg >= BIG_CHANCE:
        kinds += ["big"] if shot.goal else ["big", "big_missed"]
    return kinds


def _overlap(stay: tuple[Moment, Moment], until: Moment, period: int) -> int:
    first, last = (period, 0), min(stay[1], until, (period, LENGTHS[period]))
    came = max(stay[0], first)
    return last[1] - came[1] if came < last and last[0] == period else 0


def _corrected(acts: list[Act]) -> list[Act]:
    """The next day's correction: the first tackle is another man's, the next one of that side."""
    tackles = [act for act in acts if act.kind == "tackle" and act.home]
    if len(tackles) < 2:
        return acts
    first = tackles[0]
    other = next((act.man for act in tackles if act.man is not first.man), first.man)
    place = acts.index(first)
    return [*acts[:place], first._replace(man=other), *acts[place + 1 :]]
