"""A channel that can no longer be posted to: said once, with the reason; kept; and back by itself."""

import asyncio
from collections.abc import Sequence

from tests.fakes.discord_wire import Can, Fault, Message
from tests.fakes.discord_wire.requests import Request
from tests.wire.conftest import Stage
from tests.wire.fan_out import title_of

BODY = "<p>Un résumé en une phrase.</p><h2>La poutine</h2><p>Une poutine bien garnie.</p>"


def titles(stage: Stage) -> list[str]:
    return [title_of(message) for message in stage.discord.messages(stage.news)]


def notices(stage: Stage) -> Sequence[Message]:
    """What moderators were told, in the system channel."""
    return [message for message in stage.discord.messages(stage.lounge) if message.author.bot]


async def lose(stage: Stage, bot, *permissions: int) -> None:
    """The bot learns that it may not post when it tries to."""
    await stage.discord.forbid_bot(stage.news, *permissions)
    stage.feed.publish("Perdu", BODY)
    await bot.wait_for_log("subscription suspended")


async def test_a_lost_permission_is_told_once_and_everything_comes_when_it_returns(stage: Stage) -> None:
    stage.guild.system_channel = stage.lounge
    stage.feed.publish("Un", BODY)
    async with stage.run() as bot:
        await stage.follow()
        await lose(stage, bot, Can.SEND_MESSAGES)
        notice = await stage.discord.wait_for_message(stage.lounge, 15)
        for words in ("Le Petit Journal", stage.news.mention, "Envoyer des messages", "/config avis"):
            assert words in notice.text
        assert notice.pings == []
        shown = await stage.moderator.slash(stage.news, "config show")
        assert "Envoyer des messages" in shown.text
        stage.feed.publish("Deux", BODY)
        await stage.discord.forbid_bot(stage.news)
        await stage.discord.wait_for_message(stage.news, 15, containing="Deux")
        await bot.wait_for_log("subscription resumed")
        shown = await stage.moderator.slash(stage.news, "config show")
        assert "Envoyer des messages" not in shown.text
    assert titles(stage) == ["Un", "Perdu", "Deux"]
    assert len(notices(stage)) == 1


async def test_notices_go_to_the_log_channel_where_there_is_one(stage: Stage) -> None:
    log = stage.discord.add_channel(stage.guild, "avis")
    stage.guild.system_channel = stage.lounge
    stage.feed.publish("Un", BODY)
    async with stage.run() as bot:
        answer = await stage.moderator.slash(stage.news, "config log", channel=log)
        assert log.mention in answer.text
        assert log.mention in (await stage.moderator.slash(stage.news, "config show")).text
        await stage.follow()
        await lose(stage, bot, Can.VIEW_CHANNEL)
        notice = await stage.discord.wait_for_message(log, 15)
        assert "Voir le salon" in notice.text
        assert "/config avis" not in notice.text
    assert notices(stage) == []


async def test_a_log_channel_that_is_closed_to_the_bot_is_said_at_once(stage: Stage) -> None:
    log = stage.discord.add_channel(stage.guild, "avis")
    async with stage.run():
        await stage.discord.forbid_bot(log, Can.SEND_MESSAGES)
        answer = await stage.moderator.slash(stage.news, "config log", channel=log)
        assert "Envoyer des messages" in answer.text
        answer = await stage.moderator.slash(stage.news, "config log")
        assert "salon système" in answer.text
        assert log.mention not in (await stage.moderator.slash(stage.news, "config show")).text


async def test_a_deleted_channel_is_told(stage: Stage) -> None:
    stage.guild.system_channel = stage.lounge
    stage.feed.publish("Un", BODY)
    async with stage.run() as bot:
        await stage.follow()
        await stage.discord.delete_channel(stage.news)
        stage.feed.publish("Deux", BODY)
        await bot.wait_for_log("subscription suspended")
        notice = await stage.discord.wait_for_message(stage.lounge, 15)
        assert "n’existe plus" in notice.text


async def test_a_bot_that_is_invited_again_goes_on_where_it_was(stage: Stage) -> None:
    stage.feed.publish("Un", BODY)
    async with stage.run() as bot:
        await stage.follow()
        await stage.discord.kick_bot(stage.guild)
        stage.feed.publish("Deux", BODY)
        await bot.wait_for_log("suspended.server_gone")
        await stage.discord.invite(stage.guild)
        await stage.discord.wait_for_message(stage.news, 15, containing="Deux")
    assert titles(stage) == ["Un", "Deux"]


async def test_after_a_suspension_the_newest_are_posted_and_the_rest_is_one_line(stage: Stage) -> None:
    stage.feed.publish("Un", BODY)
    async with stage.run() as bot:
        await stage.follow()
        await lose(stage, bot, Can.SEND_MESSAGES)
        for number in range(14):
            stage.feed.publish(f"Article {number:02d}", BODY)
        await bot.wait_for_log("new=14")
        await stage.discord.forbid_bot(stage.news)
        await stage.discord.wait_for_message(stage.news, 20, containing="Article 13")
    assert titles(stage) == ["Un", *(f"Article {number:02d}" for number in range(4, 14))]
    _, first, second, *_ = stage.discord.messages(stage.news)
    assert "… et 5 articles plus anciens, à lire avec `/articles`" in first.text
    assert "plus anciens" not in second.text


async def test_a_payload_that_discord_refuses_is_posted_in_the_plainest_form(stage: Stage) -> None:
    stage.feed.publish("Un", BODY)
    async with stage.run():
        await stage.follow()
        stage.discord.faults.append(Fault(status=400, code=50035, message="Invalid Form Body"))
        stage.feed.publish("Deux", BODY)
        message = await stage.discord.wait_for_message(stage.news, 15, containing="Deux")
        assert message.components == []
        stage.feed.publish("Trois", BODY)
        await stage.discord.wait_for_message(stage.news, 15, containing="Trois")
    assert titles(stage) == ["Un", "Deux", "Trois"]


async def test_an_article_that_discord_refuses_altogether_is_told_and_blocks_nothing(stage: Stage) -> None:
    stage.guild.system_channel = stage.lounge
    stage.feed.publish("Un", BODY)

    def refuse(request: Request) -> Fault | None:
        return Fault(status=400, code=50035) if "Mauvais" in str(request.body) else None

    async with stage.run() as bot:
        await stage.follow()
        stage.discord.faults.append(refuse)
        stage.feed.publish("Mauvais", BODY)
        await bot.wait_for_log("delivery refused")
        notice = await stage.discord.wait_for_message(stage.lounge, 15)
        assert "refusé le dernier article" in notice.text
        assert "refusé le dernier article" in (await stage.moderator.slash(stage.news, "config show")).text
        stage.feed.publish("Trois", BODY)
        await stage.discord.wait_for_message(stage.news, 15, containing="Trois")
        await bot.wait_for_log("article_id=3")
        await asyncio.sleep(0.5)
        assert "refusé" not in (await stage.moderator.slash(stage.news, "config show")).text
    assert titles(stage) == ["Un", "Trois"]
    assert len(notices(stage)) == 1
