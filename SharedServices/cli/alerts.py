"""`proppr alerts`: what fails, who takes care of it, what must not be told for a while, and whether telling works."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec
from rich.console import Console

from PROPPR.SharedServices.cli.alerts_view import lines_of, plain, seconds_of, table_of
from PROPPR.SharedServices.cli.console import EXIT_UNHEALTHY, env_file_option, settings_or_exit
from PROPPR.SharedServices.cli.database import running_database
from PROPPR.SharedServices.service.alerting import channels
from PROPPR.SharedServices.service.alerting.control import AlertControl
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.service.telegram import Delivery


@click.group("alerts", invoke_without_command=True)
@env_file_option
@click.pass_context
def command(context: click.Context, env_file: Path) -> None:
    """Without a subcommand: list what fails now.

    A KEY or PATTERN is an alert's key, with * for any text and ? for any character.
    """
    context.obj = env_file
    if context.invoked_subcommand is None:
        context.invoke(list_)


@command.command("list")
@click.option("--all", "everything", is_flag=True, help="What recovered and what was only noticed too (30 days).")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="Alerts listed at most.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array instead of a table.")
@click.pass_obj
def list_(env_file: Path, everything: bool, limit: int, as_json: bool) -> None:
    """List what fails now, the critical first, and what is muted."""
    with _control(env_file) as control:
        alerts, mutes = control.listed(everything=everything, limit=limit), control.mutes()
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode([plain(alert) for alert in alerts])))
        return
    console = Console(markup=False, highlight=False)
    if alerts:
        console.print(table_of(alerts, SystemClock().now()))
    else:
        console.print("No alert was ever stored." if everything else "Nothing fails.")
    for line in lines_of(mutes):
        console.print(line)


@command.command("acknowledge")
@click.argument("key")
@click.option("--by", default=None, help="Who takes care of it.  [default: the user of this terminal]")
@click.pass_obj
def acknowledge(env_file: Path, key: str, by: str | None) -> None:
    """Say that somebody takes care: no reminders and no e-mail until it recovers and fails again."""
    with _control(env_file) as control:
        keys = control.acknowledge(key, by or _user())
    for one in keys:
        click.echo(f"acknowledged: {one}")
    if not keys:
        click.echo(f"proppr: nothing fails under {key} that nobody acknowledged yet", err=True)
        sys.exit(EXIT_UNHEALTHY)


@command.command("mute")
@click.argument("pattern")
@click.option("--for", "duration", default="1h", show_default=True, help="How long, like 30m, 2h, 3d or seconds.")
@click.option("--reason", default="", help="Shown beside it.")
@click.pass_obj
def mute(env_file: Path, pattern: str, duration: str, reason: str) -> None:
    """Tell nobody of these alerts for a while; what still fails afterwards is told then."""
    try:
        seconds = seconds_of(duration)
        with _control(env_file) as control:
            muted = control.mute(pattern, seconds, _user(), reason)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    click.echo(f"{pattern} is muted until {muted.until:%Y-%m-%d %H:%M:%S} UTC.")


@command.command("unmute")
@click.argument("pattern")
@click.pass_obj
def unmute(env_file: Path, pattern: str) -> None:
    """End a mute before its time."""
    with _control(env_file) as control:
        was_muted = control.unmute(pattern)
    if not was_muted:
        click.echo(f"proppr: {pattern} is not muted", err=True)
        sys.exit(EXIT_UNHEALTHY)
    click.echo(f"{pattern} is no longer muted.")


@command.command("test")
@click.pass_obj
def test(env_file: Path) -> None:
    """Send a test message through every channel that is set up; exit code 1 if one does not take it.

    At PagerDuty an incident is opened and resolved at once. Neither MongoDB nor a service is needed.
    """
    settings = settings_or_exit(env_file)
    results = list(_tried(settings))
    for name, delivery in results:
        click.echo(f"{name}: {delivery.outcome}{f' ({delivery.reason})' if delivery.reason else ''}")
    if not results:
        click.echo("proppr: no channel is set up: see TELEGRAM_BOT_TOKEN, SMTP_URL, PAGERDUTY_ROUTING_KEY", err=True)
    if not results or any(delivery.outcome != "sent" for _, delivery in results):
        sys.exit(EXIT_UNHEALTHY)


def _tried(settings: Settings) -> Iterator[tuple[str, Delivery]]:
    clock = SystemClock()
    text = f"Test of the alerts of {settings.mongo_database}, sent by hand. Nothing is wrong."
    bot, mail, pagerduty = channels.telegram(settings), channels.mail(settings, clock), channels.pagerduty(settings)
    if bot is not None:
        yield "telegram", bot.send(f"TEST: {text}")
        bot.close()
    if mail is not None:
        yield "email", mail.send("[PROPPR] TEST", f"{text}\n", f"test {clock.now_ms()}")
    if pagerduty is not None:
        key = pagerduty.dedup_key(f"test:{clock.now_ms()}")
        payload = {"summary": text, "source": "proppr", "severity": "info"}
        opened = pagerduty.send({"event_action": "trigger", "dedup_key": key, "payload": payload})
        yield "pagerduty", opened
        if opened.outcome == "sent":
            yield "pagerduty", pagerduty.send({"event_action": "resolve", "dedup_key": key})
        pagerduty.close()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "operator"


@contextmanager
def _control(env_file: Path) -> Iterator[AlertControl]:
    """The alerts of the running database; what goes wrong ends the process with a line on stderr."""
    with running_database(settings_or_exit(env_file), "alerts") as database:
        yield AlertControl(database)
