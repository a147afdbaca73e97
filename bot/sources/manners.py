"""Before a page is read: may robots read it, and is it our turn? Feeds are made for robots, and are not asked about."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlunsplit

from bot.errors import SourceError
from bot.sources.encoding import decode_text
from bot.sources.robots import EVERYTHING, Rules, read_robots
from bot.sources.urls import origin_of, split_http

KEPT_SECONDS = 86_400.0
"""RFC 9309, 2.4: not longer than a day."""
FAILED_SECONDS = 3_600.0
"""When a site is asked again for rules that could not be had; meanwhile it has none."""
MAX_SITES = 1_000
LONGEST_WAIT_SECONDS = 30.0
"""A page whose turn is further off than this is left for another time: a check has to end."""


@dataclass(slots=True)
class _Site:
    rules: Rules = EVERYTHING
    known_until: float = float("-inf")
    free_at: float = float("-inf")
    """When the next page may be asked for."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Manners:
    def __init__(
        self,
        fetch: Callable[[str], Awaitable[bytes]],
        *,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`fetch` gives a document or raises SourceError; `clock` is monotonic."""
        self._fetch = fetch
        self._clock = clock or (lambda: asyncio.get_running_loop().time())
        self._sleep = sleep
        self._sites: OrderedDict[object, _Site] = OrderedDict()

    async def admit(self, url: str) -> bool:
        """Whether a page may be read; when the site asks for pauses between pages, not before its turn has come."""
        site = await self._site(url)
        if site is None or not site.rules.allow(_path(url)):
            return site is None
        now = self._clock()
        wait = max(0.0, site.free_at - now)
        if wait > LONGEST_WAIT_SECONDS:
            return False
        site.free_at = now + wait + site.rules.delay_seconds
        if wait:
            await self._sleep(wait)
        return True

    async def _site(self, url: str) -> _Site | None:
        origin = origin_of(url)
        parts = split_http(url)
        if origin is None or parts is None:
            return None
        site = self._sites.setdefault(origin, _Site())
        self._sites.move_to_end(origin)
        while len(self._sites) > MAX_SITES:
            self._sites.popitem(last=False)
        async with site.lock:
            if self._clock() >= site.known_until:
                kept = KEPT_SECONDS
                try:
                    text = decode_text(
                        await self._fetch(urlunsplit((parts.scheme, parts.netloc, "/robots.txt", "", "")))
                    )
                    site.rules = read_robots(text)
                except SourceError:
                    site.rules, kept = EVERYTHING, FAILED_SECONDS
                site.known_until = self._clock() + kept
        return site


def _path(url: str) -> str:
    parts = split_http(url)
    if parts is None:
        return "/"
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
