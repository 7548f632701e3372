"""Simulated and real data must never mix: a database that held simulated data says so."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from PROPPR.SharedServices.service.errors import ConfigError

MARK = "simulated"


def claim(database: Database[dict[str, Any]], *, is_demo: bool) -> None:
    """Mark an empty database as simulated for a demo; raise ConfigError if its data came from the other side."""
    states = database["stream_state"]
    marked = states.find_one({"_id": MARK}) is not None
    if is_demo and not marked:
        if database["fixtures"].find_one({}, {"_id": 1}) is not None:
            advice = "set the key, or another MONGO_DATABASE for simulated data"
            raise ConfigError("ODDS_API_KEY", f"not set, but the database {database.name} holds real data: {advice}")
        states.insert_one({"_id": MARK})
    if marked and not is_demo:
        advice = "choose another MONGO_DATABASE, or drop this one"
        raise ConfigError("MONGO_DATABASE", f"{database.name} holds data of the simulator: {advice}")
