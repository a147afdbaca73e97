"""`casse-croute check`: is everything there that the bot needs? One line each, in plain words."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from bot.articles.lenses import added_kinds, lens
from bot.articles.lexicon import use_overlays
from bot.config import Settings
from bot.errors import CasseCrouteError, ConfigurationError, StorageError
from bot.lexicon_dir import read_lexicon_dir
from bot.locales import Words
from bot.models import Source
from bot.server import LOOPBACK, serve

SECONDS = 10.0

PRIVILEGED = {
    "presence": 1 << 12 | 1 << 13,
    "members": 1 << 14 | 1 << 15,
    "message content": 1 << 18 | 1 << 19,
}
"""Application flags that say that a privileged intent is switched on, in full or limited form.
https://discord.com/developers/docs/resources/application#application-object-application-flags"""


@dataclass(frozen=True, slots=True)
class Finding:
    good: bool
    sentence: str


ReadSources = Callable[[], Awaitable[Sequence[Source]]]
"""Opens the database, and gives what is stored there. Raises StorageError or ConfigurationError."""


async def examine(settings: Settings, words: Words, read_sources: ReadSources) -> AsyncIterator[Finding]:
    """Each part in turn; a part that fails does not keep the others from being looked at."""
    yield Finding(True, words("check.settings", language=settings.default_language))
    if settings.lexicon_dir is not None:
        yield _lexicon(settings, words)
    if settings.http_port is None and settings.public_url is not None:
        yield Finding(False, words("config_error.public_url_alone"))
    if settings.http_port is not None:
        yield await _http(settings.http_host or LOOPBACK, settings.http_port, words)
    async for finding in _discord(settings, words):
        yield finding
    async for finding in _database(words, read_sources):
        yield finding


def _lexicon(settings: Settings, words: Words) -> Finding:
    try:
        use_overlays(read_lexicon_dir(settings.lexicon_dir))
    except CasseCrouteError as error:
        return Finding(False, words(error.key, **error.params))
    names = [known.name(words.language) for kind in added_kinds() if (known := lens(kind))]
    return Finding(True, words("check.lexicon" if names else "check.lexicon.none", kinds=", ".join(names)))


async def _http(host: str, port: int, words: Words) -> Finding:
    """Whether the bot can listen there, unless it is the bot itself that does."""
    try:
        async with serve(web.Application(), host, port):
            return Finding(True, words("check.http", host=host, port=port))
    except ConfigurationError as error:
        if await _is_ours(host, port):
            return Finding(True, words("check.http.running", host=host, port=port))
        return Finding(False, words(error.key, **error.params))


async def _is_ours(host: str, port: int) -> bool:
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS)) as session,
            session.get(f"http://{f'[{host}]' if ':' in host else host}:{port}/health") as answer,
        ):
            return {"status", "discord", "database"} <= set(await answer.json(content_type=None))
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError, TypeError):
        return False


async def _discord(settings: Settings, words: Words) -> AsyncIterator[Finding]:
    try:
        token = settings.require_token()
    except CasseCrouteError as error:
        yield Finding(False, words(error.key, **error.params))
        return
    api = str(settings.discord_api_url).rstrip("/")
    headers = {"Authorization": f"Bot {token}", "User-Agent": "DiscordBot (casse-croute, 1)"}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS), headers=headers) as session,
            # What discord.py asks when it logs in: whatever can run the bot can be checked too.
            session.get(f"{api}/oauth2/applications/@me") as answer,
        ):
            if answer.status == 401:
                yield Finding(False, words("config_error.token_refused"))
                return
            if answer.status != 200:
                yield Finding(False, words("check.discord.status", url=api, status=answer.status))
                return
            application = await answer.json(content_type=None)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        yield Finding(False, words("check.discord.unreachable", url=api))
        return
    yield Finding(True, words("check.token", name=str(application.get("name", "?"))))
    switched_on = [name for name, bits in PRIVILEGED.items() if int(application.get("flags") or 0) & bits]
    key = "check.intents.unneeded" if switched_on else "check.intents"
    yield Finding(True, words(key, intents=", ".join(switched_on)))


async def _database(words: Words, read_sources: ReadSources) -> AsyncIterator[Finding]:
    try:
        sources = await read_sources()
    except StorageError as error:
        yield Finding(False, words("cli.storage", problem=error))
        return
    except CasseCrouteError as error:
        yield Finding(False, words(error.key, **error.params))
        return
    yield Finding(True, words.plural("check.database", len(sources)))
    for source in sources:
        yield _source(source, words)


def _source(source: Source, words: Words) -> Finding:
    name = source.title or source.url
    if source.failures and source.last_failure:
        why = words(f"failure.{source.last_failure}", url=source.url)
        return Finding(False, words("check.source.failing", source=name, why=why))
    if source.last_success_at is None:
        return Finding(True, words("check.source.new", source=name))
    return Finding(True, words("check.source", source=name, at=f"{source.last_success_at:%Y-%m-%d %H:%M} UTC"))
