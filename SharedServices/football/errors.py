"""What goes wrong when a page of the source is read."""

from __future__ import annotations


class LayoutChanged(ValueError):
    """A needed part of a page is not as any known layout has it.

    `path` is the part (`fixtures.allMatches[3].id`), `detail` what was expected of it; neither quotes the page.
    """

    def __init__(self, path: str, detail: str) -> None:
        self.path = path
        self.detail = detail
        super().__init__(f"{path}: {detail}")
