"""Every metric of the services and the console, from real processes: named as Prometheus wants, as the docs tell."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from fleet_metrics import documented, scrape_all, shown_name
from monitoring_tools import tool
from prometheus_client import Metric
from promql_names import selected
from pymongo import MongoClient
from stream_rig import simulator

from PROPPR.SharedServices.service.metrics import Metrics

pytestmark = pytest.mark.processes
ROOT = Path(__file__).parents[2]
Families = Mapping[str, Mapping[str, Metric]]
# Base units are seconds and bytes; a share is a ratio from 0 to 1.
NO_BASE_UNITS = {
    "ms", "milliseconds", "microseconds", "minutes", "hours", "days", "kb", "mb", "kilobytes", "megabytes", "percent",
    "pct",
}  # fmt: skip
RESERVED = ("_count", "_sum", "_bucket", "_created")
# Labels whose values the code knows beforehand: a rule that names another would never fire.
CLOSED = {"check", "status", "lease", "budget", "queue"}


@pytest.fixture(scope="module")
def shown(
    mongo_client: MongoClient[dict[str, Any]], mongo_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Families]:
    provider = simulator(fixtures=10, rate=60.0, fotmob_history=1, horizon_hours=200.0)
    database = mongo_client["metrics_of_the_fleet"]
    try:
        yield scrape_all(database, mongo_uri, provider, tmp_path_factory.mktemp("fleet"))
    finally:
        provider.stop()
        mongo_client.drop_database(database.name)


def all_families(shown: Families) -> dict[str, Metric]:
    return {name: family for families in shown.values() for name, family in families.items()}


def test_names_follow_the_conventions(shown: Families) -> None:
    for name, family in all_families(shown).items():
        words = name.split("_")
        assert re.fullmatch(r"proppr(_[a-z][a-z0-9]*)+", name), name
        assert not NO_BASE_UNITS & set(words), f"{name} is not in base units"
        assert not name.endswith(RESERVED), f"{name} ends like a part of a histogram"
        assert (family.type == "counter") == name.endswith("_total"), f"{name} is a {family.type}"
        if family.type == "histogram":
            assert name.endswith(("_seconds", "_bytes")), f"{name} does not tell its unit"
        if "timestamp" in words:
            assert name.endswith("_timestamp_seconds"), name


def test_help_texts_say_something(shown: Families) -> None:
    texts = {}
    for name, family in all_families(shown).items():
        text = family.documentation
        assert len(text) >= 10 and (text[0].isupper() or text[0].isdigit()) and not text.endswith("."), (
            f"{name}: {text!r}"
        )
        texts[name] = text
    assert len(set(texts.values())) == len(texts), "two metrics have the same help text"


def test_the_table_of_the_docs_is_complete_and_right(shown: Families) -> None:
    table = documented()
    families = all_families(shown)
    assert set(table) == set(families)
    for name, row in table.items():
        family = families[name]
        kind = "info" if name.endswith("_info") else family.type
        services = {service for service, found in shown.items() if name in found}
        assert (row.kind, row.meaning, row.services) == (kind, family.documentation, services), name


def test_the_labels_of_the_docs_are_those_of_the_samples(shown: Families) -> None:
    table = documented()
    for families in shown.values():
        for name, family in families.items():
            for sample in family.samples:
                assert set(sample.labels) - {"le"} == table[name].labels, name


def test_what_the_alerts_look_for_exists(shown: Families) -> None:
    """A check, a queue, a lease that is called otherwise would silence its alert for ever."""
    seen = {
        (label, value)
        for families in shown.values()
        for family in families.values()
        for sample in family.samples
        for label, value in sample.labels.items()
    }
    rules = yaml.safe_load((ROOT / "deploy" / "monitoring" / "prometheus" / "alerts.yml").read_text())
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        for named in selected(rule["expr"]):
            for label, value in named.values:
                if label in CLOSED:
                    for one in value.split("|"):
                        assert (label, one) in seen, f"{rule['alert']} looks for {label}={one}"


def test_promtool_has_nothing_to_complain_of(shown: Families) -> None:
    for service, families in shown.items():
        text = "".join(exposed(name, family) for name, family in families.items())
        done = subprocess.run(
            [tool("promtool"), "check", "metrics"], input=text, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, f"{service}: {done.stdout}{done.stderr}"


def exposed(name: str, family: Metric) -> str:
    """A family in the text format again."""
    lines = [f"# HELP {name} {family.documentation}", f"# TYPE {name} {family.type}"]
    for sample in family.samples:
        labels = ",".join(f'{key}="{value}"' for key, value in sample.labels.items())
        lines.append(f"{sample.name}{{{labels}}} {sample.value}")
    return "\n".join(lines) + "\n"


def test_the_beginning_of_a_counter_is_no_series_of_its_own() -> None:
    metrics = Metrics()
    metrics.counter("proppr_things_total", "Things that were counted").inc()
    assert b"_created" not in metrics.exposition()


def test_names_are_those_of_queries(shown: Families) -> None:
    assert all(shown_name(family) == name for name, family in all_families(shown).items())
