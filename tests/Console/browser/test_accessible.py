"""Each page in both colour schemes, wide and on a phone, signed in and not, has no serious fault for anybody."""

from __future__ import annotations

import pytest
from accessibility import grave_findings, shorten_lists
from browser_rig import NARROW, WIDE, Look, Scheme, sideways
from console_changes import CHANGES, path_of
from console_scene import Scene

PAGES = [*CHANGES, "login"]
PHONE = (390, 844)


def _visit(look: Look, scene: Scene, page: str) -> None:
    look.visit("/login" if page == "login" else path_of(page, scene.seeded))
    assert look.page.locator("h1").count() == 1
    assert look.page.locator("main").count() == 1


def _findings(look: Look) -> dict[str, list[str]]:
    """By circumstance. The scheme changes nothing but colours, so in the dark only these are looked at."""
    found = {}
    page = look.page
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for size in (WIDE, NARROW):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            rules = () if scheme == "light" else ("color-contrast", "link-in-text-block")
            found[f"{scheme} {size[0]} px"] = grave_findings(page, rules)
    return {where: each for where, each in found.items() if each}


@pytest.mark.parametrize("page", PAGES)
def test_axe_has_no_grave_finding_when_signed_in(scene: Scene, page: str) -> None:
    with scene.eyes.look(signed_in=True) as look:
        _visit(look, scene, page)
        shorten_lists(look.page)
        assert _findings(look) == {}


@pytest.mark.parametrize("page", PAGES)
def test_axe_has_no_grave_finding_for_a_reader(scene: Scene, page: str) -> None:
    with scene.eyes.look() as look:
        _visit(look, scene, page)
        shorten_lists(look.page)
        assert _findings(look) == {}


@pytest.mark.parametrize("page", PAGES)
def test_a_phone_needs_no_sideways_scrolling(scene: Scene, page: str) -> None:
    with scene.eyes.look(signed_in=True, size=NARROW) as look:
        _visit(look, scene, page)
        assert sideways(look.page) <= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", ["drops", "value", "arbitrages", "bets"])
def test_a_phone_shows_what_matters_in_lists_without_sideways_scrolling(
    scene: Scene, page: str, scheme: Scheme
) -> None:
    with scene.eyes.look(size=PHONE, scheme=scheme) as look:
        _visit(look, scene, page)
        assert look.page.locator("main .scroll tbody tr").count() > 5
        hidden = """() => [...document.querySelectorAll("main .scroll")]
            .filter((region) => region.scrollWidth > region.clientWidth)
            .map((region) => [region.getAttribute("aria-label"), region.scrollWidth - region.clientWidth])"""
        assert look.page.evaluate(hidden) == []


def test_the_systems_colours_are_followed_until_others_are_chosen(scene: Scene) -> None:
    theme = "() => document.documentElement.dataset.theme"
    with scene.eyes.look(scheme="dark") as look:
        look.visit("/")
        assert look.page.evaluate(theme) == "dark"
        look.page.emulate_media(color_scheme="light")
        look.page.wait_for_function(f"({theme})() === 'light'")
        look.page.get_by_role("button", name="Use dark colours").click()
        look.page.get_by_role("button", name="Use light colours").wait_for()
        look.page.emulate_media(color_scheme="dark")
        look.page.emulate_media(color_scheme="light")
        assert look.page.evaluate(theme) == "dark"


def test_the_switch_of_the_scheme_keeps_contrast_and_is_remembered(scene: Scene) -> None:
    with scene.eyes.look(signed_in=True) as look:
        look.visit("/")
        ground = "() => getComputedStyle(document.body).backgroundColor"
        before = look.page.evaluate(ground)
        look.page.get_by_role("button", name="Use dark colours").click()
        look.page.wait_for_function(f"(before) => ({ground})() !== before", arg=before)
        dark = look.page.evaluate(ground)
        assert grave_findings(look.page, ("color-contrast",)) == []
        look.visit("/drops")
        assert look.page.evaluate(ground) == dark
