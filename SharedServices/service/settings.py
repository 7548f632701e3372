"""The settings of the services: one typed, frozen object, checked as a whole before anything starts."""

from __future__ import annotations

import datetime as dt
import difflib
import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from PROPPR.SharedServices.service import setting_values as values
from PROPPR.SharedServices.service.alerting.policy import quiet_hours
from PROPPR.SharedServices.service.errors import ConfigError
from PROPPR.SharedServices.service.redact import Redactor

OWN_PREFIX = "PROPPR_"

DEFAULT_HEALTH_PORTS = {
    "websocket-updater": 8081,
    "unified-poller": 8082,
    "stats-pipeline": 8083,
    "grading-scheduler": 8084,
}

# Market names as the provider spells them; ML first, because updates of player markets were reported to flow only
# when ML was asked for too. The provider takes 20 a connection.
DEFAULT_WS_MARKETS = (
    "ML", "Spread", "Totals", "Goals Over/Under", "Both Teams To Score", "Double Chance", "Draw No Bet",
    "European Handicap", "ML HT", "Spread HT", "Totals HT", "Both Teams To Score HT", "Alternative Asian Handicap",
    "Alternative Goal Line", "Team Total Goals Home", "Team Total Goals Away", "Corners Spread", "Corners Totals",
    "Bookings Spread", "Bookings Totals",
)  # fmt: skip

# Percent of net winnings at the exchanges that the provider lists. Betfair's is its usual base rate; the others charge
# by formulas of their own, or change them: these are cautious figures, to be replaced by what an account really pays.
DEFAULT_COMMISSION = ("Betfair Exchange=5", "Sharp Exchange=5", "Kalshi=7", "Polymarket=3", "NoVig=2")

Names = Annotated[tuple[str, ...], BeforeValidator(values.comma_separated), AfterValidator(values.without_repeats)]
SomeNames = Annotated[Names, Field(min_length=1)]
EventId = Annotated[int, Field(gt=0, lt=2**63)]
EventIds = Annotated[
    tuple[EventId, ...], BeforeValidator(values.comma_separated), AfterValidator(values.without_repeats)
]
Seconds = Annotated[float, Field(gt=0, le=values.LONGEST_DURATION, allow_inf_nan=False)]
HttpUrl = Annotated[str, AfterValidator(values.url_with_scheme("http", "https"))]
SocketUrl = Annotated[str, AfterValidator(values.url_with_scheme("ws", "wss"))]
MongoUri = Annotated[SecretStr, AfterValidator(values.secret_url_with_scheme("mongodb", "mongodb+srv"))]
SmtpUrl = Annotated[
    SecretStr, AfterValidator(values.secret_url_with_scheme("smtp", "smtps")), AfterValidator(values.mail_server_url)
]
TimeOfDay = Annotated[dt.time, BeforeValidator(values.time_of_day)]
TimeOrNever = Annotated[dt.time | None, BeforeValidator(values.time_of_day_or_never)]
Addresses = Annotated[str, AfterValidator(values.mail_addresses)]
PasswordHash = Annotated[SecretStr, AfterValidator(values.password_hash)]
AccessToken = Annotated[SecretStr, AfterValidator(values.access_token)]
LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(values.upper_case)]
Choice = BeforeValidator(values.lower_case)


