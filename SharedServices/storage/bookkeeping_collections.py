"""The collections by which the processes coordinate and report. Every one is small by nature or expires.

Why `service_logs` is not a capped collection: a capped one can't expire by age, and in a quiet month it would keep
errors for years. So documents expire after 30 days, the writer collapses repeated lines and queues a bounded number,
and housekeeping keeps the newest `MOST_KEPT` of what could still flood it.
"""

from __future__ import annotations

from PROPPR.SharedServices.storage.schema import (
    BINARY,
    DATE,
    DAY,
    INT64,
    OBJECT,
    TEXT,
    WHOLE,
    Collection,
    index,
    list_of,
    or_null,
    record,
)

# Collections whose number of documents is bounded besides their age, by the time field that orders them.
MOST_KEPT = {
    "service_logs": ("timestamp", 100_000),
    "dead_letters": ("recorded_at", 10_000),
    "source_cache": ("expires_at", 5_000),
}

BOOKKEEPING_COLLECTIONS = (
    Collection("api_requests", "The budget of requests to the provider that all processes share.", key="_id: budget"),
    Collection("stream_state", "How far a stream has been processed, per key and filter set.", key="_id: stream"),
    Collection(
        "poller_state",
        "How far each bookmaker and sport has been polled by REST.",
        key="_id: bookmaker|sport",
        indexes=(index("updated_at", expires_after=30 * DAY),),
    ),
    Collection(
        "poller_rereads",
        "Fixtures whose books have to be read whole by REST, until they are.",
        key="_id: fixture",
        indexes=(index("rank", "kickoff"), index("kickoff", expires_after=DAY)),
    ),
    Collection(
        "backfills",
        "Which fixtures an operator had read again, and how far that has come.",
        key="_id: hash of the selection",
        rules=record(
            {"selection": OBJECT, "started_at": DATE, "updated_at": DATE, "done": list_of(INT64, most=20_000)},
            {"finished_at": or_null(DATE), "requests": WHOLE, "read": WHOLE, "absent": WHOLE, "failed": OBJECT},
        ),
        indexes=(index("updated_at", expires_after=30 * DAY),),
    ),
    Collection(
        "source_cache",
        "The last good answer of a source per page, compressed, with its validators.",
        key="_id: page",
        rules=record(
            {"digest": TEXT, "fetched_at": DATE, "expires_at": DATE, "source": TEXT},
            {"body": BINARY, "etag": TEXT, "last_modified": TEXT},
        ),
        indexes=(index("expires_at", expires_after=0),),
    ),
    Collection("schema_versions", "Which migrations have changed this database, and when.", key="_id: version"),
    # Leases never expire as documents: with its document a lease would lose its count of fencing tokens.
    Collection("leases", "Who may do what only one process may do at a time.", key="_id: lease"),
    Collection(
        "service_heartbeats",
        "That a process is alive, every 10 s.",
        key="_id: process",
        indexes=(index("expires_at", expires_after=0),),
    ),
    Collection(
        "alerts",
        "Alerts to people: raised, sent, resolved.",
        key="_id: alert",
        indexes=(
            index("delivery", "next_attempt_at"),
            index("state", "-recovered_at"),
            index("expires_at", expires_after=0),
        ),
    ),
    Collection(
        "alert_control",
        "Which alerts an operator muted until when; until when a channel must not be used.",
        key="_id: mute or channel",
        indexes=(index("expires_at", expires_after=0),),
    ),
    Collection(
        "console_sessions",
        "Who is signed in at the console, by the hash of a cookie; none lasts longer than three days.",
        key="_id: hash of the cookie",
        rules=record({"operator": TEXT, "created_at": DATE, "seen_at": DATE, "expires_at": DATE}, {"address": TEXT}),
        indexes=(index("created_at"), index("expires_at", expires_after=0)),
    ),
    Collection(
        "console_logins",
        "How often signing in at the console failed of late.",
        key="_id: address, or all",
        rules=record({"last_at": DATE, "blocked_until": DATE, "expires_at": DATE}),
        indexes=(index("expires_at", expires_after=0),),
    ),
    Collection(
        "service_logs",
        "Errors of all processes.",
        key="_id",
        rules=record({"timestamp": DATE, "service": TEXT, "level": TEXT, "message": TEXT}),
        # The console reads them page by page, newest first, of all or of one service.
        indexes=(
            index("timestamp", expires_after=30 * DAY),
            index("timestamp", "_id"),
            index("service", "timestamp", "_id"),
        ),
    ),
    Collection(
        "dead_letters",
        "What could not be processed, in a bounded excerpt, with the reason.",
        key="_id",
        rules=record({"kind": TEXT, "reason": TEXT, "recorded_at": DATE}),
        indexes=(index("kind", "-recorded_at"), index("recorded_at", expires_after=30 * DAY)),
    ),
)
