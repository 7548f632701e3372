"""What a list of fixtures says that the registry did not know. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from PROPPR.SharedServices.odds import statuses
from PROPPR.SharedServices.odds.types import Fixture


@dataclass(frozen=True, slots=True)
class Span:
    """The kick-offs (ms) of fixtures that may enter the registry."""

    begin: int
    end: int

    def holds(self, fixture: Fixture) -> bool:
        """Whether a fixture may enter. One that runs already may: its books move."""
        return fixture.status == "live" or self.begin <= fixture.kickoff <= self.end


@dataclass(frozen=True, slots=True)
class Changes:
    """`new` fixtures have to be read; those `over` were open before; `kept` is all that is to be stored.

    `missing` are known fixtures that should have been listed. That is no deletion; who is missing again is looked up.
    """

    new: tuple[Fixture, ...]
    over: tuple[Fixture, ...]
    kept: tuple[Fixture, ...]
    missing: tuple[Fixture, ...]


def compare(
    known: Mapping[int, Fixture],
    listed: Iterable[Fixture],
    span: Span,
    sports: Iterable[str],
    heard: Mapping[int, Fixture] = MappingProxyType({}),
) -> Changes:
    """Compare the list of these sports with what is known. Only the id tells fixtures apart: names and dates move.

    `heard` are fixtures that are not known, but were in odds answers as open: their books are stored.
    """
    found = {fixture.id: fixture for fixture in listed}
    new = tuple(fixture for fixture in found.values() if fixture.id not in known and enters(fixture, span))
    before = {**heard, **known}
    over = tuple(fixture for fixture in found.values() if not is_open(fixture) and _was_open(before.get(fixture.id)))
    entering = {fixture.id for fixture in (*new, *over)}
    kept = tuple(fixture for fixture in found.values() if fixture.id in known or fixture.id in entering)
    listed_sports = set(sports)
    missing = tuple(
        fixture
        for fixture in before.values()
        if fixture.id not in found
        and fixture.sport in listed_sports
        and is_open(fixture)
        and fixture.kickoff <= span.end
    )
    return Changes(new, over, kept, missing)


def enters(fixture: Fixture, span: Span) -> bool:
    """Whether a fixture that was not known enters the registry."""
    return is_open(fixture) and span.holds(fixture)


def is_open(fixture: Fixture) -> bool:
    """Whether the fixture's odds may still move, by its status."""
    return fixture.status not in statuses.OVER


def may_move(fixture: Fixture, now: int) -> bool:
    """Whether the fixture's odds may still move: open, and not so long ago that its status was never corrected."""
    return statuses.may_move(fixture.status, fixture.kickoff, now)


def differs(known: Fixture | None, told: Fixture) -> bool:
    """Whether an odds answer's head says something else than the registry (it has neither scores nor team ids)."""
    if known is None:
        return True
    return (known.home, known.away, known.kickoff, known.status, known.league, known.country) != (
        told.home, told.away, told.kickoff, told.status, told.league, told.country,
    )  # fmt: skip


def _was_open(known: Fixture | None) -> bool:
    return known is not None and is_open(known)
