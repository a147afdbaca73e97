"""Edits over real sockets: in threads that were archived meanwhile, and where the channel's limit is used up."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import discord
import pytest

from bot.delivery.dispatcher import Claimed
from bot.delivery.reviser import OwedEdit
from bot.errors import DeliveryPostponed, DestinationLost
from bot.messages.bucket import Bucket
from bot.messages.editor import DiscordEditor
from bot.messages.sender import DiscordAnnouncer
from bot.messages.traffic import Traffic
from bot.models import Delivery, Retraction, Subscription
from tests.fakes.articles import FOUND_AT, full_article, stored
from tests.fakes.discord_wire import DiscordWire
from tests.fakes.discord_wire.world import FORUM, Channel
from tests.wire.sample_bot import SampleBot, connected


@dataclass
class Desk:
    wire: DiscordWire
    news: Channel
    forum: Channel
    announcer: DiscordAnnouncer
    editor: DiscordEditor

    async def posted(self, channel: Channel) -> OwedEdit:
        """Posted, and changed since."""
        assert channel.guild
        delivery = Delivery(id=7, article_id=12, subscription_id=1, channel_id=channel.id, next_attempt_at=FOUND_AT)
        subscription = Subscription(
            id=1, source_id=3, guild_id=channel.guild.id, channel_id=channel.id, created_at=FOUND_AT
        )
        posted = await self.announcer.announce(Claimed(delivery, subscription, stored(full_article()), "fr"))
        changed = Claimed(delivery, subscription, stored(full_article(title="Un titre corrigé")), "fr")
        return OwedEdit(changed, posted.message_id, FOUND_AT + timedelta(minutes=2), 0, None, "new", None)


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr(discord.http, "Ratelimit", Bucket)
    async with DiscordWire(limits={"patch /channels/{channel_id}/messages/{message_id}": (2, 20.0)}) as wire:
        guild = wire.add_guild()
        news, forum = wire.add_channel(guild, "nouvelles"), wire.add_channel(guild, "forum", FORUM)
        traffic = Traffic(1_000, clock=time.monotonic)
        async with connected(wire, monkeypatch, SampleBot(trace=traffic.trace())) as client:
            announcer, editor = DiscordAnnouncer(client, traffic, "fr"), DiscordEditor(client, traffic, "fr")
            yield Desk(wire, news, forum, announcer, editor)


@pytest.mark.parametrize("retraction", [None, Retraction.STRIKE, Retraction.DELETE])
async def test_an_archived_post_is_opened_for_the_edit_and_archived_again(
    desk: Desk, retraction: Retraction | None
) -> None:
    edit = await desk.posted(desk.forum)
    assert desk.forum.guild
    (thread,) = desk.forum.guild.threads()
    thread.archived = True
    if retraction is Retraction.DELETE:
        await desk.editor.delete(edit)
        assert edit.message_id not in thread.messages
    else:
        await desk.editor.edit(OwedEdit(edit.claimed, edit.message_id, edit.leased_until, 0, retraction, "new", None))
        assert "Un titre corrigé" in desk.wire.messages(thread)[0].text
    assert thread.archived


async def test_a_locked_post_is_left_as_it_is(desk: Desk) -> None:
    edit = await desk.posted(desk.forum)
    assert desk.forum.guild
    (thread,) = desk.forum.guild.threads()
    thread.archived = thread.locked = True
    with pytest.raises(DestinationLost) as lost:
        await desk.editor.edit(edit)
    assert lost.value.reason == "suspended.thread_archived"


async def test_where_the_channel_s_limit_is_used_up_an_edit_waits_in_the_queue(desk: Desk) -> None:
    edit = await desk.posted(desk.news)
    await desk.editor.edit(edit)
    await desk.editor.edit(edit)
    with pytest.raises(DeliveryPostponed) as postponed:
        await desk.editor.edit(edit)
    assert not postponed.value.counted
    assert 15 < (postponed.value.retry_after or 0) <= 20
    assert desk.wire.front.too_many == []
