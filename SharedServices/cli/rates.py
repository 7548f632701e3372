"""Rates and latencies out of two scrapes of /metrics. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from PROPPR.SharedServices.service.latency import quantile as quantile_of


@dataclass(frozen=True)
class Scrape:
    """One reading of /metrics: when (monotonic seconds), every sample summed over its labels, the buckets apart."""

    at: float
    totals: Mapping[str, float]
    buckets: Mapping[str, Mapping[float, float]]


def read_scrape(text: str, at: float) -> Scrape:
    """Read the Prometheus text format; samples of one name are added up over their labels."""
    totals: dict[str, float] = {}
    buckets: dict[str, dict[float, float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name.endswith("_bucket"):
                bounds = buckets.setdefault(sample.name.removesuffix("_bucket"), {})
                bound = float(sample.labels["le"])
                bounds[bound] = bounds.get(bound, 0.0) + sample.value
            else:
                totals[sample.name] = totals.get(sample.name, 0.0) + sample.value
    return Scrape(at, totals, buckets)


def rate(earlier: Scrape, later: Scrape, counter: str) -> float | None:
    """Events a second between two scrapes; None when unknown. A counter that fell was restarted: it counts from 0."""
    seconds = later.at - earlier.at
    if seconds <= 0 or counter not in later.totals:
        return None
    before, after = earlier.totals.get(counter, 0.0), later.totals[counter]
    return (after - before if after >= before else after) / seconds


def quantile(earlier: Scrape, later: Scrape, histogram: str, share: float) -> float | None:
    """The value below which `share` of the observations between two scrapes lie, interpolated within its bucket.

    None when nothing was observed. An answer in the open last bucket is the last finite bound: "at least that".
    """
    before, after = earlier.buckets.get(histogram, {}), later.buckets.get(histogram, {})
    restarted = any(count < before.get(bound, 0.0) for bound, count in after.items())
    counts = {bound: count - (0.0 if restarted else before.get(bound, 0.0)) for bound, count in after.items()}
    return quantile_of(counts, share)
