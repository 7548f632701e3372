"""What goes wrong when a payload is read, and where in it."""

from __future__ import annotations

from types import TracebackType


class LayoutChanged(ValueError):
    """A part that is needed is not as any known layout has it.

    `path` is where, in the payload's own keys (`content.stats.Periods.All.stats[0].stats[3].stats`); `detail` says what
    was expected there and what was found.
    """

    def __init__(self, path: str, detail: str) -> None:
        self.path = path
        self.detail = detail
        super().__init__(path, detail)

    def __str__(self) -> str:
        return f"{self.path}: {self.detail}"

    def under(self, part: str) -> None:
        """Put `part` before the path."""
        joint = "." if self.path and not self.path.startswith("[") else ""
        self.path = f"{part}{joint}{self.path}"
        self.args = (self.path, self.detail)


class At:
    """A stretch of reading below `part` of the payload: a LayoutChanged that leaves it carries the part in its path.

    An index is written `[3]`. The path is only put together when something is wrong.
    """

    __slots__ = ("parts",)

    def __init__(self, *parts: str | int) -> None:
        self.parts = parts

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, LayoutChanged):
            for part in reversed(self.parts):
                error.under(f"[{part}]" if isinstance(part, int) else part)
