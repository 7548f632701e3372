"""Topics are told at once, not too often, and never forgotten."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from PROPPR.Console.events.coalescer import Coalescer

STEPS = st.lists(
    st.tuples(st.sampled_from(["drops", "alerts", "-"]), st.floats(0.0, 2.0, allow_nan=False)), max_size=60
)


@given(STEPS)
def test_each_change_is_told_within_the_interval_and_none_twice_within_it(steps: list[tuple[str, float]]) -> None:
    coalescer, now, told = Coalescer(0.5), 0.0, list[tuple[float, str]]()
    changed: dict[str, float] = {}
    for topic, pause in steps:
        if topic != "-":
            coalescer.note([topic])
            changed.setdefault(topic, now)
        end = now + pause
        while (wait := coalescer.wait(now)) is not None and now + wait <= end:
            now += wait
            due = coalescer.due(now)
            assert due, "what is due is told, or waiting would never end"
            for each in due:
                assert now - changed.pop(each) < 0.5 + 1e-9
                told.append((now, each))
        now = end
    while (wait := coalescer.wait(now)) is not None:
        now += wait
        for each in coalescer.due(now):
            assert now - changed.pop(each) < 0.5 + 1e-9
            told.append((now, each))
    assert not changed, "the last change is told, too"
    for topic in ("drops", "alerts"):
        times = [moment for moment, each in told if each == topic]
        assert all(later - earlier > 0.5 - 1e-9 for earlier, later in pairwise(times))


def test_the_first_is_told_at_once() -> None:
    coalescer = Coalescer(0.5)
    assert coalescer.wait(10.0) is None and coalescer.due(10.0) == ()
    assert coalescer.note(["a", "b"]) and not coalescer.note(["a"])
    assert coalescer.wait(10.0) == 0.0
    assert coalescer.due(10.0) == ("a", "b")
    coalescer.note(["a"])
    assert coalescer.due(10.1) == () and 0.39 < (coalescer.wait(10.1) or 0) < 0.41
    assert coalescer.due(10.5) == ("a",)
