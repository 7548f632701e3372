"""A process with a Telegram sender, for tests that kill it: `alert_child.py URI DATABASE TELEGRAM_URL HOLDER`."""

from __future__ import annotations

import sys
import threading
from typing import Any

from alert_rig import TOKEN
from pymongo import MongoClient

from PROPPR.SharedServices.service.alert_sender import TelegramSender
from PROPPR.SharedServices.service.alerting.policy import AlertPolicy, Pace
from PROPPR.SharedServices.service.telegram import TelegramClient

uri, name, url, holder = sys.argv[1:]
client: MongoClient[dict[str, Any]] = MongoClient(uri, tz_aware=True, w="majority")
sender = TelegramSender(
    client[name], TelegramClient(url, TOKEN, "7"), holder, policy=AlertPolicy(summary_at=None), poll=0.02,
    pace=Pace(spacing=0.01, settle=0, group_from=10_000, burst=10_000), lease_ttl=1.0, claim_seconds=1.5,
)  # fmt: skip
sender.start()
threading.Event().wait()
