"""What changes on the pages, by the collections that are watched for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TOPICS: Final[Mapping[str, tuple[str, ...]]] = {
    "fleet": ("service_heartbeats",),
    "alerts": ("alerts", "alert_control"),
    "fixtures": ("fixtures",),
    "books": ("odds_books",),
    "drops": ("price_drops",),
    "value": ("all_value_bets",),
    "arbitrages": ("arbitrage_bets",),
    "bets": ("team_tracked_bets", "player_tracked_bets", "horse_tracked_bets", "overtime_placed_bets"),
    "mappings": ("fixture_mappings",),
    "logs": ("service_logs",),
}
"""Topic (the name of the event that browsers get) to the collections whose commits it tells of."""

TOPIC_OF: Final = {collection: topic for topic, collections in TOPICS.items() for collection in collections}
