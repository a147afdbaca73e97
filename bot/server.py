"""The HTTP server: `/health` for a supervisor, `/metrics` for a monitoring system. Off unless a port is set."""

import errno
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from bot.errors import ConfigurationError

Health = Callable[[], Awaitable[dict[str, bool]]]
"""Each part's name and whether it works now."""

LOOPBACK = "127.0.0.1"
"""Where it listens unless `HTTP_HOST` says otherwise."""

_REFUSALS = {errno.EADDRINUSE: "config_error.port_taken", errno.EACCES: "config_error.port_reserved"}


def build_server(health: Health, registry: CollectorRegistry, others: Iterable[web.RouteDef] = ()) -> web.Application:
    """`others` are the doors of other parts, such as that for hubs."""

    async def answer_health(_request: web.Request) -> web.Response:
        parts = await health()
        well = all(parts.values())
        return web.json_response({"status": "ok" if well else "failing", **parts}, status=200 if well else 503)

    async def answer_metrics(_request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    server = web.Application()
    server.add_routes([web.get("/health", answer_health), web.get("/metrics", answer_metrics), *others])
    return server


@asynccontextmanager
async def serve(application: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serve until the context ends; yields the port, which differs from `port` when that is 0.

    Raises ConfigurationError when there is no listening there.
    """
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            key = _REFUSALS.get(error.errno or 0, "config_error.host_unknown")
            raise ConfigurationError(key, host=host, port=port) from error
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
