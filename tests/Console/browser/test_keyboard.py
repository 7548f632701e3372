"""An operator without a mouse: the focus is always seen, and every task can be done."""

from __future__ import annotations

from browser_rig import sign_in, tab_to
from console_process import TOKEN
from console_scene import Scene
from support import eventually


def test_the_first_tab_offers_to_skip_the_navigation(scene: Scene) -> None:
    with scene.eyes.look() as look:
        look.visit("/drops")
        tab_to(look.page, "a[href='#content']", most=1)
        look.page.keyboard.press("Enter")
        tab_to(look.page, "main *", most=1)


def test_sign_in_and_acknowledge_an_alert(small_scene: Scene) -> None:
    taken = {"state": "failing", "acknowledged_by": "keyboard"}
    with small_scene.eyes.look() as look:
        look.visit("/alerts")
        tab_to(look.page, "a[href^='/login']")
        look.page.keyboard.press("Enter")
        sign_in(look.page, TOKEN, name="keyboard")
        look.page.wait_for_url("**/alerts")  # where it began
        tab_to(look.page, "form[action$='/acknowledge'] button")
        look.page.keyboard.press("Enter")
        look.page.get_by_text("keyboard sees to it").wait_for()
        assert small_scene.database["alerts"].count_documents(taken) == 1


def test_settle_a_mapping(small_scene: Scene) -> None:
    mappings = small_scene.database["fixture_mappings"]
    waiting = mappings.find_one({"status": "unresolved", "candidates": {"$ne": []}})
    assert waiting is not None
    with small_scene.eyes.look(signed_in=True) as look:
        look.visit("/mappings")
        tab_to(look.page, f"a[href='/mappings/{waiting['fixture_id']}']")
        look.page.keyboard.press("Enter")
        look.page.wait_for_url("**/mappings/*")
        tab_to(look.page, "input[type=radio]")
        look.page.keyboard.press("Space")
        tab_to(look.page, "form[action$='/settle'] button")
        look.page.keyboard.press("Enter")
        look.page.get_by_text("settled by hand").first.wait_for()
    settled = mappings.find_one({"fixture_id": waiting["fixture_id"]})
    assert settled is not None
    assert (settled["status"], settled["fotmob_match_id"]) == ("manual", waiting["candidates"][0]["match_id"])


def test_a_change_is_not_offered_to_a_reader(small_scene: Scene) -> None:
    waiting = small_scene.database["fixture_mappings"].find_one({"status": "unresolved"})
    assert waiting is not None
    with small_scene.eyes.look() as look:
        for path in ("/", "/alerts", "/mappings", f"/mappings/{waiting['fixture_id']}", "/bets"):
            look.visit(path)
            assert look.page.locator("form[method=post]").count() == 0, path


def test_open_a_fixture(scene: Scene) -> None:
    with scene.eyes.look() as look:
        look.visit("/fixtures")
        tab_to(look.page, "main a[href^='/fixtures/']")
        opened = look.page.evaluate("() => document.activeElement.getAttribute('href')")
        look.page.keyboard.press("Enter")
        look.page.wait_for_url(f"**{opened}")
        eventually(lambda: look.page.locator("main table").count() > 0, what="the books of the fixture")


def test_a_wide_table_scrolls_by_keyboard(scene: Scene) -> None:
    at = "() => document.activeElement.scrollLeft"
    with scene.eyes.look(size=(360, 740)) as look:
        look.visit(f"/fixtures/{scene.seeded.stirred.id}")  # a book is as wide as its market's sides
        tab_to(look.page, "main .scroll")
        look.page.keyboard.press("ArrowRight")
        look.page.wait_for_function(f"() => ({at})() > 0")
