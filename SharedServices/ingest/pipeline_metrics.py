"""The figures of the writer of books and of what follows it, for `/metrics`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from PROPPR.SharedServices.service.metrics import Metrics

Statistics = Callable[[], Mapping[str, int]]

SIZES: Final = frozenset({"history_waiting", "cached_fixtures", "cached_bytes"})
"""What may fall, too: gauges. All other figures only grow while the process lives: counters."""

WRITER: Final[Mapping[str, str]] = MappingProxyType({
    "history_copied": "History documents copied from the books' journals",
    "history_waiting": "History documents (with the price drops in them) that wait to be copied",
    "drops": "Price drops found in copied history; one that is copied twice is stored once and counted twice",
    "bulks": "Bulk writes of books",
    "documents": "Documents of books written",
    "conflicts": "Fixtures that another process had written meanwhile: read and merged again",
    "poisoned": "Updates or documents set aside because they can't be merged or stored",
    "retries": "Bulk writes put off because MongoDB did not answer",
    "loads": "Fixtures whose books were read from MongoDB",
    "updates": "Updates merged and stored",
    "conflated": "Updates left out because a newer one of the same market waited already",
    "blocked": "Times that a full intake made its source wait",
    "evictions": "Fixtures dropped from the cache for want of room",
    "cached_fixtures": "Fixtures in the cache of books",
    "cached_bytes": "Estimated size of the cache of books",
})  # fmt: skip

DERIVED: Final[Mapping[str, str]] = MappingProxyType({
    "batches": "Batches of fixtures looked at for value bets and arbitrages",
    "fixtures": "Fixtures looked at for value bets and arbitrages",
    "overtaken": "Fixtures looked at again because their books changed meanwhile",
    "defects": "Fixtures given up because of an error in the code",
    "lost": "Fixtures that found no room in the queue, and are found again in the books",
    "foreign_loads": "Books of the other odds service read for comparison",
    "all_value_bets_written": "Value bets written",
    "all_value_bets_removed": "Value bets removed",
    "arbitrage_bets_written": "Arbitrages written",
    "arbitrage_bets_removed": "Arbitrages removed",
})  # fmt: skip


def show_writer(metrics: Metrics, statistics: Statistics) -> None:
    """Show the figures of the writer as `proppr_writer_...`."""
    _show(metrics, "writer", WRITER, statistics)


def show_derived(metrics: Metrics, statistics: Statistics) -> None:
    """Show the figures of what follows the books as `proppr_derived_...`."""
    _show(metrics, "derived", DERIVED, statistics)


def _show(metrics: Metrics, part: str, meanings: Mapping[str, str], statistics: Statistics) -> None:
    for name, meaning in meanings.items():
        if name in SIZES:
            metrics.observe_gauge(f"proppr_{part}_{name}", meaning, _reader(statistics, name))
        else:
            metrics.observe_counter(f"proppr_{part}_{name}_total", meaning, _reader(statistics, name))


def _reader(statistics: Statistics, name: str) -> Callable[[], float]:
    return lambda: float(statistics()[name])
