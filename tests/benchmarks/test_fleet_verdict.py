"""What breaks the promises of an hour: growing memory, queues and open files, old quotes; and what does not."""

from __future__ import annotations

from typing import Any

import pytest
from fleet_bets import Bets
from fleet_samples import Series, of_metrics
from fleet_stage import Plan, fault_plan
from fleet_verdict import MEGABYTE, Result, fresh_of, slopes_of

from PROPPR.SharedServices.simulator.faults import STREAM_FAULTS, parse_plan

HOUR = (900.0, 3600.0)


def series(**rises: float) -> Series:
    """An hour of samples, each figure rising so much in it."""
    found = Series()
    for n in range(720):
        found.add(5.0 * n, {name: 50 * MEGABYTE + rise * n / 720 for name, rise in rises.items()})
    return found


def result(samples: Series | None = None, stored: list[tuple[float, float]] | None = None, **fields: Any) -> Result:
    slopes = [slopes_of("updater", samples or series(resident=0), HOUR, service=True)]
    late, kills, old = fields.pop("late", []), fields.pop("kills", ()), stored or []
    fresh = fresh_of(old, old, (0.0, 3600.0), late, (0.0, 0.0), kills)
    given = {"judged": 2700.0, "books": {"broken": []}, "bets": Bets()} | fields
    return Result(settings={}, measured=3600.0, slopes=slopes, fresh=fresh, **given)


def test_a_steady_hour_breaks_nothing() -> None:
    assert not result(series(resident=0.9 * MEGABYTE, files=0, queue_size=5)).broken()


@pytest.mark.parametrize(
    ("figure", "rise", "line"),
    [
        ("resident", 1.2 * MEGABYTE, "memory of updater: +1.20 MB an hour"),
        ("files", 4, "open files"),
        ("proppr_queue_depth alerts", 60 * MEGABYTE, "queue proppr_queue_depth alerts"),
    ],
)
def test_what_grows_is_told_unless_the_run_is_short(figure: str, rise: float, line: str) -> None:
    grown = series(**{"resident": 0, figure: rise})
    assert [line in each for each in result(grown).broken()] == [True]
    assert not result(grown, judged=600.0).broken()


def test_old_quotes_are_told_but_for_the_provider_s_part_and_the_minutes_of_kills() -> None:
    assert len(result(stored=[(100.0, 104.0)]).broken()) == 2
    assert not result(stored=[(100.0, 103.0)]).broken()
    assert len(result(stored=[(100.0, 104.0)], late=[(99.0, 110.0)]).broken()) == 1
    killed = result(stored=[(100.0, 104.0)], kills=[101.0])
    assert killed.fresh.stored == pytest.approx(1 - 4 / 3600) and killed.fresh.without_kills == 1.0


def test_what_was_held_back_in_the_warm_up_does_not_count() -> None:
    fresh = fresh_of([(10.0, 50.0)], [(10.0, 50.0)], (100.0, 3700.0), [(20.0, 60.0), (90.0, 110.0)], (0.0, 0.0))
    assert (fresh.stored, fresh.made_when_sent, fresh.late) == (1.0, 1.0, 10.0)


@pytest.mark.parametrize(("minutes", "held"), [(95.0, 40.0), (2.0, 15.0)])
def test_a_short_warm_up_has_a_short_outage(minutes: float, held: float) -> None:
    plan = Plan(minutes, 500.0, 120, 6, 1, "", 0, warm_up=35.0, every=5.0, outage=40.0)
    assert plan.held == held


def test_bets_that_wait_for_the_end_of_their_matches_are_no_queue() -> None:
    grown = series(resident=0, queue_size=60 * MEGABYTE)
    for name, growing in (("grader", []), ("updater", ["queue_size"])):
        assert slopes_of(name, grown, HOUR, service=True).growing == growing


def test_metrics_are_read_with_their_labels_or_summed() -> None:
    text = (
        'proppr_queue_depth{queue="rereads"} 3.0\nproppr_writer_history_waiting 7.0\nproppr_other 1.0\n'
        'proppr_grading_settled_total{result="won"} 2.0\nproppr_grading_settled_total{result="lost"} 5.0\n'
    )
    assert of_metrics(text) == {
        "proppr_queue_depth rereads": 3.0, "proppr_writer_history_waiting": 7.0, "proppr_grading_settled_total": 7.0,
    }  # fmt: skip


def test_the_fault_plan_keeps_its_kinds_at_a_share_of_the_rates_per_message() -> None:
    whole, tenth = parse_plan(fault_plan(1.0, None)), parse_plan(fault_plan(0.1, None))
    assert [rule.fault for rule in tenth] == [rule.fault for rule in whole]
    wanted = [rule.rate / 10 if rule.fault in STREAM_FAULTS else rule.rate for rule in whole]
    assert [rule.rate for rule in tenth] == pytest.approx(wanted)
    assert [rule.seconds for rule in tenth] == [rule.seconds for rule in whole]
    assert fault_plan(1.0, "") == ""
