"""Where a source can be followed, what is said about the channel, and what happens when it changes."""

from tests.fakes.discord_wire import Can, wait_connected
from tests.fakes.discord_wire.world import ANNOUNCEMENT, PUBLIC_THREAD
from tests.wire.conftest import Stage

BODY = "<p>Un résumé en une phrase.</p><h2>La poutine</h2><p>Une poutine bien garnie.</p>"


async def test_missing_permissions_are_named_when_a_source_is_added(stage: Stage) -> None:
    stage.feed.publish("Un", BODY)
    async with stage.run():
        await stage.discord.forbid_bot(stage.news, Can.SEND_MESSAGES)
        answer = await stage.moderator.slash(stage.news, "config source add", url=stage.feed.url, channel=stage.news)
    assert "Envoyer des messages" in answer.text


async def test_announcement_channels_and_threads_can_follow_too(stage: Stage) -> None:
    announcements = stage.discord.add_channel(stage.guild, "annonces", ANNOUNCEMENT)
    thread = stage.discord.add_channel(stage.guild, "fil", PUBLIC_THREAD, parent=stage.news)
    stage.feed.publish("Un", BODY)
    async with stage.run():
        await stage.moderator.slash(stage.news, "config source add", url=stage.feed.url, channel=announcements)
        await stage.moderator.slash(thread, "config source add", url=stage.feed.url)
        for channel in (announcements, thread):
            await stage.discord.wait_for_message(channel, containing="Un")
        assert "bien garnie" in (await stage.member.slash(thread, "poutine")).text


async def test_an_address_that_leads_nowhere_is_explained(stage: Stage) -> None:
    async with stage.run():
        for address, words in (
            ("http://127.0.0.1:1/feed", "ne répond pas"),
            (stage.feed.home_url + "articles/none", "404"),
            ("ftp://example.org/feed", "https://"),
        ):
            answer = await stage.moderator.slash(stage.news, "config source add", url=address, channel=stage.news)
            assert words in answer.text
        assert "aucune source" in (await stage.moderator.slash(stage.news, "config source list")).text


async def test_a_removed_source_posts_no_more_and_its_buttons_still_answer(stage: Stage) -> None:
    stage.feed.publish("Un", BODY)
    async with stage.run():
        await stage.follow()
        ((_, value),) = (await stage.moderator.autocomplete(stage.news, "config source remove", "source")).choices
        answer = await stage.moderator.slash(stage.news, "config source remove", source=value)
        assert "Le Petit Journal" in answer.text
        card = stage.discord.messages(stage.news)[0]
        assert "bien garnie" in (await stage.member.click(card, "Poutine")).text


async def test_a_server_joined_later_is_served(stage: Stage) -> None:
    stage.feed.publish("Un", BODY)
    async with stage.run():
        guild = stage.discord.add_guild("Over There", locale="en-US")
        channel = stage.discord.add_channel(guild, "news")
        ann = stage.discord.add_member(guild, "ann", permissions=Can.ADMINISTRATOR, locale="en-US")
        await stage.discord.invite(guild)
        answer = await ann.slash(channel, "config source add", url=stage.feed.url)
        assert "Source added" in answer.text
        card = await stage.discord.wait_for_message(channel)
        assert "bien garnie" in (await ann.click(card, card.labels[0])).text


async def test_a_lost_channel_disturbs_no_other(stage: Stage) -> None:
    stage.feed.publish("Un", BODY)
    async with stage.run() as bot:
        await stage.follow()
        await stage.moderator.slash(stage.lounge, "config source add", url=stage.feed.url)
        await stage.discord.wait_for_message(stage.lounge)
        await stage.discord.delete_channel(stage.news)
        stage.feed.publish("Deux", BODY)
        await stage.discord.wait_for_message(stage.lounge, containing="Deux")
        await bot.stop()
        await bot.start()
        await wait_connected(bot, stage.discord)
        stage.feed.publish("Trois", BODY)
        await stage.discord.wait_for_message(stage.lounge, containing="Trois")


async def test_a_thread_that_is_archived_is_said_to_be_out_of_sight(stage: Stage) -> None:
    thread = stage.discord.add_channel(stage.guild, "vieux fil", PUBLIC_THREAD, parent=stage.news)
    stage.guild.channels.pop(thread.id)  # the gateway tells of active threads only
    stage.feed.publish("Un", ["Un texte."])
    async with stage.run():
        answer = await stage.moderator.slash(stage.news, "config source add", url=stage.feed.url, channel=thread)
        assert answer.text.startswith("Je ne vois pas ce que vous avez choisi")
