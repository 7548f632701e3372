"""README and docs against the code: links, commands, make targets, settings and dependencies that they name exist."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import click
import pytest
from dotenv import dotenv_values
from python_source import parsed

from PROPPR.SharedServices.cli.check_config import in_words
from PROPPR.SharedServices.cli.main import COMMANDS, main
from PROPPR.SharedServices.service.settings import Settings, load_settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
SETTINGS = {name.upper() for name in Settings.model_fields}
COMPOSE_ONLY = {
    name
    for name in re.findall(r"\$\{([A-Z_]+):-", (ROOT / "docker-compose.yml").read_text())
    if name.endswith(("_PORT", "_DIR", "_ENV_FILE"))
}
ENVIRONMENT_ONLY = {"MONGOD_BIN", *COMPOSE_ONLY}
NOT_SETTINGS = {
    "PYTEST_ARGS", "SOAK_ARGS", "BENCH_ARGS", "DAY_ARGS", "BUDGET_ARGS", "TEST_PROCESSES", "COMPOSE_PATIENCE",
}  # fmt: skip


def table_rows(text: str, first_heading: str) -> list[list[str]]:
    """The cells of the table whose first heading is `first_heading`."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {first_heading} |")) + 2
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
    return rows


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        assert "://" not in target, f"{page.name} links to {target}: the pages are to be readable offline"
        assert (page.parent / target).exists(), f"{page.name} links to {target}, which does not exist"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_exist(page: Path) -> None:
    text = page.read_text()
    for name, options in re.findall(r"(?<![\w./-])(?:\.venv/bin/)?proppr ([a-z-]+)([^\n`#]*)", text):
        assert name in COMMANDS, f"{page.name} names `proppr {name}`"
        command = main.get_command(main.make_context("proppr", ["--help"], resilient_parsing=True), name)
        assert command is not None
        parts = [command]
        if isinstance(command, click.Group) and (below := re.match(r" ([a-z][a-z-]*)", options)) is not None:
            assert below[1] in command.commands, f"{page.name} names `proppr {name} {below[1]}`"
            parts.append(command.commands[below[1]])
        parameters = [parameter for part in parts for parameter in part.params]
        known = {flag for parameter in parameters for flag in (*parameter.opts, *parameter.secondary_opts)}
        for flag in re.findall(r"--[a-z-]+", options):
            assert flag in known, f"{page.name} names `proppr {name} {flag}`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    code = re.findall(r"`([^`\n]+)`", page.read_text()) + re.findall(r"^make [^\n]*", page.read_text(), re.MULTILINE)
    for snippet in code:
        for target in re.findall(r"\bmake ([a-z][a-z0-9-]*)", snippet):
            assert target in targets, f"{page.name} names `make {target}`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_modules_and_files_exist(page: Path) -> None:
    text = page.read_text()
    for module in re.findall(r"-m (PROPPR[\w.]+)", text):
        assert (ROOT / Path(*module.split(".")[1:])).with_suffix(".py").exists(), f"{page.name} names {module}"
    for path in re.findall(
        r"`((?:SharedServices|WebsocketUpdater|tests|docs|requirements|benchmarks)/[\w./-]*)`", text
    ):
        assert (ROOT / path).exists(), f"{page.name} names {path}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_named_exist(page: Path) -> None:
    for name in re.findall(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`", page.read_text()):
        assert name in SETTINGS | ENVIRONMENT_ONLY | NOT_SETTINGS or name == "PROPPR_", f"{page.name} names {name}"


def test_the_settings_table_is_complete_and_its_defaults_are_right() -> None:
    rows = {row[0].strip("`"): row[1].strip("`") for row in table_rows(README, "variable")}
    assert set(rows) == SETTINGS
    for name, value in Settings().redacted().items():
        if rows[name] in ("20 team markets", "per service", "per machine"):
            continue
        written = "(none)" if rows[name] == "none" else rows[name].replace(",", ", ")
        assert number_or_text(written) == number_or_text(in_words(value)), name


def number_or_text(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def test_the_example_file_names_every_setting_and_changes_nothing() -> None:
    """`cp .env.example .env` is the same as no file at all, and uncommented lines are usable."""
    example = ROOT / ".env.example"
    named = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", example.read_text(), re.MULTILINE))
    assert named == SETTINGS
    assert load_settings({}, example) == Settings()
    assert not dotenv_values(example)


def test_every_line_of_the_example_file_can_be_taken_as_it_is(tmp_path: Path) -> None:
    uncommented = tmp_path / "env"
    text = (ROOT / ".env.example").read_text()
    uncommented.write_text("\n".join(re.findall(r"^# ([A-Z][A-Z0-9_]+=.*)$", text, re.MULTILINE)))
    assert load_settings({}, uncommented) == Settings()


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    page = (ROOT / "docs" / "dependencies.md").read_text()
    for heading, wanted in (
        ("## At run time", project["dependencies"]),
        ("## For development", project["optional-dependencies"]["dev"]),
    ):
        rows = table_rows(page[page.index(heading) :], "package")
        assert [row[0].strip("`") for row in rows] == sorted(re.split(r"[<>=;\[ ]", line)[0] for line in wanted)
        assert all(len(row[1]) > 5 for row in rows)


def test_lock_files_are_hashed_and_hold_no_addresses() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert "://" not in text
        pins = re.findall(r"^[a-z0-9][^\n]*", text, re.MULTILINE)
        assert pins and all("==" in pin for pin in pins)
        assert len(re.findall(r"^[a-z0-9].*\\\n    --hash=sha256:", text, re.MULTILINE)) == len(pins)


def test_python_in_the_pages_is_python() -> None:
    for page in PAGES:
        for block in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL):
            parsed(block)


def test_make_help_lists_every_target() -> None:
    shown = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in re.findall(r"^\.PHONY: ([a-z0-9-]+)", (ROOT / "Makefile").read_text(), re.MULTILINE):
        assert f"make {target}" in shown
