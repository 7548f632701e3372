"""What a run did, league by league, and how it tells of its progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from PROPPR.SharedServices.providers.fotmob.errors import NotFound
from PROPPR.SharedServices.service.errors import SourceChanged
from PROPPR.StatsUpdateFM.core.pipeline.source import StrangeLayout

Kind = Literal["refused", "changed", "failed", "unknown"]
Outcome = Literal["updated", "unchanged", "failed", "postponed"]


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong. `path` is where a layout broke; `unknown` is what the source does not have."""

    kind: Kind
    detail: str
    path: str | None = None

    @property
    def text(self) -> str:
        """In one line."""
        return f"{self.kind}: {self.detail}" + (f" (at {self.path})" if self.path else "")


@dataclass(slots=True)
class LeagueReport:
    """A league in a run. `postponed` counts look-ups for which there was no budget; numbers are of this run."""

    league_id: int
    name: str = ""
    season: str = ""
    looked_up: int = 0
    revisions: int = 0
    kept: int = 0
    postponed: int = 0
    teams: int = 0
    players: int = 0
    fixtures: int = 0
    mapped: int = 0
    lines: int = 0
    projections: int = 0
    positions: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def outcome(self) -> Outcome:
        """In one word."""
        if self.problems:
            return "failed"
        changed = self.revisions + self.teams + self.players + self.lines + self.projections + self.positions
        return "updated" if changed else "postponed" if self.postponed else "unchanged"

    def failed(self, problem: Problem) -> None:
        """Note a problem, once."""
        if problem not in self.problems:
            self.problems.append(problem)


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run. `resumed` says that an earlier process had begun it; `unmapped` are fixtures' leagues nobody knows."""

    run_id: str
    started_at: datetime
    finished_at: datetime
    leagues: tuple[LeagueReport, ...] = ()
    unmapped: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()
    resumed: bool = False

    @property
    def failed(self) -> tuple[LeagueReport, ...]:
        """The leagues in which something went wrong."""
        return tuple(league for league in self.leagues if league.problems)

    @property
    def all_problems(self) -> tuple[Problem, ...]:
        """Everything that went wrong."""
        return (*self.problems, *(problem for league in self.failed for problem in league.problems))

    @property
    def may_be_tried_again(self) -> bool:
        """Whether a later try of the same run may help: something was refused or failed, not changed for good."""
        return any(problem.kind in ("refused", "failed") for problem in self.all_problems)

    @property
    def ok(self) -> bool:
        """Whether every league was worked up to the end."""
        return not self.failed and not self.problems

    def total(self, number: str) -> int:
        """The sum of a number of LeagueReport over all leagues."""
        return sum(int(getattr(league, number)) for league in self.leagues)

    def summary(self) -> Mapping[str, Any]:
        """The run in a few numbers, fit to be stored."""
        numbers = ("looked_up", "revisions", "postponed", "teams", "players", "mapped", "lines", "projections")
        return {
            "leagues": len(self.leagues),
            "failed": len(self.failed),
            "unmapped": len(self.unmapped),
            **{number: self.total(number) for number in numbers},
        }


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: `done` of `total` steps of a `stage` (listing, updating), now at `what`."""

    stage: Literal["listing", "updating"]
    done: int
    total: int
    what: str = ""


OnProgress = Callable[[Progress], None]


def ignore_progress(_: Progress) -> None:
    """For who does not watch."""


def problem_of(error: Exception) -> Problem:
    """What went wrong, in the words of the report."""
    if isinstance(error, StrangeLayout):
        return Problem("changed", f"{error.page}: {error.detail}"[:300], error.path)
    if isinstance(error, NotFound):
        return Problem("unknown", str(error)[:300])
    if isinstance(error, SourceChanged):
        return Problem("changed", str(error)[:300])
    kind: Kind = "failed" if getattr(error, "retry_after", None) is None else "refused"
    return Problem(kind, f"{type(error).__name__}: {error}"[:300])
