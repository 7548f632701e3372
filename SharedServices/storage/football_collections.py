"""The collections of statistics, mappings and grading."""

from __future__ import annotations

from PROPPR.SharedServices.storage.schema import (
    DATE,
    DAY,
    FLAG,
    LIST,
    NUMBER,
    OBJECT,
    TEXT,
    WHOLE,
    Collection,
    index,
    list_of,
    one_of,
    or_null,
    record,
)

# Two seasons: averages and predictions look back no further.
MATCHES_KEPT = 800 * DAY
POSITION = or_null(one_of("goalkeeper", "defender", "midfielder", "forward"))
FORM = list_of(WHOLE, most=5)

TEAM_STATS = Collection(
    "team_stats",
    "A team's recent matches and averages in a season.",
    key="team_id, season",
    rules=record(
        {
            "team_id": WHOLE,
            "team_name": TEXT,
            "season": TEXT,
            "matches_played": WHOLE,
            "last_5_matches": list_of(OBJECT, most=5),
            "last_10_matches": list_of(OBJECT, most=10),
            "averages": OBJECT,
            "halves": OBJECT,
            "updated_at": DATE,
        },
        {"league_id": WHOLE, "league": TEXT, "country": TEXT},
    ),
    compressor="zstd",
    indexes=(index("team_id", "season", unique=True), index("league_id", "season")),
)

PLAYER_STATS = Collection(
    "player_stats",
    "A player's recent matches and season statistics.",
    key="player_id, season",
    rules=record(
        {
            "player_id": WHOLE,
            "player_name": TEXT,
            "season": TEXT,
            "appearances": WHOLE,
            "minutes": WHOLE,
            "last_5_matches": list_of(OBJECT, most=5),
            "last_10_matches": list_of(OBJECT, most=10),
            "season_stats": OBJECT,
            "updated_at": DATE,
        },
        {"team_id": WHOLE, "team": TEXT, "position": POSITION, "form": FORM},
    ),
    compressor="zstd",
    indexes=(index("player_id", "season", unique=True),),
)

PREDICTED_LINES = Collection(
    "predicted_lines",
    "The lines that the teams' averages, and the model, suggest for a fixture; kept as long as the odds' history.",
    key="fixture_id (of odds-api.io)",
    rules=record(
        {
            "fixture_id": WHOLE,
            "home_team": TEXT,
            "away_team": TEXT,
            "league": TEXT,
            "date": TEXT,
            "kickoff": DATE,
            "predicted_lines_last10": OBJECT,
            "home_averages_last10": OBJECT,
            "away_averages_last10": OBJECT,
            "updated_at": DATE,
        },
        {"fotmob_match_id": or_null(WHOLE), "model": OBJECT},
    ),
    compressor="zstd",
    indexes=(index("fixture_id", unique=True), index("kickoff", expires_after="history"), index("fotmob_match_id")),
)

PLAYER_PROJECTIONS = Collection(
    "player_projections",
    "What a player is expected to do in a fixture; kept as long as the odds' history.",
    key="fixture_id, player_id",
    rules=record(
        {
            "fixture_id": WHOLE,
            "player_id": WHOLE,
            "player_name": TEXT,
            "kickoff": DATE,
            "expected_minutes": NUMBER,
            "updated_at": DATE,
        },
        {"team": TEXT, "position": POSITION, "avg_stats_last5": OBJECT, "form": FORM},
    ),
    compressor="zstd",
    indexes=(
        index("fixture_id", "player_id", unique=True),
        index("player_id", "kickoff"),
        index("kickoff", expires_after="history"),
    ),
)

FOTMOB_MATCHES = Collection(
    "fotmob_matches",
    "Match pages of FotMob as fetched, compressed.",
    key="match_id",
    rules=record(
        {"match_id": WHOLE, "fetched_at": DATE},
        {"kickoff": or_null(DATE), "revision": WHOLE, "complete": FLAG},
    ),
    compressor="zstd",
    indexes=(
        index("match_id", unique=True),
        index("kickoff"),
        index("league_id", "season"),
        index("team_ids", "season"),
        index("player_ids"),
        index("fetched_at", expires_after=MATCHES_KEPT),
    ),
)

FOTMOB_DICTIONARIES = Collection(
    "fotmob_dictionaries",
    "Pages that the stored match pages are compressed against. Without them those can't be read.",
    key="_id: hash of the content",
    indexes=(index("league_id", "-pages", "made_at"),),
)

FOTMOB_LEAGUES = Collection(
    "fotmob_leagues",
    "The matches that a league's page lists, and how far they have been worked up.",
    key="league_id, season",
    rules=record({"league_id": WHOLE, "season": TEXT, "fetched_at": DATE, "matches": LIST}),
    indexes=(index("league_id", "season", unique=True), index("fetched_at", expires_after=MATCHES_KEPT)),
)

FIXTURE_PLAYERS = Collection(
    "fixture_players",
    "Who the players are that a fixture's odds name: read by the view `player_odds` for their positions.",
    key="fixture_id (of odds-api.io)",
    rules=record({"fixture_id": WHOLE, "names": LIST, "positions": LIST, "kickoff": DATE}),
    indexes=(index("fixture_id", unique=True), index("kickoff", expires_after="history")),
)

STATS_RUNS = Collection(
    "stats_runs",
    "How far each run over the statistics has come, per league and step.",
    key="_id: job@due",
    rules=record({"due": DATE, "started_at": DATE, "leagues": OBJECT}, {"finished_at": or_null(DATE)}),
    indexes=(index("started_at", expires_after=30 * DAY),),
)

FIXTURE_MAPPINGS = Collection(
    "fixture_mappings",
    "Which FotMob match a fixture is.",
    key="fixture_id (of odds-api.io)",
    rules=record(
        {"fixture_id": WHOLE, "status": one_of("auto", "manual", "unresolved"), "updated_at": DATE},
        {"fotmob_match_id": WHOLE, "score": or_null(NUMBER)},  # absent, not null, where unknown: its index is sparse
    ),
    indexes=(
        index("fixture_id", unique=True),
        index("fotmob_match_id", unique=True, sparse=True),
        index("status", "kickoff", "fixture_id"),
    ),
)

HORSE_RESULTS = Collection(
    "horse_results",
    "What the horse grader reads.",
    key="race_id, runner",
    indexes=(index("race_id", "runner", unique=True),),
)


def _bets(name: str, subject: str) -> Collection:
    """A collection of a bot's bets: its own fields are its own business, the status it writes among them."""
    return Collection(
        name,
        f"Bets on {subject} that a bot follows, and how they were settled.",
        key="bet_id",
        rules=record({}, {"grading": or_null(OBJECT)}),
        level="moderate",
        indexes=(
            index("bet_id", unique=True),
            index("status", "kickoff"),
            index("settled_at", sparse=True),
            index("grading.match_id", sparse=True),
            index("grading.legs.match_id", sparse=True),
            index("grading.doubt", sparse=True),
        ),
    )


FOOTBALL_COLLECTIONS = (
    TEAM_STATS,
    PLAYER_STATS,
    PREDICTED_LINES,
    PLAYER_PROJECTIONS,
    FOTMOB_MATCHES,
    FOTMOB_DICTIONARIES,
    FOTMOB_LEAGUES,
    FIXTURE_MAPPINGS,
    FIXTURE_PLAYERS,
    STATS_RUNS,
    _bets("team_tracked_bets", "teams"),
    _bets("player_tracked_bets", "players"),
    _bets("horse_tracked_bets", "horses"),
    _bets("overtime_placed_bets", "Overtime markets"),
    HORSE_RESULTS,
)
