"""The console as a Flask application: what every page shares, put together."""

from __future__ import annotations

from flask import Flask

from PROPPR.Console import formats
from PROPPR.Console.context import EXTENSION, Console
from PROPPR.Console.pages import BLUEPRINTS, PAGES
from PROPPR.SharedServices.service.alerting.control import AlertControl
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.mongo_types import MongoDatabase
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.fixture_mappings import FixtureMappings


def create_console(
    settings: Settings, database: MongoDatabase, clock: Clock, *, redactor: Redactor | None = None
) -> Flask:
    """Put the application together; nothing is asked of the database in here."""
    app = Flask(__name__)
    app.extensions[EXTENSION] = Console(
        settings, database, clock, redactor or Redactor(settings.secrets()), AlertControl(database),
        FixtureMappings(database, clock),
    )  # fmt: skip
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    formats.register(app)
    app.jinja_env.globals["pages"] = PAGES
    return app
