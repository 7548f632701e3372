"""The pages that are made from the code are current, and say what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from PROPPR.SharedServices.cli.references import pages
from PROPPR.SharedServices.service.setting_texts import TEXTS
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.collections import COLLECTIONS, VIEWS

ROOT = Path(__file__).parents[3]
ALL_TEXTS = {name: text for texts in TEXTS.values() for name, text in texts.items()}


@pytest.mark.parametrize("name", ["collections.md", "settings.md"])
def test_the_page_is_current(name: str) -> None:
    assert (ROOT / "docs" / name).read_text() == pages()[name], "run `make references` and commit docs/"


def test_every_setting_has_its_text_once() -> None:
    assert sorted(ALL_TEXTS) == sorted(name.upper() for name in Settings.model_fields), "SharedServices/service/"
    assert sum(map(len, TEXTS.values())) == len(ALL_TEXTS)


def test_the_readme_says_the_same() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| .*? \| (.*) \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    said = {name: text for name, text in rows if name in ALL_TEXTS}
    assert said == ALL_TEXTS


def test_every_collection_is_described_with_what_keeps_it_bounded() -> None:
    page = pages()["collections.md"]
    parts = {part.partition("\n")[0]: part for part in page.split("\n### ")[1:]}
    assert set(parts) == {each.name for each in (*COLLECTIONS, *VIEWS)}
    for collection in COLLECTIONS:
        assert collection.purpose in parts[collection.name] and "- Kept: " in parts[collection.name]
    assert "`PROPPR_BETS_DAYS` days after `grading.graded_at` (0: for ever)" in parts["team_tracked_bets"]
    assert "30 days after `recorded_at`; at most the newest 10,000" in parts["dead_letters"]
    assert "| **`lines[].price`** | number or null |" in parts["odds_history"]
