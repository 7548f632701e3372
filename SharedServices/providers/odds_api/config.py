"""What the REST client needs to know: where, with which key, and how patiently."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pydantic import SecretStr

from PROPPR.SharedServices.service.errors import ConfigError
from PROPPR.SharedServices.service.settings import Settings

DEFAULT_BASE_URL = "https://api.odds-api.io/v3"


@dataclass(frozen=True, slots=True)
class RestConfig:
    """Seconds and bytes. Without a key only the catalogues of sports and bookmakers can be read.

    `total_timeout` bounds one attempt from sending to the last byte, `max_bytes` its decompressed body; `large_timeout`
    and `large_bytes` do so for /odds/updated, which answers up to 80 KB for each fixture. `attempts` is how often a
    request is sent at most, each time within the budget, with a random wait of up to `first_wait * 2 ** n`, at most
    `longest_wait`, between two.
    """

    base_url: str = DEFAULT_BASE_URL
    key: SecretStr | None = field(default=None, repr=False)
    connect_timeout: float = 5.0
    read_timeout: float = 15.0
    total_timeout: float = 60.0
    max_bytes: int = 64 * 2**20
    large_timeout: float = 120.0
    large_bytes: int = 128 * 2**20
    attempts: int = 3
    first_wait: float = 0.5
    longest_wait: float = 8.0

    def __post_init__(self) -> None:
        url = urlsplit(self.base_url)
        if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment:
            raise ConfigError("ODDS_API_BASE_URL", "not a plain http:// or https:// URL")
        if self.key is not None and not self.key.get_secret_value().isprintable():
            raise ConfigError("ODDS_API_KEY", "holds a character that no key has")

    @classmethod
    def of(cls, settings: Settings) -> RestConfig:
        """Return the configuration of the settings."""
        return cls(base_url=settings.odds_api_base_url, key=settings.odds_api_key)
