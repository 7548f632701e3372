"""The page /fixtures."""

from __future__ import annotations

from flask import Blueprint, render_template

blueprint = Blueprint("fixtures", __name__)


@blueprint.get("/fixtures")
def page() -> str:
    """The page."""
    return render_template("fixtures.html")
