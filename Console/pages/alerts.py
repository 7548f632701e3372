"""The page /alerts."""

from __future__ import annotations

from flask import Blueprint, render_template

blueprint = Blueprint("alerts", __name__)


@blueprint.get("/alerts")
def page() -> str:
    """The page."""
    return render_template("alerts.html")
