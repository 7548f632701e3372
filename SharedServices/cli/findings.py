"""What `proppr doctor` looks at on this machine and in MongoDB: each check returns findings and changes nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any, Literal

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.collections import COLLECTIONS, VIEWS
from PROPPR.SharedServices.tracking.usage import Usage

Level = Literal["ok", "warning", "wrong"]
OLDEST_MONGODB = (5, 0)  # $setField, which names with a dot or a dollar need
LITTLE_DISK, LOW_DISK = 1 << 30, 5 << 30
CLOCK_WARNING, CLOCK_WRONG = timedelta(seconds=2), timedelta(seconds=30)


@dataclass(frozen=True)
class Finding:
    """One line of the report: how it is, and what mends it when it is not well."""

    subject: str
    level: Level
    detail: str
    mend: str = ""


def check_settings(settings: Settings) -> Iterator[Finding]:
    """What the settings allow but hardly anybody wants."""
    yield Finding("settings", "ok", "all usable")
    if settings.odds_api_key is None:
        yield Finding("key", "warning", "ODDS_API_KEY is not set: only the simulator can be used", "put it into .env")
    strangers = [name for name in settings.sharp_bookmakers if name not in settings.bookmakers]
    if strangers:
        detail = f"SHARP_BOOKMAKERS that are not in BOOKMAKERS: {', '.join(strangers)}"
        yield Finding("sharp bookmakers", "warning", detail, "add them to BOOKMAKERS, or no value bet can rest on them")
    if settings.smtp_url is not None and not settings.alert_email_to:
        yield Finding("alerts", "warning", "SMTP_URL is set, but nobody gets the mails", "set ALERT_EMAIL_TO")
    if settings.telegram_bot_token is None:
        yield Finding(
            "alerts", "warning", "no Telegram bot: alerts are only stored", "set TELEGRAM_BOT_TOKEN and _CHAT_ID"
        )


def check_disk(settings: Settings) -> Iterator[Finding]:
    """Room for data, recordings and logs, and the right to write there."""
    places = {"data": settings.proppr_data_dir, "recordings": settings.proppr_record_dir, "logs": settings.log_dir}
    for name, wanted in places.items():
        if wanted is None or (name == "data" and settings.mongo_uri is not None):
            continue
        place = _existing(wanted)
        free = shutil.disk_usage(place).free
        if not os.access(place, os.W_OK):
            yield Finding(
                f"{name} directory",
                "wrong",
                f"{wanted} cannot be written",
                f"give this user the right to write {place}",
            )
            continue
        level: Level = "wrong" if free < LITTLE_DISK else "warning" if free < LOW_DISK else "ok"
        yield Finding(
            f"{name} directory",
            level,
            f"{free / (1 << 30):.1f} GB free in {place}",
            "" if level == "ok" else "make room",
        )


def check_mongodb(client: MongoClient[dict[str, Any]], settings: Settings, clock: Clock) -> Iterator[Finding]:
    """Reachable, new enough, a replica set, collections and indexes in place, its clock like ours."""
    try:
        before = clock.now()
        hello = client.admin.command("hello")
        after = clock.now()
        version = tuple(client.server_info()["versionArray"][:2])
        yield _version(version)
        yield _replica_set(hello)
        yield compare_clocks(
            "clock of MongoDB", hello["localTime"].replace(tzinfo=UTC) - (before + (after - before) / 2)
        )
        yield _collections(client, settings)
    except PyMongoError as error:
        reason = str(error).split(",")[0][:200]
        yield Finding("MongoDB", "wrong", f"no answer: {reason}", "check MONGO_URI, the network and the user's rights")


def check_budget(usage: Usage) -> Finding:
    """Requests that are left in this hour."""
    detail = f"{usage.used} of {usage.limit} requests used, {usage.free} free"
    if usage.lowered_by:
        detail += f"; lowered by {usage.lowered_by}"
    if usage.free == 0:
        return Finding("budget", "wrong", detail, "wait, or lower the use: fewer bookmakers, a longer POLL_INTERVAL")
    return Finding("budget", "warning" if usage.lowered_by else "ok", detail)


def compare_clocks(subject: str, difference: timedelta) -> Finding:
    """How far another clock is from ours."""
    distance = abs(difference)
    level: Level = "wrong" if distance > CLOCK_WRONG else "warning" if distance > CLOCK_WARNING else "ok"
    mend = "" if level == "ok" else "let NTP keep both clocks"
    return Finding(subject, level, f"{difference.total_seconds():+.1f} s from ours", mend)


def _existing(path: Path) -> Path:
    path = path.absolute()
    while not path.exists():
        path = path.parent
    return path


def _version(version: tuple[int, ...]) -> Finding:
    text = ".".join(map(str, version))
    if version < OLDEST_MONGODB:
        return Finding("MongoDB", "wrong", f"version {text}", "5.0 is the oldest that works; 6.0 or newer is tested")
    return Finding("MongoDB", "ok", f"version {text}")


def _replica_set(hello: dict[str, Any]) -> Finding:
    if "setName" in hello or hello.get("msg") == "isdbgrid":
        return Finding("replica set", "ok", str(hello.get("setName", "sharded cluster")))
    mend = "start mongod with --replSet and run rs.initiate(): change streams and majority writes need it"
    return Finding("replica set", "wrong", "MongoDB runs alone", mend)


def _collections(client: MongoClient[dict[str, Any]], settings: Settings) -> Finding:
    database = client[settings.mongo_database]
    present = set(database.list_collection_names())
    wanted = {collection.name for collection in COLLECTIONS} | {view.name for view in VIEWS}
    missing = sorted(wanted - present)
    for collection in COLLECTIONS:
        if collection.name in present:
            names = set(database[collection.name].index_information())
            missing += [f"{collection.name}.{index.name}" for index in collection.indexes if index.name not in names]
    if not present & wanted:
        return Finding(
            "collections", "warning", "the database is empty", "the first start of a service creates everything"
        )
    if missing:
        return Finding(
            "collections", "warning", f"missing: {', '.join(missing)}", "start any service once: it creates them"
        )
    return Finding("collections", "ok", f"{len(wanted)} collections with their indexes")