class Settings(BaseSettings):
    """Every setting of the fleet, durations in seconds. load_settings() builds it; `Settings()` is the defaults."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)

    mongo_uri: MongoUri | None = None
    mongo_database: Annotated[str, AfterValidator(values.database_name)] = "proppr"

    odds_api_key: SecretStr | None = None
    odds_api_base_url: HttpUrl = "https://api.odds-api.io/v3"
    odds_api_ws_url: SocketUrl = "wss://api.odds-api.io/v3/ws"
    ws_markets: Annotated[SomeNames, AfterValidator(values.with_ml_first)] = DEFAULT_WS_MARKETS
    ws_sports: Annotated[Names, Field(max_length=10)] = ("football",)
    ws_leagues: Annotated[Names, Field(max_length=20)] = ()
    ws_event_ids: Annotated[EventIds, Field(max_length=50)] = ()
    ws_status: Annotated[Literal["live", "prematch"], Choice] | None = None
    ws_reconnect_delay: Seconds = 5.0
    ws_ping_interval: Seconds = 30.0

    poll_interval: Seconds = 60.0
    lookback_seconds: Seconds = 50.0
    batch_size: Annotated[int, Field(ge=1, le=10)] = 10
    bookmakers: SomeNames = ("Bet365", "M88", "FB Sports")
    sharp_bookmakers: SomeNames = ("M88", "FB Sports")
    max_api_requests_per_hour: Annotated[int, Field(ge=1)] = 5000
    drop_threshold_pct: Annotated[Decimal, Field(gt=0, lt=100)] = Decimal("0.05")
    min_expected_value: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)] = 100.0

    fotmob_base_url: HttpUrl = "https://www.fotmob.com/api/data"
    proppr_fotmob_pause: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] = 1.0
    proppr_fotmob_requests_per_day: Annotated[int, Field(ge=1)] = 2000
    proppr_fotmob_leagues: Annotated[EventIds, Field(max_length=500)] = ()
    stats_daily_at: TimeOfDay = dt.time(6, 0)
    grading_interval: Seconds = 300.0
    proppr_void_after: Seconds = 172_800.0
    proppr_void_after_at: Annotated[Names, AfterValidator(values.checked(values.named_seconds))] = ()
    proppr_unused_substitute: Annotated[Literal["refund", "stands"], Choice] = "refund"
    proppr_settle_early: bool = False
    proppr_abandoned_keeps_decided: bool = False
    proppr_red_counts_at: Annotated[Names, AfterValidator(values.checked(values.named_cards))] = ()
    proppr_handicap_line_is: Annotated[Literal["home", "own", "unclear"], Choice] = "home"

    telegram_bot_token: SecretStr | None = None
    telegram_admin_chat_id: str | None = None
    telegram_api_base_url: HttpUrl = "https://api.telegram.org"
    smtp_url: SmtpUrl | None = None
    alert_email_to: Addresses | None = None
    pagerduty_routing_key: SecretStr | None = None
    pagerduty_events_url: HttpUrl | None = None
    proppr_alert_email_from: Addresses | None = None
    proppr_alert_email_after: Annotated[float, Field(ge=0, le=values.LONGEST_DURATION, allow_inf_nan=False)] = 900.0
    proppr_alert_remind_after: Annotated[float, Field(ge=0, le=values.LONGEST_DURATION, allow_inf_nan=False)] = 14_400.0
    proppr_alert_quiet_hours: Annotated[str, AfterValidator(values.readable(quiet_hours))] | None = None
    proppr_alert_summary_at: TimeOrNever = dt.time(8, 0)

    health_host: str = "127.0.0.1"
    health_port: Annotated[int, Field(ge=0, le=65535)] | None = None
    console_host: str = "127.0.0.1"
    console_port: Annotated[int, Field(ge=0, le=65535)] = 8090
    proppr_console_password_hash: PasswordHash | None = None
    proppr_console_token: AccessToken | None = None
    proppr_console_read_only_open: bool = True
    proppr_console_proxy: Annotated[str, AfterValidator(values.ip_address)] | None = None
    log_dir: Path | None = None
    log_level: LogLevel = "INFO"

    proppr_rotation_seconds: Seconds = 60.0
    proppr_eviction_delay: Seconds = 30.0
    proppr_refused_delay: Seconds = 300.0
    proppr_stall_seconds: Seconds = 90.0

    proppr_poll_sports: Names = ()
    proppr_max_lookback: Annotated[float, Field(ge=30, le=3600)] = 90.0
    proppr_fixture_lead: Annotated[float, Field(ge=0, le=values.LONGEST_DURATION)] = 180.0
    proppr_fixture_days: Annotated[float, Field(gt=0, le=60)] = 14.0
    proppr_registry_interval: Seconds = 600.0
    proppr_presence_interval: Seconds = 1800.0

    proppr_margin_method: Annotated[Literal["power", "multiplicative", "shin", "odds_ratio"], Choice] = "power"
    proppr_arbitrage_max_age: Seconds = 600.0
    proppr_arbitrage_max_age_in_play: Seconds = 10.0
    proppr_arbitrage_error_margin: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] = 6.0
    proppr_exchange_commission: Annotated[Names, AfterValidator(values.checked(values.named_percentages))] = (
        DEFAULT_COMMISSION
    )
    proppr_same_prices: Annotated[Names, AfterValidator(values.checked(values.named_names))] = ()
    proppr_history_days: Annotated[int, Field(ge=1, le=3650)] = 90
    proppr_bets_days: Annotated[int, Field(ge=0, le=36500)] = 0
    proppr_statistics_days: Annotated[int, Field(ge=0, le=36500)] = 1100
    proppr_backup_dir: Path = Path("backups")
    proppr_backup_keep: Annotated[int, Field(ge=1, le=1000)] = 7
    proppr_record_dir: Path | None = None
    proppr_record_max_bytes: Annotated[int, Field(ge=1_000_000)] = 1_000_000_000
    proppr_data_dir: Path = Path(".data")
    proppr_cache_bytes: Annotated[int, Field(ge=1_000_000)] = 128_000_000
    proppr_instance: str | None = None
    proppr_mongo_unhealthy_after: Seconds = 15.0
    proppr_log_max_bytes: Annotated[int, Field(ge=10_000)] = 20_000_000
    proppr_log_backups: Annotated[int, Field(ge=1, le=100)] = 5

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values only from the caller: load_settings() reads the environment, so `Settings()` is predictable."""
        return (init_settings,)

    @model_validator(mode="after")
    def _together(self) -> Self:
        problems = []
        if self.ws_leagues and self.ws_event_ids:
            problems.append(("WS_EVENT_IDS", "the provider takes either WS_LEAGUES or WS_EVENT_IDS, not both"))
        if self.telegram_bot_token is not None and self.telegram_admin_chat_id is None:
            problems.append(("TELEGRAM_ADMIN_CHAT_ID", "needed with TELEGRAM_BOT_TOKEN: where should alerts go?"))
        if problems:
            raise ConfigError.of(problems)
        return self

    @property
    def poll_sports(self) -> tuple[str, ...]:
        """The sports (slugs) that are polled: PROPPR_POLL_SPORTS, else those of the WebSocket, else football."""
        return self.proppr_poll_sports or self.ws_sports or ("football",)

    def require(self, *keys: str) -> None:
        """Raise ConfigError if a setting among `keys` (names as in the environment) is unset."""
        missing = [(key, "required by this service, but not set") for key in keys if getattr(self, key.lower()) is None]
        if missing:
            raise ConfigError.of(missing)

    def port_of(self, service: str) -> int:
        """Return the port of the service's health server: HEALTH_PORT, else its usual one. 0 = any free port."""
        if self.health_port is not None:
            return self.health_port
        return DEFAULT_HEALTH_PORTS.get(service.replace("_", "-"), 0)

    def secrets(self) -> tuple[str, ...]:
        """Return the literal texts that must never be shown, for a Redactor."""
        plain = (
            self.odds_api_key, self.telegram_bot_token, self.pagerduty_routing_key, self.proppr_console_password_hash,
            self.proppr_console_token,
        )  # fmt: skip
        found = [secret.get_secret_value() for secret in plain if secret is not None]
        for url in (self.mongo_uri, self.smtp_url):
            if url is not None:
                found += values.credentials_of(url.get_secret_value())
        return tuple(dict.fromkeys(found))

    def redacted(self) -> dict[str, object]:
        """Return all settings by their environment names, fit to be printed: secrets replaced."""
        redactor = Redactor(self.secrets())
        shown: dict[str, object] = {}
        for name, value in self:
            if isinstance(value, SecretStr):
                is_url = name in ("mongo_uri", "smtp_url")
                value = redactor.text(value.get_secret_value()) if is_url else "[redacted]"
            shown[name.upper()] = values.printable(value, redactor)
        return shown


