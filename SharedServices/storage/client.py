"""Connections to MongoDB as every service uses them: durable writes, quick failure, aware UTC times."""

from __future__ import annotations

import warnings
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from PROPPR.SharedServices.service.errors import ConfigError
from PROPPR.SharedServices.service.settings import Settings

Document = dict[str, Any]

# Not for the operator to weaken: what a service calls stored must survive kill -9 and a failover, and times are UTC.
FIXED: dict[str, Any] = {
    "w": "majority",
    "journal": True,
    "retryWrites": True,
    "retryReads": True,
    "tz_aware": True,
    "uuidRepresentation": "standard",
}
# Milliseconds. Callers buffer and retry, so they want to hear soon that MongoDB is away and soon that it is back. An
# option in MONGO_URI overrides these.
DEFAULTS = {
    "serverSelectionTimeoutMS": 2_000,
    "connectTimeoutMS": 2_000,
    "socketTimeoutMS": 10_000,
    "wTimeoutMS": 8_000,
    "heartbeatFrequencyMS": 2_000,
    "waitQueueTimeoutMS": 5_000,
    "maxPoolSize": 32,
}


def connect(settings: Settings, uri: str | None = None, *, service: str = "proppr") -> MongoClient[Document]:
    """Return a client of `uri`, or else of MONGO_URI. It connects in the background: nothing is proven yet.

    ConfigError names MONGO_URI where it is missing or malformed, without repeating it.
    """
    if uri is None:
        if settings.mongo_uri is None:
            raise ConfigError("MONGO_URI", "not set, and no embedded MongoDB was started in its place")
        uri = settings.mongo_uri.get_secret_value()
    options: dict[str, Any] = {**DEFAULTS, "appname": f"proppr-{service}"}
    try:
        given = {name.lower() for name, _ in parse_qsl(urlsplit(uri).query, keep_blank_values=True)}
        chosen = {name: value for name, value in options.items() if name.lower() not in given}
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # the driver only warns of options that it doesn't understand
            return MongoClient(uri, **chosen, **FIXED)
    except (PyMongoError, ValueError, UserWarning) as error:
        # The driver quotes parts of the string, which holds a password: say only what kind of mistake it is.
        raise ConfigError("MONGO_URI", f"not a usable MongoDB connection string ({type(error).__name__})") from None


def database(client: MongoClient[Document], settings: Settings) -> Database[Document]:
    """Return the services' database (MONGO_DATABASE) with the client's guarantees."""
    return client[settings.mongo_database]
