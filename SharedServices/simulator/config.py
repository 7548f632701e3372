"""What a simulator is told at start: the address, the seed, the size of the day, the account and its limits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DEFAULT_BOOKMAKERS: tuple[str, ...] = (
    "Bet365",
    "M88",
    "FB Sports",
    "SingBet",
    "Sbobet",
    "Betfair Exchange",
    "BetOnline.ag",
    "BC.Game",
    "1xbet",
    "Unibet",
    "888Sport",
    "Betano UK",
    "Stoiximan",
    "DraftKings",
    "FanDuel",
)
MAX_TIME_FACTOR = 10_000.0
ACCOUNT_EMAIL = "simulated.account@example.com"


class SimulatorConfigError(ValueError):
    """A setting of the simulator that can't be used; the text names it."""


@dataclass(frozen=True)
class SimulatorConfig:
    """All settings of one simulator. Durations in seconds, times in milliseconds since the epoch, UTC.

    `rate` is generated messages a second (0 = as fast as the machine allows). `messages` stops the feed after that
    many (None = endless). `start` fixes the simulated clock at a millisecond, which then advances by 1 / `rate` a
    message, so that a run repeats to the byte; without it, times are those of the wall clock. With `catch_up` a day
    with a fixed `start` begins with all that `rate` would have said since then: one that was killed goes on, with its
    seed and start, as a provider would that was away for a while.

    With a `time_factor` other than 1 the simulated clock runs that many times faster than the machine's, from `start`
    (default: now) at the real moment `clock_anchor` (default: when the simulator starts). Every time and every
    duration here is then simulated, `rate` included; only faults last real seconds, as they strike sockets.
    """

    host: str = "127.0.0.1"
    port: int = 8900
    seed: int = 1
    profile: str = "day"
    fixtures: int = 1000
    horizon_hours: float = 30.0
    new_fixtures_per_hour: float = 0.0
    living: bool = False
    bookmakers: tuple[str, ...] = DEFAULT_BOOKMAKERS
    rate: float = 200.0
    messages: int | None = None
    start: int | None = None
    time_factor: float = 1.0
    clock_anchor: int | None = None
    catch_up: bool = False
    paused: bool = False
    full_share: float = 0.3
    joined_share: float = 0.1
    recording: Path | None = None
    ticks: Path | None = None
    speed: float = 0.0
    api_keys: tuple[str, ...] = ()
    selected: tuple[str, ...] | None = None
    max_bookmakers: int = 30
    request_limit: int = 5000
    request_window: float = 3600.0
    sliding_window: bool = False
    foreign_per_hour: float = 0.0
    compress: bool = True
    faults: str = ""
    fault_seed: int | None = None
    replay_window: float = 600.0
    since_limit: int = 90
    hide_empty_markets: bool = False
    send_queue_bytes: int = 8 * 1024 * 1024
    oversized_bytes: int = 12 * 1024 * 1024
    change_log_size: int = 50_000
    telegram_token: str | None = None
    open_control: bool = False
    fotmob_history: int = 120
    fotmob_leagues: int = 0
    fotmob_recordings: Path | None = None
    fotmob_recordings_live: bool = False

    def __post_init__(self) -> None:
        problems = {
            "profile": self.profile not in PROFILES,
            "fixtures": not 1 <= self.fixtures <= 20_000,
            "horizon_hours": not 1 <= self.horizon_hours <= 24 * 60,
            "new_fixtures_per_hour": not 0 <= self.new_fixtures_per_hour <= 1000,
            "bookmakers": not 1 <= len(self.bookmakers) <= 30,
            "rate": self.rate < 0,
            "time_factor": not 0 < self.time_factor <= MAX_TIME_FACTOR,
            "selected": len(self.allowed) > self.max_bookmakers,
            "full_share": not 0 <= self.full_share <= 1,
            "joined_share": not 0 <= self.joined_share <= 1,
            "request_limit": self.request_limit < 1,
            "request_window": self.request_window <= 0,
            "change_log_size": self.change_log_size < 1,
            "foreign_per_hour": self.foreign_per_hour < 0,
            "fotmob_history": not 0 <= self.fotmob_history <= 990,
            "fotmob_leagues": self.fotmob_leagues < 0,
            "recording": self.recording is not None and self.ticks is not None,
        }
        wrong = [name for name, is_wrong in problems.items() if is_wrong]
        if wrong:
            raise SimulatorConfigError(f"simulator setting out of range: {', '.join(wrong)}")

    @property
    def is_fast(self) -> bool:
        """Whether simulated time runs at another speed than the machine's."""
        return self.time_factor != 1.0

    @property
    def allowed(self) -> tuple[str, ...]:
        """The account's selected bookmakers: what REST may be asked for and the WebSocket delivers."""
        return self.bookmakers if self.selected is None else self.selected


# day: books of very different sizes, as on a real Saturday. benchmark: every book about 7 KB, so that a fixture has
# about 100 KB, and about 13 rows a message.
# heavy: every book of Bet365 has 63 markets and about 1,250 lines (80 KB), in every league; the others as in day.
PROFILES: tuple[str, ...] = ("day", "benchmark", "heavy")
