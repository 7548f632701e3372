"""The page /bets."""

from __future__ import annotations

from flask import Blueprint, render_template

blueprint = Blueprint("bets", __name__)


@blueprint.get("/bets")
def page() -> str:
    """The page."""
    return render_template("bets.html")
