"""The simulated server "La Cabane" and its view in the browser: SimCord's world, its Preview, and one lock for both.

SimCord lets one thing happen at a time and says no to whatever overlaps, which leaves the browser's page dead; and it
shows nothing new until it is told to. So everything here goes through one lock: people's clicks, the clock, and the
republishing of what the bot posted meanwhile.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from importlib.resources import files
from typing import Any

import discord
import simcord
from simcord.backend.cdn import CDN_BASE

from bot.demo.voices import speaking

SERVER = "La Cabane"
_LANGUAGE = "fr"
_TIME_ZONE = "America/Toronto"
_SETTLE_SECONDS = 45.0
"""How long a click may take before SimCord calls it uncertain; longer than the fetcher gives a silent site."""
_REPUBLISH_SECONDS = 0.3
_CLOCK_SECONDS = 1.0
_POLL_SECONDS = 0.05
_FACES = files(__package__) / "faces"


class Stage:
    """A running server. `news` is the channel on show; people are who the visitor can be."""

    def __init__(self, env: simcord.Env, now: Callable[[], datetime]) -> None:
        self._env = env
        self._now = now
        self._gate = asyncio.Lock()
        self._assets: dict[str, tuple[str, bytes]] = {}
        self._engaged: set[str] = set()
        """Pages whose visitor has used the bot."""
        self.guild = env.create_guild(SERVER, preferred_locale=_LANGUAGE)
        keeper = self.guild.create_role(
            "Modération", permissions=discord.Permissions(manage_guild=True), color=0x3F8F7B, hoist=True
        )
        self.news = self.guild.create_text_channel("nouvelles", topic="Un article, quatre façons d’en jaser.")
        self.lounge = self.guild.create_text_channel("salon")
        self.moderator = self.guild.add_member(self._person("simone", "Simone"), roles=[keeper])
        self.member = self.guild.add_member(self._person("rosaire", "Rosaire"))
        self.visitor = self.guild.add_member(self._person("maeve", "Maeve"))
        """Her Discord is in English, everybody else's in the server's language."""

    def language_of(self, user_id: int) -> str:
        return "en" if user_id == self.visitor.id else _LANGUAGE

    def announcements(self) -> list[discord.Message]:
        """What the bot posted by itself in the channel on show, oldest first; answers to people do not count."""
        bot_id = self._env.backend.bot_user.id
        return [
            message
            for message in self.news.history()
            if message.author.id == bot_id and message.interaction_metadata is None and not message.flags.ephemeral
        ]

    async def until_posted(self, count: int, seconds: float) -> bool:
        """Wait for at least `count` announcements; False when there are fewer after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    if len(self.announcements()) >= count:
                        return True
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            return False

    def commands(self) -> Iterable[dict[str, Any]]:
        """The global commands as the picker shows them."""
        return self._env.backend.commands.get(None, {}).values()

    @asynccontextmanager
    async def preview(self, port: int, pictures: Mapping[str, bytes]) -> AsyncIterator[simcord.Preview]:
        """The channel in the browser, live while this is open. `pictures` are the images that articles may show."""
        assets = self._assets | {url: (url.rsplit("/", 1)[-1], data) for url, data in pictures.items()}
        await self._set_clock()
        async with self._env.preview(
            self.news,
            viewers=[self.moderator, self.member, self.visitor],
            layout="channel",
            locale=_LANGUAGE,
            timezone=_TIME_ZONE,
            assets=assets,
            port=port,
        ) as preview:
            self._serialise(preview)
            if last := self.news.last_message:
                await preview.show(last)
            async with _beside(self._republish(preview), self._drive_clock()):
                yield preview

    async def dress(self) -> None:
        """Give the bot its name and face, set the clock to now, and put the command picker in French."""
        await self._set_clock()
        bot = self._env.backend.bot_user
        bot.name, bot.avatar = "Casse-croûte", self._face(bot.id, "bot")
        _localise(self.commands())

    def _person(self, name: str, display_name: str) -> simcord.UserHandle:
        person = self._env.create_user(name, global_name=display_name, avatar=name)
        self._face(person.id, name)
        return person

    def _face(self, user_id: int, name: str) -> str:
        data = (_FACES / f"{name}.png").read_bytes()
        self._assets[f"{CDN_BASE}/avatars/{user_id}/{name}.png"] = (f"{name}.png", data)
        return name

    async def _set_clock(self) -> None:
        """SimCord's clock starts on 1 January and stands still: messages would all carry that date."""
        async with self._gate:
            await self._catch_up()

    async def _catch_up(self) -> None:
        await self._env.advance_time(max(0.0, (self._now() - self._env.now()).total_seconds()))

    def _serialise(self, preview: simcord.Preview) -> None:
        """Let each action wait for its turn, forgive it for a page that was republished since it was painted, and show
        its answer.

        What begins with an underscore here is SimCord's own: the browser test of the demo guards it at each upgrade.
        """
        inner = preview._action

        async def action(context: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
            async with self._gate:
                await self._catch_up()
                preview._advance_presentation_time()
                if "published_revision" in body:
                    body = {**body, "published_revision": preview._get_page(context).revision}
                result = await inner(context, body)
                answers = [outcome["messageId"] for outcome in result.get("outcomes", ()) if "messageId" in outcome]
                if answers:
                    page = preview._get_page(context)
                    self._engaged.add(page.id)
                    page.target_id = int(answers[-1])
                    preview._publish(page, reason="navigation")
                return result

        preview._action = action  # type: ignore[assignment, method-assign]

    async def _republish(self, preview: simcord.Preview) -> None:
        shown = -1
        while True:
            happened = len(self._env.backend.transcript)
            if happened != shown:
                # Two can only collide with work that SimCord itself started: try again at the next turn.
                with contextlib.suppress(simcord.SetupError, TimeoutError):
                    async with self._gate:
                        await self._catch_up()
                        self._point_at_the_newest(preview)
                        await preview.refresh()
                    shown = happened
            await asyncio.sleep(_REPUBLISH_SECONDS)

    def _point_at_the_newest(self, preview: simcord.Preview) -> None:
        """Scroll to what was just announced, except for who is reading an answer: there, a bar offers to."""
        announced = self.announcements()
        for page in preview._pages.values():
            if announced and page.id not in self._engaged:
                page.target_id = announced[-1].id

    async def _drive_clock(self) -> None:
        while True:
            await asyncio.sleep(_CLOCK_SECONDS)
            with contextlib.suppress(simcord.SetupError, TimeoutError):
                await self._set_clock()


@asynccontextmanager
async def open_stage(client: discord.Client, *, now: Callable[[], datetime]) -> AsyncIterator[Stage]:
    """Log the client in to a simulated Discord. Its services are started by whoever opens this, never by the client."""
    async with simcord.run(client, settle_timeout=_SETTLE_SECONDS, check_errors=False) as env:
        stage = Stage(env, now)
        with speaking(stage.language_of, server=_LANGUAGE):
            await stage.dress()
            yield stage


def _localise(commands: Iterable[dict[str, Any]]) -> None:
    """The picker knows one language: show French descriptions and choices. Names stay, since they are what is run."""
    for node in commands:
        node["description"] = (node.get("description_localizations") or {}).get(_LANGUAGE) or node.get(
            "description", ""
        )
        for choice in node.get("choices") or ():
            choice["name"] = (choice.get("name_localizations") or {}).get(_LANGUAGE) or choice["name"]
        _localise(node.get("options") or ())


@asynccontextmanager
async def _beside(*loops: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(loop) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
