"""The page /drops."""

from __future__ import annotations

from flask import Blueprint, render_template

blueprint = Blueprint("drops", __name__)


@blueprint.get("/drops")
def page() -> str:
    """The page."""
    return render_template("drops.html")
