"""Which MongoDB user may do what: a role per service, with the rights that its job needs and no others.

Roles and users belong to the services' database. A right is an action on a collection; whatever is not named here is
refused by MongoDB. Shape (rules, indexes, new collections) is the business of `proppr-setup` alone, which no service
uses: `proppr migrate` runs as that user.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pymongo.database import Database
from pymongo.errors import OperationFailure

from PROPPR.SharedServices.storage.collections import COLLECTIONS, VIEWS

Document = dict[str, Any]
USER_NOT_FOUND, ROLE_NOT_FOUND = 11, 31
READ: Final = ("find",)
WRITE: Final = ("find", "insert", "update", "remove")

# What the chassis of every service keeps, and what it looks at before it starts.
CHASSIS: Final = ("leases", "service_heartbeats", "alerts", "alert_control", "service_logs")
ODDS: Final = (
    "odds_books", "odds_history", "price_drops", "all_value_bets", "arbitrage_bets", "book_followers", "api_requests",
    "dead_letters", "poller_rereads", "poller_state", "stream_state",
)  # fmt: skip
BETS: Final = ("team_tracked_bets", "player_tracked_bets", "horse_tracked_bets", "overtime_placed_bets")
STATISTICS: Final = (
    "team_stats", "player_stats", "predicted_lines", "player_projections", "fotmob_matches", "fotmob_dictionaries",
    "fotmob_leagues", "fixture_mappings", "fixture_players", "stats_runs", "source_cache",
)  # fmt: skip
FOR_BOTS: Final = (
    "fixtures", "team_odds", "player_odds", "odds_books", "odds_history", "price_drops", "all_value_bets",
    "arbitrage_bets", "team_stats", "player_stats", "predicted_lines", "player_projections", "fixture_mappings",
)  # fmt: skip
EVERYTHING: Final = (*(each.name for each in COLLECTIONS), *(each.name for each in VIEWS))


@dataclass(frozen=True, slots=True)
class User:
    """A user and its role, both of this name."""

    name: str
    purpose: str
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    watches: tuple[str, ...] = ()
    inserts: tuple[str, ...] = ()
    follows: bool = False
    """One change stream over the whole database, which takes the right to find in all of it."""
    shapes: bool = False

    def privileges(self, database: str) -> list[Document]:
        """The privileges of its role, as MongoDB's createRole takes them."""
        actions: dict[str, set[str]] = {name: set() for name in EVERYTHING}
        for names, allowed in (
            (self.writes, WRITE), (self.reads, READ), (self.watches, ("find", "changeStream")),
            (self.inserts, ("find", "insert")),
        ):  # fmt: skip
            for name in names:
                actions[name].update(allowed)
        # What a start reads: whether everything has its shape.
        looking = {"listCollections", "listIndexes"}
        if self.follows:
            looking |= {"find", "changeStream"}
        if self.shapes:
            looking |= {"createCollection", "createIndex", "collMod", "dropIndex", "bypassDocumentValidation", *WRITE}
        everywhere = [_privilege(database, "", looking)]
        return everywhere + [_privilege(database, name, allowed) for name, allowed in actions.items() if allowed]


USERS: Final = (
    User(
        "websocket-updater", "the updater", (*CHASSIS, *ODDS, "fixtures"), ("schema_versions",),
    ),
    User(
        "unified-poller", "the poller", (*CHASSIS, *ODDS, "fixtures"), ("schema_versions",),
    ),
    User(
        "stats-pipeline", "the statistics", (*CHASSIS, *STATISTICS, "api_requests", "dead_letters"),
        ("fixtures", "odds_books", "schema_versions"),
    ),
    User(
        # It fetches matches itself where a bet needs one that the statistics do not have.
        "grading-scheduler", "the grader",
        (*CHASSIS, *BETS, "api_requests", "source_cache", "fotmob_matches", "fotmob_dictionaries", "dead_letters"),
        ("fixtures", "fixture_mappings", "fotmob_leagues", "horse_results", "schema_versions"),
    ),
    User("bots", "programs that read odds and place bets", BETS, FOR_BOTS, (*FOR_BOTS,), ("horse_results",)),
    User(
        "console", "the operator's console and commands",
        ("alerts", "alert_control", "fixture_mappings", "service_heartbeats", "console_sessions", "console_logins"),
        EVERYTHING, EVERYTHING, ("service_logs",), follows=True,
    ),
    User("backup", "`proppr backup`", (), EVERYTHING),
    User("proppr-setup", "`proppr migrate`: collections, rules, indexes, migrations", shapes=True),
)  # fmt: skip
BY_NAME: Final = {user.name: user for user in USERS}


def apply_users(database: Database[Document], passwords: Mapping[str, str], only: Iterable[str] = ()) -> list[str]:
    """Create or change the roles and users, with these passwords by name; return what was done for each.

    Needs a user with the role userAdmin on the database. Rights that a role had and that are not named here are taken
    away. Users without a password in `passwords` keep theirs; a new one must have one (KeyError).
    """
    chosen = [user for user in USERS if not only or user.name in set(only)]
    done = []
    for user in chosen:
        role: Document = {"privileges": user.privileges(database.name), "roles": []}
        _create_or_update(database, "Role", user.name, role, ROLE_NOT_FOUND)
        account: Document = {"roles": [{"role": user.name, "db": database.name}]}
        if user.name in passwords:
            account["pwd"] = passwords[user.name]
        made = _create_or_update(database, "User", user.name, account, USER_NOT_FOUND)
        done.append(f"{user.name}: {'created' if made else 'brought up to date'}")
    return done


def script(database: str) -> str:
    """The same as commands for mongosh, which asks for each password."""
    lines = [f'db = db.getSiblingDB("{database}");']
    for user in USERS:
        lines.append(f"// {user.purpose}")
        privileges = ",\n  ".join(_written(each) for each in user.privileges(database))
        lines.append(f'db.createRole({{role: "{user.name}", roles: [], privileges: [\n  {privileges}\n]}});')
        roles = f'[{{role: "{user.name}", db: "{database}"}}]'
        lines.append(f'db.createUser({{user: "{user.name}", pwd: passwordPrompt(), roles: {roles}}});')
    return "\n".join(lines)


def _written(privilege: Document) -> str:
    resource = privilege["resource"]
    actions = ", ".join(f'"{action}"' for action in privilege["actions"])
    return f'{{resource: {{db: "{resource["db"]}", collection: "{resource["collection"]}"}}, actions: [{actions}]}}'


def _privilege(database: str, collection: str, actions: Iterable[str]) -> Document:
    return {"resource": {"db": database, "collection": collection}, "actions": sorted(actions)}


def _create_or_update(database: Database[Document], kind: str, name: str, values: Document, absent: int) -> bool:
    """True if it was created."""
    try:
        database.command({f"update{kind}": name, **values})
    except OperationFailure as error:
        if error.code != absent:
            raise
        database.command({f"create{kind}": name, **values})
        return True
    return False
