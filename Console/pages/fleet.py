"""The page /: the fleet at a glance."""

from __future__ import annotations

from flask import Blueprint, render_template

from PROPPR.Console.context import context
from PROPPR.Console.readings.alerts import read_open
from PROPPR.Console.readings.fleet import MOST_ALERTS, Fleet, read_fleet

blueprint = Blueprint("fleet", __name__)


@blueprint.get("/")
def page() -> str:
    """The page."""
    fleet = _read()
    return render_template("fleet.html", fleet=fleet, alerts=fleet.alerts)


@blueprint.get("/fleet/part")
def part() -> str:
    """Services, feed and budgets."""
    return render_template("parts/fleet_state.html", fleet=_read())


@blueprint.get("/fleet/alerts")
def alerts() -> str:
    """The open alerts at the top."""
    return render_template("parts/fleet_alerts.html", alerts=read_open(context().alerts_control, MOST_ALERTS))


def _read() -> Fleet:
    console = context()
    return read_fleet(console.database, console.settings, console.clock, console.alerts_control)
