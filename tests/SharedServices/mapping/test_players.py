"""Men of a squad by the names that bookmakers give them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.mapping.players import Ambiguous, Found, Unknown, match_player


@dataclass(frozen=True)
class Man:
    id: int
    name: str


_NAMES = """
Bukayo Saka|Martin Ødegaard|Gabriel|Gabriel Jesus|Gabriel Martinelli|William Saliba|Ben White
Kai Havertz|Son Heung-Min|Vinícius Júnior|Rodri|Bernardo Silva|Rúben Dias|Thiago Silva|Hyeon-Gyu Oh
Thomas Müller|İlkay Gündoğan|Erling Haaland|Jørgen Strand Larsen|Łukasz Fabiański|Þórður Ðórsson
Pascal Groß|Đorđe Petrović|Virgil van Dijk|Bruno Borges Fernandes|Lucas Hernandez|Theo Hernandez
Igor Thiago|De'Aaron Fox|Amad
"""
NAMES = [name.strip() for name in _NAMES.replace("\n", "|").split("|") if name.strip()]
SQUAD = [Man(number, name) for number, name in enumerate(NAMES, 1)]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("B. Saka", "Bukayo Saka"),
        ("B Saka", "Bukayo Saka"),
        ("Saka, Bukayo", "Bukayo Saka"),
        ("Saka B.", "Bukayo Saka"),
        ("Saka Bukayo", "Bukayo Saka"),
        ("Saka", "Bukayo Saka"),
        ("Martin Odegaard", "Martin Ødegaard"),
        ("Odegaard, M.", "Martin Ødegaard"),
        ("Gabriel", "Gabriel"),
        ("Gabriel Magalhaes", "Gabriel"),
        ("Gabriel Jesus", "Gabriel Jesus"),
        ("G. Martinelli", "Gabriel Martinelli"),
        ("Benjamin White", "Ben White"),
        ("Heung-Min Son", "Son Heung-Min"),
        ("Heungmin Son", "Son Heung-Min"),
        ("H. Son", "Son Heung-Min"),
        ("Son Heung Min", "Son Heung-Min"),
        ("Vini Jr", "Vinícius Júnior"),
        ("Vini Jr.", "Vinícius Júnior"),
        ("Vinicius Jr", "Vinícius Júnior"),
        ("Vinicius", "Vinícius Júnior"),
        ("Rodri", "Rodri"),
        ("Ruben Dias", "Rúben Dias"),
        ("Hyun-Gyu Oh", "Hyeon-Gyu Oh"),
        ("Thomas Mueller", "Thomas Müller"),
        ("Thomas Muller", "Thomas Müller"),
        ("Ilkay Gundogan", "İlkay Gündoğan"),
        ("Erling Braut Haaland", "Erling Haaland"),
        ("Jorgen Larsen", "Jørgen Strand Larsen"),
        ("Lukasz Fabianski", "Łukasz Fabiański"),
        ("Thordur Dorsson", "Þórður Ðórsson"),
        ("Pascal Gross", "Pascal Groß"),
        ("Djordje Petrovic", "Đorđe Petrović"),
        ("V. Dijk", "Virgil van Dijk"),
        ("Van Dijk", "Virgil van Dijk"),
        ("Bruno Fernandes", "Bruno Borges Fernandes"),
        ("L. Hernandez", "Lucas Hernandez"),
        ("DeAaron Fox", "De'Aaron Fox"),
        ("Amad Diallo", "Amad"),
    ],
)
def test_found(said: str, name: str) -> None:
    answer = match_player(said, SQUAD)
    assert isinstance(answer, Found), answer
    assert answer.name == name


@pytest.mark.parametrize("said", ["Hernandez", "Silva", "Gabriel Silva"])
def test_ambiguous(said: str) -> None:
    assert isinstance(match_player(said, SQUAD), Ambiguous)


@pytest.mark.parametrize(
    "said", ["", "No Goalscorer", "Own Goal", "K. Saka", "Bruno Hernandez", "Lucas Fernandez", "M."]
)
def test_unknown(said: str) -> None:
    assert isinstance(match_player(said, SQUAD), Unknown)


def test_two_men_of_one_name_are_never_guessed() -> None:
    squad = [Man(208077, "Danilo"), Man(1181700, "Danilo"), Man(3, "Casemiro")]
    assert match_player("Danilo", squad) == Ambiguous((208077, 1181700))
    assert match_player("Danilo Luiz", squad) == Ambiguous((208077, 1181700))
    assert match_player("Casemiro", squad) == Found(3, "Casemiro", "whole name")


def test_a_mononym_with_a_family_name_that_others_have_is_ambiguous() -> None:
    squad = [Man(1, "Rodri"), Man(2, "Bernardo Silva"), Man(3, "Lucas Hernandez")]
    assert match_player("Rodri Hernández", squad) == Ambiguous((1, 3))
    assert match_player("Rodri Hernández", squad[:2]) == Found(1, "Rodri", "one word")


def test_order_decides_where_two_men_mirror_each_other() -> None:
    squad = [Man(1, "Martin James"), Man(2, "James Martin")]
    assert match_player("James Martin", squad) == Found(2, "James Martin", "whole name")
    assert match_player("J. Martin", squad) == Found(2, "James Martin", "initials")


def test_junior_and_senior_are_two_men() -> None:
    squad = [Man(1, "Ronaldo Junior"), Man(2, "Ronaldo Senior Sr")]
    assert match_player("Ronaldo Jr", squad) == Found(1, "Ronaldo Junior", "whole name")


@given(st.permutations(SQUAD), st.sampled_from(NAMES), st.sampled_from(["{}", "{} ", "{}."]))
def test_the_own_name_finds_the_man_in_any_squad_order(squad: list[Man], name: str, form: str) -> None:
    answer = match_player(form.format(name), squad)
    assert isinstance(answer, Found) and answer.name == name


@given(st.lists(st.sampled_from(NAMES), min_size=1, max_size=12), st.text(alphabet="abcdeghilmnorsu. -,", max_size=16))
def test_whoever_has_a_double_is_not_found(names: list[str], said: str) -> None:
    squad = [Man(number, name) for number, name in enumerate([*names, *names])]
    assert not isinstance(match_player(said, squad), Found)
