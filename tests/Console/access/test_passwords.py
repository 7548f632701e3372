"""Hashes of the console's password: right ones pass, others don't, and what is no hash is refused before it is used."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from PROPPR.Console.access import passwords
from PROPPR.Console.access.passwords import LONGEST, is_right, make_hash
from PROPPR.SharedServices.service.setting_values import password_hash

CHEAP = {"cost": 2**14, "parallel": 1}
GOOD = make_hash("correct horse battery", **CHEAP)


def test_the_right_password_passes_and_others_do_not() -> None:
    assert is_right("correct horse battery", GOOD)
    for wrong in ("", "correct horse batter", "Correct horse battery", "correct horse battery ", "x" * (LONGEST + 1)):
        assert not is_right(wrong, GOOD)


@settings(max_examples=15, deadline=None)
@given(st.text(min_size=12, max_size=40), st.text(max_size=40))
def test_any_text_can_be_a_password(password: str, other: str) -> None:
    made = make_hash(password, **CHEAP)
    assert is_right(password, made)
    assert is_right(other, made) <= (passwords.unicodedata.normalize("NFKC", other)
                                     == passwords.unicodedata.normalize("NFKC", password))  # fmt: skip


def test_the_same_password_has_another_hash_each_time_and_is_not_in_it() -> None:
    made = make_hash("correct horse battery", **CHEAP)
    assert made != GOOD and "horse" not in made


def test_the_same_signs_from_another_keyboard_are_the_same_password() -> None:
    composed, decomposed = "péché-de-jeunesse", "péché-de-jeunesse"
    assert is_right(decomposed, make_hash(composed, **CHEAP))


@pytest.mark.parametrize("password", ["", "elevensigns", "x" * (LONGEST + 1)])
def test_a_password_has_a_length(password: str) -> None:
    with pytest.raises(ValueError, match="12 to 1000"):
        make_hash(password)


def test_what_is_made_by_default_is_accepted_as_a_setting() -> None:
    made = make_hash("correct horse battery")
    assert made.startswith("scrypt:32768:8:3:") and "$" not in made
    assert password_hash(SecretStr(made)).get_secret_value() == made


@pytest.mark.parametrize(
    "stored",
    [
        "", "secret", "scrypt", GOOD[:-1], GOOD + "A", GOOD.replace("scrypt", "bcrypt"), GOOD.replace(":8:", ":9:"),
        GOOD.replace(":16384:", ":0:"), GOOD.replace(":16384:", ":-1:"), GOOD + "\n", GOOD.replace(":", "$"),
    ],
    ids=range(11),
)  # fmt: skip
def test_what_is_no_hash_is_refused(stored: str) -> None:
    with pytest.raises(ValueError):
        is_right("correct horse battery", stored)
    with pytest.raises(ValueError, match="proppr console password"):
        password_hash(SecretStr(stored))


@pytest.mark.parametrize("cost", ["16", "4194304", "9999999"])
def test_costs_beyond_reason_are_no_setting(cost: str) -> None:
    """Neither too cheap to protect nor so dear that a sign-in takes the machine's memory."""
    with pytest.raises(ValueError, match="proppr console password"):
        password_hash(SecretStr(GOOD.replace("16384", cost)))
