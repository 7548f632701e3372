"""A real SMTP server that prints each mail that it takes as a line of JSON: it runs in a container beside the fleet."""

from __future__ import annotations

import json
import sys
import threading
from email import message_from_bytes
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

PORT = 2525


class Printer:
    """What becomes of a mail: a line on standard output."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=default)
        body = mail.get_body()
        told = {
            "to": envelope.rcpt_tos, "subject": str(mail["Subject"]), "id": str(mail["Message-ID"]),
            "body": "" if body is None else body.get_content(),
        }  # fmt: skip
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        return "250 OK"


if __name__ == "__main__":
    Controller(Printer(), hostname="0.0.0.0", port=PORT, ready_timeout=60).start()
    threading.Event().wait()
