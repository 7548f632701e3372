"""The page /ledger."""

from __future__ import annotations

from flask import Blueprint, render_template

blueprint = Blueprint("ledger", __name__)


@blueprint.get("/ledger")
def page() -> str:
    """The page."""
    return render_template("ledger.html")
