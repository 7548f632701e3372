"""The dashboards: whole, without overlaps, and every query names only what the services show."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from fleet_metrics import documented, series
from promql_names import STANDARD, TARGET_LABELS, grouped, selected, unknown_names

GRAFANA = Path(__file__).parents[2] / "deploy" / "monitoring" / "grafana"
DASHBOARDS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text()) for path in sorted((GRAFANA / "dashboards").glob("*.json"))
}
KNOWN = series(documented().values())
# Only counted by another in `docs/metrics.md`, or of use when something is searched for by hand.
NOT_DRAWN = {
    "proppr_service_info", "proppr_alerts_total", "proppr_queue_dropped_total", "proppr_stream_frames_total",
    "proppr_stream_skipped_markets_total", "proppr_recorder_frames_total", "proppr_recorder_dropped_total",
}  # fmt: skip
PANELS = [
    pytest.param(panel, id=f"{name}-{panel['id']}")
    for name, dashboard in DASHBOARDS.items()
    for panel in dashboard["panels"]
]


def data_source() -> str:
    found = yaml.safe_load((GRAFANA / "provisioning" / "datasources" / "prometheus.yml").read_text())
    return str(found["datasources"][0]["uid"])


def test_there_is_one_for_each_part() -> None:
    assert set(DASHBOARDS) == {"fleet", "feed", "budget", "statistics", "grading"}
    assert len({dashboard["uid"] for dashboard in DASHBOARDS.values()}) == len(DASHBOARDS)
    assert len({dashboard["title"] for dashboard in DASHBOARDS.values()}) == len(DASHBOARDS)


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_asks_for_what_exists(panel: dict[str, Any]) -> None:
    assert panel["targets"]
    for target in panel["targets"]:
        assert unknown_names(target["expr"], KNOWN) == [], target["expr"]
        assert target["datasource"]["uid"] == panel["datasource"]["uid"] == data_source()
    assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


@pytest.mark.parametrize("panel", PANELS)
def test_a_legend_names_labels_that_are_left(panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        named = set(re.findall(r"\{\{\s*(\w+)\s*\}\}", target["legendFormat"]))
        by = grouped(target["expr"])
        if by:
            assert named <= by, target["expr"]
        else:
            of = {label for each in selected(target["expr"]) for label in {**KNOWN, **STANDARD}[each.metric]}
            assert named <= of | TARGET_LABELS, target["expr"]


@pytest.mark.parametrize("name", sorted(DASHBOARDS))
def test_panels_have_their_own_place(name: str) -> None:
    panels = DASHBOARDS[name]["panels"]
    assert len({panel["id"] for panel in panels}) == len({panel["title"] for panel in panels}) == len(panels)
    taken: Counter[tuple[int, int]] = Counter()
    for panel in panels:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        taken.update(product(range(at["x"], at["x"] + at["w"]), range(at["y"], at["y"] + at["h"])))
    assert set(taken.values()) == {1}


def test_every_metric_is_drawn_somewhere_or_knowingly_not() -> None:
    drawn = {
        re.sub(r"_(bucket|sum|count)$", "", named.metric)
        for dashboard in DASHBOARDS.values()
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for named in selected(target["expr"])
    }
    important = {name for name in documented() if not name.startswith(("proppr_writer_", "proppr_derived_"))}
    assert important - drawn == NOT_DRAWN


def test_the_folder_of_the_dashboards_is_the_one_that_is_read() -> None:
    found = yaml.safe_load((GRAFANA / "provisioning" / "dashboards" / "proppr.yml").read_text())
    assert found["providers"][0]["options"]["path"] == "/var/lib/grafana/dashboards"
