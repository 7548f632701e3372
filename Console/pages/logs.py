"""The page /logs."""

from __future__ import annotations

from flask import Blueprint, render_template

blueprint = Blueprint("logs", __name__)


@blueprint.get("/logs")
def page() -> str:
    """The page."""
    return render_template("logs.html")
