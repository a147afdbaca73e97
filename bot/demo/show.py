"""What happens in the demo, in order: the publisher opens, the bot logs in, follows the feed, and articles come out."""

import asyncio
import contextlib
import socket
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import click
from pydantic import SecretStr

from bot.app import App, open_app, utc_now
from bot.config import Settings, operator_language
from bot.demo.feed import Newsstand, serve
from bot.demo.samples import load_samples
from bot.demo.stage import Stage, open_stage
from bot.locales import Words, words
from bot.log import set_up_logging
from bot.signals import stop_signals
from bot.workers import Service

PORT = 8765
POLL_SECONDS = 2
FIRST_RELEASE_SECONDS = 12.0
RELEASE_SECONDS = 40.0
POST_SECONDS = 10.0
"""How long the bot may take to notice and post an article before the demo says that something is wrong."""
STOP_SECONDS = 3.0


async def show(*, port: int | None, open_browser: bool) -> None:
    speak = words(operator_language())
    set_up_logging("WARNING", "text")
    say(speak("demo.starting"))
    async with AsyncExitStack() as stack:
        stop = await stack.enter_async_context(stop_signals())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="casse-croute-demo-")))
        newsstand = Newsstand(load_samples(), now=utc_now)
        address = await stack.enter_async_context(serve(newsstand))
        app = await stack.enter_async_context(open_app(_settings(folder), find_gateway=False))
        stage = await stack.enter_async_context(open_stage(app.client, now=utc_now))
        services = await stack.enter_async_context(_running(app.services))
        await _follow(app, stage, f"{address}/rss.xml", speak)
        preview = await stack.enter_async_context(stage.preview(_free_port(port or PORT, speak), _pictures(address)))
        say(speak("demo.ready", url=preview.url))
        say(speak("demo.hints", feed=f"{address}/atom.xml"))
        if open_browser:
            await asyncio.to_thread(_open, preview.url)
        releases = asyncio.create_task(_release_slowly(newsstand, stage, speak))
        ends = [asyncio.create_task(stop.wait()), asyncio.create_task(preview.wait_closed())]
        try:
            await asyncio.wait([*ends, *services], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (releases, *ends):
                task.cancel()
            await asyncio.gather(releases, *ends, return_exceptions=True)
    say(speak("demo.stopped"))


def _settings(folder: Path) -> Settings:
    """Nothing of the operator's: no token, no `.env`, a database that goes away with its folder."""
    return Settings(
        _env_file=None,
        discord_token=None,
        database_url=SecretStr(f"sqlite:///{folder / 'demo.db'}"),
        poll_interval_seconds=POLL_SECONDS,
        allow_private_addresses=True,
        default_language="fr",
    )


async def _follow(app: App, stage: Stage, feed: str, speak: Words) -> None:
    """What a moderator does with `/config source add`; its first check posts the newest article."""
    added = await app.subscriptions.add(
        feed, guild_id=stage.guild.id, channel_id=stage.news.id, created_by=stage.moderator.id
    )
    if await stage.until_posted(1, POST_SECONDS) and added.newest:
        say(speak("demo.posted", title=added.newest.article.title))
    else:
        say(speak("demo.not_posted"))


async def _release_slowly(newsstand: Newsstand, stage: Stage, speak: Words) -> None:
    wait_seconds = FIRST_RELEASE_SECONDS
    while True:
        await asyncio.sleep(wait_seconds)
        wait_seconds = RELEASE_SECONDS
        count = len(stage.announcements())
        sample = newsstand.release()
        if sample is None:
            say(speak("demo.all_out"))
            return
        if await stage.until_posted(count + 1, POST_SECONDS):
            say(speak("demo.posted", title=sample.title))
        else:
            say(speak("demo.not_posted"))


@asynccontextmanager
async def _running(services: Sequence[Service]) -> AsyncIterator[list[asyncio.Task[None]]]:
    """The app's services beside the bot, as `bot.running` runs them; stopped in their own way."""
    tasks = [asyncio.create_task(service.run(), name=service.name) for service in services]
    try:
        yield tasks
    finally:
        for service in services:
            service.stop()
        _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
        for task in late:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


def _pictures(address: str) -> dict[str, bytes]:
    """The images of every article, also of those that are still to come: the page fetches nothing by itself."""
    pictures = [sample.picture for sample in load_samples() if sample.picture]
    return {f"{address}/images/{picture.name}": picture.data for picture in pictures}


def _free_port(wanted: int, speak: Words) -> int:
    """`wanted`, or 0 (any free one) when something listens there already."""
    with socket.socket() as probe:
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            say(speak("demo.port_taken", port=wanted))
            return 0
    return wanted


def _open(url: str) -> None:
    """Open a graphical browser; a text browser would take this terminal, and the address has been printed anyway."""
    with contextlib.suppress(webbrowser.Error):
        browser = webbrowser.get()
        if type(browser) is not webbrowser.GenericBrowser:
            browser.open(url)


def say(sentence: str) -> None:
    click.echo(sentence)
    sys.stdout.flush()
