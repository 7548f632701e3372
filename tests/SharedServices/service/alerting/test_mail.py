"""E-mail over a real SMTP server: what lasts, once, with its end; TLS, passwords, and hours without the server."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Callable
from typing import Any

import pytest
from alert_rig import Mailbox, Rig
from support import eventually

from PROPPR.SharedServices.service.alerting.control import AlertControl
from PROPPR.SharedServices.service.alerting.mail import MailChannel, MailServer, mail_server

Make = Callable[..., Mailbox]


def channel(port: int, **options: Any) -> MailChannel:
    server = options.pop("server", MailServer("127.0.0.1", port, False))
    return MailChannel(server, ["night@proppr.test", "day@proppr.test"], "fleet@proppr.test", pause=0.05, **options)


def lasting(rig: Rig, key: str, seconds: float = 1000) -> None:
    rig.age(key, seconds, "raised_at")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.test", MailServer("mail.test", 25, False)),
        ("smtp://me%40x.test:p%2Fw@mail.test", MailServer("mail.test", 587, False, "me@x.test", "p/w")),
        ("smtps://u:p@mail.test", MailServer("mail.test", 465, True, "u", "p")),
        ("smtps://mail.test:2465", MailServer("mail.test", 2465, True)),
    ],
    ids=["plain", "user", "tls", "port"],
)
def test_urls(url: str, expected: MailServer) -> None:
    assert mail_server(url) == expected


def test_what_lasts_is_mailed_once_and_its_end_once(rig: Rig, mailbox: Make) -> None:
    box = mailbox()
    for holder in "abc":
        rig.told(channel(box.port), holder)
    rig.fail("lasting", "Bets wait", detail="for 3 h")
    rig.fail("short")
    rig.fail("info", severity="info")
    lasting(rig, "lasting")
    lasting(rig, "info")
    eventually(lambda: box.mails)
    rig.recover("short")
    rig.recover("lasting")
    eventually(lambda: len(box.mails) == 2)
    assert box.subjects == ["[PROPPR] FAILED: Bets wait", "[PROPPR] RECOVERED: Bets wait"]
    first = box.mails[0]
    assert first["To"] == "night@proppr.test, day@proppr.test" and first["From"] == "fleet@proppr.test"
    assert box.envelopes[0].rcpt_tos == ["night@proppr.test", "day@proppr.test"]
    body = first.get_content()
    assert "for 3 h" in body and "severity warning" in body and "key lasting" in body
    eventually(lambda: rig.alert("lasting")["email"]["open"] is False)
    assert not rig.alert("short").get("email") and not rig.alert("info").get("email")


def test_what_is_due_together_is_one_mail(rig: Rig, mailbox: Make) -> None:
    box = mailbox()
    for number in range(25):
        rig.fail(f"k{number}", f"trouble {number}")
        lasting(rig, f"k{number}")
    rig.told(channel(box.port))
    eventually(lambda: rig.database.alerts.count_documents({"email.open": True}) == 25)
    assert box.subjects == ["[PROPPR] 25 alerts: 25 failed"]


def test_acknowledged_and_muted_alerts_are_not_mailed(rig: Rig, mailbox: Make) -> None:
    box = mailbox()
    control = AlertControl(rig.database)
    for key in ("known", "db.x", "other"):
        rig.fail(key)
        lasting(rig, key)
    control.acknowledge("known", "me")
    control.mute("db.*", 3600)
    rig.told(channel(box.port))
    eventually(lambda: box.mails)
    assert box.subjects == ["[PROPPR] FAILED: other"]
    control.unmute("db.*")
    eventually(lambda: box.subjects[1:] == ["[PROPPR] FAILED: db.x"])


def test_hours_without_the_server_end_in_one_mail_of_what_is_left(rig: Rig, mailbox: Make) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    one = rig.told(channel(port))
    for key in ("left", "gone"):
        rig.fail(key)
        lasting(rig, key)
    eventually(lambda: not one.check().ok)
    assert one.check().detail == "failed: ConnectionRefusedError"
    rig.recover("gone")
    box = mailbox(port)
    eventually(lambda: box.mails, 20)
    eventually(lambda: one.check().ok)
    assert box.subjects == ["[PROPPR] FAILED: left"], "nobody was told that the other failed"


def test_a_busy_server_is_asked_again_and_a_refusal_is_final(rig: Rig, mailbox: Make) -> None:
    box = mailbox()
    box.refusals = ["451 greylisted", "554 no thanks"]
    one = rig.told(channel(box.port))
    rig.fail("k")
    lasting(rig, "k")
    eventually(lambda: (rig.alert("k").get("email") or {}).get("refused") == 1, 20)
    assert one.check().detail == "refused: SMTP 554"
    rig.fail("other")
    lasting(rig, "other")
    eventually(lambda: box.mails)
    assert box.subjects == ["[PROPPR] FAILED: other"]


def test_a_mail_that_is_sent_again_has_the_same_id(rig: Rig, mailbox: Make) -> None:
    box = mailbox()
    rig.fail("k")
    lasting(rig, "k")
    past = {"$dateSubtract": {"startDate": "$$NOW", "unit": "second", "amount": 1}}
    sender = rig.told(channel(box.port))
    eventually(lambda: rig.alert("k").get("email", {}).get("open"))
    # As it would look had the sender been killed before its note.
    dead = {"claim": {"holder": "dead", "batch": "x", "until": past, "again": False}}
    rig.database.alerts.update_one({}, [{"$unset": "email"}, {"$set": {"email": dead}}])
    eventually(lambda: len(box.mails) == 2)
    assert box.mails[0]["Message-ID"] == box.mails[1]["Message-ID"]
    assert sender.check().ok


def test_a_password_goes_to_this_machine_or_over_tls_only(mailbox: Make, caplog: pytest.LogCaptureFixture) -> None:
    box = mailbox(password="s3cret-word")  # the server asks for it and offers no TLS
    here = channel(box.port, server=MailServer("127.0.0.1", box.port, False, "me", "s3cret-word"))
    assert here.send("s", "b", "1").outcome == "sent"
    wrong = channel(box.port, server=MailServer("127.0.0.1", box.port, False, "me", "other"))
    result = wrong.send("s", "b", "1")
    assert (result.outcome, result.reason) == ("failed", "SMTPAuthenticationError 535")
    elsewhere = channel(box.port, server=MailServer("0.0.0.0", box.port, False, "me", "s3cret-word"))
    logins = len(box.logins)
    with caplog.at_level(logging.DEBUG):
        assert elsewhere.send("s", "b", "1").reason == "no TLS offered: the password is not sent"
    assert len(box.logins) == logins > 0
    assert "s3cret" not in caplog.text


def test_no_certificate_of_a_stranger_is_trusted(mailbox: Make, certificate: ssl.SSLContext, trust: Any) -> None:
    box = mailbox(tls=certificate, password="s3cret-word")
    server = MailServer("localhost", box.port, False, "me", "s3cret-word")
    assert channel(box.port, server=server).send("s", "b", "1").reason == "SSLCertVerificationError"
    assert channel(box.port, server=server, context=trust).send("s", "b", "1").outcome == "sent"
    over_tls = mailbox(tls=certificate, starttls=False)
    server = MailServer("localhost", over_tls.port, True)
    assert channel(0, server=server, context=trust).send("s", "b", "1").outcome == "sent"


def test_a_title_can_not_smuggle_headers(rig: Rig, mailbox: Make) -> None:
    box = mailbox()
    rig.fail("k", "Trouble\r\nBcc: everybody@proppr.test")
    lasting(rig, "k")
    rig.told(channel(box.port))
    eventually(lambda: box.mails)
    assert box.mails[0]["Bcc"] is None
    assert box.subjects == ["[PROPPR] FAILED: Trouble Bcc: [redacted]"]
