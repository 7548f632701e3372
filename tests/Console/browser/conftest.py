"""A seeded database, the console as a real process, and a real browser, once per session of tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_rig import CHROMIUM, launch
from console_scene import FEW, Scene, scene_of
from console_seed import Sizes
from playwright.sync_api import Browser, sync_playwright
from pymongo import MongoClient
from pymongo.database import Database

Document = dict[str, Any]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them go to one of the processes that test (pytest-xdist): each would else have a browser and a console of
    its own, with 1,000 fixtures, which takes longer to prepare than most pages to look at."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the system."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not here (apt install chromium, or name one in CHROMIUM)")
    with sync_playwright() as playwright:
        found = launch(playwright)
        yield found
        found.close()


@pytest.fixture(scope="session")
def scene(
    browser: Browser, mongo_uri: str, mongo_client: MongoClient[Document], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    """1,000 fixtures, readable without signing in; `eyes` can be signed in."""
    folder = tmp_path_factory.mktemp("console")
    with scene_of(browser, mongo_uri, mongo_client["console_at_size"], folder, Sizes()) as found:
        yield found


@pytest.fixture
def small_scene(browser: Browser, mongo_uri: str, database: Database[Document], tmp_path: Path) -> Iterator[Scene]:
    """A few fixtures, in a console that the test may mistreat."""
    with scene_of(browser, mongo_uri, database, tmp_path, FEW) as found:
        yield found


@pytest.fixture
def closed_scene(browser: Browser, mongo_uri: str, database: Database[Document], tmp_path: Path) -> Iterator[Scene]:
    """The same in a console that nobody may read who has not signed in."""
    with scene_of(browser, mongo_uri, database, tmp_path, FEW, open_reading=False) as found:
        yield found
