"""The page /mappings."""

from __future__ import annotations

from flask import Blueprint, render_template

blueprint = Blueprint("mappings", __name__)


@blueprint.get("/mappings")
def page() -> str:
    """The page."""
    return render_template("mappings.html")
