"""Hand-written match payloads in the newest layout (C), coherent by default: every identity of the source holds.

`match_payload(...)` is a whole answer. Each side has eleven starters and seven substitutes: ids 1001-1018 (home) and
2001-2018 (away), the first a goalkeeper. What a test does not name is zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from football_squads import lineup, player_stats

Json = dict[str, Any]
Pair = tuple[int, int]

HOME, AWAY = (10, "Homeham United"), (20, "Awayton Rovers")
FIRST_HALF_END, FULL_TIME, EXTRA_TIME_END = 45, 90, 120
PERIODS = ("FirstHalf", "SecondHalf", "FirstExtraHalf", "SecondExtraHalf")
REASONS = {
    "FT": {"short": "FT", "shortKey": "fulltime_short", "long": "Full-Time", "longKey": "finished"},
    "AET": {"short": "AET", "shortKey": "afterextratime_short", "long": "After extra time", "longKey": "afterextra"},
    "Pen": {"short": "Pen", "shortKey": "penalties_short", "long": "Pen", "longKey": "afterpenalties"},
    "PP": {"short": "PP", "shortKey": "postponed_short", "long": "Postponed", "longKey": "postponed"},
    "Can": {"short": "Can", "shortKey": "cancelled_short", "long": "Cancelled", "longKey": "cancelled"},
    "Ab": {"short": "Ab", "shortKey": "aborted_short", "long": "Abandoned", "longKey": "aborted"},
    "AW": {"short": "AW", "shortKey": "", "long": "Awarded", "longKey": "awarded_win"},
}
TEAM_ROWS = {  # group -> (key in the team's statistics, key in a player's)
    "shots": (
        ("total_shots", "total_shots"),
        ("ShotsOffTarget", "ShotsOffTarget"),
        ("ShotsOnTarget", "ShotsOnTarget"),
        ("blocked_shots", "blocked_shots"),
    ),
    "passes": (("passes", None), ("player_throws", None), ("Offsides", "Offsides")),
    "defence": (
        ("matchstats.headers.tackles", "matchstats.headers.tackles"),
        ("interceptions", "interceptions"),
        ("clearances", "clearances"),
        ("keeper_saves", "saves"),
    ),
    "discipline": (("yellow_cards", None), ("red_cards", None), ("fouls", "fouls"), ("corners", "corners")),
}


def goal(minute: int, home: bool, player_id: int, *, stoppage: int | None = None, **more: Any) -> Json:
    """A goal for the side `home`; `own_goal=True`, `penalty=True` and `assist_id=` are understood."""
    return _event("Goal", minute, stoppage, home, player_id) | {
        "ownGoal": True if more.get("own_goal") else None,
        "goalDescriptionKey": "owngoal" if more.get("own_goal") else "penalty" if more.get("penalty") else None,
        "isPenaltyShootoutEvent": False,
        "playerId": player_id,
        "assistPlayerId": more.get("assist_id"),
    }


def card(
    minute: int,
    home: bool,
    player_id: int,
    kind: str = "Yellow",
    *,
    stoppage: int | None = None,
    off: str | None = None,
) -> Json:
    """A card of `kind` Yellow, YellowRed or Red; `off` is "coach" or "not_on_pitch"."""
    description = None if off is None else {"localizedKey": off, "defaultText": off}
    return _event("Card", minute, stoppage, home, player_id) | {"card": kind, "cardDescription": description}


def substitution(minute: int, home: bool, on: int, off: int, *, stoppage: int | None = None) -> Json:
    """`on` comes for `off`."""
    swap = [{"id": str(man), "name": f"Man {man}", "profileUrl": ""} for man in (on, off)]
    return _event("Substitution", minute, stoppage, home, on) | {"swap": swap, "injuredPlayerOut": False}


def match_payload(  # every part of a match can be named, none need be
    *,
    match_id: int = 4000001,
    league: tuple[int, str] = (47, "Premier League"),
    parent_league_id: int | None = None,
    round_name: str = "7",
    home: tuple[int, str] = HOME,
    away: tuple[int, str] = AWAY,
    kickoff: str = "2026-03-07T15:00:00.000Z",
    reason: str | None = "FT",
    goals: Sequence[Json] = (),
    cards: Sequence[Json] = (),
    substitutions: Sequence[Json] = (),
    team: Mapping[str, Sequence[Pair]] | None = None,
    players: Mapping[int, Mapping[str, int]] | None = None,
    shootout: Pair | None = None,
    lineup_type: str | None = "standard",
    coverage: str = "xG",
) -> Json:
    """A match answer. `reason` None is a match to come; `team` holds (home, away) per half and key of the source.

    Players' numbers (`players`, by id and key of the source) count towards their team's first half; where `team` says
    more than its players do, the second starter of the side has done the rest.
    """
    played = reason in ("FT", "AET", "Pen")
    length = EXTRA_TIME_END if reason in ("AET", "Pen") else FULL_TIME
    teams = (home, away)
    events, score = _events(goals, cards, substitutions, length, played)
    numbers, halves = _numbers(dict(team or {}), players or {}, goals, cards, length)
    content: Json = {
        "matchFacts": {"matchId": match_id, "events": {"ongoing": False, "events": events}},
        "liveticker": False,
        "stats": _team_stats(halves, length) if played else None,
        "playerStats": player_stats(teams, numbers, substitutions, length) if played else None,
        "shotmap": {"shots": [], "Periods": {"All": []}},
        "lineup": lineup(match_id, teams, lineup_type, substitutions) if lineup_type else None,
    }
    return {
        "general": {
            "matchId": str(match_id),
            "matchRound": round_name,
            "leagueId": league[0],
            "leagueName": league[1],
            "parentLeagueId": parent_league_id or league[0],
            "countryCode": "ENG",
            "homeTeam": {"name": home[1], "id": home[0]},
            "awayTeam": {"name": away[1], "id": away[0]},
            "coverageLevel": coverage if played else "lower",
            "matchTimeUTCDate": kickoff,
            "started": played,
            "finished": played,
            "gender": "male",
        },
        "header": {
            "teams": [{"name": name, "id": id_, "score": score[side]} for side, (id_, name) in enumerate(teams)],
            "status": _status(kickoff, reason, score, shootout),
            "events": None,
        },
        "ongoing": False,
        "content": content,
    }


def _event(type_: str, minute: int, stoppage: int | None, home: bool, player_id: int) -> Json:
    return {
        "type": type_,
        "time": minute,
        "timeStr": minute if stoppage is None else f"{minute} + {stoppage}",
        "overloadTime": stoppage,
        "isHome": home,
        "player": {"id": player_id, "name": f"Man {player_id}", "profileUrl": ""},
        "nameStr": f"Man {player_id}",
    }


def _status(kickoff: str, reason: str | None, score: Sequence[int], shootout: Pair | None) -> Json:
    finished = reason in ("FT", "AET", "Pen", "AW")
    status: Json = {
        "utcTime": kickoff,
        "started": finished,
        "finished": finished,
        "cancelled": reason in ("PP", "Can", "Ab"),
        "awarded": reason == "AW",
    }
    if reason is not None:
        status["scoreStr"] = f"{score[0]} - {score[1]}"
        status["reason"] = dict(REASONS[reason])
    if shootout is not None:
        status["reason"]["penalties"] = list(shootout)
    return status


def _events(
    goals: Sequence[Json], cards: Sequence[Json], substitutions: Sequence[Json], length: int, played: bool
) -> tuple[list[Json], list[int]]:
    halves = [("HT", FIRST_HALF_END, "halftime_short"), ("FT", FULL_TIME, "fulltime_short")]
    if length == EXTRA_TIME_END:
        halves.append(("AET", EXTRA_TIME_END, "afterextratime_short"))
    ends = [
        {
            "type": "Half",
            "time": minute,
            "timeStr": minute,
            "overloadTime": None,
            "halfStrShort": text,
            "halfStrKey": key,
        }
        for text, minute, key in (halves if played else ())
    ]
    happened = sorted((*goals, *cards, *substitutions), key=lambda event: (event["time"], event["overloadTime"] or 0))
    score, listed = [0, 0], []
    for event in sorted((*happened, *ends), key=lambda event: event["time"]):  # stable: a half ends after its events
        shown = {**event, "homeScore": score[0], "awayScore": score[1]}
        if event["type"] == "Goal":
            score[0 if event["isHome"] else 1] += 1
            shown["newScore"] = list(score)
        listed.append(shown)
    return listed, score


def _numbers(
    team: dict[str, Sequence[Pair]],
    players: Mapping[int, Mapping[str, int]],
    goals: Sequence[Json],
    cards: Sequence[Json],
    length: int,
) -> tuple[dict[int, dict[str, int]], dict[str, list[list[int]]]]:
    numbers: dict[int, dict[str, int]] = {man: dict(values) for man, values in players.items()}
    for event in goals:
        key, man = "owngoal" if event["ownGoal"] else "goals", numbers.setdefault(event["playerId"], {})
        man[key] = man.get(key, 0) + 1
    count = 4 if length == EXTRA_TIME_END else 2
    halves: dict[str, list[list[int]]] = {}
    for row in (row for rows in TEAM_ROWS.values() for row in rows):
        halves[row[0]] = _team_row(row, team.get(row[0], ()), numbers, count)
    for key, kinds in (("yellow_cards", ("Yellow",)), ("red_cards", ("Red", "YellowRed"))):
        for event in cards if key not in team else ():
            if event["card"] in kinds and event["cardDescription"] is None:
                halves[key][_half(event["time"])][0 if event["isHome"] else 1] += 1
            if event["card"] == "YellowRed" and key == "yellow_cards":
                halves[key][0][0 if event["isHome"] else 1] -= 1  # a man sent off by two yellows counts as a red only
    return numbers, halves


def _half(minute: int) -> int:
    return 0 if minute <= 45 else 1 if minute <= 90 else 2 if minute <= 105 else 3


def _team_row(
    row: tuple[str, str | None], given: Sequence[Pair], numbers: dict[int, dict[str, int]], count: int
) -> list[list[int]]:
    player_key = row[1]
    halves = [list(pair) for pair in given] + [[0, 0] for _ in range(count - len(given))]
    for side in (0, 1) if player_key is not None else ():
        assert player_key is not None
        of_players = sum(values.get(player_key, 0) for man, values in numbers.items() if man // 1000 == side + 1)
        missing = sum(half[side] for half in halves) - of_players
        if missing > 0:
            second = numbers.setdefault(1002 + 1000 * side, {})
            second[player_key] = second.get(player_key, 0) + missing
        halves[0][side] -= min(missing, 0)
    return halves


def _team_stats(halves: Mapping[str, list[list[int]]], length: int) -> Json:
    def groups(rows: Mapping[str, Sequence[int]]) -> Json:
        listed = []
        for group, pairs in TEAM_ROWS.items():
            title = {"title": group, "key": group, "stats": [None, None], "type": "title"}
            stats = [{"title": key, "key": key, "stats": list(rows[key]), "type": "text"} for key, _ in pairs]
            listed.append({"title": group, "key": group, "stats": [title, *stats]})
        return {"stats": listed}

    count = 4 if length == EXTRA_TIME_END else 2
    whole = {key: [sum(half[side] for half in values) for side in (0, 1)] for key, values in halves.items()}
    return {
        "Periods": {"All": groups(whole)}
        | {PERIODS[index]: groups({key: values[index] for key, values in halves.items()}) for index in range(count)}
    }
