"""A match as the site's own pages carry it, for the time when the api path refuses matches: public page data.

A page is addressed by the site's build, which the home page names and which changes with each release, and by a path
that the match's short address redirects to. Such a path names a pair of teams: it may serve their other meeting.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import OrderedDict
from typing import Final

import msgspec

from PROPPR.SharedServices.providers.fotmob.errors import NotFound, SourceChanged, StalePage
from PROPPR.SharedServices.providers.fotmob.transport import FotMobTransport, Reply, Request

log = logging.getLogger(__name__)

PATH: Final = "page"
HOME: Final = "home"
MOST_ADDRESSES: Final = 5_000
# The parts of a page that are texts and switches of the site; the rest is the match as the api path answers it.
_OF_THE_SITE: Final = frozenset({"translations", "toggles", "fallback", "ssr", "fetchingLeagueData"})
_NEXT_DATA: Final = re.compile(rb"<script[^>]*\bid=[\"']__NEXT_DATA__[\"'][^>]*>(.*?)</script>", re.DOTALL)
_BUILD: Final = re.compile(r"[\w.~-]{1,100}")
_ADDRESS: Final = re.compile(r"/matches/[\w.~%-]{1,300}/[\w-]{1,40}")


class _Home(msgspec.Struct):
    buildId: str


_HOME: Final = msgspec.json.Decoder(_Home)  # made here: first uses by several threads at once would crash


class PageData:
    """Reads matches from the pages of a site. Thread-safe."""

    def __init__(self, site_url: str, transport: FotMobTransport) -> None:
        self._site_url = site_url
        self._transport = transport
        self._lock = threading.Lock()
        self._build: str | None = None
        self._addresses: OrderedDict[int, str] = OrderedDict()

    def match(self, match_id: int) -> dict[str, object]:
        """Return the page's match, in the shape of the api path; whether it is the right one is the caller's to check.

        Raises what the transport raises, NotFound too where the site has no page of the match.
        """
        address = self._known_address(match_id) or self._find_address(match_id)
        properties = _properties(self._data(address).payload)
        return {key: value for key, value in properties.items() if key not in _OF_THE_SITE}

    def forget(self, match_id: int) -> None:
        """Ask anew for the match's address the next time: the known one served another match."""
        with self._lock:
            self._addresses.pop(match_id, None)

    def _known_address(self, match_id: int) -> str | None:
        with self._lock:
            return self._addresses.get(match_id)

    def _find_address(self, match_id: int) -> str:
        target = _properties(self._data(f"/match/{match_id}").payload).get("__N_REDIRECT")
        address = target.partition("#")[0].partition("?")[0] if isinstance(target, str) else ""
        if not _ADDRESS.fullmatch(address):
            raise SourceChanged(f"{PATH}: a match's short address does not lead to its page")
        with self._lock:
            self._addresses[match_id] = address
            if len(self._addresses) > MOST_ADDRESSES:
                self._addresses.popitem(last=False)
        return address

    def _data(self, address: str) -> Reply:
        """Return the data of a page; where the site's build has changed it is asked for once more."""
        known = self._build
        if known is not None:
            try:
                return self._page(known, address, may_be_stale=True)
            except StalePage:
                log.info("the site has another build")
        return self._page(self._find_build(), address)

    def _page(self, build: str, address: str, *, may_be_stale: bool = False) -> Reply:
        url = f"{self._site_url}/_next/data/{build}{address}.json"
        return self._transport.get(Request(PATH, url, may_be_stale=may_be_stale))

    def _find_build(self) -> str:
        body = self._transport.get(Request(HOME, f"{self._site_url}/", page=True)).body
        script = _NEXT_DATA.search(body)
        try:
            build = _HOME.decode(script[1] if script else b"").buildId
        except (msgspec.MsgspecError, UnicodeDecodeError):
            build = ""
        if not _BUILD.fullmatch(build):
            raise SourceChanged(f"{HOME}: the page does not name the site's build")
        self._build = build
        return build


def _properties(payload: dict[str, object]) -> dict[str, object]:
    if payload.get("notFound") is True:
        raise NotFound(f"{PATH}: no page of this match")
    properties = payload.get("pageProps")
    if not isinstance(properties, dict):
        raise SourceChanged(f"{PATH}: pageProps are missing")
    return properties
