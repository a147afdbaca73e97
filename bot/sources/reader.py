"""Sources as the rest of the program sees them: an address in, what it lists out.

It chooses between feeds, pages and folders, and keeps every parser off the event loop: ordinary documents on a thread,
large or suspicious ones in a process that can be killed.
"""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from bot.errors import FailureReason, FetchFailed, NotReadable, SourceError
from bot.models import Credentials, Entry, Snapshot, SourceKind
from bot.offload import Offload, WorkerLost
from bot.sources.discovery import Candidate, find_feeds, known_feed
from bot.sources.fallback import parse_with_feedparser
from bot.sources.feed import looks_like_page, mentions_items, parse_feed
from bot.sources.fetcher import Fetched
from bot.sources.folder import folder_path, is_article_file, read_document, read_file, read_folder
from bot.sources.http_info import HTTPInfo
from bot.sources.manners import Manners
from bot.sources.markup import blocks_of
from bot.sources.page import holds_article, is_about, read_page
from bot.sources.page_links import read_site
from bot.sources.urls import display_url, host_of, normalise_address, origin_of

T = TypeVar("T")

HEAVY_BYTES = 256 * 1024
PARSE_SECONDS = 10.0
PAGES_AT_ONCE = 8
PAGES_PER_HOST = 2
PROBED_CANDIDATES = 3
COMPLETE_SECONDS = 60.0
"""For the pages of one check, whatever their site takes: what was found is not kept waiting any longer."""

_HUGE_TAG = re.compile(rb"<[a-zA-Z][^<>]{16384}")


class WebFetcher(Protocol):
    async def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        credentials: Credentials | None = None,
    ) -> Fetched: ...

    async def post_form(self, url: str, fields: Mapping[str, str]) -> int: ...


@dataclass(frozen=True, slots=True)
class Retrieved:
    """`snapshot` is None when nothing changed since the validators were given."""

    snapshot: Snapshot | None
    etag: str | None = None
    last_modified: str | None = None
    moved_to: str | None = None
    max_age_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """What an address turned out to be. `url` is what to follow; `alternatives` are other feeds of the same page."""

    url: str
    kind: SourceKind
    retrieved: Retrieved
    alternatives: tuple[Candidate, ...] = ()
    credentials: Credentials | None = field(default=None, repr=False)
    """Those that were given, if they are for the origin of `url`; None makes it a public source."""


