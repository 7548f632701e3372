"""The errors of the services: the class of an error says what is to be done about it."""

from __future__ import annotations

from collections.abc import Sequence


class ProPprError(Exception):
    """The base of every error that the services raise on purpose."""


class ConfigError(ProPprError):
    """The settings or the machine do not allow a start: report it, exit 2, start nothing.

    `problems` holds every (key, message) found; `key` is the first key. The text never holds a secret's value.
    """

    def __init__(self, key: str, message: str) -> None:
        self.problems: tuple[tuple[str, str], ...] = ((key, message),)
        super().__init__(f"{key}: {message}")

    @classmethod
    def of(cls, problems: Sequence[tuple[str, str]]) -> ConfigError:
        """Return one error that lists all `problems` (at least one), a line each."""
        error = cls(*problems[0])
        error.problems = tuple(problems)
        error.args = ("\n".join(f"{key}: {message}" for key, message in problems),)
        return error

    @property
    def key(self) -> str:
        """The name of the first bad setting."""
        return self.problems[0][0]


class TransientError(ProPprError):
    """It may work later: retry with back-off."""


class RateLimited(TransientError):
    """Refused for now. `retry_after` is the wait in seconds that the other side asked for, None if it named none."""

    def __init__(self, message: str = "rate limited", retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class SourceChanged(ProPprError):
    """A source answers in a way that we do not understand: degrade, alert, keep what we have."""


class FatalError(ProPprError):
    """The process can't go on: stop it in order and exit non-zero."""
