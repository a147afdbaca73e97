"""Every shape of a post as a browser shows it; with CASSE_CROUTE_SCREENSHOTS set, pictures of each are kept."""

import time
from dataclasses import replace
from datetime import date

import discord
import pytest
import simcord

from bot.delivery.digests import Digest
from bot.demo.samples import load_samples
from bot.messages.sender import DiscordAnnouncer
from bot.messages.traffic import Traffic
from tests.demo.test_browser import CHROMIUM, visiting
from tests.fakes.articles import full_article, plain_article, stored
from tests.fakes.simcord_env import World
from tests.messages.posts import claimed_as

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not on this machine"),
    pytest.mark.timeout(120),
]

ARTICLE = stored(full_article())
HEADER = "🥔 **Nouveau dans {source}**, le {date}"


@pytest.fixture
def simcord_bot() -> discord.Client:
    return discord.Client(intents=discord.Intents(guilds=True))


@pytest.mark.parametrize("shape", ["card", "embed", "text", "forum", "thread", "digest"])
async def test_a_shape_is_readable_in_a_browser(world: World, shape: str) -> None:
    announcer = DiscordAnnouncer(world.env.bot, Traffic(1_000, clock=time.monotonic), "fr")
    role = world.guild.create_role("Curieux", mentionable=True, color=0xE3A72F)
    place = world.guild.create_forum_channel("débats") if shape == "forum" else world.news
    style = shape if shape in ("embed", "text") else "card"
    settings: dict[str, object] = {"thread": "article"} if shape == "thread" else {}
    if shape == "forum":
        settings = {"forum_title": "🥔 {titre}"}
    claimed = claimed_as(
        ARTICLE, channel_id=place.id, shape=style, header=HEADER, roles=[role.id], poll=True, **settings
    )
    claimed = replace(claimed, summed_up=3 if shape == "text" else 0)
    if shape == "digest":
        plain = stored(plain_article(), 13, "Harbour News")
        claimed = replace(claimed, digest=Digest(date(2026, 3, 2), (plain, ARTICLE), frozenset(), 2))
    posted = await announcer.announce(claimed)
    await world.env.settle()
    assert posted.detail is None
    shown: simcord.ChannelHandle = place.threads[0] if shape in ("forum", "thread") else place
    picture = next(sample.picture for sample in load_samples() if sample.picture)
    async with world.env.preview(
        shown,
        viewers=[world.member],
        layout="channel",
        locale="fr",
        timezone="America/Toronto",
        assets={"https://comptoir.example/cellulaire.jpg": (picture.name, picture.data)},
    ) as preview:
        await preview.refresh()
        async with visiting(preview.url) as visitor:
            await visitor.sees(
                "Pour lancer la discussion" if shape in ("forum", "thread") else "Une équipe de Sherbrooke"
            )
            await visitor.shoot(f"shape-{shape}")
