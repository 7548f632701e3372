"""Where messages come from: the generator, unless a recording or a table of ticks is given."""

from __future__ import annotations

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.generator import Generator
from PROPPR.SharedServices.simulator.hub import FeedSource
from PROPPR.SharedServices.simulator.recordings import Recording
from PROPPR.SharedServices.simulator.ticks import TickTable


def build_source(config: SimulatorConfig, start: int, clock: Clock) -> FeedSource:
    """The source that the configuration names; raises what makes its file unreadable.

    The generator's messages are stamped by the clock, or by their number where `config.start` fixes the time; matches
    begin and end by their number, unless simulated time has a speed of its own.
    """
    if config.ticks is not None:
        return TickTable(config.ticks, config.speed, start, clock.now_ms, config.change_log_size)
    if config.recording is not None:
        return Recording(config.recording, config.speed, clock.now_ms, config.change_log_size)
    if config.is_fast:
        return Generator(config, start, clock.now_ms, clock.now_ms)
    generator: Generator | None = None

    def by_number() -> int:
        count = generator.count if generator is not None else 0
        return start + int(count * 1000 / (config.rate or 1000.0))

    generator = Generator(config, start, clock.now_ms if config.start is None else by_number, by_number)
    return generator
