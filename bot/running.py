"""Runs what `bot.app` has built until it is told to stop: intake stops first, Discord is closed last."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import structlog

from bot import garbage_collection
from bot.app import App, open_app
from bot.client import use_api
from bot.config import Settings
from bot.errors import ConfigurationError, StorageError
from bot.workers import Service

log = structlog.get_logger(__name__)

STOP_SECONDS = 8.0
"""How long a stop waits for what is under way; what is cut off then is leased, so the next start takes it up."""

CLOSE_SECONDS = 2.0


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Run the bot until `stop` is set. ConfigurationError when Discord refuses the token for good."""
    token = settings.require_token()
    if settings.public_url is not None and settings.http_port is None:
        raise ConfigurationError("config_error.public_url_alone")
    use_api(str(settings.discord_api_url))
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(open_app(settings))
        if settings.http_port is not None:
            await stack.enter_async_context(_health_server(app, settings))
        stack.enter_context(garbage_collection.collected_in_rounds())
        await _run_app(app, token, stop)


async def _run_app(app: App, token: str, stop: asyncio.Event) -> None:
    """The client and its services, side by side, until `stop` is set or one of them fails."""
    services = [asyncio.create_task(service.run(), name=service.name) for service in app.services]
    discord_task = asyncio.create_task(app.client.stay_connected(token), name="discord")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait([discord_task, stopping, *services], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        await _stop_services(app.services, services)
        await _finish_answers()
        await app.client.close()
        await asyncio.wait([discord_task], timeout=CLOSE_SECONDS)
        discord_task.cancel()
        results = await asyncio.gather(discord_task, *services, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


async def _stop_services(services: Sequence[Service], tasks: Sequence[asyncio.Task[None]]) -> None:
    for service in services:
        service.stop()
    _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
    for task in late:
        log.warning("stopped before it had finished", service=task.get_name())
        task.cancel()


async def _finish_answers() -> None:
    """Let commands and buttons that are being answered finish: closing the client first would cut them off."""
    answering = [
        task
        for task in asyncio.all_tasks()
        if task.get_name().startswith(("CommandTree-invoker", "discord-ui-dynamic-item-"))
    ]
    if answering:
        await asyncio.wait(answering, timeout=CLOSE_SECONDS)


@asynccontextmanager
async def _health_server(app: App, settings: Settings) -> AsyncIterator[None]:
    # Imported here: a server of our own is 40 ms and some megabytes that most bots can do without.
    from bot.push_server import push_routes
    from bot.server import LOOPBACK, build_server, serve

    async def health() -> dict[str, bool]:
        database = False
        with contextlib.suppress(StorageError):
            await app.storage.ping()
            database = True
        return {"discord": app.client.is_ready(), "database": database}

    host, port = settings.http_host or LOOPBACK, settings.http_port or 0
    doors = push_routes(app.pushes) if app.pushes else ()
    async with serve(build_server(health, app.metrics.registry, doors), host, port) as bound:
        log.info("health server", host=host, port=bound)
        yield
