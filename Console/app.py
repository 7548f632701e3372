"""The console as a Flask application: what every page shares, put together."""

from __future__ import annotations

from flask import Blueprint, Flask, request

from PROPPR.Console import assets, errors, formats
from PROPPR.Console.access import guard, headers
from PROPPR.Console.access import pages as access_pages
from PROPPR.Console.access.guard import Guard
from PROPPR.Console.access.policy import Policy
from PROPPR.Console.access.sessions import Session, Sessions
from PROPPR.Console.access.throttle import Throttle
from PROPPR.Console.context import EXTENSION, Console
from PROPPR.Console.events import stream
from PROPPR.Console.events.broker import Broker
from PROPPR.Console.pages import BLUEPRINTS, PAGES
from PROPPR.SharedServices.service.alerting.control import AlertControl
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.mongo_types import MongoDatabase
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.fixture_mappings import FixtureMappings

MOST_FORM_BYTES = 65_536
MOST_FIELDS = 200


def create_console(
    settings: Settings,
    database: MongoDatabase,
    clock: Clock,
    *,
    redactor: Redactor | None = None,
    broker: Broker | None = None,
    health: Blueprint | None = None,
) -> Flask:
    """Put the application together; nothing is asked of the database in here.

    `health` are the endpoints of health_routes(). ConfigError if the settings let nobody in.
    """
    app = Flask(__name__)
    app.config.update(MAX_CONTENT_LENGTH=MOST_FORM_BYTES, MAX_FORM_PARTS=MOST_FIELDS)
    app.extensions[EXTENSION] = Console(
        settings, database, clock, redactor or Redactor(settings.secrets()), AlertControl(database),
        FixtureMappings(database, clock),
    )  # fmt: skip
    broker = Broker(clock) if broker is None else broker
    doorman = Guard(Policy.of(settings), Sessions(database, clock), Throttle(database, clock), settings)
    guard.register(app, doorman)
    headers.register(app, secure=doorman.policy.secure)
    errors.register(app)
    for blueprint in (*BLUEPRINTS, *_own(doorman, broker), *([health] if health else ())):
        app.register_blueprint(blueprint)
    formats.register(app)
    assets.register(app)
    app.jinja_env.globals.update(pages=PAGES, current_page=_current_page)
    return app


def _own(doorman: Guard, broker: Broker) -> tuple[Blueprint, ...]:
    def ended(session: Session) -> None:
        broker.end(session.key)

    return access_pages.routes(doorman, ended), stream.routes(broker)


def _current_page() -> str | None:
    return request.blueprint
