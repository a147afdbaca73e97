"""The door for hubs: `GET /push/TOKEN` verifies what we asked for, `POST /push/TOKEN` brings news."""

from aiohttp import web

from bot.errors import StorageError
from bot.push import MAX_BODY_BYTES, PATH, Pushes, Verdict

_PIECE_BYTES = 64 * 1024


def push_routes(pushes: Pushes) -> list[web.RouteDef]:
    async def verify(request: web.Request) -> web.Response:
        try:
            challenge = await pushes.verify(request.match_info["token"], request.query)
        except StorageError:
            return web.Response(status=503)
        if challenge is None:
            return web.Response(status=404)
        # Plain text that no browser takes for a page: the challenge is whatever a stranger wrote.
        return web.Response(text=challenge, headers={"X-Content-Type-Options": "nosniff"})

    async def receive(request: web.Request) -> web.Response:
        if (request.content_length or 0) > MAX_BODY_BYTES:
            return web.Response(status=Verdict.TOO_LARGE.value)
        body = request.content.iter_chunked(_PIECE_BYTES)
        try:
            verdict = await pushes.receive(request.match_info["token"], request.headers.get("X-Hub-Signature"), body)
        except StorageError:
            return web.Response(status=503)
        return web.Response(status=verdict.value)

    path = PATH + "{token:[A-Za-z0-9_-]{20,64}}"
    return [web.get(path, verify, allow_head=False), web.post(path, receive)]