def load_settings(env: Mapping[str, str] | None = None, env_file: Path | None = Path(".env")) -> Settings:
    """Return the settings of `env` (default: the process's environment) and, below it, of `env_file` if it exists.

    An empty value counts as unset; in the environment it also hides the file's value. Unknown `PROPPR_*` keys and bad
    values raise one ConfigError that lists them all by key; other unknown keys are none of our business.
    """
    merged: dict[str, str] = {}
    if env_file is not None and env_file.is_file():
        merged.update(_read_file(env_file))
    merged.update(os.environ if env is None else env)
    merged = {key: value for key, value in merged.items() if value.strip()}
    known = {name.upper(): name for name in Settings.model_fields}
    strangers = [key for key in sorted(merged) if key.startswith(OWN_PREFIX) and key not in known]
    problems = [(key, _unknown(key, known)) for key in strangers]
    try:
        settings = Settings.model_validate({known[key]: value for key, value in merged.items() if key in known})
    except ValidationError as error:
        problems += [values.problem_of(dict(detail), merged) for detail in _details(error)]
    except ConfigError as error:
        problems += error.problems
    if problems:
        raise ConfigError.of(problems)
    return settings


def _details(error: ValidationError) -> list[Any]:
    return list(error.errors(include_url=False, include_input=False))


def _read_file(path: Path) -> dict[str, str]:
    try:
        found = dotenv_values(path)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path.name), f"can't be read: {type(error).__name__}") from None
    return {key: value for key, value in found.items() if value is not None}


def _unknown(key: str, known: Mapping[str, str]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    return f"no such setting; did you mean {near[0]}?" if near else "no such setting"
