"""The life of a daemon in one place: what components are (`components`) and what runs them (`daemon`)."""

from PROPPR.SharedServices.service.components import Check, Component, Severity, Worker
from PROPPR.SharedServices.service.daemon import Daemon

__all__ = ["Check", "Component", "Daemon", "Severity", "Worker"]
