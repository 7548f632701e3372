"""Explains a bet: as it was written, as it is read, the match, the numbers, the rule, and the money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import fields as fields_of_class
from typing import Any

from pymongo.database import Database

from PROPPR.SharedServices.grading.bets import Accumulator, BadBet, Bet
from PROPPR.SharedServices.grading.result import Pending, Settled
from PROPPR.SharedServices.grading.scheduler.assembly import GradingParts
from PROPPR.SharedServices.grading.scheduler.judging import Book, Judge, Read, Verdict, match_of, singles_of
from PROPPR.SharedServices.grading.scheduler.match_source import MatchSource, Ready
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.bets import BetStore

Document = dict[str, Any]
OURS = ("status", "actual_value", "returns", "profit_loss", "settled_at", "_graded_immediately", "grading")


@dataclass(frozen=True)
class Explanation:
    """Everything that is known of a bet, in lines of text."""

    collection: str
    document: Document
    written: tuple[str, ...]
    read: tuple[str, ...]
    matches: tuple[str, ...]
    stored: tuple[str, ...]
    now: tuple[str, ...]

    def lines(self) -> list[str]:
        """All of it, an empty line between the parts."""
        head = (f"bet {self.document.get('bet_id', self.document['_id'])} in {self.collection}", "as its bot wrote it:")
        parts = ((*head, *self.written), self.read, self.matches, self.stored, self.now)
        return [line for part in parts for line in (*part, "")][:-1]


def explain(database: Database[Document], settings: Settings, clock: Clock, bet_id: str) -> Explanation | None:
    """Explain the bet of this id; None where there is none. Nothing is written. Raises pymongo's errors."""
    found = BetStore(database).find(bet_id)
    if found is None:
        return None
    collection, document = found
    parts = GradingParts(database, settings, clock)
    (bet,), book = parts.judge.read([(collection, document)])
    return Explanation(
        collection=collection,
        document=document,
        written=tuple(_written(document)),
        read=tuple(_read(bet)),
        matches=tuple(_matches(bet, book, parts.matches)),
        stored=tuple(_stored(document)),
        now=tuple(_now(parts.judge, bet, book, document)),
    )


def _written(document: Document) -> Iterator[str]:
    for name, value in document.items():
        if name not in OURS and name != "_id":
            yield f"  {name}: {str(value)[:200]}"


def _read(bet: Read) -> Iterator[str]:
    if isinstance(bet, BadBet):
        yield f"can't be read: {bet}"
        return
    if isinstance(bet, Accumulator):
        yield f"read as: accumulator of {len(bet.legs)}, stake {bet.stake}"
        for number, leg in enumerate(bet.legs, 1):
            yield f"  leg {number}: {_parts(leg, ('bet_id', 'stake'))}"
        return
    yield f"read as: {_parts(bet, ('bet_id',))}"


def _parts(bet: Bet, without: tuple[str, ...]) -> str:
    named = ((each.name, getattr(bet, each.name)) for each in fields_of_class(bet) if each.name not in without)
    return ", ".join(f"{name} {value}" for name, value in named if value not in (None, False))


def _matches(bet: Read, book: Book, matches: MatchSource) -> Iterator[str]:
    for match_id in dict.fromkeys(match_of(single, book.links) for single in singles_of(bet)):
        if match_id is None:
            continue
        state = book.states.get(match_id)
        ready = matches.ready(match_id, state)
        if isinstance(ready, Pending) or state is None:
            yield f"match {match_id}: {ready}"
        else:
            yield from _match(ready, state.complete)


def _match(ready: Ready, complete: bool) -> Iterator[str]:
    match = ready.grader.match
    yield (
        f"match {match.match_id}: {match.home.name} - {match.away.name}, {match.league.name}, "
        f"{match.kickoff:%Y-%m-%d %H:%M} UTC"
    )
    score = "" if match.score is None else f", score {match.score.home}-{match.score.away}"
    ninety = "" if match.score_90 in (None, match.score) else f" (after ninety minutes {match.score_90})"
    ending = "" if match.ending is None else f", {match.ending}"
    yield (
        f"  {match.state}{ending}{score}{ninety}, revision {ready.revision}, "
        f"{'complete' if complete else 'not complete'}, seen {ready.seen_at:%Y-%m-%d %H:%M:%S} UTC"
    )
    yield from (f"  contradiction: {text}" for text in ready.grader.facts.codes.values())


def _stored(document: Document) -> Iterator[str]:
    held = document.get("grading")
    grading: Mapping[str, Any] = held if isinstance(held, Mapping) else {}
    yield f"stored: {document.get('status')}"
    for name in ("actual_value", "returns", "profit_loss", "settled_at"):
        if document.get(name) is not None:
            yield f"  {name}: {document[name]}"
    for name in ("reason", "rule", "numbers", "match_id", "revision", "pass", "graded_at", "legs", "doubt"):
        if grading.get(name):
            yield f"  {name}: {grading[name]}"
    history = grading.get("history")
    for old in history if isinstance(history, list) else ():
        yield f"  before, on revision {old.get('revision')}: {old.get('status')}, returns {old.get('returns')}"


def _now(judge: Judge, bet: Read, book: Book, document: Document) -> Iterator[str]:
    verdict: Verdict = judge.judge(bet, book)
    outcome = verdict.outcome
    if not isinstance(outcome, Settled):
        yield f"graded now it waits: {outcome}"
    else:
        same = document.get("status") == str(outcome.result) and document.get("returns") == float(outcome.returns)
        yield (
            f"graded now: {outcome.result}, actual {outcome.actual}, returns {outcome.returns}, "
            f"profit {outcome.profit_loss}{' (as stored)' if same else ''}"
        )
        yield f"  rule: {outcome.rule}"
        yield from (f"  {name}: {value}" for name, value in outcome.numbers.items())
    for number, leg in enumerate(verdict.legs, 1):
        shown = leg.outcome.result if isinstance(leg.outcome, Settled) else leg.outcome
        yield f"  leg {number}: {shown} on match {leg.match_id}"
    if document.get("manual_override"):
        yield "settled by hand (manual_override): the grader never touches it"
