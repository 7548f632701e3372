"""Signing in, being told apart from an attacker, and leaving for good."""

from __future__ import annotations

from datetime import timedelta

import requests
from browser_rig import STREAM_LOST, sign_in
from console_process import TOKEN
from console_scene import Scene

from PROPPR.SharedServices.service.clock import SystemClock

REFUSED = ("status of 401", "status of 429")


def test_a_session_ends_with_the_sign_out(small_scene: Scene) -> None:
    address = f"{small_scene.console.url}/signed-in"
    with small_scene.eyes.look(expected=STREAM_LOST) as look:
        look.visit("/login")
        sign_in(look.page, TOKEN, name="leaver")
        look.page.get_by_text("leaver").wait_for()
        cookies = look.page.context.cookies()
        assert all(one["httpOnly"] and one["sameSite"] == "Strict" for one in cookies)
        kept = {one["name"]: one["value"] for one in cookies}
        assert requests.get(address, cookies=kept, timeout=10).status_code == 204
        look.page.get_by_role("button", name="Sign out").click()
        look.page.wait_for_url("**/login")
        look.visit("/alerts")
        assert "leaver" not in look.page.inner_text("body")
    # Not only has the browser forgotten it.
    assert requests.get(address, cookies=kept, timeout=10).status_code != 204


def test_nothing_is_shown_without_a_sign_in_and_then_it_leads_back(closed_scene: Scene) -> None:
    with closed_scene.eyes.look() as look:
        look.visit(f"/fixtures/{closed_scene.seeded.stirred.id}")
        assert "/login" in look.page.url
        assert closed_scene.seeded.stirred.home not in look.page.content()
        sign_in(look.page, TOKEN)
        assert look.page.url.endswith(f"/fixtures/{closed_scene.seeded.stirred.id}")
        assert closed_scene.seeded.stirred.home in look.page.inner_text("main")


def test_an_open_page_leaves_when_its_session_ends_elsewhere(closed_scene: Scene) -> None:
    with closed_scene.eyes.look(expected=(*REFUSED, *STREAM_LOST)) as look:
        look.visit("/login")
        sign_in(look.page, TOKEN)
        look.page.locator("#live[data-state=live]").wait_for()
        other = look.page.context.new_page()
        other.goto(f"{look.home}/alerts")
        other.get_by_role("button", name="Sign out").click()
        other.wait_for_url("**/login")
        look.page.wait_for_url("**/login*")


def test_wrong_sign_ins_are_slowed_down_in_plain_words(small_scene: Scene) -> None:
    with small_scene.eyes.look(expected=REFUSED) as look:
        look.visit("/login")
        told: list[str] = []
        while len(told) < 12 and not any("wait" in text or "again in" in text for text in told):
            sign_in(look.page, "wrong, but as long as a right one")
            told.append(look.page.get_by_role("alert").inner_text().lower())
        assert len(told) < 12, told
        # The right one waits, too, and no restart forgets it: the attempts are stored. (The machine may be slow.)
        later = SystemClock().now() + timedelta(minutes=1)
        changed = small_scene.database["console_logins"].update_many(
            {"failures": {"$gte": 5}, "_id": {"$ne": "all"}}, {"$set": {"blocked_until": later}}
        )
        assert changed.modified_count == 1
        small_scene.console.kill()
        small_scene.console.start()
        look.visit("/login")
        sign_in(look.page, TOKEN)
        look.page.get_by_role("alert").wait_for()
        assert look.page.get_by_role("button", name="Sign out").count() == 0
