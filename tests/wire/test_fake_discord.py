"""The fake Discord against real discord.py over real sockets: what it accepts, refuses, and says back."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest
from discord import ui

from tests.fakes.discord_wire import Can, CannotSend, DiscordWire, Fault, NoAnswer, Person, statuses
from tests.fakes.discord_wire.world import ANNOUNCEMENT, FORUM, Channel
from tests.wire.sample_bot import SampleBot, card, connected


class World:
    def __init__(self, wire: DiscordWire) -> None:
        self.wire = wire
        self.guild = wire.add_guild("La Cabane")
        self.news = wire.add_channel(self.guild, "nouvelles")
        self.announcements = wire.add_channel(self.guild, "annonces", ANNOUNCEMENT)
        self.forum = wire.add_channel(self.guild, "forum", FORUM, tags=("IA",))
        self.moderator = wire.add_member(self.guild, "colette", permissions=Can.MANAGE_GUILD)
        self.member = wire.add_member(self.guild, "gaston")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with DiscordWire(check_own_answers=True) as wire:
        yield World(wire)


@pytest.fixture
async def bot(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SampleBot]:
    async with connected(world.wire, monkeypatch) as bot:
        await world.wire.wait_ready()
        yield bot
    assert world.wire.own_faults == []


def posting(bot: SampleBot, channel: Channel) -> discord.TextChannel:
    found = bot.get_channel(channel.id)
    assert isinstance(found, discord.TextChannel)
    return found


async def test_a_bot_connects_and_registers_localised_commands(world: World, bot: SampleBot) -> None:
    assert world.wire.intents == 1
    assert [guild.name for guild in bot.guilds] == ["La Cabane"]
    config = next(command for command in world.wire.commands if command["name"] == "config")
    add = config["options"][0]["options"][0]
    assert add["name_localizations"] == {"fr": "ajouter"}
    assert config["default_member_permissions"] == "32"
    assert world.wire.violations == []


async def test_only_moderators_see_a_moderators_command(world: World, bot: SampleBot) -> None:
    assert "config" in world.moderator.commands(world.news)
    assert "config" not in world.member.commands(world.news)
    with pytest.raises(CannotSend, match="no command 'config'"):
        await world.member.slash(world.news, "config source add", url="http://x.example/", channel=world.news)


async def test_a_slash_command_carries_resolved_channels_and_permissions(world: World, bot: SampleBot) -> None:
    answer = await world.moderator.slash(world.news, "config source add", url="http://x.example/", channel=world.news)
    assert answer.text == f"http://x.example/ in {world.news.mention}: True"
    assert answer.ephemeral
    assert answer.latency_ms < 1000
    assert world.wire.messages(world.news) == []


async def test_a_client_refuses_what_the_command_does_not_take(world: World, bot: SampleBot) -> None:
    add = "config source add"
    with pytest.raises(CannotSend, match="channel is required"):
        await world.moderator.slash(world.news, add, url="x")
    with pytest.raises(CannotSend, match="takes channels of types"):
        await world.moderator.slash(world.news, add, url="x", channel=world.forum)
    with pytest.raises(CannotSend, match="no option colour"):
        await world.moderator.slash(world.news, add, url="x", channel=world.news, colour="red")


async def test_completion_answers_choices(world: World, bot: SampleBot) -> None:
    assert (await world.member.autocomplete(world.news, "poutine", "article", "fro")).choices == [("fro…", "#1")]


async def test_embeds_are_read_as_text_and_shared_answers_stay_in_the_channel(world: World, bot: SampleBot) -> None:
    answer = await world.member.slash(world.news, "poutine", article="fromage", share=True)
    assert answer.text == "Poutine\n\nfromage"
    assert world.wire.messages(world.news) == [answer.message]


async def test_a_deferred_answer_is_waited_for(world: World, bot: SampleBot) -> None:
    answer = await world.member.slash(world.news, "slow")
    assert answer.deferred
    assert answer.text == "thought"
    assert answer.ephemeral
    assert answer.completed_ms > 200 > answer.latency_ms
    assert world.wire.violations == []


async def test_the_first_follow_up_of_a_deferral_fills_the_answer(world: World, bot: SampleBot) -> None:
    answer = await world.member.slash(world.news, "slow", twice=True)
    await world.wire.until(lambda: answer.followups, 2)
    assert answer.text == "first"
    assert [message.text for message in answer.followups] == ["second"]


async def test_silence_is_reported_after_three_seconds(world: World, bot: SampleBot) -> None:
    with pytest.raises(NoAnswer, match="did not respond"):
        await world.member.slash(world.news, "silent")


async def test_buttons_of_a_posted_card_answer_privately(world: World, bot: SampleBot) -> None:
    await posting(bot, world.news).send(view=card("# Une nouvelle"))
    message = await world.wire.wait_for_message(world.news, containing="nouvelle")
    assert message.labels == ["Neutral", "Optimistic"]
    answer = await world.member.click(message, "Optimistic")
    assert answer.text == "**optimistic** in fr"
    assert answer.ephemeral
    assert world.wire.violations == []


async def test_buttons_and_selects_edit_in_place(world: World, bot: SampleBot) -> None:
    answer = await world.member.slash(world.news, "paged")
    await world.member.click(answer, "Suivant")
    assert answer.text == "page 2"
    assert (await world.member.select(answer, "pick", "Deux")).text == "picked 2"
    assert world.wire.violations == []


async def test_a_form_is_filled_in(world: World, bot: SampleBot) -> None:
    form = await world.member.slash(world.news, "ask")
    answer = await world.member.submit_modal(form, {"Vos mots": "bonjour"})
    assert answer.text == "Vous dites : bonjour"
    assert world.wire.violations == []


async def test_a_message_menu_gets_its_message(world: World, bot: SampleBot) -> None:
    message = await world.member.say(world.news, "allô")
    assert (await world.member.menu("Perspectives", message)).text == f"about {message.id}"


async def test_the_same_nonce_returns_the_first_message(world: World, bot: SampleBot) -> None:
    channel = posting(bot, world.news)
    first = await channel.send("once", nonce="delivery-1")
    second = await channel.send("once", nonce="delivery-1")
    assert first.id == second.id
    assert len(world.wire.messages(world.news)) == 1
    await channel.send("twice", nonce="delivery-2")
    assert [message.text for message in world.wire.messages(world.news)] == ["once", "twice"]


async def test_a_lost_reply_has_taken_effect(world: World, bot: SampleBot) -> None:
    world.wire.faults.append(Fault(lost=True, took_effect=True))
    with pytest.raises(aiohttp.ClientError):
        await posting(bot, world.news).send("once", nonce="delivery-1")
    assert [message.text for message in world.wire.messages(world.news)] == ["once"]
    await posting(bot, world.news).send("once", nonce="delivery-1")
    assert len(world.wire.messages(world.news)) == 1


async def test_sequences_of_statuses_are_played(world: World, bot: SampleBot) -> None:
    world.wire.faults.append(statuses(r"POST /channels/\d+/messages", 429, None, 503))
    await posting(bot, world.news).send("after a 429")
    with pytest.raises(discord.DiscordServerError):
        await posting(bot, world.news).send("lost")
    assert [message.text for message in world.wire.messages(world.news)] == ["after a 429"]
    assert world.wire.front.too_many == []


async def test_permissions_and_unknown_channels_are_refused_with_discords_codes(world: World, bot: SampleBot) -> None:
    channel = posting(bot, world.news)
    codes = []
    for taken in ((Can.SEND_MESSAGES,), (Can.VIEW_CHANNEL,)):
        await world.wire.forbid_bot(world.news, *taken)
        with pytest.raises(discord.Forbidden) as refused:
            await channel.send("no")
        codes.append(refused.value.code)
    await world.wire.delete_channel(world.news)
    with pytest.raises(discord.NotFound) as missing:
        await channel.send("no")
    assert [*codes, missing.value.code] == [50013, 50001, 10003]


async def test_rate_limits_are_kept_and_overruns_recorded(world: World, bot: SampleBot) -> None:
    world.wire.rate_limits.limits["post /channels/{channel_id}/messages"] = (2, 0.3)
    for number in range(5):
        await posting(bot, world.news).send(str(number))
    assert world.wire.front.too_many == []
    async with aiohttp.ClientSession(
        headers={"Authorization": f"Bot {world.wire.token}", "User-Agent": "DiscordBot (x, 1)"}
    ) as session:
        url = f"{world.wire.api_url}/channels/{world.announcements.id}/messages"
        answers = [(await session.post(url, json={"content": "x"})).status for _ in range(3)]
    assert answers == [200, 200, 429]
    assert len(world.wire.front.too_many) == 1


async def test_violations_are_readable_and_refused_as_discord_does(world: World, bot: SampleBot) -> None:
    with pytest.raises(NoAnswer):
        await world.member.slash(world.news, "broken")
    assert "body.data.content: 2001 characters, maxLength is 2000" in world.wire.violations[0]
    request = next(request for request in world.wire.requests if request.violations)
    assert request.status == 400
    assert request.answer["code"] == 50035


async def test_documented_limits_are_checked_too(world: World, bot: SampleBot) -> None:
    layout = ui.LayoutView()
    layout.add_item(ui.TextDisplay("x" * 2100)).add_item(ui.TextDisplay("x" * 2100))
    layout.add_item(ui.ActionRow(ui.Button(label="a", custom_id="same"), ui.Button(label="b", custom_id="same")))
    with pytest.raises(discord.HTTPException):
        await posting(bot, world.news).send(view=layout)
    assert any("4200 characters of text in all" in line for line in world.wire.violations)
    assert any("custom_id 'same' is used 2 times" in line for line in world.wire.violations)


async def test_forums_threads_edits_and_publishing(world: World, bot: SampleBot) -> None:
    forum = bot.get_channel(world.forum.id)
    assert isinstance(forum, discord.ForumChannel)
    thread, _ = await forum.create_thread(
        name="Un article", view=card("corps"), applied_tags=list(forum.available_tags)
    )
    posted = await posting(bot, world.announcements).send("à publier")
    await posted.publish()
    await posted.edit(content="publié")
    discussion = await posted.create_thread(name="Discussion")
    await discussion.send("question")
    assert [message.flags.components_v2 async for message in thread.history()] == [True]
    assert world.wire.messages(world.announcements)[0].text == "publié"
    assert world.wire.messages(world.announcements)[0].flags & 1
    assert world.wire.violations == []


async def test_pings_are_what_would_really_notify(world: World, bot: SampleBot) -> None:
    text = f"@everyone <@{world.member.id}> <@&{world.guild.id}> `@here`"
    await posting(bot, world.news).send(text)
    await posting(bot, world.news).send(text, allowed_mentions=discord.AllowedMentions.all())
    quiet, loud = world.wire.messages(world.news)
    assert quiet.pings == []
    assert loud.pings == ["everyone", f"<@&{world.guild.id}>", f"<@{world.member.id}>"]


async def test_a_dropped_gateway_is_resumed_and_nothing_is_missed(world: World, bot: SampleBot) -> None:
    await world.wire.gateway.drop()
    answer = await world.member.slash(world.news, "poutine", article="frites")
    assert "frites" in answer.text
    assert len(world.wire.gateway.resumes) == 1
    await world.wire.gateway.ask_to_reconnect()
    await world.wire.until(lambda: len(world.wire.gateway.resumes) == 2, 5, "a second resume")


async def test_an_invalid_session_identifies_again(world: World, bot: SampleBot) -> None:
    await world.wire.gateway.invalidate()
    await world.wire.wait_ready(10, identifies=2)
    assert "ok" in (await world.member.slash(world.news, "poutine", article="ok")).text


async def test_a_wrong_token_is_refused_by_rest_and_gateway(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bot = SampleBot()
    monkeypatch.setattr(discord.http.Route, "BASE", world.wire.api_url)
    async with bot:
        with pytest.raises(discord.LoginFailure):
            await bot.login("wrong")
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{world.wire.gateway_url}?v=10&encoding=json") as socket,
    ):
        await socket.receive_json()
        await socket.send_json({"op": 2, "d": {"token": "wrong", "intents": 1, "properties": {}}})
        await socket.receive()
        assert socket.close_code == 4004


async def test_privileged_intents_are_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with connected(world.wire, monkeypatch, SampleBot(intents=1 | 1 << 15)):
            pass


@pytest.mark.parametrize("compression", ["", "&compress=zlib-stream", "&compress=zstd-stream"])
async def test_every_transport_compression_is_spoken(world: World, compression: str) -> None:
    import zlib

    from tests.fakes.discord_wire.gateway import zstd

    unzip, unzstd = zlib.decompressobj(), zstd.ZstdDecompressor()
    address = f"{world.wire.gateway_url}?v=10&encoding=json{compression}"
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as socket:
        for _ in range(2):
            message = await socket.receive()
            data = message.data if isinstance(message.data, str) else None
            if data is None:
                data = (unzip if "zlib" in compression else unzstd).decompress(message.data).decode()
            await socket.send_json({"op": 1, "d": None})
    assert '"op": 11' in data


async def test_requests_that_discord_does_not_know_are_violations(world: World) -> None:
    headers = {"Authorization": f"Bot {world.wire.token}", "User-Agent": "DiscordBot (x, 1)"}
    async with aiohttp.ClientSession(headers=headers) as session:
        assert (await session.get(f"{world.wire.api_url}/nowhere")).status == 404
        assert (await session.get(f"{world.wire.api_url}/channels/{world.news.id}/messages?limit=900")).status == 400
        assert (await session.get(f"{world.wire.api_url}/users/@me", headers={"Authorization": "Bot no"})).status == 401
    assert len(world.wire.violations) == 2
    await asyncio.sleep(0)


def test_people_are_told_apart(world: World) -> None:
    assert isinstance(world.member, Person)
    assert world.member.id != world.moderator.id
