"""What each setting does, in words and by subject: the source of docs/settings.md. README's table says the same."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, dict[str, str]]] = {
    "Provider": {
        "ODDS_API_KEY": "Key of odds-api.io; never logged. None: `proppr up` simulates the provider",
        "ODDS_API_BASE_URL": "REST of the provider",
        "ODDS_API_WS_URL": "WebSocket of the provider",
        "BOOKMAKERS": "Bookmakers to keep, exactly as the provider spells them",
        "MAX_API_REQUESTS_PER_HOUR": "REST requests of the whole fleet in any hour",
    },
    "MongoDB": {
        "MONGO_URI": "Where MongoDB is (a replica set). None: an embedded server on this machine is started or joined",
        "MONGO_DATABASE": "Name of the database",
        "PROPPR_DATA_DIR": "Home of the embedded MongoDB",
        "PROPPR_MONGO_UNHEALTHY_AFTER": "Seconds without MongoDB until a service calls itself unhealthy",
    },
    "WebSocket": {
        "WS_MARKETS": "Markets to subscribe to; more than 20 are taken in turns",
        "WS_SPORTS": "Sports, at most 10",
        "WS_LEAGUES": "Leagues, at most 20; not together with `WS_EVENT_IDS`",
        "WS_EVENT_IDS": "Single events, at most 50",
        "WS_STATUS": "`live` or `prematch`; none: both",
        "WS_RECONNECT_DELAY": "First delay of the reconnection's back-off",
        "WS_PING_INTERVAL": "Seconds between pings",
        "PROPPR_ROTATION_SECONDS": "With more than 20 markets: how long one filter set has the connection",
        "PROPPR_EVICTION_DELAY": "First wait after another client of the same key seems to have taken the connection",
        "PROPPR_REFUSED_DELAY": "First wait after the provider refused the key or the request",
        "PROPPR_STALL_SECONDS": "Silence while fixtures are live that counts as a stall",
    },
    "REST poller": {
        "POLL_INTERVAL": "REST poller: seconds between cycles",
        "LOOKBACK_SECONDS": "REST poller: how far back a cycle asks at least; never less than to the cycle before",
        "BATCH_SIZE": "Events per REST request, at most 10",
        "PROPPR_POLL_SPORTS": "REST poller: sports (slugs); none = those of `WS_SPORTS`",
        "PROPPR_MAX_LOOKBACK": "REST poller: how far back the provider lets a cycle ask; found out if it is less",
        "PROPPR_FIXTURE_LEAD": "New fixtures are read from so many seconds before their kick-off on",
        "PROPPR_FIXTURE_DAYS": "New fixtures are registered so many days ahead",
        "PROPPR_REGISTRY_INTERVAL": "Seconds between two lists of fixtures",
        "PROPPR_PRESENCE_INTERVAL": "Seconds between two looks for books that a bookmaker no longer has",
    },
    "Drops, value bets, arbitrages": {
        "SHARP_BOOKMAKERS": "The first of these that prices a line is the reference for value",
        "DROP_THRESHOLD_PCT": "A fall by at least this many percent is a drop",
        "MIN_EXPECTED_VALUE": "Least expected value (index of 100) that is stored",
        "PROPPR_MARGIN_METHOD": "How the sharp margin is removed: `power`, `multiplicative`, `shin`, `odds_ratio`",
        "PROPPR_ARBITRAGE_MAX_AGE": "Seconds since its last confirmation after which a quote is no leg of an arbitrage",
        "PROPPR_ARBITRAGE_MAX_AGE_IN_PLAY": "The same once the match runs",
        "PROPPR_ARBITRAGE_ERROR_MARGIN": "An arbitrage above so many percent is marked as a probable price error",
        "PROPPR_EXCHANGE_COMMISSION": (
            "Percent of the winnings that exchanges keep; write what your account pays. Others: none"
        ),
        "PROPPR_SAME_PRICES": (
            "Bookmakers that publish another one's prices, `name=other name`: no arbitrage between the two"
        ),
    },
    "Statistics": {
        "FOTMOB_BASE_URL": "Source of the statistics",
        "PROPPR_FOTMOB_PAUSE": "Least seconds between two requests of a process to FotMob",
        "PROPPR_FOTMOB_REQUESTS_PER_DAY": "Requests of the whole fleet to FotMob in any 24 hours",
        "PROPPR_FOTMOB_LEAGUES": "FotMob's ids of leagues that are followed even without fixtures in the odds",
        "STATS_DAILY_AT": "UTC time of the daily statistics",
    },
    "Grading": {
        "GRADING_INTERVAL": "Seconds between grading passes",
        "PROPPR_VOID_AFTER": "Seconds after its kick-off from which a match that was not played to the end is void",
        "PROPPR_VOID_AFTER_AT": "The same for single bookmakers: `Bet365=86400,M88=129600`",
        "PROPPR_UNUSED_SUBSTITUTE": "Player bets on a man who did not come on: `refund`, or `stands`",
        "PROPPR_SETTLE_EARLY": "Settle overs that are won and unders that are lost during the match",
        "PROPPR_ABANDONED_KEEPS_DECIDED": "Settle what was decided when a match was abandoned",
        "PROPPR_RED_COUNTS_AT": (
            "Cards that a red card counts in card markets: `Bet365=2`; without, a bet waits where it matters"
        ),
        "PROPPR_HANDICAP_LINE_IS": "Whose line a handicap is where the bot does not say: `home`, `own` or `unclear`",
    },
    "Alerts": {
        "TELEGRAM_BOT_TOKEN": "Bot that sends the alerts ([docs/alerts.md](docs/alerts.md))",
        "TELEGRAM_ADMIN_CHAT_ID": "Chat that gets them; required with a token",
        "TELEGRAM_API_BASE_URL": "Telegram",
        "SMTP_URL": "Mail server for alerts that last: `smtp://user:password@host:587` (STARTTLS), or `smtps://`",
        "ALERT_EMAIL_TO": "Who gets those mails, separated by commas; none: no mails",
        "PAGERDUTY_ROUTING_KEY": "PagerDuty's key; none: no PagerDuty",
        "PAGERDUTY_EVENTS_URL": "PagerDuty's address; none: its usual one",
        "PROPPR_ALERT_EMAIL_FROM": (
            "Sender of the mails; none: the user of `SMTP_URL` if that is an address, else this host"
        ),
        "PROPPR_ALERT_EMAIL_AFTER": "An alert that lasts so many seconds is mailed",
        "PROPPR_ALERT_REMIND_AFTER": "An alert that nobody acknowledged is told again every so many seconds; 0: never",
        "PROPPR_ALERT_QUIET_HOURS": (
            "Like `23:00-07:00` (UTC) or `23:00-07:00 Europe/London`: only critical alerts are told then, "
            "the rest after"
        ),
        "PROPPR_ALERT_SUMMARY_AT": "UTC time of the daily summary, or `never`",
    },
    "Console": {
        "CONSOLE_HOST": "Where the console listens ([docs/console.md](docs/console.md))",
        "CONSOLE_PORT": "Its port",
        "PROPPR_CONSOLE_PASSWORD_HASH": (
            "Hash of the console's password, made by `proppr console password`; none: no sign-in by password"
        ),
        "PROPPR_CONSOLE_TOKEN": "Token that signs in instead, at least 24 characters; none: no sign-in by token",
        "PROPPR_CONSOLE_READ_ONLY_OPEN": (
            "On loopback, and without a proxy, anybody on this machine may read; changes need a sign-in all the same"
        ),
        "PROPPR_CONSOLE_PROXY": (
            "Address of the TLS proxy in front of the console: its X-Forwarded headers are believed, cookies need TLS"
        ),
    },
    "Retention and backups": {
        "PROPPR_HISTORY_DAYS": "Days that `odds_history`, `price_drops` and past `fixtures` are kept",
        "PROPPR_BETS_DAYS": "Days that settled bets are kept; 0: for ever",
        "PROPPR_STATISTICS_DAYS": (
            "Days that a season's statistics, mappings and horse results are kept after their last change; 0: for ever"
        ),
        "PROPPR_BACKUP_DIR": "Where `proppr backup` puts its backups",
        "PROPPR_BACKUP_KEEP": "Backups that are kept; older ones are removed after a new one is complete",
    },
    "Every process": {
        "HEALTH_HOST": "Where the health endpoints listen",
        "HEALTH_PORT": (
            "8081 updater, 8082 poller, 8083 statistics, 8084 grader; under `proppr up` a set one is the "
            "first of several"
        ),
        "LOG_DIR": "`/var/log` if writable, else `./logs`; files `proppr-<service>.log`",
        "LOG_LEVEL": "Of the console; the files hold DEBUG",
        "PROPPR_RECORD_DIR": "Record everything received into this directory; none: off",
        "PROPPR_RECORD_MAX_BYTES": "Bound of all recordings; the oldest go first",
        "PROPPR_CACHE_BYTES": (
            "Memory for books in each odds service; an eighth of it again for what the other one writes"
        ),
        "PROPPR_INSTANCE": "Name of this instance in leases and heartbeats; none: host and process",
        "PROPPR_LOG_MAX_BYTES": "Size of a log file before it is rotated",
        "PROPPR_LOG_BACKUPS": "Rotated log files kept",
    },
}
