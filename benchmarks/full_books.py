"""Answers of /odds/updated as large as they get: 63 markets with 1,245 lines a fixture, or as they typically are."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from PROPPR.SharedServices.odds.times import format_iso_ms

Json = dict[str, Any]

BOOKMAKER = "Bet365"
FIRST_ID = 81_000_000
PLAYERS = 44
SURNAMES = ("Varga", "Lindqvist", "Okoro", "Silva", "Novak", "Haddad", "Moreau", "Keller", "Rossi", "Tanaka", "Byrne")

ONE_TOTAL = (
    "Totals", "Goals Over/Under", "Totals HT", "Corners Totals", "Corners Totals HT", "Bookings Totals", "Corners",
    "Number of Cards In Match", "Corners 2-Way", "Team Shots on Target Away", "Team Shots on Target Home",
    "Team Tackles Home", "Team Tackles Away", "Team Corners Home", "Team Corners Away", "Team Cards Home",
    "Team Cards Away", "Team Offsides Home", "Team Offsides Away", "Team Shots Home", "Team Shots Away",
    "Match Offsides", "Match Tackles", "Match Shots", "Match Shots on Target",
)  # fmt: skip
HEAVY: tuple[tuple[str, str, int], ...] = (
    ("ML", "result", 1),
    ("Draw No Bet", "pair", 1),
    ("Double Chance", "label", 3),
    ("Half Time Result", "label", 3),
    ("Both Teams To Score", "yes_no", 1),
    ("Both Teams To Score HT", "yes_no", 1),
    ("Both Teams To Score 2H", "yes_no", 1),
    *((name, "total", 1) for name in ONE_TOTAL),
    *((name, "spread", 1) for name in ("Spread", "Spread HT", "Corners Spread", "Bookings Spread")),
    *((name, "spread", 2) for name in ("1st Half Handicap", "Corner Handicap", "Card Handicap", "Specials")),
    ("European Handicap", "result", 6),
    ("Corners Race", "spread", 4),
    ("Team Total Goals Home", "total", 6),
    ("Team Total Goals Away", "total", 4),
    ("Alternative Corners", "total", 12),
    ("Alternative Asian Handicap", "spread", 13),
    ("Alternative Goal Line", "total", 14),
    ("Alternative Total Goals", "total", 7),
    ("First 10 Minutes (00:00 - 09:59)", "total", 4),
    ("Exact Total Goals", "label", 8),
    ("Total Corners", "label", 5),
    ("Number of Goals In Match", "label", 3),
    ("Player Shots Over/Under", "player_total", 12),
    ("Player Shots On Target Over/Under", "player_total", 12),
    ("Anytime Goalscorer", "player", 44),
    ("Player Passes", "player", 49),
    ("Team Goalscorer", "player", 84),
    ("Player To Score or Assist", "player", 120),
    ("Player Tackles", "player", 143),
    ("Player Shots", "player", 178),
    ("Goal Method", "player_label", 88),
    ("Multi Scorers", "player_label", 88),
    ("Total Player Disposals", "player_label", 293),
)
TYPICAL: tuple[tuple[str, str, int], ...] = (
    ("ML", "result", 1),
    ("Draw No Bet", "pair", 1),
    ("Double Chance", "label", 3),
    ("Both Teams To Score", "yes_no", 1),
    ("Spread", "spread", 17),
    ("Spread HT", "spread", 9),
    ("Totals", "total", 21),
    ("Totals HT", "total", 11),
    ("European Handicap", "result", 6),
    ("Corners Totals", "total", 9),
    ("Bookings Totals", "total", 7),
    ("Team Total Goals Home", "total", 6),
    ("Team Total Goals Away", "total", 6),
    ("Anytime Goalscorer", "player", 30),
    ("Player Shots", "player", 22),
)
SIDES = {
    "result": ("home", "draw", "away"),
    "pair": ("home", "away"),
    "spread": ("home", "away"),
    "yes_no": ("yes", "no"),
    "total": ("over", "under"),
    "player_total": ("over", "under"),
    "player": ("over",),
    "label": ("under",),
    "player_label": ("under",),
}


@dataclass(frozen=True, slots=True)
class Size:
    """How many markets and lines the books have."""

    markets: tuple[tuple[str, str, int], ...]

    @property
    def lines(self) -> int:
        return sum(rows for _, _, rows in self.markets)


class Books:
    """The books of one bookmaker for `count` fixtures. Seeded: the same calls give the same answers."""

    def __init__(self, count: int, size: Size, start_ms: int, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._at = start_ms
        self._elements = [self._element(number, size) for number in range(count)]

    def change(self, share: float) -> None:
        """A minute passes: `share` of the lines get other prices, all markets another time."""
        self._at += 60_000
        chance = self._random.random
        for element in self._elements:
            for market in element["bookmakers"][BOOKMAKER]:
                market["updatedAt"] = format_iso_ms(self._at - self._random.randrange(5_000))
                for row in market["odds"]:
                    if chance() < share:
                        self._price(row, [key for key in row if key not in ("label", "hdp")])

    def elements(self) -> Iterator[bytes]:
        """Each element as compact JSON."""
        for element in self._elements:
            yield json.dumps(element, separators=(",", ":")).encode()

    def packed(self) -> bytes:
        """The whole answer as the provider sends it: gzip."""
        return packed(self.elements())

    def _element(self, number: int, size: Size) -> Json:
        return {
            "id": FIRST_ID + number,
            "home": f"Home {number}",
            "away": f"Away {number}",
            "date": format_iso_ms(self._at + 86_400_000)[:19] + "Z",
            "status": "pending",
            "sport": {"name": "Football", "slug": "football"},
            "league": {"name": "England - Premier League", "slug": "england-premier-league"},
            "urls": {BOOKMAKER: f"https://bookmaker.example/{number}"},
            "bookmakers": {BOOKMAKER: [self._market(number, *market) for market in size.markets]},
        }

    def _market(self, fixture: int, name: str, kind: str, rows: int) -> Json:
        odds = []
        for number in range(rows):
            row: Json = {}
            if "player" in kind:
                # Every fixture has players of its own, each of whom has several lines in a market.
                player = f"{SURNAMES[number % 11]} {fixture}-{number % PLAYERS}"
                row["label"] = (
                    f"{player} ({2 + number // PLAYERS} or More) (1)" if kind == "player_label" else f"{player} (1)"
                )
            elif kind == "label":
                row["label"] = f"{name} {number}"
            if kind in ("total", "spread", "player", "player_total") or (rows > 1 and kind == "result"):
                row["hdp"] = number - rows // 2 + 0.5
            self._price(row, SIDES[kind])
            odds.append(row)
        return {"name": name, "updatedAt": format_iso_ms(self._at - self._random.randrange(5_000)), "odds": odds}

    def _price(self, row: Json, sides: Iterable[str]) -> None:
        for side in sides:
            row[side] = f"{self._random.randrange(1_050, 12_000) / 1000:.3f}"


def packed(elements: Iterable[bytes]) -> bytes:
    """A gzip list of the elements."""
    return gzip.compress(b"[" + b",".join(elements) + b"]", 5)
