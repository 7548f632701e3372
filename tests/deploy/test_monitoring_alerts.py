"""The alert rules: held against the metrics that exist, run by Prometheus' own promtool, explained in the docs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from alert_cases import CASES
from fleet_metrics import documented, series
from monitoring_tools import tool
from promql_names import unknown_names

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "monitoring" / "prometheus"
RULES: dict[str, dict[str, Any]] = {
    rule["alert"]: rule
    for group in yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
}
KNOWN = series(documented().values())


@pytest.mark.parametrize("name", sorted(RULES))
def test_an_alert_names_only_what_the_services_show(name: str) -> None:
    assert unknown_names(RULES[name]["expr"], KNOWN) == []


@pytest.mark.parametrize("name", sorted(RULES))
def test_an_alert_says_what_people_need(name: str) -> None:
    rule = RULES[name]
    assert rule["labels"]["severity"] in ("warning", "critical")
    assert rule["for"]
    assert rule["annotations"]["summary"] and rule["annotations"]["description"]
    assert rule["annotations"]["runbook"] == f"docs/runbook.md#{name.lower()}"


def test_every_alert_has_a_case_in_which_it_fires() -> None:
    assert set(RULES) == {alert for case in CASES for alert in case.firing}
    assert len({case.name for case in CASES}) == len(CASES)


def test_the_configuration_is_what_prometheus_takes() -> None:
    for name in ("prometheus.yml", "prometheus-host.yml"):
        done = subprocess.run(
            [tool("promtool"), "check", "config", PROMETHEUS / name], capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_alerts_fire_when_they_should_and_only_then(tmp_path: Path) -> None:
    """One run of `promtool test rules` over all cases; in each, all other alerts have to be silent."""
    (tmp_path / "alerts.yml").write_text((PROMETHEUS / "alerts.yml").read_text())
    tests = [
        {
            "name": case.name,
            "interval": "1m",
            "input_series": [{"series": name, "values": values} for name, values in case.series.items()],
            "promql_expr_test": [
                {
                    "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
                    "eval_time": f"{case.minute}m",
                    "exp_samples": [
                        {"labels": f'{{alertname="{alert}"}}', "value": 1} for alert in sorted(case.firing)
                    ],
                }
            ],
        }
        for case in CASES
    ]
    # JSON is YAML.
    whole = {"rule_files": ["alerts.yml"], "evaluation_interval": "1m", "tests": tests}
    (tmp_path / "cases.yml").write_text(json.dumps(whole))
    done = subprocess.run(
        [tool("promtool"), "test", "rules", tmp_path / "cases.yml"], capture_output=True, text=True, timeout=110
    )
    assert done.returncode == 0, done.stdout + done.stderr
