"""The key: in no text of a failure, and checked before anything is asked."""

from __future__ import annotations

import traceback

import pytest
import requests
from pydantic import SecretStr
from rest_rig import BASE, KEY, Rig

from PROPPR.SharedServices.providers.odds_api.config import RestConfig
from PROPPR.SharedServices.service.errors import ConfigError, TransientError
from PROPPR.SharedServices.service.settings import Settings


@pytest.mark.parametrize(
    "failure",
    [
        requests.ConnectionError(f"HTTPSConnectionPool: Max retries exceeded with url: /v3/leagues?apiKey={KEY}"),
        requests.ReadTimeout(f"timed out reading /v3/leagues?sport=x&apiKey={KEY}"),
        requests.exceptions.ChunkedEncodingError(f"broken: apiKey={KEY}"),
        requests.exceptions.SSLError(f"certificate of /v3?apiKey={KEY}"),
    ],
)
def test_no_text_of_a_failure_holds_the_key(rig: Rig, failure: Exception, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    rig.answers("leagues", failure)
    with pytest.raises(TransientError) as caught:
        rig.client.leagues("football")
    error: BaseException | None = caught.value
    assert type(failure).__name__ in str(error)
    texts = [caplog.text, "".join(traceback.format_exception(caught.value))]
    while error is not None:
        texts.append(repr(error))
        error = error.__cause__ or error.__context__
    for text in texts:
        assert KEY not in text
        assert "k3y-Of" not in text
    assert len(rig.mock.calls) == 3
    assert not rig.tracker.released


def test_the_key_is_not_shown_by_the_configuration() -> None:
    config = RestConfig(BASE, SecretStr(KEY))
    assert KEY not in repr(config)
    assert RestConfig.of(Settings(odds_api_key=SecretStr(KEY))).key == SecretStr(KEY)


@pytest.mark.parametrize("url", ["ftp://x/v3", "https://", "https://x/v3?y=1", "api.example.test"])
def test_a_base_url_must_be_plain(url: str) -> None:
    with pytest.raises(ConfigError, match="ODDS_API_BASE_URL"):
        RestConfig(url)


def test_a_key_must_be_printable() -> None:
    with pytest.raises(ConfigError, match="ODDS_API_KEY") as caught:
        RestConfig(BASE, SecretStr("abc\ndef"))
    assert "abc" not in str(caught.value)
