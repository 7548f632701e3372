"""What is answered when a page can't be: in plain words, without anything from inside."""

from __future__ import annotations

import logging
from typing import Final

import pymongo
from flask import Flask, Response, g, render_template, request
from pymongo.errors import ExecutionTimeout, OperationFailure, PyMongoError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from PROPPR.Console.context import context

log = logging.getLogger(__name__)

LONGEST_REQUEST: Final = 8.0
"""Seconds that a page may spend in MongoDB altogether."""

_TEXTS: Final = {
    403: ("Not allowed", "You may not do this."),
    404: ("Not found", "There is no such page, or what it showed is gone."),
    405: ("Not possible", "This address does not take that."),
    413: ("Too much", "What was sent is too long."),
    500: ("A mistake of the console", "The page could not be made. The console's log says why."),
    503: ("MongoDB does not answer", "The console shows what is stored there: without it there is nothing to show. "
          "The services keep what they receive until it is back. This page tries again by itself."),
    504: ("MongoDB is too slow", "The answer took too long. Ask for less, or try again."),
}  # fmt: skip


def register(app: Flask) -> None:
    """Answer every error of `app`, and bound the time that its pages spend in MongoDB."""
    app.register_error_handler(HTTPException, _expected)
    app.register_error_handler(PyMongoError, _database)
    app.register_error_handler(Exception, _unexpected)
    inner = app.wsgi_app

    def bounded(environ: dict[str, object], start_response: object) -> object:
        with pymongo.timeout(LONGEST_REQUEST):
            return inner(environ, start_response)  # type: ignore[arg-type]

    app.wsgi_app = bounded  # type: ignore[method-assign, assignment]


def page(status: int, text: str = "") -> Response:
    """Return the page of a status; a line of plain text where no page was asked for."""
    title, usual = _TEXTS.get(status, ("That did not work", "The request could not be understood."))
    if "HX-Request" in request.headers or not request.accept_mimetypes.accept_html:
        return Response(f"{title}. {text or usual}\n", status, mimetype="text/plain")
    return Response(
        render_template("error.html", title=title, text=text or usual, status=status), status, mimetype="text/html"
    )


def _expected(error: HTTPException) -> AnyResponse:
    if error.response is not None:
        return error.get_response(request.environ)
    status = error.code or 500
    own = error.description if status in (400, 403, 404) and error.description != type(error).description else ""
    response = page(status, own or "")
    for name, value in error.get_headers(request.environ):
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _database(error: PyMongoError) -> Response:
    # Whoever was signed in can't be looked up again to draw the page.
    g.session = g.operator = None
    too_slow = isinstance(error, ExecutionTimeout)
    refused = isinstance(error, OperationFailure) and not too_slow and not error.timeout
    said = context().redactor.text(f"{type(error).__name__}: {error}".partition(", full error")[0])[:300]
    log.warning("a page could not be read", extra={"path": request.path, "error": said})
    return page(500 if refused else 504 if too_slow else 503)


def _unexpected(error: Exception) -> Response:
    log.error("a page failed", exc_info=error, extra={"path": request.path})
    return page(500)
