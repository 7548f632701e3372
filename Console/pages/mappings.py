"""The page /mappings: fixtures without a FotMob match, to be settled by hand. The same rules as `proppr mappings`."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from PROPPR.Console.context import context, tell
from PROPPR.Console.pages.arguments import page_number
from PROPPR.Console.pages.parts import mark_of, part_of
from PROPPR.Console.readings.mappings import Holder, MappingsPage, Open, read_holder, read_mappings, read_one
from PROPPR.SharedServices.storage.fixture_mappings import MappingRefused

blueprint = Blueprint("mappings", __name__)

_MOST: Final = 2**63 - 1
_SIDES: Final = {"": None, "yes": True, "no": False}


@blueprint.get("/mappings")
def page() -> str:
    """The page."""
    reading = _read()
    return render_template("mappings.html", reading=reading, seen=mark_of(reading))


@blueprint.get("/mappings/part")
def part() -> Response:
    """The lists."""
    return part_of("parts/mappings_lists.html", _read())


@blueprint.get("/mappings/<int:fixture_id>")
def fixture(fixture_id: int) -> str:
    """One fixture, with the form that settles it."""
    return _form(_one(fixture_id))


@blueprint.post("/mappings/<int:fixture_id>/settle")
def settle(fixture_id: int) -> Response | tuple[str, int]:
    """Give a fixture its match, for good. A match that a rule gave to another fixture is asked about first."""
    one = _one(fixture_id)
    match_id = _match_id(request.form.get("typed", "").strip() or request.form.get("match", ""))
    if match_id is None:
        return _form(one, problem="Choose a match, or give its number (digits only)."), 422
    holder = read_holder(context().database, match_id)
    if holder is not None and holder.fixture_id != fixture_id and request.form.get("take") != str(match_id):
        return _form(one, conflict=(match_id, holder)), 409
    try:
        context().mappings.settle(fixture_id, match_id, _SIDES.get(request.form.get("swapped", "")))
    except MappingRefused as error:
        holder = read_holder(context().database, match_id)
        return _form(one, problem=f"Not settled: {error}.", conflict=(match_id, holder) if holder else None), 409
    tell(f"{_teams(one)} is match {match_id} from now on.")
    return redirect(url_for("mappings.fixture", fixture_id=fixture_id), 303)


@blueprint.post("/mappings/<int:fixture_id>/reject")
def reject(fixture_id: int) -> Response | tuple[str, int]:
    """Note for good that a fixture has no match."""
    one = _one(fixture_id)
    try:
        context().mappings.reject(fixture_id)
    except MappingRefused as error:
        return _form(one, problem=f"Not noted: {error}."), 409
    tell(f"{_teams(one)} has no match, as you say.")
    return redirect(url_for("mappings.fixture", fixture_id=fixture_id), 303)


def _read() -> MappingsPage:
    console = context()
    return read_mappings(console.database, console.mappings, console.now(), page_number() - 1)


def _one(fixture_id: int) -> Open:
    found = read_one(context().database, context().mappings, fixture_id) if 0 < fixture_id <= _MOST else None
    if found is None:
        abort(404)
    return found


def _form(one: Open, problem: str = "", conflict: tuple[int, Holder] | None = None) -> str:
    return render_template("mappings_fixture.html", one=one, problem=problem, conflict=conflict, given=request.form)


def _teams(one: Open) -> str:
    return f"{one.mapping.home or '?'} - {one.mapping.away or '?'}"


def _match_id(text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        return None
    number = int(text)
    return number if 0 < number <= _MOST else None
