"""What is committed shows by itself, and pages with 1,000 fixtures come up soon."""

from __future__ import annotations

import pytest
from browser_rig import first_paint_ms
from console_changes import CHANGES, path_of, text_for
from console_scene import Scene

from PROPPR.SharedServices.service.clock import SystemClock

SOON_MS = 10_000  # loosely: the benchmark measures it; here the machine is busy with other tests


@pytest.mark.parametrize("page", CHANGES)
def test_a_commit_shows_by_itself(scene: Scene, page: str) -> None:
    text = text_for(page, list(CHANGES).index(page))
    with scene.eyes.look() as look:
        look.visit(path_of(page, scene.seeded))
        assert first_paint_ms(look.page) < SOON_MS
        look.page.locator("#live[data-state=live]").wait_for()
        assert text not in look.page.inner_text("main")
        CHANGES[page][1](scene.database, SystemClock(), scene.seeded, text)
        look.page.wait_for_function("(text) => document.querySelector('main').innerText.includes(text)", arg=text)


def test_a_thousand_fixtures_can_be_found(scene: Scene) -> None:
    last = scene.seeded.fixtures[900]
    with scene.eyes.look() as look:
        look.visit("/fixtures")
        look.page.get_by_role("searchbox").first.fill(last.home)
        look.page.keyboard.press("Enter")
        look.page.get_by_role("link", name=last.home).first.wait_for()
