"""Who may read and who may change, decided from the settings at the start and from what a request shows. Pure."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Final

from werkzeug.datastructures import Headers

from PROPPR.SharedServices.service.errors import ConfigError
from PROPPR.SharedServices.service.settings import Settings

# Any of these, and the request came from elsewhere through a proxy that nobody told us of.
FORWARDED: Final = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via")


@dataclass(frozen=True, slots=True)
class Policy:
    """`open_reading`: this machine's own browsers may read without a sign-in. `secure`: cookies only over TLS."""

    open_reading: bool
    secure: bool
    can_sign_in: bool

    @classmethod
    def of(cls, settings: Settings) -> Policy:
        """Return what the settings say; ConfigError where nobody could ever get in."""
        has_secret = (settings.proppr_console_password_hash or settings.proppr_console_token) is not None
        behind_proxy = settings.proppr_console_proxy is not None
        is_open = settings.proppr_console_read_only_open and is_loopback(settings.console_host) and not behind_proxy
        if not has_secret and not is_open:
            raise ConfigError(
                "PROPPR_CONSOLE_PASSWORD_HASH",
                "needed (or PROPPR_CONSOLE_TOKEN), since others than this machine's users may reach the console: "
                "`proppr console password` makes it",
            )
        return cls(is_open, behind_proxy, has_secret)

    def may_read(self, address: str | None, host: str, headers: Headers) -> bool:
        """Whether a request may read without a sign-in: from this machine, to this machine, through nobody.

        The name of the host counts: a page of another site can give its own name our address, but not ours.
        """
        if not self.open_reading or any(name in headers for name in FORWARDED):
            return False
        return is_loopback(address or "") and is_loopback(_without_port(host))


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine and nothing else."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0].lstrip("[")
    return host.rpartition(":")[0] if ":" in host else host
