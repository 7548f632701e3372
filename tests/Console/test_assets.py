"""The files that browsers load: those of others are what they say, and all are addressed by their content."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from console_rig import console, reader
from pymongo.database import Database

STATIC = Path(__file__).parents[2] / "Console" / "static"
VENDOR = STATIC / "vendor"


def test_the_libraries_of_others_are_unchanged_and_licensed() -> None:
    rows = re.findall(
        r"^\| `([^`]+)` \|.*\(`([^`]+)`\) \| ([0-9a-f]{64}) \|$", (VENDOR / "README.md").read_text(), re.M
    )
    for name, licence, digest in rows:
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name
        assert "WITHOUT" in (VENDOR / licence).read_text().upper(), "a licence disclaims"
    named = {name for row in rows for name in row[:2]} | {"README.md"}
    assert {path.name for path in VENDOR.iterdir()} == named


def test_nothing_is_loaded_from_another_host() -> None:
    for path in (*STATIC.glob("*.js"), *STATIC.glob("styles/*.css"), VENDOR / "uPlot.min.css"):
        text = path.read_text()
        assert not re.search(r"(?:url|import|fetch|src)\s*\(?\s*[\"']?(?:https?:)?//", text), path.name


def test_each_palette_stands_in_one_place_and_both_have_the_same_colours() -> None:
    text = "".join(path.read_text() for path in STATIC.glob("styles/*.css"))
    assert "prefers-color-scheme" not in text
    palettes = re.findall(r"color-scheme: (light|dark);([^}]+)", text)
    assert [name for name, _ in palettes] == ["light", "dark"]
    light, dark = (re.findall(r"(--[\w-]+):", colours) for _, colours in palettes)
    assert light == dark
    assert len(re.findall(r"#[0-9a-f]{3,8}\b", text)) == 2 * len(light), "a colour outside of the palettes"


def test_the_pages_load_all_styles_and_before_them_which_colours_hold(database: Database[dict[str, Any]]) -> None:
    page = reader(console(database)).get("/login").text
    loaded = re.findall(r'(?:src|href)="/static/(theme\.js|styles/[^"?]+)', page)
    assert loaded[0] == "theme.js" and "<script defer" not in page.partition("theme.js")[0]
    assert {name.removeprefix("styles/") for name in loaded[1:]} == {path.name for path in STATIC.glob("styles/*.css")}


def test_every_file_can_be_kept_for_good_under_the_address_of_its_content(database: Database[dict[str, Any]]) -> None:
    client = reader(console(database))
    page = client.get("/login").text
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(addresses) >= 5
    for address in addresses:
        assert re.search(r"\?v=[0-9a-f]{12}$", address), address
        answer = client.get(address)
        assert answer.status_code == 200 and "immutable" in answer.headers["Cache-Control"], address
        assert "immutable" not in client.get(address.partition("?")[0]).headers.get("Cache-Control", "")
