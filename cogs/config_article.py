"""Moderators: what an article is made of in their server, and whether it is posted there."""

import re
from typing import TYPE_CHECKING, Any, Self, TypeAlias, cast

import discord
from discord import app_commands

from bot.corrections import Corrections
from bot.locales import Words
from bot.messages import custom_ids
from bot.messages.asking import answering, article_choices, chosen, place_of, require_moderator, server_of
from bot.messages.channels import DestinationOption, destination_of
from bot.messages.correction_card import cancelled_card, corrected_card, review_card
from bot.messages.posting_cards import published_card, retracted_card
from bot.messages.response import redraw, say
from bot.messages.translator import described, named
from bot.models import Retraction
from bot.postings import Postings
from bot.reading import Reading

if TYPE_CHECKING:
    from bot.client import CasseCroute

Asking: TypeAlias = "discord.Interaction[CasseCroute]"
Button: TypeAlias = discord.ui.Button[Any]
Select: TypeAlias = discord.ui.Select[Any]


MODES = [app_commands.Choice(name=described(f"choice.retract.{each.value}"), value=each.value) for each in Retraction]


class ArticleCommands(app_commands.Group):
    def __init__(self, reading: Reading, corrections: Corrections, postings: Postings) -> None:
        super().__init__(
            name=named("article", "command.config.article.name"),
            description=described("command.config.article.description"),
        )
        self._reading = reading
        self._corrections = corrections
        self._postings = postings

    @app_commands.command(
        name=named("correct", "command.config.article.correct.name"),
        description=described("command.config.article.correct.description"),
    )
    @app_commands.rename(article=named("article", "option.article.name"))
    @app_commands.describe(article=described("option.article.description"))
    async def correct(self, interaction: Asking, article: str | None = None) -> None:
        async with answering(interaction) as words:
            review = await self._corrections.begin(place_of(interaction), article, interaction.user.id)
            await say(interaction, view=review_card(review, words))

    @app_commands.command(
        name=named("retract", "command.config.article.retract.name"),
        description=described("command.config.article.retract.description"),
    )
    @app_commands.rename(article=named("article", "option.article.name"), mode=named("mode", "option.mode.name"))
    @app_commands.describe(article=described("option.article.description"), mode=described("option.mode.description"))
    @app_commands.choices(mode=MODES)
    async def retract(self, interaction: Asking, article: str | None = None, mode: str = Retraction.STRIKE) -> None:
        async with answering(interaction) as words:
            retracted = await self._postings.retract(
                place_of(interaction), article, interaction.user.id, Retraction(mode)
            )
            await say(interaction, view=retracted_card(retracted, words))

    @app_commands.command(
        name=named("publish", "command.config.article.publish.name"),
        description=described("command.config.article.publish.description"),
    )
    @app_commands.rename(
        article=named("article", "option.article.name"), channel=named("channel", "option.channel.name")
    )
    @app_commands.describe(
        article=described("option.published.description"), channel=described("option.published_in.description")
    )
    async def publish(
        self,
        interaction: Asking,
        article: str,
        channel: app_commands.Transform[object, DestinationOption] | None = None,
    ) -> None:
        async with answering(interaction) as words:
            channel_id = destination_of(channel).id if channel else None
            published = await self._postings.publish(place_of(interaction), article, channel_id)
            view = published_card(published, server_of(interaction), words)
            await say(interaction, view=view)

    @publish.autocomplete("article")
    async def complete_any_article(self, interaction: Asking, current: str) -> list[app_commands.Choice[str]]:
        return await article_choices(interaction, self._postings, current)

    @correct.autocomplete("article")
    @retract.autocomplete("article")
    async def complete_article(self, interaction: Asking, current: str) -> list[app_commands.Choice[str]]:
        return await article_choices(interaction, self._reading, current)


class _ReviewItem:
    """What the parts of a review have in common: each answers by redrawing the private message it stands in."""

    turn: custom_ids.Turn

    async def draw(self, asking: Asking, words: Words) -> discord.ui.LayoutView:
        raise NotImplementedError

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        asking: Asking = interaction
        async with answering(asking, bugs_too=True) as words:
            require_moderator(asking)
            await redraw(asking, await self.draw(asking, words))


class PassageSelect(_ReviewItem, discord.ui.DynamicItem[Select], template=custom_ids.PASSAGE):
    def __init__(self, item: Select, turn: custom_ids.Turn) -> None:
        super().__init__(item)
        self.turn = turn

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(cast(Select, item), custom_ids.parse(match))

    async def draw(self, asking: Asking, words: Words) -> discord.ui.LayoutView:
        review = await asking.client.corrections.choose(
            place_of(asking),
            self.turn.article_id,
            asking.user.id,
            mark=self.turn.mark or "",
            kind=chosen(self.item),
        )
        return review_card(review, words, self.turn.page)


class _ReviewButton(_ReviewItem, discord.ui.DynamicItem[Button], template=r"(?!)"):
    def __init__(self, item: Button, turn: custom_ids.Turn) -> None:
        super().__init__(item)
        self.turn = turn

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(cast(Button, item), custom_ids.parse(match))


class ReviewButton(_ReviewButton, template=custom_ids.REVIEW):
    async def draw(self, asking: Asking, words: Words) -> discord.ui.LayoutView:
        review = await asking.client.corrections.resume(place_of(asking), self.turn.article_id, asking.user.id)
        return review_card(review, words, self.turn.page)


class SaveButton(_ReviewButton, template=custom_ids.SAVE):
    async def draw(self, asking: Asking, words: Words) -> discord.ui.LayoutView:
        corrected = await asking.client.corrections.save(place_of(asking), self.turn.article_id, asking.user.id)
        return corrected_card(corrected, words)


class CancelButton(_ReviewButton, template=custom_ids.CANCEL):
    async def draw(self, asking: Asking, words: Words) -> discord.ui.LayoutView:
        await asking.client.corrections.cancel(place_of(asking), self.turn.article_id, asking.user.id)
        return cancelled_card(words)


ITEMS = (PassageSelect, ReviewButton, SaveButton, CancelButton)


async def setup(bot: "CasseCroute") -> None:
    config = cast(app_commands.Group, bot.tree.get_command("config"))  # `cogs.config` is loaded first
    config.add_command(ArticleCommands(bot.reading, bot.corrections, bot.postings))
    bot.add_dynamic_items(*ITEMS)


async def teardown(bot: "CasseCroute") -> None:
    bot.remove_dynamic_items(*ITEMS)
    if isinstance(config := bot.tree.get_command("config"), app_commands.Group):
        config.remove_command("article")
