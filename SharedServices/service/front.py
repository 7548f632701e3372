"""What answers for a process over HTTP before anything else of it is there: the usual health endpoints, or more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Component
from PROPPR.SharedServices.service.health import HealthServer, HealthState
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.settings import Settings


@dataclass(frozen=True)
class FrontContext:
    """All that is known before MongoDB is."""

    name: str
    version: str
    settings: Settings
    clock: Clock
    metrics: Metrics
    redactor: Redactor
    health: HealthState


Front = Callable[[FrontContext], Component]


def health_server(context: FrontContext) -> Component:
    """The usual front: the health endpoints on HEALTH_HOST and the service's port."""
    settings = context.settings
    return HealthServer(
        settings.health_host, settings.port_of(context.name), context.health, context.metrics,
        redactor=context.redactor, clock=context.clock,
    )  # fmt: skip
