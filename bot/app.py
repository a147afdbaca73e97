"""Composition root: the one place that names concrete edges, opens them in order and closes them in reverse.

    storage -> offload -> fetcher -> use cases -> client -> services

Everything is built here and nothing started: `bot.running` runs it, and the demo runs the same app with the client
inside SimCord.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import structlog

from bot import garbage_collection
from bot.articles.lexicon import use_overlays
from bot.checks import SourceChecks
from bot.client import CasseCroute
from bot.config import Settings
from bot.corrections import Corrections
from bot.delivery.dispatcher import RENEWAL, Dispatcher
from bot.delivery.notices import Notices
from bot.delivery.planner import plan_deliveries
from bot.delivery.reviser import Reviser
from bot.delivery.suspensions import ROUND, Suspensions
from bot.exchange import Exchange
from bot.explaining import Explaining
from bot.filtering import Filtering
from bot.lexicon_dir import read_lexicon_dir
from bot.messages.access import DiscordAccess
from bot.messages.editor import DiscordEditor
from bot.messages.sender import DiscordAnnouncer
from bot.messages.teller import DiscordTeller
from bot.messages.traffic import Traffic
from bot.metrics import Metrics
from bot.models import Source
from bot.offload import Offload
from bot.postings import Postings
from bot.push import ROUND as ASKING
from bot.push import PushedSources, Pushes
from bot.quota import Quota
from bot.reading import Reading
from bot.servers import Servers
from bot.sources.fetcher import Fetcher, Limits
from bot.sources.reader import SourceReader
from bot.storage import Storage, open_storage
from bot.subscriptions import Subscriptions
from bot.updates.learning import Learning
from bot.updates.line import HostLimits
from bot.updates.sifting import Sifter, Sifting
from bot.updates.stories import WINDOW
from bot.updates.understanding import Understanding
from bot.updates.updater import Updater
from bot.watching import FolderWatch
from bot.workers import (
    DELIVERIES_AT_ONCE,
    DISPATCH_REST,
    EDITS_AT_ONCE,
    NOTICES_AT_ONCE,
    Dispatches,
    Edits,
    Errands,
    Pool,
    Rounds,
    Service,
    Tellings,
)

log = structlog.get_logger(__name__)

TIDYING = timedelta(hours=1)


def ring(*pools: Pool[Any] | Rounds) -> None:
    for pool in pools:
        pool.ring()


def fetch_limits(settings: Settings) -> Limits:
    """Room for every check at once, and for the pages that teasers lead to."""
    ordinary = Limits()
    return replace(
        ordinary,
        connections=max(ordinary.connections, 2 * settings.fetch_concurrency),
        connections_per_host=max(ordinary.connections_per_host, settings.host_concurrency),
    )


def utc_now() -> datetime:
    return datetime.now(UTC)


def user_agent() -> str:
    """Honest, with a way to reach whoever wrote it, as RFC 9110 section 10.1.5 asks of robots."""
    return f"Casse-croute/{version('casse-croute')} (Discord feed bot)"


@dataclass(frozen=True, slots=True)
class App:
    client: CasseCroute
    services: tuple[Service, ...]
    storage: Storage
    reader: SourceReader
    understand: Understanding
    subscriptions: Subscriptions
    metrics: Metrics
    pushes: Pushes | None = None


@asynccontextmanager
async def open_reader(settings: Settings, *, local: bool = False) -> AsyncIterator[tuple[SourceReader, Understanding]]:
    """What reads and understands sources. `local` opens the disk to whoever asks: the operator, at the command line."""
    use_overlays(read_lexicon_dir(settings.lexicon_dir))
    async with AsyncExitStack() as stack:
        offload = await stack.enter_async_context(Offload())
        fetcher = await stack.enter_async_context(
            Fetcher(
                user_agent=user_agent(),
                allow_private=settings.allow_private_addresses,
                limits=fetch_limits(settings),
            )
        )
        # A folder is the operator's disk: open it to moderators only where private addresses are open to them too.
        allow_folders = local or settings.allow_private_addresses
        understand = Understanding(offload, threshold=settings.section_confidence)
        yield SourceReader(fetcher, offload, allow_folders=allow_folders), understand


@asynccontextmanager
async def open_app(
    settings: Settings, *, now: Callable[[], datetime] = utc_now, find_gateway: bool = True
) -> AsyncIterator[App]:
    """Everything built and opened, nothing started. ConfigurationError and StorageError say what is missing."""
    async with AsyncExitStack() as stack:
        storage = await stack.enter_async_context(
            open_storage(
                settings.database_url.get_secret_value(), now=now, default_time_zone=settings.default_time_zone
            )
        )
        reader, understand = await stack.enter_async_context(open_reader(settings))
        pushes = _pushes(settings, storage, reader, lambda ids: _hasten(storage, wake_checks, now, ids), now)
        sift = Sifter(understand.offload, clock=time.monotonic)
        updater = Updater(
            reader if pushes is None else PushedSources(reader, pushes),
            storage.archive,
            understand,
            plan_deliveries,
            aside=understand.offload.run,
            sifting=Sifting(storage.filters, sift),
            learning=Learning(storage.lessons, understand.offload, threshold=settings.section_confidence),
            interval=timedelta(seconds=settings.poll_interval_seconds),
            ceiling=timedelta(seconds=settings.longest_poll_seconds()),
            now=now,
        )

        def wake_checks() -> None:
            due.look_again()
            checks.ring()

        def wake() -> None:
            wake_checks()
            dispatches.ring()

        errands = Errands()
        metrics = Metrics()
        traffic = Traffic(settings.discord_requests_per_second, clock=time.monotonic, now=now)
        reading = Reading(storage.library)
        quota = Quota(settings.max_sources_per_server, settings.max_subscriptions_per_server)
        subscriptions = Subscriptions(
            storage.register,
            reader,
            updater,
            errands,
            Servers(
                storage.register,
                default_language=settings.default_language,
                default_time_zone=settings.default_time_zone,
                notify=wake,
            ),
            quota=quota,
            now=now,
            notify=wake,
        )
        client = CasseCroute(
            reading=reading,
            corrections=Corrections(reading, storage.corrections, now=now, notify=lambda: ring(edits)),
            postings=Postings(
                reading, Reading(storage.whole_library), storage.desk, now=now, notify=lambda: ring(dispatches, edits)
            ),
            subscriptions=subscriptions,
            exchange=Exchange(storage.register, storage.notes, now=now, quota=quota, notify=wake_checks),
            filtering=Filtering(subscriptions, storage.library, sift),
            explaining=_explaining(storage, now),
            notes=storage.notes,
            trace=traffic.trace(),
            find_gateway=find_gateway,
        )
        stack.push_async_callback(client.close)
        notices = Notices(storage.notices, DiscordTeller(client, settings.default_language), now=now)
        tellings = Pool("notices", Tellings(notices, connected=client.is_ready, now=now), NOTICES_AT_ONCE)
        announcer = DiscordAnnouncer(client, traffic, settings.default_language)
        dispatcher = Dispatcher(storage.outbox, announcer, now=now, noticed=tellings.ring)
        dispatches = Pool(
            "dispatch",
            Dispatches(dispatcher, metrics, connected=client.is_ready, room=traffic.room, now=now),
            DELIVERIES_AT_ONCE,
            rest=DISPATCH_REST,
        )
        suspensions = Suspensions(storage.suspensions, DiscordAccess(client), now=now, owed=dispatches.ring)
        rechecks = Rounds("suspensions", suspensions.round, ROUND)
        reviser = Reviser(storage.edits, DiscordEditor(client, traffic, settings.default_language), now=now)
        edits = Pool("edits", Edits(reviser, metrics, connected=client.is_ready, now=now), EDITS_AT_ONCE)
        _listen(client, suspensions, rechecks, dispatches, tellings, edits)
        due = SourceChecks(
            storage.due_sources,
            updater,
            metrics,
            at_once=settings.fetch_concurrency,
            host_limits=HostLimits(settings.host_concurrency, settings.host_delay_seconds),
            now=now,
            owed=lambda: ring(dispatches, edits),
        )
        checks = Pool("checks", due, settings.fetch_concurrency, give_back=due.give_back)
        leases = Rounds("leases", dispatcher.renew, RENEWAL)
        checks_leases = Rounds("leases of checks", due.renew, RENEWAL)
        folders = FolderWatch(partial(_followed_folders, storage), partial(_hasten, storage, wake_checks, now))
        tidying = Rounds("tidying", lambda: _tidy(storage, now()), TIDYING)
        garbage = Rounds("garbage", garbage_collection.collect, garbage_collection.ROUND)
        works = (errands, checks, dispatches, tellings, edits)
        rounds = (leases, checks_leases, rechecks, folders, tidying, garbage)
        asking = () if pushes is None else (Rounds("pushes", pushes.round, ASKING),)
        ring(*asking)
        yield App(
            client, (*works, *rounds, *asking), storage, reader, understand, client.subscriptions, metrics, pushes
        )


def _pushes(
    settings: Settings,
    storage: Storage,
    hubs: SourceReader,
    hasten: Callable[[Collection[int]], Awaitable[None]],
    now: Callable[[], datetime],
) -> Pushes | None:
    """None where hubs cannot reach us."""
    if settings.public_url is None or settings.http_port is None:
        return None
    return Pushes(storage.pushes, hubs, hasten, public_url=str(settings.public_url), now=now)


async def _followed_folders(storage: Storage) -> dict[int, Path]:
    return {source_id: Path(url) for source_id, url in (await storage.due_sources.folders()).items()}


async def _hasten(
    storage: Storage, wake_checks: Callable[[], None], now: Callable[[], datetime], source_ids: Collection[int]
) -> None:
    await storage.due_sources.hasten(source_ids, now=now())
    wake_checks()


async def _tidy(storage: Storage, now: datetime) -> None:
    """Drop what nobody will ask for any more."""
    await storage.archive.forget_old_stories(now - 2 * WINDOW)


def _listen(client: CasseCroute, suspensions: Suspensions, rechecks: Rounds, *waiting_for_discord: Pool[Any]) -> None:
    """Let what the gateway tells reach those who wait for it."""

    def connected() -> None:
        ring(*waiting_for_discord)
        suspensions.back()
        rechecks.ring()

    def changed(guild_id: int) -> None:
        suspensions.changed(guild_id)
        rechecks.ring()

    client.on_connected = connected
    client.on_disconnected = suspensions.gone
    client.on_access_changed = changed


@asynccontextmanager
async def open_exchange(settings: Settings) -> AsyncIterator[Exchange]:
    """Lists of sources in and out; for `casse-croute import` and `export`."""
    async with open_storage(settings.database_url.get_secret_value(), now=utc_now) as storage:
        yield Exchange(storage.register, storage.notes, now=utc_now)


@asynccontextmanager
async def open_explaining(settings: Settings) -> AsyncIterator[Explaining]:
    """Why articles were posted, or were not; for `casse-croute why`."""
    async with open_storage(settings.database_url.get_secret_value(), now=utc_now) as storage:
        yield _explaining(storage, utc_now)


def _explaining(storage: Storage, now: Callable[[], datetime]) -> Explaining:
    library = storage.whole_library
    return Explaining(Reading(library), library, storage.ledger, storage.register.followed, now=now)


async def read_sources(settings: Settings) -> Sequence[Source]:
    """What the database holds of sources; for `casse-croute check`."""
    async with open_storage(settings.database_url.get_secret_value(), now=utc_now) as storage:
        return await storage.register.sources()
