"""Who may read without a sign-in: this machine's own browsers, and nobody who only looks like one."""

from __future__ import annotations

import pytest
from pydantic import SecretStr
from werkzeug.datastructures import Headers

from PROPPR.Console.access.policy import FORWARDED, Policy, is_loopback
from PROPPR.SharedServices.service.errors import ConfigError
from PROPPR.SharedServices.service.settings import Settings

TOKEN = {"proppr_console_token": SecretStr("a-token-that-only-tests-know")}


def policy(**values: object) -> Policy:
    return Policy.of(Settings.model_validate(values))


@pytest.mark.parametrize(
    ("values", "open_reading", "secure", "can_sign_in"),
    [
        ({}, True, False, False),
        (TOKEN, True, False, True),
        ({**TOKEN, "proppr_console_read_only_open": False}, False, False, True),
        ({**TOKEN, "console_host": "0.0.0.0"}, False, False, True),
        ({**TOKEN, "console_host": "::"}, False, False, True),
        ({**TOKEN, "console_host": "::1"}, True, False, True),
        ({**TOKEN, "console_host": "localhost"}, True, False, True),
        ({**TOKEN, "console_host": "192.0.2.5"}, False, False, True),
        ({**TOKEN, "proppr_console_proxy": "127.0.0.1"}, False, True, True),
    ],
    ids=str,
)
def test_what_the_settings_say(values: dict[str, object], open_reading: bool, secure: bool, can_sign_in: bool) -> None:
    assert policy(**values) == Policy(open_reading, secure, can_sign_in)


@pytest.mark.parametrize(
    "values",
    [
        {"console_host": "0.0.0.0"}, {"proppr_console_proxy": "127.0.0.1"}, {"proppr_console_read_only_open": False},
    ],
    ids=str,
)  # fmt: skip
def test_a_console_that_lets_nobody_in_does_not_start(values: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="PROPPR_CONSOLE_PASSWORD_HASH") as caught:
        policy(**values)
    assert "proppr console password" in str(caught.value)


@pytest.mark.parametrize(
    ("address", "host", "may"),
    [
        ("127.0.0.1", "127.0.0.1:8090", True),
        ("127.0.0.1", "localhost:8090", True),
        ("127.0.0.1", "LOCALHOST", True),
        ("127.8.9.1", "127.0.0.1", True),
        ("::1", "[::1]:8090", True),
        ("127.0.0.1", "evil.test:8090", False),  # another site's name for our address
        ("127.0.0.1", "localhost.evil.test", False),
        ("127.0.0.1", "127.0.0.1.evil.test:8090", False),
        ("127.0.0.1", "", False),
        ("192.0.2.1", "localhost:8090", False),
        (None, "localhost:8090", False),
        ("", "localhost:8090", False),
    ],
)
def test_who_may_read(address: str | None, host: str, may: bool) -> None:
    assert policy(**TOKEN).may_read(address, host, Headers()) is may
    assert not policy(**TOKEN, proppr_console_read_only_open=False).may_read(address, host, Headers())


@pytest.mark.parametrize("name", FORWARDED)
def test_what_came_through_a_proxy_may_not(name: str) -> None:
    assert not policy().may_read("127.0.0.1", "localhost", Headers({name: "127.0.0.1"}))


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("::1", True), ("[::1]", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("", False), ("example.org", False), ("10.0.0.1", False), ("127.0.0.1.nip.io", False)],
)  # fmt: skip
def test_what_is_this_machine(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