class SourceReader:
    def __init__(
        self,
        fetcher: WebFetcher,
        offload: Offload,
        *,
        allow_folders: bool,
        complete_seconds: float = COMPLETE_SECONDS,
    ) -> None:
        self._fetcher = fetcher
        self._offload = offload
        self._allow_folders = allow_folders
        self._complete_seconds = complete_seconds
        self._pages = asyncio.Semaphore(PAGES_AT_ONCE)
        self._manners = Manners(self._body)

    async def read(
        self,
        url: str,
        kind: SourceKind,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        credentials: Credentials | None = None,
    ) -> Retrieved:
        """What a followed source lists now. Raises SourceError, whose reason a moderator can act on."""
        if kind is SourceKind.FOLDER:
            return await self._read_folder(url)
        if kind is SourceKind.PAGE:
            await self._require_admission(url)
        fetched = await self._fetcher.fetch(url, etag=etag, last_modified=last_modified, credentials=credentials)
        if fetched.not_modified:
            return _retrieved(fetched, None, etag=etag, last_modified=last_modified)
        read = self._feed if kind is SourceKind.FEED else self._site
        return _retrieved(fetched, await read(fetched))

    async def probe(self, address: str, *, credentials: Credentials | None = None) -> Probe:
        """What the address that a person typed can be followed as. Raises SourceError when it cannot be.

        `credentials` are for the origin of that address: a feed that its page announces elsewhere is asked without.
        """
        if (path := folder_path(address)) is not None:
            return Probe(str(path), SourceKind.FOLDER, await self._read_folder(address))
        url = normalise_address(address)
        if feed := known_feed(url):
            try:
                return await self._probe_feed(feed, credentials if origin_of(feed) == origin_of(url) else None)
            except SourceError:
                pass  # a guess from its form; the address itself decides
        if credentials:
            fetched = await self._fetcher.fetch(url, credentials=credentials)
        else:
            url, fetched = await self._fetch_typed(address, url)
        if not looks_like_page(fetched.body):
            return _probed(url, fetched, SourceKind.FEED, await self._feed(fetched), credentials)
        return await self._probe_page(url, fetched, credentials)

    async def complete(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """`entries` with the text of their pages where they only had a teaser.

        A page that fails leaves its teaser, and so do those that a slow site does not serve in time.
        """
        hosts = {host_of(entry.url): asyncio.Semaphore(PAGES_PER_HOST) for entry in entries if entry.url}
        whole = list(entries)

        async def one(at: int, entry: Entry, url: str) -> None:
            async with hosts[host_of(url)]:
                if not await self._manners.admit(url):
                    return
                async with self._pages:
                    whole[at] = await self._complete(entry, url)

        teasers = [(at, entry, entry.url) for at, entry in enumerate(entries) if entry.teaser and entry.url]
        with suppress(TimeoutError):
            async with asyncio.timeout(self._complete_seconds), asyncio.TaskGroup() as group:
                for teaser in reversed(teasers):  # the newest, which are the last, first
                    group.create_task(one(*teaser), name="complete a teaser")
        return whole

    async def post_form(self, url: str, fields: Mapping[str, str]) -> int:
        """What a hub answers to a request of ours: its status. Raises SourceError when it does not."""
        return await self._fetcher.post_form(url, fields)

    async def open(self, path_or_url: str) -> Sequence[Entry]:
        """The entries of a file, a folder, a feed or a page, teasers completed: for reading from the command line.

        Raises SourceError when there is nothing to read.
        """
        try:
            entries = await self._open_path(path_or_url)
        except OSError as error:  # a folder on the way that may not be entered, a name too long for the system
            raise NotReadable(FailureReason.NO_FOLDER, path_or_url, type(error).__name__) from error
        if entries is None:
            _, fetched = await self._fetch_typed(path_or_url, normalise_address(path_or_url))
            if looks_like_page(fetched.body):
                entries = [entry for entry in (await self._page(fetched)).entries if entry.body]
            else:
                entries = await self.complete((await self._feed(fetched)).entries)
        if not entries:
            raise NotReadable(FailureReason.NO_ARTICLES, display_url(path_or_url))
        return entries

    async def _open_path(self, name: str) -> Sequence[Entry] | None:
        """The entries of a file or a folder; None when `name` can only be an address of the web."""
        if not name or ("://" in name and not name.lower().startswith("file:")):
            return None
        path = folder_path(name) or Path(name)
        if path.is_dir():
            return (await self._offload.run(read_folder, path)).entries
        if path.exists() and not is_article_file(path):
            return (await self._feed(await self._saved(path))).entries
        if path.exists():
            return [entry for entry in (await self._offload.run(read_file, path),) if entry.body.strip()]
        if folder_path(name) is not None or name.startswith(".") or "." not in name or is_article_file(path):
            raise NotReadable(FailureReason.NO_FOLDER, name, "no such file or folder")
        return None

    async def _saved(self, path: Path) -> Fetched:
        """A file as if it had been fetched: somebody saved a feed."""
        body = await self._offload.run(read_document, path)
        here = f"file:///{path.name}"
        return Fetched(here, None, not_modified=False, body=body, media_type=None, charset=None, http=HTTPInfo())

    async def _read_folder(self, url: str) -> Retrieved:
        path = folder_path(url)
        if path is None or not self._allow_folders:
            raise NotReadable(FailureReason.NO_FOLDER, url, "folders are not followed here")
        return Retrieved(await self._offload.run(read_folder, path))

    async def _fetch_typed(self, address: str, url: str) -> tuple[str, Fetched]:
        """Who types no scheme means https, and http where the site has nothing better."""
        try:
            return url, await self._fetcher.fetch(url)
        except FetchFailed as error:
            plain = url.replace("https://", "http://", 1)
            if "://" in address or error.reason not in (FailureReason.CONNECTION, FailureReason.TLS):
                raise
            return plain, await self._fetcher.fetch(plain)

    async def _probe_feed(self, url: str, credentials: Credentials | None) -> Probe:
        fetched = await self._fetcher.fetch(url, credentials=credentials)
        return _probed(url, fetched, SourceKind.FEED, await self._feed(fetched), credentials)

    async def _probe_page(self, url: str, fetched: Fetched, credentials: Credentials | None) -> Probe:
        candidates = await self._in_worker(fetched.url, partial(find_feeds, fetched.body, fetched.url))
        for index, candidate in enumerate(candidates[:PROBED_CANDIDATES]):
            try:
                own = credentials if origin_of(candidate.url) == origin_of(url) else None
                probe = await self._probe_feed(candidate.url, own)
            except SourceError:
                continue
            return replace(probe, alternatives=(*candidates[:index], *candidates[index + 1 :]))
        await self._require_admission(fetched.url)
        try:
            snapshot = await self._site(fetched)
        except NotReadable as error:
            if error.reason is not FailureReason.NO_ARTICLES:
                raise
            detail = "a page without a feed, a list of articles or an article"
            raise NotReadable(FailureReason.NOT_A_FEED, display_url(url), detail) from None
        return replace(_probed(url, fetched, SourceKind.PAGE, snapshot, credentials), alternatives=candidates)

    async def _feed(self, fetched: Fetched) -> Snapshot:
        """The feed in a document; feedparser is asked, where it can be killed, when our own reader finds nothing."""
        body, labels = fetched.body, {"media_type": fetched.media_type, "charset": fetched.charset}
        failure: NotReadable | None = None
        snapshot: Snapshot | None = None
        try:
            snapshot = await self._parse(fetched, partial(parse_feed, body, url=fetched.url, **labels))
            if snapshot.entries or snapshot.cut:
                return snapshot
        except NotReadable as error:
            if error.reason is FailureReason.TOO_SLOW_TO_READ:
                raise
            failure = error
        # Looking for items in megabytes would keep the event loop waiting; the second reader begins with that too.
        if not looks_like_page(body) and (len(body) > HEAVY_BYTES or mentions_items(body)):
            try:
                second = partial(parse_with_feedparser, body, url=fetched.url, **labels)
                return await self._in_worker(fetched.url, second)
            except NotReadable as error:
                failure = failure or (None if snapshot else error)
        if snapshot is not None:
            return snapshot  # a feed that lists nothing today
        raise failure or NotReadable(FailureReason.NOT_A_FEED, display_url(fetched.url))

    async def _parse(self, fetched: Fetched, work: Callable[[], T]) -> T:
        """Ordinary documents on a thread, large or suspicious ones where they can do no harm."""
        if len(fetched.body) > HEAVY_BYTES or _HUGE_TAG.search(fetched.body):
            return await self._in_worker(fetched.url, work)
        return await self._offload.run(work)

    async def _site(self, fetched: Fetched) -> Snapshot:
        """What a page lists. Raises NotReadable when it has neither links to articles nor one of its own."""
        work = partial(read_site, fetched.body, url=fetched.url, charset=fetched.charset)
        snapshot = await self._in_worker(fetched.url, work)
        if not snapshot.entries:
            raise NotReadable(FailureReason.NO_ARTICLES, display_url(fetched.url))
        return snapshot

    async def _page(self, fetched: Fetched) -> Snapshot:
        # Pages are the wildest input and never urgent: a crash of the HTML parser must take no more than a worker.
        work = partial(read_page, fetched.body, url=fetched.url, charset=fetched.charset)
        entry = await self._in_worker(fetched.url, work)
        return Snapshot(
            kind=SourceKind.PAGE, title=entry.title, home_url=fetched.url, language=entry.language, entries=(entry,)
        )

    async def _complete(self, entry: Entry, url: str) -> Entry:
        try:
            fetched = await self._fetcher.fetch(url)
            page = (await self._page(fetched)).entries[0]
        except SourceError:
            return entry
        if not is_about(page, entry):
            return entry
        if _length(page.body) <= _length(entry.body) or (not entry.body and not holds_article(page)):
            return replace(entry, image=entry.image or page.image)
        return replace(
            entry,
            title=entry.title or page.title,
            author=entry.author or page.author,
            published_at=entry.published_at or page.published_at,
            language=entry.language or page.language,
            image=entry.image or page.image,
            body=page.body,
            body_format=page.body_format,
            teaser=False,
        )

    async def _require_admission(self, url: str) -> None:
        if not await self._manners.admit(url):
            raise NotReadable(FailureReason.ROBOTS, display_url(url), "its robots.txt says no")

    async def _body(self, url: str) -> bytes:
        return (await self._fetcher.fetch(url)).body

    async def _in_worker(self, url: str, work: Callable[[], T]) -> T:
        try:
            return await self._offload.run_guarded(work, seconds=PARSE_SECONDS)
        except (TimeoutError, WorkerLost, MemoryError) as error:
            raise NotReadable(FailureReason.TOO_SLOW_TO_READ, display_url(url), str(error)) from error


def _probed(url: str, fetched: Fetched, kind: SourceKind, snapshot: Snapshot, credentials: Credentials | None) -> Probe:
    return Probe(fetched.moved_to or url, kind, _retrieved(fetched, snapshot), credentials=credentials)


def _retrieved(
    fetched: Fetched, snapshot: Snapshot | None, *, etag: str | None = None, last_modified: str | None = None
) -> Retrieved:
    """A 304 may leave out validators that still hold (RFC 9110, 15.4.5): those that were sent are kept."""
    if snapshot is not None and snapshot.cut:
        # They are those of the whole document, which would then be "not modified" while we have half of it.
        return Retrieved(snapshot, moved_to=fetched.moved_to, max_age_seconds=fetched.http.max_age_seconds)
    return Retrieved(
        snapshot=snapshot,
        etag=fetched.http.etag or etag,
        last_modified=fetched.http.last_modified or last_modified,
        moved_to=fetched.moved_to,
        max_age_seconds=fetched.http.max_age_seconds,
    )


def _length(body: str) -> int:
    return sum(map(len, blocks_of(body)))
