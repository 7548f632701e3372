"""Generated matches are what FotMob would tell: the real reader finds nothing wrong in them, at any moment."""

from __future__ import annotations

from collections import Counter
from typing import Any

from fotmob_side import MINUTE, START, Side

from PROPPR.SharedServices.football.completeness import Code, is_complete, problems
from PROPPR.SharedServices.football.model import CardKind, Ending, Score, State
from PROPPR.SharedServices.football.statistics import PREDICTED, Period, Statistic
from PROPPR.SharedServices.simulator.fotmob.standing import has_correction
from PROPPR.SharedServices.simulator.scoreline import fixture_course


def test_played_matches_fulfil_every_identity(side: Side) -> None:
    leagues = side.fotmob.world.competitions
    chosen = [*leagues[:2], *[league for league in leagues if league.knockout][:2]]
    seen: Counter[object] = Counter()
    for league in chosen:
        for meeting in side.fotmob.world.past(league, 0, 0)[::3]:
            match = side.read(meeting.id, START)
            assert problems(match) == (), (meeting.id, problems(match))
            assert is_complete(match) is (match.state is State.PLAYED)
            seen[match.state] += 1
            seen[match.ending] += 1
            seen.update(card.kind for card in match.cards)
            seen["off pitch"] += sum(card.on_pitch is False for card in match.cards)
            seen["own goal"] += sum(goal.own_goal for goal in match.goals)
            seen["penalty"] += sum(goal.penalty for goal in match.goals)
    assert seen[Ending.FULL_TIME] > 80 and seen[Ending.EXTRA_TIME] and seen[Ending.PENALTIES]
    assert seen[CardKind.YELLOW] > 200 and seen[CardKind.SECOND_YELLOW] and seen[CardKind.RED]
    assert seen["off pitch"] and seen["own goal"] and seen["penalty"]


def test_numbers_of_the_halves_are_there_for_everything_that_is_predicted(side: Side) -> None:
    meeting = side.fotmob.world.past(side.fotmob.world.competitions[0], 0, 0)[1]
    match = side.read(meeting.id, START)
    for period in (Period.FIRST_HALF, Period.SECOND_HALF, Period.ALL):
        for statistic in set(PREDICTED) - {Statistic.GOALS}:
            assert match.team_number(statistic, True, period) is not None, (period, statistic)


def _first(side: Side, wanted: str = "") -> Any:
    """A fixture that lies ahead, and its match."""
    for pair in side.fotmob.known_pairs():
        fixture = side.odds.truth.fixtures[pair["fixture_id"]]
        if fixture.kickoff > START + 3 * 60 * MINUTE and wanted in fixture.league:
            return fixture, pair["match_id"]
    raise AssertionError("no such fixture")


def test_a_fixture_goes_through_its_states_by_the_clock(side: Side) -> None:
    fixture, match_id = _first(side)
    course = fixture_course(side.config.seed, fixture.id, fixture.league)
    early = side.read(match_id, fixture.kickoff - 61 * MINUTE)
    assert early.state is State.SCHEDULED and early.home_lineup is not None and not early.home_lineup.confirmed
    named = side.read(match_id, fixture.kickoff - 59 * MINUTE)
    assert named.state is State.SCHEDULED and named.home_lineup.confirmed and len(named.home_lineup.players) > 20
    for minute in (1, 30, 47, 80, 100):
        live = side.read(match_id, fixture.kickoff + minute * MINUTE)
        assert live.state is State.LIVE
        assert live.score == Score(*course.ninety(minute * MINUTE)), "the odds side tells the same"
        assert len(live.goals) == live.score.home + live.score.away
    whistle = fixture.kickoff + course.length
    over = side.read(match_id, whistle + 5 * MINUTE)
    assert over.state is State.PLAYED and over.full_time_seen and not is_complete(over)
    assert Code.NO_MINUTES in {problem.code for problem in problems(over)}
    final = side.read(match_id, whistle + 26 * MINUTE)
    assert is_complete(final) and problems(final) == ()
    for statistic in (Statistic.FOULS, Statistic.TACKLES):
        assert sum(final.team_number(statistic, home) for home in (True, False)) >= sum(
            over.team_number(statistic, home) for home in (True, False)
        )


def test_some_matches_are_corrected_the_next_day_in_one_number(side: Side) -> None:
    world = side.fotmob.world
    meeting = next(m for m in world.past(world.competitions[1], 0, 0) if has_correction(side.config.seed, m.id))
    end = meeting.kickoff + world.course(meeting).length
    before, after = side.read(meeting.id, end + 60 * MINUTE), side.read(meeting.id, end + 24 * 60 * MINUTE)
    changed = [
        (one.name, name)
        for one, other in zip(before.players(), after.players(), strict=True)
        for name in one.numbers
        if one.numbers[name] != other.numbers[name]
    ]
    assert len(changed) == 2 and {name for _, name in changed} == {Statistic.TACKLES}
    assert before.team_numbers == after.team_numbers and problems(after) == ()


def test_what_was_called_off_says_so(side: Side) -> None:
    fixture, match_id = _first(side, "League")
    wanted = {
        "postponed": State.POSTPONED,
        "cancelled": State.CANCELLED,
        "abandoned": State.ABANDONED,
        "awarded": State.AWARDED,
    }
    for fate, state in wanted.items():
        side.fotmob.decide(match_id, fate)
        assert side.read(match_id, fixture.kickoff + 200 * MINUTE).state is state
    side.fotmob.fates.clear()
    fixture.status = "postponed"
    assert side.read(match_id, fixture.kickoff + 200 * MINUTE).state is State.POSTPONED, "as the odds side says"
    fixture.status = "pending"


def test_payloads_have_the_size_of_real_ones_and_are_the_same_each_time(side: Side) -> None:
    meeting = side.fotmob.world.past(side.fotmob.world.competitions[0], 0, 0)[5]
    import msgspec

    first, again = (msgspec.json.encode(side.fotmob.match(meeting.id, START)) for _ in range(2))
    assert first == again and 180_000 < len(first) < 330_000
