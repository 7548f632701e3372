"""Settings: every variable with its default, every mistake named by its key, no secret shown."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.service.errors import ConfigError
from PROPPR.SharedServices.service.setting_values import named_names, named_percentages
from PROPPR.SharedServices.service.settings import Settings, load_settings


def load(**env: str) -> Settings:
    return load_settings(env, None)


def refused(**env: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(**env)
    return caught.value


def test_defaults_are_those_of_the_design() -> None:
    settings = load()
    assert settings == Settings()
    assert settings.mongo_uri is None
    assert settings.mongo_database == "proppr"
    assert settings.odds_api_base_url == "https://api.odds-api.io/v3"
    assert settings.odds_api_ws_url == "wss://api.odds-api.io/v3/ws"
    assert settings.ws_markets[:3] == ("ML", "Spread", "Totals")
    assert len(settings.ws_markets) == len(set(settings.ws_markets)) == 20
    assert (settings.ws_sports, settings.ws_leagues, settings.ws_event_ids) == (("football",), (), ())
    assert settings.ws_status is None
    assert (settings.ws_reconnect_delay, settings.ws_ping_interval) == (5, 30)
    assert (settings.poll_interval, settings.lookback_seconds, settings.batch_size) == (60, 50, 10)
    assert settings.bookmakers == ("Bet365", "M88", "FB Sports")
    assert settings.sharp_bookmakers == ("M88", "FB Sports")
    assert settings.max_api_requests_per_hour == 5000
    assert settings.drop_threshold_pct == Decimal("0.05")
    assert settings.min_expected_value == 100
    assert settings.stats_daily_at == dt.time(6, 0)
    assert settings.grading_interval == 300
    assert (settings.health_host, settings.health_port) == ("127.0.0.1", None)
    assert settings.log_level == "INFO"
    assert [settings.port_of(name) for name in ("websocket-updater", "unified_poller")] == [8081, 8082]
    assert [settings.port_of(name) for name in ("stats-pipeline", "grading-scheduler")] == [8083, 8084]


def test_values_are_read_and_typed() -> None:
    settings = load(
        WS_MARKETS=" Spread, Totals,,spread ",
        WS_SPORTS="football,basketball",
        WS_EVENT_IDS="70505028, 70505029",
        WS_STATUS="LIVE",
        WS_RECONNECT_DELAY="0.5",
        STATS_DAILY_AT="7:30",
        DROP_THRESHOLD_PCT="0.10",
        HEALTH_PORT="0",
        LOG_LEVEL="debug",
        LOG_DIR="somewhere",
        ODDS_API_BASE_URL="http://127.0.0.1:8900/v3/",
        PROPPR_MARGIN_METHOD="Shin",
    )
    assert settings.ws_markets == ("ML", "Spread", "Totals")
    assert settings.ws_event_ids == (70505028, 70505029)
    assert settings.ws_status == "live"
    assert settings.ws_reconnect_delay == 0.5
    assert settings.stats_daily_at == dt.time(7, 30)
    assert settings.drop_threshold_pct == Decimal("0.1")
    assert settings.port_of("websocket-updater") == 0
    assert settings.log_level == "DEBUG"
    assert settings.log_dir == Path("somewhere")
    assert settings.odds_api_base_url == "http://127.0.0.1:8900/v3"
    assert settings.proppr_margin_method == "shin"


def test_more_markets_than_a_connection_takes_are_allowed() -> None:
    settings = load(WS_MARKETS=",".join(f"Market {number}" for number in range(60)))
    assert len(settings.ws_markets) == 61


@pytest.mark.parametrize(
    ("key", "value", "hint"),
    [
        ("WS_SPORTS", ",".join(f"sport{n}" for n in range(11)), "at most 10"),
        ("WS_LEAGUES", ",".join(f"league{n}" for n in range(21)), "at most 20"),
        ("WS_EVENT_IDS", ",".join(str(n) for n in range(1, 52)), "at most 50"),
        ("WS_EVENT_IDS", "12,abc", "integer"),
        ("WS_EVENT_IDS", str(2**63), "less than"),
        ("WS_STATUS", "pending", "live or prematch"),
        ("WS_RECONNECT_DELAY", "0", "greater than 0"),
        ("WS_PING_INTERVAL", "-1", "greater than 0"),
        ("POLL_INTERVAL", "nan", "finite"),
        ("POLL_INTERVAL", "inf", "finite"),
        ("POLL_INTERVAL", "1e9", "2678400"),
        ("LOOKBACK_SECONDS", "50s", "number"),
        ("BATCH_SIZE", "11", "10"),
        ("BATCH_SIZE", "1.5", "integer"),
        ("BOOKMAKERS", ",", "at least 1"),
        ("MAX_API_REQUESTS_PER_HOUR", "0", "1"),
        ("DROP_THRESHOLD_PCT", "NaN", "finite"),
        ("MONGO_URI", "http://localhost", "mongodb://"),
        ("MONGO_DATABASE", "a.b", "letters"),
        ("ODDS_API_BASE_URL", "ws://x", "http://"),
        ("ODDS_API_BASE_URL", "https://", "https://"),
        ("ODDS_API_WS_URL", "https://x", "ws://"),
        ("FOTMOB_BASE_URL", "www.fotmob.com", "http"),
        ("TELEGRAM_API_BASE_URL", "ftp://x", "http"),
        ("SMTP_URL", "mailto:x", "smtp"),
        ("SMTP_URL", "smtp://me:pa#ss@mail.test", "%23"),
        ("SMTP_URL", "smtp://mail.test:99999", "smtp://user:password@host:587"),
        ("ALERT_EMAIL_TO", "me@x.test, you", "addresses"),
        ("PROPPR_ALERT_QUIET_HOURS", "23-7", "23:00-07:00"),
        ("PROPPR_ALERT_QUIET_HOURS", "23:00-07:00 Mars/Base", "time zone"),
        ("PROPPR_ALERT_SUMMARY_AT", "noon", "06:00"),
        ("PAGERDUTY_EVENTS_URL", "x", "http"),
        ("STATS_DAILY_AT", "24:00", "06:00"),
        ("HEALTH_PORT", "65536", "65535"),
        ("LOG_LEVEL", "loud", "DEBUG"),
        ("PROPPR_MARGIN_METHOD", "guess", "power"),
        ("PROPPR_HISTORY_DAYS", "0", "1"),
    ],
)
def test_a_bad_value_is_named(key: str, value: str, hint: str) -> None:
    error = refused(**{key: value})
    assert error.key == key
    assert hint in str(error)


def test_leagues_and_event_ids_exclude_each_other() -> None:
    assert refused(WS_LEAGUES="england-premier-league", WS_EVENT_IDS="1").key == "WS_EVENT_IDS"


def test_the_settings_of_alerts() -> None:
    settings = load(ALERT_EMAIL_TO="a@x.test, b@x.test", PROPPR_ALERT_SUMMARY_AT="Never", PROPPR_ALERT_REMIND_AFTER="0")
    assert (settings.alert_email_to, settings.proppr_alert_summary_at) == ("a@x.test,b@x.test", None)
    assert load(PROPPR_ALERT_QUIET_HOURS="23:00-07:00 Europe/London").proppr_alert_quiet_hours is not None
    assert load().proppr_alert_email_after == 900


def test_a_telegram_token_needs_a_chat() -> None:
    assert refused(TELEGRAM_BOT_TOKEN="1:x").key == "TELEGRAM_ADMIN_CHAT_ID"
    assert load(TELEGRAM_BOT_TOKEN="1:x", TELEGRAM_ADMIN_CHAT_ID="-5").telegram_admin_chat_id == "-5"


def test_every_problem_is_listed_at_once() -> None:
    error = refused(POLL_INTERVAL="x", PROPPR_NO_SUCH="1", WS_STATUS="y")
    assert {key for key, _ in error.problems} == {"POLL_INTERVAL", "PROPPR_NO_SUCH", "WS_STATUS"}
    assert all(f"{key}: " in str(error) for key, _ in error.problems)


def test_unknown_own_keys_are_errors_with_a_suggestion_and_others_none_of_our_business() -> None:
    error = refused(PROPPR_HISTORY_DAY="3")
    assert error.key == "PROPPR_HISTORY_DAY"
    assert "PROPPR_HISTORY_DAYS" in str(error)
    assert load(SOMETHING_ELSE="1", HOME="/") == Settings()


def test_messages_do_not_repeat_secrets() -> None:
    error = refused(MONGO_URI="postgres://user:hunter22@host/", ODDS_API_BASE_URL="https//k3yk3yk3y@x")
    assert "hunter22" not in str(error)
    assert "k3yk3yk3y" not in str(error)


def test_empty_counts_as_unset_and_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("POLL_INTERVAL=7\nBATCH_SIZE=3\nWS_STATUS=\nODDS_API_KEY='file-key'\nOTHER=1\n")
    settings = load_settings({"POLL_INTERVAL": "9", "MONGO_URI": "", "LOG_LEVEL": "  ", "ODDS_API_KEY": ""}, file)
    assert (settings.poll_interval, settings.batch_size) == (9, 3)
    assert (settings.mongo_uri, settings.ws_status, settings.log_level) == (None, None, "INFO")
    assert settings.odds_api_key is None, "an empty value in the environment hides the file's"


def test_a_missing_file_is_no_error_and_unknown_own_keys_in_it_are(tmp_path: Path) -> None:
    assert load_settings({}, tmp_path / "none") == Settings()
    file = tmp_path / ".env"
    file.write_text("PROPPR_TYPO=1\n")
    with pytest.raises(ConfigError, match="PROPPR_TYPO"):
        load_settings({}, file)


def test_required_settings_are_named() -> None:
    with pytest.raises(ConfigError, match="ODDS_API_KEY"):
        load().require("MONGO_DATABASE", "ODDS_API_KEY")
    load(ODDS_API_KEY="k").require("ODDS_API_KEY")


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load().poll_interval = 1.0  # the point of it


def test_nothing_printed_holds_a_secret() -> None:
    settings = load(
        MONGO_URI="mongodb://me:p%40ss%2Fword@one:1,two:2/?replicaSet=r",
        ODDS_API_KEY="abcd-secret",
        TELEGRAM_BOT_TOKEN="123456:tok-en",
        TELEGRAM_ADMIN_CHAT_ID="1",
        SMTP_URL="smtp://mailer:mailpass@mail:25",
        PAGERDUTY_ROUTING_KEY="routing-secret",
    )
    shown = f"{settings.redacted()} {settings!r} {settings}"
    for secret in ("p%40ss", "p@ss", "abcd-secret", "tok-en", "mailpass", "routing-secret"):
        assert secret not in shown
    assert settings.redacted()["MONGO_URI"] == "mongodb://[redacted]@one:1,two:2/?replicaSet=r"
    assert {"p@ss/word", "p%40ss%2Fword", "mailpass"} <= set(settings.secrets())


def test_the_example_file_lists_every_setting_with_its_default() -> None:
    example = Path(__file__).parents[3] / ".env.example"
    lines = [line.lstrip("# ") for line in example.read_text().splitlines() if "=" in line]
    pairs = dict(line.split("=", 1) for line in lines if line.split("=", 1)[0].isupper())
    assert set(pairs) == {name.upper() for name in Settings.model_fields}
    assert load_settings({key: value.strip() for key, value in pairs.items()}, None) == Settings()


@given(st.dictionaries(st.sampled_from([name.upper() for name in Settings.model_fields]), st.text(max_size=30)))
def test_any_text_is_a_setting_or_a_named_problem(env: dict[str, str]) -> None:
    try:
        load_settings(env, None)
    except ConfigError as error:
        assert {key for key, _ in error.problems} <= {*env, "TELEGRAM_ADMIN_CHAT_ID"}


def test_commissions_and_twin_names_are_read_by_name() -> None:
    settings = load(PROPPR_EXCHANGE_COMMISSION="Betfair Exchange = 6.5, X=Y=0", PROPPR_SAME_PRICES="A = B")
    assert named_percentages(settings.proppr_exchange_commission) == {"Betfair Exchange": 0.065, "X=Y": 0.0}
    assert named_names(settings.proppr_same_prices) == {"A": "B"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("PROPPR_EXCHANGE_COMMISSION", "Betfair Exchange"),
        ("PROPPR_EXCHANGE_COMMISSION", "Betfair Exchange=5,=3"),
        ("PROPPR_EXCHANGE_COMMISSION", "Betfair Exchange=100"),
        ("PROPPR_EXCHANGE_COMMISSION", "Betfair Exchange=-1"),
        ("PROPPR_EXCHANGE_COMMISSION", "Betfair Exchange=five"),
        ("PROPPR_SAME_PRICES", "LowVig"),
        ("PROPPR_ARBITRAGE_MAX_AGE", "0"),
        ("PROPPR_ARBITRAGE_ERROR_MARGIN", "-6"),
    ],
)
def test_what_is_wrong_about_arbitrages_is_named(key: str, value: str) -> None:
    assert [found for found, _ in refused(**{key: value}).problems] == [key]
