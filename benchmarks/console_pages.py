"""How soon each page of the console is painted, and how soon it shows what was committed, in a real browser.

1,000 fixtures, five bookmakers, 5,000 bets; the console is a real process, Chromium loads each page several times with
an empty cache. A change is committed by a majority, and a watcher in the page notes when it stands in the DOM: both
times are of the machine's one clock. Told are the median and the worst.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import click
from pymongo import MongoClient
from pymongo.database import Database

_TESTS: Final = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(_TESTS), str(_TESTS / "Console"), str(_TESTS / "Console" / "browser")]

from browser_rig import CHROMIUM, Eyes, first_paint_ms, launch  # noqa: E402
from console_changes import CHANGES, path_of, text_for  # noqa: E402
from console_process import ConsoleProcess  # noqa: E402
from console_seed import Seeded, Sizes, seed  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from PROPPR.SharedServices.service.clock import SystemClock  # noqa: E402
from PROPPR.SharedServices.storage.embedded import EmbeddedServer  # noqa: E402

Document = dict[str, Any]
SETTLED: Final = 1.5
"""Seconds after a load until the page has had what every new connection is sent."""
_WATCH: Final = """(text) => { window.seen = null;
    const look = () => { if (window.seen === null && document.querySelector('main').innerText.includes(text)) {
        window.seen = performance.timeOrigin + performance.now(); observer.disconnect(); } };
    const observer = new MutationObserver(look);
    observer.observe(document.body, {childList: true, subtree: true, characterData: true}); }"""
_SIZE: Final = """() => performance.getEntriesByType('navigation')[0].encodedBodySize / 1024"""


@dataclass
class Measured:
    """Of one page: ms to the first paint, ms from the commit to the DOM, KB of its HTML."""

    paints: list[float] = field(default_factory=list)
    updates: list[float] = field(default_factory=list)
    kilobytes: float = 0.0


def measure(eyes: Eyes, database: Database[Document], seeded: Seeded, page: str, loads: int, changes: int) -> Measured:
    """Load a page so often, and change it so often while it is open."""
    found, clock, pause = Measured(), SystemClock(), threading.Event()
    path = path_of(page, seeded)
    for _ in range(loads):
        with eyes.look() as look:
            look.visit(path)
            found.paints.append(first_paint_ms(look.page))
            found.kilobytes = float(look.page.evaluate(_SIZE))
    with eyes.look() as look:
        look.visit(path)
        for number in range(changes):
            look.page.wait_for_timeout(SETTLED * 1000)
            text = text_for(page, 50 + number)
            look.page.evaluate(_WATCH, text)
            CHANGES[page][1](database, clock, seeded, text)
            committed = clock.now_ms()
            look.page.wait_for_function("() => window.seen !== null", polling=50)
            found.updates.append(float(look.page.evaluate("() => window.seen")) - committed)
            pause.wait(0.1 * (number % 5))  # so that changes meet the console at different moments
    return found


def show(page: str, measured: Measured) -> str:
    """A line of the table."""
    paints, updates = measured.paints, measured.updates
    return (
        f"{page:<12}{measured.kilobytes:>8.0f}{statistics.median(paints):>10.0f}{max(paints):>8.0f}"
        f"{statistics.median(updates):>12.0f}{max(updates):>8.0f}"
    )


@click.command()
@click.option("--fixtures", default=1000, show_default=True)
@click.option("--loads", default=5, show_default=True, help="Loads of each page.")
@click.option("--changes", default=5, show_default=True, help="Changes of each page.")
@click.argument("pages", nargs=-1)
def main(fixtures: int, loads: int, changes: int, pages: Sequence[str]) -> None:
    """Measure PAGES (default: all)."""
    if not CHROMIUM.exists():
        raise click.ClickException(f"{CHROMIUM} is not here: apt install chromium, or name one in CHROMIUM")
    with tempfile.TemporaryDirectory(prefix="console-pages-") as folder:
        server = EmbeddedServer(Path(folder) / "mongo")
        server.start()
        client: MongoClient[Document] = MongoClient(server.uri, tz_aware=True, w="majority", journal=True)
        database = client["console_pages"]
        seeded = seed(database, sizes=Sizes(fixtures=fixtures))
        console = ConsoleProcess(server.uri, database, Path(folder), PROPPR_CONSOLE_READ_ONLY_OPEN="true")
        try:
            console.start()
            with sync_playwright() as playwright:
                browser = launch(playwright)
                click.echo(f"{fixtures:,} fixtures, {loads} loads and {changes} changes of each page; times in ms")
                click.echo(f"{'page':<12}{'KB':>8}{'paint p50':>10}{'max':>8}{'update p50':>12}{'max':>8}")
                for page in pages or CHANGES:
                    eyes = Eyes(browser, console.url)
                    click.echo(show(page, measure(eyes, database, seeded, page, loads, changes)))
                browser.close()
        finally:
            console.kill()
            client.close()
            server.discard()


if __name__ == "__main__":
    main()
