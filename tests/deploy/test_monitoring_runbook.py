"""The runbook has an entry for every alert, of Prometheus' rules and of the services, and none for others."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from python_source import parsed

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
PACKAGES = ("SharedServices", "StatsUpdateFM", "UnifiedAPIPoller", "WebsocketUpdater")
SAYING = {"raise_alert", "notify", "resolve", "_alert", "_raise", "_resolve", "AlertEvent"}
MAKING = {"_key", "_alert_key"}
NAMES = {"key", "_alert_key"}


def entries(part: str) -> dict[str, str]:
    """Headings of the third level in a part of the page, with what stands below."""
    text = RUNBOOK[RUNBOOK.index(f"# {part}\n") :]
    text = text.split("\n# ", 1)[0]
    found = re.split(r"^### ", text, flags=re.MULTILINE)[1:]
    return {entry.splitlines()[0].strip("`"): entry for entry in found}


def texts(node: ast.AST) -> Iterator[str]:
    """The text of a constant or an f-string, `*` for what is put in; both sides of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        parts = (part.value if isinstance(part, ast.Constant) else "*" for part in node.values)
        yield "".join(str(part) for part in parts)
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)


def keys_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in SAYING:
                yield from texts(node.args[0])
        elif isinstance(node, ast.FunctionDef) and node.name in MAKING:
            yield from (text for each in ast.walk(node) if isinstance(each, ast.Return) and each.value is not None
                        for text in texts(each.value))  # fmt: skip
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                name = getattr(target, "attr", getattr(target, "id", ""))
                if name in NAMES or name.endswith("_KEY"):
                    yield from texts(node.value)


def keys_in_the_code() -> set[str]:
    found: set[str] = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text()
            if "alert" in text.lower() and "cli" not in path.parts and "simulator" not in path.parts:
                found |= set(keys_in(parsed(text)))
    return found - {"", "*:*"}  # of other things than alerts


def test_every_alert_of_prometheus_has_its_entry() -> None:
    rules = yaml.safe_load((ROOT / "deploy" / "monitoring" / "prometheus" / "alerts.yml").read_text())
    names = [rule["alert"] for group in rules["groups"] for rule in group["rules"]]
    assert list(entries("Alerts of Prometheus")) == names


def test_every_alert_of_the_services_has_its_entry() -> None:
    told = {re.sub(r"[A-Z]+(:[A-Z]+)?$", "*", key) for key in entries("Alerts of the services")}
    assert told == keys_in_the_code()


def test_the_keys_are_found_in_the_code() -> None:
    """The search itself works: some of each way to say a key."""
    assert {
        "stream.stalled",
        "poller.bookmaker:*",
        "grading.correction.*",
        "stats.daily",
        "silent:*",
        "mongo_down:*",
    } <= (keys_in_the_code())


def test_an_entry_says_what_it_means_where_to_look_and_what_to_do() -> None:
    for part in ("Alerts of Prometheus", "Alerts of the services"):
        for name, text in entries(part).items():
            assert re.findall(r"^- \*\*(\w+):\*\* \S", text, re.MULTILINE) == ["Means", "Look", "Do"], name


def test_links_within_the_page_lead_to_a_heading() -> None:
    anchors = {re.sub(r"[^a-z0-9 -]", "", line.lower()).replace(" ", "-") for line in
               re.findall(r"^#+ (.+)$", RUNBOOK, re.MULTILINE)}  # fmt: skip
    for target in re.findall(r"\]\(#([^)]+)\)", RUNBOOK):
        assert target in anchors, target


def test_checks_and_metrics_that_the_page_names_exist() -> None:
    table = (ROOT / "docs" / "metrics.md").read_text()
    for name in re.findall(r"`(proppr_\w+)`", RUNBOOK):
        assert f"`{name}`" in table, name
