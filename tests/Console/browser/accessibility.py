"""What axe says of a page, in words that a failing test can show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE: Final = ("serious", "critical")
ROWS: Final = 8
"""Rows of a list that are looked at: the others come of the same template, and axe takes its time for each."""
REPEATED: Final = ("tbody > tr", "table > tbody", "main article", "main li", "main select > option")


def shorten_lists(page: Page) -> None:
    """Take away what adds nothing."""
    page.evaluate(
        """([kinds, most]) => kinds.forEach((kind) => document
            .querySelectorAll(`${kind}:nth-of-type(n + ${most + 1})`).forEach((one) => one.remove()))""",
        [REPEATED, ROWS],
    )


def grave_findings(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """The serious and critical findings, all rules or only those named."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {node['html'][:200]}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"][:3]
    ]
