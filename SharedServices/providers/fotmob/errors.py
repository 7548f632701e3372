"""What FotMob refuses, as errors whose class says what to do about it."""

from __future__ import annotations

from PROPPR.SharedServices.service.errors import ProPprError, RateLimited, SourceChanged, TransientError

__all__ = [
    "NotFound",
    "OtherAnswer",
    "RateLimited",
    "SourceChanged",
    "SourceRefused",
    "TransientError",
]


class SourceRefused(TransientError):
    """FotMob does not want to be asked now: ask again after `retry_after` seconds, keep the last good copy.

    `status` is the refusal's HTTP status (200 for a page instead of data); None where FotMob did not refuse but failed
    so often that it is left alone. `turnstile` says that it asked for proof of a human visitor, which is not given.
    """

    def __init__(self, message: str, *, retry_after: float, status: int | None = None, turnstile: bool = False) -> None:
        self.retry_after = retry_after
        self.status = status
        self.turnstile = turnstile
        super().__init__(message)


class NotFound(SourceChanged):
    """404: FotMob knows no such match, league, team or player. The source itself seems well.

    `is_page`: it was said by a page, as it is for a path that is no longer served. Of these the third in a row counts
    as a refusal of the path.
    """

    def __init__(self, message: str, *, is_page: bool = False) -> None:
        self.is_page = is_page
        super().__init__(message)


class OtherAnswer(SourceChanged):
    """A well-formed answer for something else than was asked: another match, season or day."""


class StalePage(SourceChanged):
    """404 for the data of a page: probably of a build of the site that is no longer served. Stays in the package."""


class Refusal(ProPprError):
    """One answer that refuses. Stays within the package: the circuit makes a SourceRefused of it.

    `retry_after` is the wait in seconds that FotMob asked for. `everywhere`: it holds for the host, not one path.
    """

    def __init__(
        self,
        message: str,
        status: int,
        *,
        retry_after: float | None = None,
        turnstile: bool = False,
        everywhere: bool = False,
    ) -> None:
        self.status = status
        self.retry_after = retry_after
        self.turnstile = turnstile
        self.everywhere = everywhere
        super().__init__(message)
