"""Folded names: what stays of a spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.mapping.names import fold, words

TEXT = st.text(max_size=60)


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Bodø/Glimt", "bodo glimt"),
        ("Łódź", "lodz"),
        ("Đorđe", "dorde"),
        ("Weiß", "weiss"),
        ("Þór Akureyri", "thor akureyri"),
        ("Víkingur Ólafsvík", "vikingur olafsvik"),
        ("Guðmundsson", "gudmundsson"),
        ("Kasımpaşa", "kasimpasa"),
        ("İstanbul", "istanbul"),
        ("Næstved", "naestved"),
        ("Qarabağ", "qarabag"),
        ("Spartak\u00a0Moscow\u200e", "spartak moscow"),
        ("Nott'm Forest", "nottm forest"),
        ("Nott\u2019m Forest", "nottm forest"),
        ("King\x92s Lynn", "kings lynn"),
        ("F.C. Copenhagen", "fc copenhagen"),
        ("A.C. Milan", "ac milan"),
        ("St.Truiden", "st truiden"),
        ("Brighton & Hove Albion", "brighton and hove albion"),
        ("Спартак", "spartak"),
        ("  Al-Ain  ", "al ain"),
        ("", ""),
        ("?!", ""),
    ],
)
def test_spellings(name: str, folded: str) -> None:
    assert fold(name) == folded


@given(TEXT)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TEXT)
def test_only_ascii_words_remain(text: str) -> None:
    assert all(word and word.isascii() and word.isalnum() and word == word.lower() for word in words(text))


@given(TEXT, st.sampled_from(["upper", "lower", "title"]))
def test_case_does_not_matter(text: str, change: str) -> None:
    ascii_text = fold(text)
    assert fold(getattr(ascii_text, change)()) == ascii_text
