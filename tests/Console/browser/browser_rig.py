"""A real Chromium, a fresh profile of it per look, and a watch over all that a page asks for and complains about."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request

Scheme = Literal["light", "dark"]
CHROMIUM: Final = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    # Whatever a page might ask of another host fails at once, and is seen.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
WIDE, NARROW = (1280, 800), (360, 740)
PATIENCE_MS: Final = 15_000
# What Chromium and htmx say when the stream of events ends: to be expected where the test ends it.
STREAM_LOST: Final = ("net::ERR_", r"\[object Event\]")
_REPORT_VIOLATIONS: Final = """
    document.addEventListener('securitypolicyviolation', (event) =>
        console.error(`refused by the policy: ${event.violatedDirective} ${event.blockedURI}`));
"""
# The page of the sign-in asks whether that is needed; Chromium calls the "no" an error.
_ASKS_WHETHER_SIGNED_IN: Final = re.compile(r"status of 401 .*/signed-in\)$")
_GIVEN_UP_BY_US: Final = re.compile(r"net::ERR_ABORTED")


def launch(playwright: Playwright) -> Browser:
    """Chromium of the system, with a new folder for its data; never a download."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS), headless=True)


@dataclass
class Look:
    """A page and what went wrong on it. `expected` are patterns of complaints that the test provokes."""

    page: Page
    home: str
    expected: Sequence[str] = ()
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self._complain(f"script: {error}"))
        self.page.on("request", self._note)
        self.page.on("requestfailed", self._note_failure)

    def visit(self, path: str) -> None:
        """Load a page; it must answer and be there."""
        answer = self.page.goto(f"{self.home}{path}", wait_until="load")
        assert answer is not None and answer.ok, f"{path}: {answer and answer.status}"

    def foreign(self) -> list[str]:
        """The requests to other hosts, answered or not."""
        return [url for url in self.asked if not url.startswith((f"{self.home}/", "data:", "blob:"))]

    def check(self) -> None:
        """Nothing was asked of another host, and nobody complained."""
        assert not self.foreign(), f"asked of other hosts: {self.foreign()}"
        hints = self.page.locator("link[rel~=preconnect], link[rel~=dns-prefetch], link[rel~=prerender]")
        assert hints.count() == 0, "the page hints at other hosts"
        unexpected = [text for text in self.complaints if not any(re.search(one, text) for one in self.expected)]
        assert not unexpected, f"on {self.page.url}: {unexpected}"

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complain(f"{message.text} ({message.location.get('url')})")

    def _complain(self, text: str) -> None:
        if not _ASKS_WHETHER_SIGNED_IN.search(text):
            self.complaints.append(text)

    def _note(self, request: Request) -> None:
        self.asked.append(request.url)

    def _note_failure(self, request: Request) -> None:
        if not _GIVEN_UP_BY_US.search(request.failure or ""):
            self._complain(f"{urlsplit(request.url).path}: {request.failure}")


class Eyes:
    """Opens pages of one console. `signed_in_state` is what `sign_in` left in the browser."""

    def __init__(self, browser: Browser, home: str) -> None:
        self._browser = browser
        self.home = home
        self.signed_in_state: Any = None

    @contextmanager
    def look(
        self,
        *,
        signed_in: bool = False,
        size: tuple[int, int] = WIDE,
        scheme: Scheme = "light",
        expected: Sequence[str] = (),
        scale: float = 1,
    ) -> Iterator[Look]:
        """A page in a context of its own, checked at the end."""
        context = self._context(signed_in, size, scheme, scale)
        try:
            found = Look(context.new_page(), self.home, expected)
            yield found
            found.check()
        finally:
            context.close()

    def _context(self, signed_in: bool, size: tuple[int, int], scheme: Scheme, scale: float) -> BrowserContext:
        state = self.signed_in_state if signed_in else None
        context = self._browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, storage_state=state, locale="en-GB",
            timezone_id="UTC", device_scale_factor=scale, reduced_motion="reduce",
        )  # fmt: skip
        context.add_init_script(_REPORT_VIOLATIONS)
        return context


def sign_in(page: Page, secret: str, name: str = "night shift") -> None:
    """Fill the form in and send it, by keyboard alone, and wait for the page that follows, whichever it is."""
    page.get_by_label("Your name").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(secret)
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")


def tab_to(page: Page, selector: str, most: int = 200) -> None:
    """Press Tab until an element that matches has the focus, and see that the focus shows."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement?.matches(selector) ?? false", selector):
            shown = page.evaluate(
                """() => { const style = getComputedStyle(document.activeElement);
                    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0
                        || style.boxShadow !== 'none'; }"""
            )
            assert shown, f"the focus on {selector} can't be seen"
            return
    raise AssertionError(f"{most} presses of Tab do not reach {selector}")


def sideways(page: Page) -> int:
    """By how many pixels the page scrolls sideways."""
    return int(page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def first_paint_ms(page: Page) -> float:
    """When the first content was painted, in ms since the navigation began."""
    return float(
        page.evaluate(
            """() => new Promise((resolve) => new PerformanceObserver((list, observer) => {
                const entry = list.getEntriesByName('first-contentful-paint')[0];
                if (entry) { observer.disconnect(); resolve(entry.startTime); }
            }).observe({type: 'paint', buffered: true}))"""
        )
    )
