"""What readers see in `team_odds` and `player_odds`: exactly the shape of the design, from the stored books."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import Int64
from pymongo.database import Database

Document = dict[str, Any]
NOW = datetime(2026, 5, 27, 4, 11, tzinfo=UTC)
ISO = "2026-05-27T04:11:00.532Z"
EARLIER = "2026-05-27T04:10:00Z"
BIG = 7_291_391_184


@pytest.fixture
def database(collections: Database[Document]) -> Database[Document]:
    return collections


@pytest.fixture
def odds(database: Database[Document]) -> Database[Document]:
    database["fixtures"].insert_many([fixture(BIG), fixture(2, NOW + timedelta(days=1)), fixture(3)])
    return database


def fixture(fixture_id: int, kickoff: datetime = NOW) -> Document:
    return {
        "id": Int64(fixture_id),
        "home": "Brentford",
        "away": "Wolverhampton",
        "home_id": Int64(1),
        "sport": "football",
        "league": "England - Premier League",
        "country": "England",
        "date": "2026-05-27T04:11:00Z",
        "kickoff": kickoff,
        "status": "pending",
        "last_seen": NOW,
    }


def market(name: str, odds: list[Document], players: list[Document] | None = None) -> Document:
    return {"name": name, "updatedAt": ISO, "sequence": 7, "odds": odds, "players": players or []}


def row(**values: Any) -> Document:
    return {**values, "changedAt": EARLIER}


def shown(**values: Any) -> Document:
    return {"updatedAt": ISO, **values, "changedAt": EARLIER}


def player(name: str, odds: list[Document], **values: Any) -> Document:
    return {"player_name": name, **values, "odds": odds}


def book(bookmaker: str, markets: list[Document], segment: str = "team", **changes: Any) -> Document:
    fixture_id = changes.get("fixture_id", BIG)
    return {
        "_id": f"{fixture_id}|{bookmaker}|{segment}",
        "fixture_id": Int64(fixture_id),
        "bookmaker": bookmaker,
        "segment": segment,
        "has_team": any(market["odds"] for market in markets),
        "has_player": any(market["players"] for market in markets),
        "revision": Int64(1),
        "source": "websocket",
        "last_updated": NOW,
        "markets": {str(position): market for position, market in enumerate(markets)},
        "expires_at": NOW + timedelta(days=30),
        **changes,
    }


def drop(number: int, **changes: Any) -> Document:
    return {
        "_id": f"d{number}",
        "fixture_id": Int64(BIG),
        "is_player": False,
        "timestamp": NOW + timedelta(seconds=number),
        "recorded_at": NOW,
        "bookmaker": "Bet365",
        "market": "Spread",
        "side": "home",
        "hdp": -1.0,
        "old_odds": 2.0,
        "new_odds": 1.9,
        "drop_pct": 5.0,
        **changes,
    }


def test_a_fixture_with_team_odds_has_exactly_the_readers_shape(odds: Database[Document]) -> None:
    later = NOW + timedelta(minutes=1)
    rows = [row(hdp=-1.0, home=1.95, away=1.9), {**row(hdp=-0.5, home=1.5), "updatedAt": EARLIER}]
    odds["odds_books"].insert_many(
        [
            book("Bet365", [market("ML", [row(home=1.571, draw=4.2, away=5.5)]), market("Spread", rows)]),
            book(
                "SingBet", [market("ML", [row(home=1.6)])], source="api_poller", last_updated=later, last_api_sync=later
            ),
            book("Unibet", [market("ML", [row(home=1.6)])], source="api_poller", last_api_sync=NOW),
        ]
    )
    odds["price_drops"].insert_one(drop(1))
    assert odds["team_odds"].find_one({"id": BIG}) == {
        "id": BIG,
        "home": "Brentford",
        "away": "Wolverhampton",
        "league": "England - Premier League",
        "country": "England",
        "date": "2026-05-27T04:11:00Z",
        "kickoff": NOW,
        "bookmakers": {
            "Bet365": [
                {"name": "ML", "updatedAt": ISO, "odds": [shown(home=1.571, draw=4.2, away=5.5)]},
                {
                    "name": "Spread",
                    "updatedAt": ISO,
                    "odds": [
                        shown(hdp=-1.0, home=1.95, away=1.9),
                        {"updatedAt": EARLIER, "hdp": -0.5, "home": 1.5, "changedAt": EARLIER},
                    ],
                },
            ],
            "SingBet": [{"name": "ML", "updatedAt": ISO, "odds": [shown(home=1.6)]}],
            "Unibet": [{"name": "ML", "updatedAt": ISO, "odds": [shown(home=1.6)]}],
        },
        "updates": [
            {
                "timestamp": NOW + timedelta(seconds=1),
                "bookmaker": "Bet365",
                "market": "Spread",
                "side": "home",
                "hdp": -1.0,
                "old_odds": 2.0,
                "new_odds": 1.9,
                "drop_pct": 5.0,
            }
        ],
        "last_updated": later,
        "source": "api_poller",
        "last_api_sync": later,
    }
    assert odds["player_odds"].find_one({"id": BIG}) is None


def test_players_come_per_market_and_statistic(odds: Database[Document]) -> None:
    props = [
        player("De'Aaron Fox", [row(hdp=5.5, over=1.65)], stat="Assists", team_side="home"),
        player("De'Aaron Fox", [row(hdp=20.5, over=1.9, under=1.9)], stat="Points", team_side="home"),
        player("Luka Doncic", [{**row(hdp=9.5, over=1.8), "updatedAt": EARLIER}], stat="Assists"),
    ]
    odds["odds_books"].insert_many(
        [
            book("FanDuel", [market("Player Props", [row(hdp=120.5, over=1.9)], props)], "Player Props"),
            book("FanDuel", [market("Anytime Goalscorer", [], [player("Igor Thiago", [row(over=1.8)])])], "Anytime"),
        ]
    )
    found = odds["player_odds"].find_one({"id": BIG})
    assert found is not None
    assert set(found) == {
        *("id", "home", "away", "league", "country", "date", "kickoff"),
        *("markets_normalized", "updates", "last_updated", "source"),
    }
    by_name = {entry.pop("name"): entry for entry in found["markets_normalized"]["FanDuel"]}
    assert by_name == {
        "Player Props - Assists": {
            "updatedAt": ISO,
            "players": [
                {"player_name": "De'Aaron Fox", "team_side": "home", "odds": [shown(hdp=5.5, over=1.65)]},
                {
                    "player_name": "Luka Doncic",
                    "odds": [{"updatedAt": EARLIER, "hdp": 9.5, "over": 1.8, "changedAt": EARLIER}],
                },
            ],
        },
        "Player Props - Points": {
            "updatedAt": ISO,
            "players": [
                {"player_name": "De'Aaron Fox", "team_side": "home", "odds": [shown(hdp=20.5, over=1.9, under=1.9)]}
            ],
        },
        "Anytime Goalscorer": {
            "updatedAt": ISO,
            "players": [{"player_name": "Igor Thiago", "odds": [shown(over=1.8)]}],
        },
    }
    team = odds["team_odds"].find_one({"id": BIG})
    assert team is not None
    assert team["bookmakers"] == {
        "FanDuel": [{"name": "Player Props", "updatedAt": ISO, "odds": [shown(hdp=120.5, over=1.9)]}]
    }


@pytest.mark.parametrize("name", ["BetOnline.ag", "$Book", "a.$b", "", "Überwette 1×2", "x" * 300])
def test_any_bookmaker_name_is_a_key_as_it_is(odds: Database[Document], name: str) -> None:
    odds["odds_books"].insert_one(book(name, [market("ML", [row(home=1.6)])]))
    found = odds["team_odds"].find_one({"id": BIG})
    assert found is not None
    assert list(found["bookmakers"]) == [name]


def test_what_is_withdrawn_is_invisible(odds: Database[Document]) -> None:
    withdrawn = {**market("ML", []), "withdrawn": True}
    gone = book("Gone", [withdrawn], has_team=True, last_updated=NOW + timedelta(hours=1), source="api_poller")
    odds["odds_books"].insert_many(
        [
            gone,
            book("Bet365", [withdrawn, market("Spread", [row(hdp=-1.0, home=1.95)])]),
            book("Bet365", [withdrawn], fixture_id=2, has_team=True, has_player=True),
        ]
    )
    found = odds["team_odds"].find_one({"id": BIG})
    assert found is not None
    assert {name: [entry["name"] for entry in entries] for name, entries in found["bookmakers"].items()} == {
        "Bet365": ["Spread"]
    }
    # A withdrawal is news too.
    assert (found["last_updated"], found["source"]) == (NOW + timedelta(hours=1), "api_poller")
    assert [document["id"] for document in odds["team_odds"].find()] == [BIG]
    assert odds["player_odds"].count_documents({}) == 0


def test_updates_are_the_newest_200_of_the_view_s_own_kind(odds: Database[Document]) -> None:
    odds["odds_books"].insert_many(
        [
            book("Bet365", [market("ML", [row(home=1.6)], [player("Igor Thiago", [row(over=1.8)])])]),
            book("Bet365", [market("ML", [row(home=1.6)])], fixture_id=2),
        ]
    )
    odds["price_drops"].insert_many(drop(number) for number in range(250))
    odds["price_drops"].insert_one(
        drop(999, is_player=True, market="Player Props", stat="Assists", player_name="Igor Thiago", label="Igor")
    )
    team = odds["team_odds"].find_one({"id": BIG})
    assert team is not None
    assert [entry["timestamp"] for entry in team["updates"]] == [
        NOW + timedelta(seconds=number) for number in range(249, 49, -1)
    ]
    players = odds["player_odds"].find_one({"id": BIG})
    assert players is not None
    assert [(entry["market"], entry["player_name"]) for entry in players["updates"]] == [
        ("Player Props - Assists", "Igor Thiago")
    ]
    other = odds["team_odds"].find_one({"id": 2})
    assert other is not None
    assert other["updates"] == []


def scans(explained: object) -> list[tuple[str, str]]:
    """(stage, index name) of everything that reads documents, from an explain document."""
    found = []
    if isinstance(explained, dict):
        if explained.get("stage") in ("IXSCAN", "COLLSCAN", "EXPRESS_IXSCAN"):
            found.append((explained["stage"], explained.get("indexName", "")))
        parts = [value for key, value in explained.items() if key != "rejectedPlans"]
        found += [scan for part in parts for scan in scans(part)]
    elif isinstance(explained, list):
        found += [scan for part in explained for scan in scans(part)]
    return found


def test_a_player_whom_the_statistics_know_has_his_position(odds: Database[Document]) -> None:
    men = [player("Igor Thiago", [row(over=1.8)]), player("Somebody Else", [row(over=9.0)])]
    odds["odds_books"].insert_many(
        [book("FanDuel", [market("Anytime Goalscorer", [], men)]), book("M88", [market("Shots", [], men)])]
    )
    names = {"names": ["A. Keeper", "Igor Thiago"], "positions": ["goalkeeper", "forward"]}
    odds["fixture_players"].insert_one({"fixture_id": BIG, "kickoff": NOW, **names})
    found = odds["player_odds"].find_one({"id": BIG}) or {}
    for markets in found["markets_normalized"].values():
        assert [(man["player_name"], man.get("position")) for man in markets[0]["players"]] == [
            ("Igor Thiago", "forward"),
            ("Somebody Else", None),
        ]
        assert "position" not in markets[0]["players"][1]
    assert "who" not in found


@pytest.mark.parametrize("view", ["team_odds", "player_odds"])
@pytest.mark.parametrize(
    ("condition", "index"),
    [
        ({"id": BIG}, "id_1"),
        ({"id": {"$in": [BIG, 2]}}, "id_1"),
        ({"kickoff": {"$gte": NOW, "$lt": NOW + timedelta(hours=1)}}, "kickoff_1"),
    ],
)
def test_find_uses_the_indexes(odds: Database[Document], view: str, condition: Document, index: str) -> None:
    odds["odds_books"].insert_many(
        [
            book("Bet365", [market("ML", [row(home=1.6)], [player("Igor Thiago", [row(over=1.8)])])]),
            book("Bet365", [market("ML", [row(home=1.6)])], fixture_id=2),
        ]
    )
    command = {"find": view, "filter": condition}
    explained = odds.command("explain", command, verbosity="executionStats")
    assert scans(explained["stages"][0]) == [("IXSCAN", index)] * len(scans(explained["stages"][0]))
    lookups = [stage for stage in explained["stages"] if "$lookup" in stage]
    joined = [(0, ["fixture_id_1"])] if view == "player_odds" else []
    assert [(lookup["collectionScans"], lookup["indexesUsed"]) for lookup in lookups] == [
        *joined,
        (0, ["fixture_id_1_segment_1"]),
        (0, ["fixture_id_1_is_player_1_timestamp_-1"]),
    ]
    drops = odds["price_drops"].find({"fixture_id": BIG, "is_player": False}).sort("timestamp", -1).explain()
    assert "SORT" not in str(drops["queryPlanner"]["winningPlan"])
