"""The console dies and comes back: open pages are right again by themselves."""

from __future__ import annotations

from browser_rig import STREAM_LOST
from console_changes import CHANGES, path_of, text_for
from console_scene import Scene

from PROPPR.SharedServices.service.clock import SystemClock

BROKEN = (*STREAM_LOST, "Failed to load resource", r"/htmx\.min\.js")


def test_pages_recover_from_a_kill_of_the_console(small_scene: Scene) -> None:
    change = CHANGES["drops"][1]
    seen = "(text) => document.querySelector('main').innerText.includes(text)"
    clock = SystemClock()
    with small_scene.eyes.look(expected=BROKEN) as look:
        look.visit(path_of("drops", small_scene.seeded))
        before, during, after = (text_for("drops", number) for number in (100, 101, 102))
        change(small_scene.database, clock, small_scene.seeded, before)
        look.page.wait_for_function(seen, arg=before)
        small_scene.console.kill()
        change(small_scene.database, clock, small_scene.seeded, during)
        small_scene.console.start()
        look.page.wait_for_function(seen, arg=during, timeout=30_000)
        change(small_scene.database, clock, small_scene.seeded, after)
        look.page.wait_for_function(seen, arg=after)


def test_an_orderly_stop_waits_for_no_open_page(small_scene: Scene) -> None:
    with small_scene.eyes.look(expected=BROKEN) as look:
        look.visit("/")
        assert small_scene.console.stop() == 0
