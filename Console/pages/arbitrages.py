"""The page /arbitrages."""

from __future__ import annotations

from flask import Blueprint, render_template

blueprint = Blueprint("arbitrages", __name__)


@blueprint.get("/arbitrages")
def page() -> str:
    """The page."""
    return render_template("arbitrages.html")
