from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage.books.watermark import SequenceWatermark


def test_it_stops_before_the_first_message_that_is_not_done() -> None:
    clock = ManualClock()
    watermark = SequenceWatermark(clock, lag=0)
    for ticket, sequence in enumerate((100, 107, 112)):
        watermark.received(ticket, sequence)
    watermark.done(0)
    watermark.done(2)
    assert watermark.safe == 100 and watermark.outstanding == 1
    watermark.done(1)
    assert watermark.safe == 112


def test_it_trails_by_the_lag() -> None:
    clock = ManualClock()
    watermark = SequenceWatermark(clock, lag=2)
    watermark.received(1, 100)
    watermark.done(1)
    assert watermark.safe is None
    clock.advance(2)
    assert watermark.safe == 100


def test_messages_without_a_sequence_hold_it_back_until_they_are_done() -> None:
    watermark = SequenceWatermark(ManualClock(), lag=0)
    watermark.received(1, None)
    watermark.received(2, 50)
    watermark.done(2)
    assert watermark.safe is None
    watermark.done(1)
    assert watermark.safe == 50


@given(seed=st.integers(0, 10**9), count=st.integers(1, 40))
def test_nothing_received_at_or_below_it_is_ever_outstanding(seed: int, count: int) -> None:
    random = Random(seed)
    clock = ManualClock()
    watermark = SequenceWatermark(clock, lag=1)
    waiting: dict[int, int] = {}
    for ticket in range(count):
        watermark.received(ticket, ticket * 3)
        waiting[ticket] = ticket * 3
        for done in random.sample(sorted(waiting), random.randint(0, len(waiting))):
            watermark.done(done)
            del waiting[done]
        clock.advance(random.random())
        safe = watermark.safe
        assert safe is None or all(sequence > safe for sequence in waiting.values())
    for done in list(waiting):
        watermark.done(done)
    clock.advance(2)
    assert watermark.safe == (count - 1) * 3
