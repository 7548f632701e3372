"""The JSON documents of REST: the element of /events, and of /odds and its kin."""

from __future__ import annotations

from collections.abc import Iterable

from PROPPR.SharedServices.simulator.messages import NO_ROWS, Book, Fixture, compact, iso_seconds, quoted


def simple_event(fixture: Fixture, now: int) -> dict[str, object]:
    """An element of /events. The id is a number here; live matches have a clock."""
    event: dict[str, object] = {
        "id": fixture.id,
        "home": fixture.home,
        "away": fixture.away,
        "homeId": fixture.home_id,
        "awayId": fixture.away_id,
        "date": iso_seconds(fixture.kickoff),
        "sport": {"name": fixture.sport, "slug": fixture.sport_slug},
        "league": {"name": fixture.league, "slug": fixture.league_slug},
        "status": fixture.status,
        "scores": fixture.scores(),
    }
    if fixture.status == "live":
        minute = max(0, min(90, (now - fixture.kickoff) // 60_000))
        event["clock"] = {"minute": minute, "running": True}
        event["statusDetail"] = "1st half" if minute < 45 else "2nd half"
    return event


def odds_document(fixture: Fixture, books: Iterable[Book], hide_empty: bool = False) -> bytes:
    """An element of /odds/multi: no participant ids and no scores, links only for the books that have them.

    With `hide_empty` a market without rows is left out instead of being listed with none.
    """
    head = {
        "id": fixture.id,
        "home": fixture.home,
        "away": fixture.away,
        "date": iso_seconds(fixture.kickoff),
        "status": fixture.status,
        "sport": {"name": fixture.sport, "slug": fixture.sport_slug},
        "league": {"name": fixture.league, "slug": fixture.league_slug},
        "urls": {book.feed: book.url for book in books if book.url is not None},
        "bookmakerIds": {book.feed: str(fixture.id + 1) for book in books if book.url is not None},
    }
    priced = b",".join(b"%b:[%b]" % (quoted(book.feed), b",".join(_markets(book, hide_empty))) for book in books)
    return compact(head)[:-1] + b',"bookmakers":{' + priced + b"}}"


def is_priced(book: Book, hide_empty: bool) -> bool:
    """Whether an answer mentions the book at all."""
    if book.state != "priced":
        return False
    return any(market.rows != NO_ROWS for market in book.markets.values()) if hide_empty else bool(book.markets)


def _markets(book: Book, hide_empty: bool) -> list[bytes]:
    return [market.encode() for market in book.markets.values() if not hide_empty or market.rows != NO_ROWS]
