"""What the FotMob client needs to know: where, how often at most, and how patiently."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from PROPPR.SharedServices.service.errors import ConfigError
from PROPPR.SharedServices.service.settings import Settings

DEFAULT_BASE_URL = "https://www.fotmob.com/api/data"
API_PATH = "/api/data"


@dataclass(frozen=True, slots=True)
class FotMobConfig:
    """Seconds and bytes.

    Two requests start at least `pause` apart, and up to half as much again by chance. `attempts` is how often a request
    is sent at most while it fails (never when it is refused), with a random wait of up to `first_wait * 2 ** n`, at
    most `longest_wait`, between two. A refusal is waited out for `first_refusal`, doubled by each further one up to
    `longest_refusal`. `total_timeout` bounds one attempt from sending to the last byte, `max_bytes` its unpacked body.
    """

    base_url: str = DEFAULT_BASE_URL
    pause: float = 1.0
    requests_per_day: int = 2000
    user_agent: str = "proppr/0.1"
    connect_timeout: float = 5.0
    read_timeout: float = 15.0
    total_timeout: float = 60.0
    max_bytes: int = 16 * 2**20
    attempts: int = 3
    first_wait: float = 2.0
    longest_wait: float = 30.0
    first_refusal: float = 60.0
    longest_refusal: float = 3600.0

    def __post_init__(self) -> None:
        url = urlsplit(self.base_url)
        if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment:
            raise ConfigError("FOTMOB_BASE_URL", "not a plain http:// or https:// URL")
        if not self.pause >= 0:
            raise ConfigError("PROPPR_FOTMOB_PAUSE", "must not be below zero")

    @property
    def site_url(self) -> str | None:
        """The site's root, from which pages are read; None where the base URL is no `<root>/api/data`."""
        url = self.base_url.rstrip("/")
        return url.removesuffix(API_PATH) if url.endswith(API_PATH) else None

    @classmethod
    def of(cls, settings: Settings) -> FotMobConfig:
        """Return the configuration of the settings."""
        return cls(
            base_url=settings.fotmob_base_url,
            pause=settings.proppr_fotmob_pause,
            requests_per_day=settings.proppr_fotmob_requests_per_day,
        )
