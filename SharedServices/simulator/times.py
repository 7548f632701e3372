"""The simulator's time: the machine's, or a faster one that other processes can share."""

from __future__ import annotations

from dataclasses import dataclass

from PROPPR.SharedServices.service.clock import Clock, FastClock
from PROPPR.SharedServices.simulator.config import SimulatorConfig


@dataclass(frozen=True)
class SimulatedTime:
    """`clock` shows simulated time; `start` (ms) is the day's first instant, `anchor` the real ms at which it was.

    `anchor` is None where the simulated clock does not follow the real one: with a fixed start and no time factor the
    messages' times advance by their number, and only `clock` (budgets, headers) is the machine's.
    """

    clock: Clock
    start: int
    anchor: int | None


def simulated_time(config: SimulatorConfig, real: Clock) -> SimulatedTime:
    """The time that the settings ask for; without a factor it is the machine's."""
    if config.is_fast:
        fast = FastClock(real, config.time_factor, config.start, config.clock_anchor)
        return SimulatedTime(fast, fast.start, fast.anchor)
    if config.start is not None:
        return SimulatedTime(real, config.start, None)
    now = real.now_ms()
    return SimulatedTime(real, now, now)
