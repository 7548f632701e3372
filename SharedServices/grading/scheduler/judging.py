"""From a bot's document to a verdict: which match or race it is on, and how it was settled there or why it waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from PROPPR.SharedServices.grading.bets import Accumulator, BadBet, Bet
from PROPPR.SharedServices.grading.documents import FOTMOB, HORSE_RESULTS
from PROPPR.SharedServices.grading.readers.bets import COLLECTIONS, read_bet
from PROPPR.SharedServices.grading.readers.fields import Fields
from PROPPR.SharedServices.grading.readers.statuses import is_closed, read_status
from PROPPR.SharedServices.grading.result import Pending, Reason, Settled
from PROPPR.SharedServices.grading.scheduler.match_source import MatchSource
from PROPPR.SharedServices.grading.settle import bad
from PROPPR.SharedServices.grading.settle_accumulator import grade_accumulator
from PROPPR.SharedServices.grading.settle_horse import grade_horse, read_race
from PROPPR.SharedServices.storage.fixture_mappings import FixtureMappings
from PROPPR.SharedServices.storage.horse_results import HorseResults, revision_of
from PROPPR.SharedServices.storage.mapping_documents import Link
from PROPPR.SharedServices.storage.matches import MatchState

Document = Mapping[str, Any]
Read = Bet | Accumulator | BadBet
MOST_RACES: Final = 200


@dataclass(frozen=True, slots=True)
class Leg:
    """What one bet or leg was graded on. `revision` is None where there is no page or result of it yet."""

    outcome: Settled | Pending
    match_id: int | str | None = None
    revision: int | str | None = None
    kickoff: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a bet. `legs` are those of an accumulator, `kickoff` of the match, or of the last of several."""

    bet: Read
    outcome: Settled | Pending
    source: str = FOTMOB
    match_id: int | str | None = None
    revision: int | str | None = None
    kickoff: datetime | None = None
    legs: tuple[Leg, ...] = ()


@dataclass
class Book:
    """What the bets of a batch are looked up in: their links to matches, and what is stored of those."""

    links: Mapping[int, Link] = field(default_factory=dict)
    states: Mapping[int, MatchState] = field(default_factory=dict)


class Judge:
    """Judges documents of bets batch by batch. Raises what MongoDB raises, and nothing for what a bet is like."""

    def __init__(self, mappings: FixtureMappings, matches: MatchSource, results: HorseResults) -> None:
        self._mappings = mappings
        self._matches = matches
        self._results = results
        self._races: dict[str, list[dict[str, Any]]] = {}

    def forget(self) -> None:
        """Read matches and races anew."""
        self._matches.forget()
        self._races.clear()

    def read(self, documents: Sequence[tuple[str, Document]]) -> tuple[list[Read], Book]:
        """The bets of a batch, each with its collection, and what their matches are looked up in: two queries."""
        bets = [_read(document, COLLECTIONS[collection]) for collection, document in documents]
        singles = [single for bet in bets for single in singles_of(bet)]
        links = self._mappings.matches_of({bet.fixture_id for bet in singles if bet.fixture_id is not None})
        wanted = {match_id for bet in singles if (match_id := match_of(bet, links)) is not None}
        return bets, Book(links, self._matches.states(wanted))

    def remapped_since(self, moment: datetime) -> list[int]:
        """The fixtures whose match a person has changed since then."""
        return self._mappings.changed_by_hand(moment)

    def judge(self, bet: Read, book: Book) -> Verdict:
        """What becomes of a bet now."""
        if isinstance(bet, BadBet):
            return Verdict(bet, bad(bet))
        if isinstance(bet, Bet):
            leg = self._leg(bet, book)
            source = FOTMOB if bet.horse is None else HORSE_RESULTS
            return Verdict(bet, leg.outcome, source, leg.match_id, leg.revision, leg.kickoff)
        legs = tuple(self._leg(each, book) for each in bet.legs)
        kickoffs = [leg.kickoff for leg in legs if leg.kickoff is not None]
        outcome = grade_accumulator(bet, [leg.outcome for leg in legs])
        return Verdict(bet, outcome, kickoff=max(kickoffs, default=None), legs=legs)

    def _leg(self, bet: Bet, book: Book) -> Leg:
        if bet.horse is not None:
            return self._on_race(bet, bet.horse.race_id)
        link = book.links.get(bet.fixture_id) if bet.fixture_id is not None else None
        match_id = match_of(bet, book.links)
        if match_id is None:
            return Leg(_unmapped(bet), kickoff=bet.kickoff)
        if link is not None and link.match_id != match_id:
            text = f"the fixture is match {link.match_id}, the bet says {match_id}"
            return Leg(Pending(Reason.WRONG_MATCH, text), match_id, None, bet.kickoff)
        ready = self._matches.ready(match_id, book.states.get(match_id), swapped=link is not None and link.swapped)
        if isinstance(ready, Pending):
            return Leg(ready, match_id, None, bet.kickoff)
        return Leg(ready.grader.grade(bet), match_id, ready.revision, ready.kickoff)

    def _on_race(self, bet: Bet, race_id: str) -> Leg:
        rows = self._races.get(race_id)
        if rows is None:
            if len(self._races) >= MOST_RACES:
                self._races.clear()
            rows = self._races[race_id] = self._results.race(race_id)
        try:
            race = read_race(rows)
        except BadBet as wrong:
            return Leg(Pending(Reason.NO_RESULT, f"race {race_id}: {wrong}"), race_id, None, bet.kickoff)
        return Leg(grade_horse(bet, race), race_id, revision_of(rows) if rows else None, bet.kickoff)


def singles_of(bet: Read) -> Iterable[Bet]:
    """The bets on one match each that a bet is made of."""
    if isinstance(bet, Accumulator):
        return bet.legs
    return () if isinstance(bet, BadBet) else (bet,)


def match_of(bet: Bet, links: Mapping[int, Link]) -> int | None:
    """The match that a bet names itself, else the one that its fixture is."""
    if bet.match_id is not None or bet.fixture_id is None:
        return bet.match_id
    link = links.get(bet.fixture_id)
    return None if link is None else link.match_id


def is_open(document: Document) -> bool:
    """Whether a bet is looked at: its status does not say that it is over, and nobody settles it by hand."""
    return not is_closed(document.get("status")) and not is_by_hand(document)


def is_by_hand(document: Document) -> bool:
    """Whether a person settles a bet. False where that can't be told: then the bet can't be read, and waits."""
    try:
        return Fields(document).flag("manual_override")
    except BadBet:
        return False


def _read(document: Document, kind: str) -> Read:
    if document.get("manual_override") not in (None, False):  # the others were seen to be open
        try:
            Fields(document).flag("manual_override")
        except BadBet as wrong:
            return wrong
    status = document.get("status")
    if read_status(status) is None:  # it may be settled, in a word that we don't know
        return BadBet("status", f"{str(status)[:40]!r} is nothing that we know")
    return read_bet(document, kind)


def _unmapped(bet: Bet) -> Pending:
    if bet.fixture_id is None:
        return Pending(Reason.NO_MATCH, "the bet names neither fixture nor match")
    return Pending(Reason.NO_MATCH, f"fixture {bet.fixture_id} is not mapped to a match")
