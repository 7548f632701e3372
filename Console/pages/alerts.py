"""The page /alerts: what fails, who sees to it, what is muted, and the runbook's words on each."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from PROPPR.Console.context import context, operator, tell
from PROPPR.Console.pages.parts import mark_of, part_of
from PROPPR.Console.readings import runbook
from PROPPR.Console.readings.alerts import Alerts, read_alerts
from PROPPR.SharedServices.service.alerting.control import Mute

blueprint = Blueprint("alerts", __name__)

TIMES = ((1800, "30 minutes"), (3600, "1 hour"), (7200, "2 hours"), (28_800, "8 hours"), (86_400, "1 day"),
         (259_200, "3 days"), (604_800, "a week"))  # fmt: skip


@blueprint.get("/alerts")
def page() -> str:
    """The page."""
    reading = _read()
    return render_template("alerts.html", reading=reading, seen=mark_of(reading))


@blueprint.get("/alerts/part")
def part() -> Response:
    """All lists."""
    return part_of("parts/alerts_lists.html", _read())


@blueprint.post("/alerts/acknowledge")
def acknowledge() -> Response:
    """Somebody sees to an alert: no reminders and no e-mail until it recovers and fails again."""
    keys = context().alerts_control.acknowledge(_field("key", 200), operator() or "")
    tell(
        f"Acknowledged: {', '.join(keys[:5])}{' and more' if len(keys) > 5 else ''}."
        if keys
        else "It does not fail any more, or somebody else sees to it already."
    )
    return redirect(url_for("alerts.page"), 303)


@blueprint.get("/alerts/mute")
def mute_form() -> str:
    """What to mute for how long."""
    return _form(request.args.get("pattern", "")[:200])


@blueprint.post("/alerts/mute")
def mute() -> Response | tuple[str, int]:
    """Tell nobody of the alerts of a pattern for a while."""
    pattern = request.form.get("pattern", "").strip()
    seconds = next((each for each, _ in TIMES if str(each) == request.form.get("seconds")), None)
    if seconds is None:
        return _form(pattern[:200], "Not muted: choose for how long."), 422
    try:
        muted = context().alerts_control.mute(
            pattern, seconds, operator() or "", request.form.get("reason", "").strip()
        )
    except ValueError as error:
        return _form(pattern[:200], f"Not muted: {error}."), 422
    tell(f"{pattern} is muted until {muted.until:%Y-%m-%d %H:%M} UTC.")
    return redirect(url_for("alerts.page"), 303)


@blueprint.post("/alerts/unmute")
def unmute() -> Response:
    """End a mute before its time."""
    pattern = _field("pattern", 200)
    was_muted = context().alerts_control.unmute(pattern)
    tell(f"{pattern} is no longer muted." if was_muted else f"The mute of {pattern} was over already.")
    return redirect(url_for("alerts.page"), 303)


@blueprint.get("/alerts/runbook/<anchor>")
def entry(anchor: str) -> str:
    """What the runbook says of an alert, with the entries that it names."""
    found = runbook.load().with_named(anchor)
    if not found:
        abort(404)
    return render_template("alerts_runbook.html", entries=found)


@blueprint.get("/alerts/runbook")
def entries() -> str:
    """The whole runbook."""
    return render_template("alerts_runbook.html", entries=tuple(runbook.load().entries.values()))


def _read() -> Alerts:
    console = context()
    return read_alerts(console.database, console.alerts_control)


def _form(pattern: str, problem: str = "") -> str:
    covered: list[str] = []
    if pattern:
        alerts = _read()
        probe = Mute(pattern, context().now(), "", "")
        covered = [alert.key for alert in (*alerts.open, *alerts.acknowledged) if probe.covers(alert.key)]
    return render_template("alerts_mute.html", pattern=pattern, covered=covered, times=TIMES, problem=problem)


def _field(name: str, most: int) -> str:
    value = request.form.get(name, "")
    if not value or len(value) > most:
        abort(400)
    return value
