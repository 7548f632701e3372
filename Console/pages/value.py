"""The page /value."""

from __future__ import annotations

from flask import Blueprint, render_template

blueprint = Blueprint("value", __name__)


@blueprint.get("/value")
def page() -> str:
    """The page."""
    return render_template("value.html")
