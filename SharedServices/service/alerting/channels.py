"""The channels that the settings name, and the senders that serve them."""

from __future__ import annotations

from collections.abc import Iterator

from PROPPR.SharedServices.service.alert_sender import TelegramSender
from PROPPR.SharedServices.service.alerting.mail import MailChannel, mail_server
from PROPPR.SharedServices.service.alerting.pagerduty import PagerDutyChannel
from PROPPR.SharedServices.service.alerting.policy import AlertPolicy, quiet_hours
from PROPPR.SharedServices.service.alerting.told_sender import ToldSender
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Component
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.mongo_types import MongoDatabase
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.service.telegram import TelegramClient


def policy_of(settings: Settings) -> AlertPolicy:
    """Return when who is told."""
    quiet = settings.proppr_alert_quiet_hours
    return AlertPolicy(
        settings.proppr_alert_email_after, settings.proppr_alert_remind_after,
        quiet_hours(quiet) if quiet else None, settings.proppr_alert_summary_at,
    )  # fmt: skip


def telegram(settings: Settings) -> TelegramClient | None:
    """Return the bot, if there is one."""
    token, chat = settings.telegram_bot_token, settings.telegram_admin_chat_id
    if token is None or chat is None:
        return None
    return TelegramClient(settings.telegram_api_base_url, token.get_secret_value(), chat)


def mail(settings: Settings, clock: Clock) -> MailChannel | None:
    """Return e-mail, if there is a server and somebody to write to."""
    if settings.smtp_url is None or not settings.alert_email_to:
        return None
    recipients = [address.strip() for address in settings.alert_email_to.split(",") if address.strip()]
    server = mail_server(settings.smtp_url.get_secret_value())
    return MailChannel(
        server, recipients, settings.proppr_alert_email_from, after=settings.proppr_alert_email_after, clock=clock
    )


def pagerduty(settings: Settings) -> PagerDutyChannel | None:
    """Return PagerDuty, if there is a key."""
    if settings.pagerduty_routing_key is None:
        return None
    key = settings.pagerduty_routing_key.get_secret_value()
    return PagerDutyChannel(settings.pagerduty_events_url, key, f"proppr/{settings.mongo_database}")


def senders(
    settings: Settings, database: MongoDatabase, instance: str, clock: Clock, metrics: Metrics
) -> Iterator[Component]:
    """Yield a sender for each channel that is set up."""
    policy = policy_of(settings)
    bot = telegram(settings)
    if bot is not None:
        yield TelegramSender(database, bot, instance, clock, policy=policy, metrics=metrics)
    for channel in (mail(settings, clock), pagerduty(settings)):
        if channel is not None:
            yield ToldSender(database, channel, instance, clock, policy=policy, metrics=metrics)
