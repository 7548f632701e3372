"""Alerts by e-mail, over SMTP. SMTP_URL holds a password: neither it nor the server's words leave this module."""

from __future__ import annotations

import hashlib
import ipaddress
import smtplib
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final
from urllib.parse import unquote, urlsplit

from PROPPR.SharedServices.service.alerting import texts, told
from PROPPR.SharedServices.service.alerting.texts import News
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.telegram import Delivery

_TIMEOUT: Final = 10.0


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed in: `smtp://user:password@host:587` (STARTTLS where offered) or `smtps://` (TLS)."""

    host: str
    port: int
    tls: bool
    user: str | None = None
    password: str | None = None

    @property
    def is_here(self) -> bool:
        """True for this machine, where a password may go without TLS."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def mail_server(url: str) -> MailServer:
    """Read SMTP_URL; ValueError if it names no host or a wrong port."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError("names no host")
    tls = parts.scheme == "smtps"
    user = unquote(parts.username) if parts.username else None
    usual = 465 if tls else 587 if user else 25
    return MailServer(parts.hostname, parts.port or usual, tls, user, unquote(parts.password or "") if user else None)


class MailChannel:
    """Mails failures that last, several due together as one mail, and their recoveries."""

    def __init__(
        self,
        server: MailServer,
        recipients: Sequence[str],
        sender: str | None = None,
        *,
        after: float = 900.0,
        clock: Clock | None = None,
        pause: float = 30.0,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.name = "email"
        self.most = 100
        self.news: Sequence[told.News] = ("failed", "recovered")
        self.after = after
        self.minds_quiet = False  # a mail wakes nobody
        self.pause = pause
        self._server = server
        self._recipients = tuple(recipients)
        self._from = sender or (server.user if server.user and "@" in server.user else f"proppr@{socket.gethostname()}")
        self._clock = clock or SystemClock()
        self._context = context

    def deliver(self, news: Sequence[News]) -> Delivery:
        """Send one mail. Never raises. The same news make the same Message-ID, by which mailboxes know a repetition."""
        return self.send(texts.subject(news), texts.mail(news), "|".join(sorted(map(_identity, news))))

    def send(self, subject: str, body: str, identity: str) -> Delivery:
        """Send any mail; `identity` makes its Message-ID."""
        message = EmailMessage()
        message["Subject"] = subject
        message["From"] = self._from
        message["To"] = ", ".join(self._recipients)
        message["Date"] = format_datetime(self._clock.now())
        digest = hashlib.sha256(f"{identity}|{self._from}".encode()).hexdigest()[:32]
        message["Message-ID"] = f"<{digest}@{self._from.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(body)
        return self._hand_in(message)

    def close(self) -> None:
        """Nothing is kept open."""

    def _hand_in(self, message: EmailMessage) -> Delivery:
        try:
            with self._connect() as connection:
                if not self._secure(connection):
                    return Delivery("failed", "no TLS offered: the password is not sent")
                if self._server.user is not None:
                    connection.login(self._server.user, self._server.password or "")
                refused = connection.send_message(message, self._from, self._recipients)
        except smtplib.SMTPDataError as error:
            # Only the code: servers repeat addresses and accounts in their texts.
            return Delivery("refused" if error.smtp_code >= 500 else "failed", f"SMTP {error.smtp_code}")
        except smtplib.SMTPResponseException as error:
            return Delivery("failed", f"{type(error).__name__} {error.smtp_code}")
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            return Delivery("failed", type(error).__name__)
        return Delivery("sent", f"{len(refused)} of {len(self._recipients)} recipients refused" if refused else "")

    def _connect(self) -> smtplib.SMTP:
        host, port = self._server.host, self._server.port
        if self._server.tls:
            return smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT, context=self._context or ssl.create_default_context())
        return smtplib.SMTP(host, port, timeout=_TIMEOUT)

    def _secure(self, connection: smtplib.SMTP) -> bool:
        """Turn TLS on where it is offered; whether a password may be sent now."""
        connection.ehlo_or_helo_if_needed()
        if self._server.tls:
            return True
        if connection.has_extn("starttls"):
            connection.starttls(context=self._context or ssl.create_default_context())
            connection.ehlo()
            return True
        return self._server.user is None or self._server.is_here


def _identity(news: News) -> str:
    return f"{news.key}:{news.episode}:{news.kind}"
