"""What most tests of the browser work on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from browser_rig import Eyes, sign_in
from console_process import TOKEN, ConsoleProcess
from console_seed import Seeded, Sizes, seed
from playwright.sync_api import Browser
from pymongo.database import Database

Document = dict[str, Any]
FEW: Final = Sizes(fixtures=40, drops=30, bets=60, logs=20, unresolved=3, moving=6, with_players=2, rounds=6)


@dataclass
class Scene:
    """A console over a database of its own, and eyes to look at it."""

    database: Database[Document]
    seeded: Seeded
    console: ConsoleProcess
    eyes: Eyes


@contextmanager
def scene_of(
    browser: Browser, uri: str, database: Database[Document], folder: Path, sizes: Sizes, *, open_reading: bool = True
) -> Iterator[Scene]:
    """A filled database and a console that everybody on this machine may read, unless told otherwise."""
    seeded = seed(database, sizes=sizes)
    console = ConsoleProcess(uri, database, folder, PROPPR_CONSOLE_READ_ONLY_OPEN=str(open_reading).lower())
    console.start()
    try:
        eyes = Eyes(browser, console.url)
        with eyes.look() as look:
            look.visit("/login")
            sign_in(look.page, TOKEN)
            assert "/login" not in look.page.url, look.page.inner_text("main")
            eyes.signed_in_state = look.page.context.storage_state()
        yield Scene(database, seeded, console, eyes)
    finally:
        console.kill()
