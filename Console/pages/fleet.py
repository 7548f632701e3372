"""The page /."""

from __future__ import annotations

from flask import Blueprint, render_template

blueprint = Blueprint("fleet", __name__)


@blueprint.get("/")
def page() -> str:
    """The page."""
    return render_template("fleet.html")
