"""The page /fixtures/<id>: the books of a fixture, how a price moved, and all else that is stored about it."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, abort, jsonify, render_template, request

from PROPPR.Console.context import context
from PROPPR.Console.pages import arguments
from PROPPR.Console.pages.parts import mark_of, part_of
from PROPPR.Console.readings.books import LineKey, MarketView
from PROPPR.Console.readings.fixture import (
    BookReading,
    FixtureHead,
    read_book,
    read_head,
    read_surroundings,
    seen_of,
)
from PROPPR.Console.readings.fixture_bets import read_fixture_bets
from PROPPR.Console.readings.prices import Choice, Course, read_closing, read_courses, thinned

MOST_ID = 2**63 - 1


def add_to(blueprint: Blueprint) -> None:
    """Let the blueprint of the fixtures answer for single ones, too."""
    blueprint.add_url_rule("/fixtures/<int:fixture_id>", "one", one)
    blueprint.add_url_rule("/fixtures/<int:fixture_id>/book", "book", book)
    blueprint.add_url_rule("/fixtures/<int:fixture_id>/prices", "prices", prices)
    blueprint.add_url_rule("/fixtures/<int:fixture_id>/prices.json", "prices_data", prices_data)
    blueprint.add_url_rule("/fixtures/<int:fixture_id>/around", "around", around)
    blueprint.add_url_rule("/fixtures/<int:fixture_id>/bets", "bets", bets)


def one(fixture_id: int) -> str:
    """The page."""
    head = _head(fixture_id)
    reading = read_book(context().database, head, arguments.text("market"))
    choice = _choice(reading.market)
    courses = _courses(head, choice)
    surroundings = read_surroundings(context().database, context().now(), head)
    on_it = _bets(head)
    market = reading.market.name if reading.market else ""
    return render_template(
        "fixture.html",
        head=head,
        reading=reading,
        closing=_closing(head, reading),
        choice=choice,
        choice_address=_address(choice),
        courses=courses,
        surroundings=surroundings,
        bets=on_it,
        seen_prices=reading.seen,
        seen_around=mark_of(surroundings),
        seen_bets=mark_of(on_it),
        market=market,
    )


def book(fixture_id: int) -> Response:
    """The markets, and all prices of one; an empty answer (204) while no book has changed."""
    head = _head(fixture_id)
    if request.args.get("seen") == seen_of(context().database, fixture_id):
        return Response(status=204)
    reading = read_book(context().database, head, arguments.text("market"))
    return Response(
        render_template("parts/fixture_book.html", head=head, reading=reading, closing=_closing(head, reading))
    )


def prices(fixture_id: int) -> Response:
    """How a price moved, as a table; an empty answer while no book has changed."""
    head = _head(fixture_id)
    seen = seen_of(context().database, fixture_id)
    if request.args.get("seen") == seen:
        return Response(status=204)
    choice = _asked()
    return Response(
        render_template(
            "parts/fixture_prices.html", head=head, choice=choice, courses=_courses(head, choice), seen_prices=seen
        )
    )


def prices_data(fixture_id: int) -> Response:
    """The same for the chart: of each bookmaker [seconds since 1970, price or null where it was withdrawn]."""
    head = _head(fixture_id)
    return jsonify(
        kickoff=head.kickoff.timestamp(),
        until=None if head.state == "over" else context().now().timestamp(),
        series=[
            {"name": course.bookmaker, "points": [[at.timestamp(), price] for at, price in thinned(course.points)]}
            for course in _courses(head, _asked())
        ],
    )


def around(fixture_id: int) -> Response:
    """What is derived from the books, the mapping, and what is predicted."""
    head = _head(fixture_id)
    reading = read_surroundings(context().database, context().now(), head)
    return part_of("parts/fixture_around.html", reading, head=head)


def bets(fixture_id: int) -> Response:
    """The bets on it."""
    return part_of("parts/fixture_bets.html", _bets(_head(fixture_id)))


def _head(fixture_id: int) -> FixtureHead:
    head = read_head(context().database, context().now(), fixture_id) if fixture_id <= MOST_ID else None
    if head is None:
        abort(404, "No fixture has this number, or it is older than what is kept.")
    return head


def _bets(head: FixtureHead) -> object:
    link = context().mappings.match_of(head.id)
    return read_fixture_bets(context().database, head.id, head.kickoff, None if link is None else link.match_id)


def _closing(head: FixtureHead, reading: BookReading) -> dict[tuple[str, LineKey, str], float]:
    if reading.market is None or not head.has_begun:
        return {}
    return read_closing(context().database, head.id, head.kickoff, reading.market.name)


def _courses(head: FixtureHead, choice: Choice | None) -> list[Course]:
    kickoff: datetime = head.kickoff
    return [] if choice is None else read_courses(context().database, head.id, kickoff, choice)


def _asked() -> Choice:
    line = LineKey(arguments.text("player"), arguments.text("label"), arguments.number("hdp"))
    return Choice(arguments.text("market"), arguments.text("side", 20), line)


def _choice(market: MarketView | None) -> Choice | None:
    """Which price the chart shows: the one asked for if it is there, else of the market's middle line."""
    if market is None or not market.sides:
        return None
    keys = [line.key for line in market.lines]
    asked = request.args.get("line", "")
    chosen = int(asked) if asked.isascii() and asked.isdigit() and int(asked) < len(keys) else _middle(market)
    side = arguments.text("side", 20)
    return Choice(market.name, side if side in market.sides else market.sides[0], keys[chosen])


def _middle(market: MarketView) -> int:
    """The line at which both sides are nearest to each other, of those that most bookmakers quote."""
    most = max(len(line.rows) for line in market.lines)

    def apart(place: int) -> tuple[bool, float]:
        line = market.lines[place]
        known = [price for price in line.best if price is not None]
        return len(line.rows) < most, max(known) - min(known) if len(known) > 1 else float("inf")

    return min(range(len(market.lines)), key=apart)


def _address(choice: Choice | None) -> dict[str, str]:
    """What names a price in an address."""
    if choice is None:
        return {}
    line = choice.line
    values = {
        "market": choice.market, "side": choice.side, "player": line.player, "label": line.label,
        "hdp": "" if line.hdp is None else repr(line.hdp),
    }  # fmt: skip
    return {name: value for name, value in values.items() if value}
