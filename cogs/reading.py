"""Readers: the commands for one view, the poutine, the comparison and the article; and the buttons on every card."""

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeAlias, cast

import discord
from discord import app_commands
from discord.ext import commands

from bot.locales import Words
from bot.messages import custom_ids
from bot.messages.answers import article_answer, changes_answer, comparison, section_answer
from bot.messages.article_card import article_card
from bot.messages.asking import answering, article_choices, chosen, place_of
from bot.messages.kinds import own_perspectives
from bot.messages.pointing import pointed_at
from bot.messages.response import redraw, say
from bot.messages.shelf_card import shelf_card
from bot.messages.translator import described, lens_name, named
from bot.models import Kind, StoredArticle
from bot.reading import Place, Reading

if TYPE_CHECKING:
    from bot.client import CasseCroute

Asking: TypeAlias = "discord.Interaction[CasseCroute]"
Button: TypeAlias = discord.ui.Button[Any]
Menu: TypeAlias = discord.ui.Select[Any]
Draw: TypeAlias = Callable[[StoredArticle, Words], discord.ui.LayoutView]

LONGEST_SEARCH = 100

VIEWS = [
    app_commands.Choice(name=described("choice.neutral"), value=Kind.NEUTRAL.value),
    app_commands.Choice(name=described("choice.optimistic"), value=Kind.OPTIMISTIC.value),
    app_commands.Choice(name=described("choice.pessimistic"), value=Kind.PESSIMISTIC.value),
    # A community's own, as they are when this extension is loaded.
    *(app_commands.Choice(name=lens_name(kind), value=kind) for kind in own_perspectives()),
]


class ReadingCommands(commands.Cog):
    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    @app_commands.command(
        name=named("poutine", "command.poutine.name"), description=described("command.poutine.description")
    )
    @app_commands.rename(article=named("article", "option.article.name"), share=named("share", "option.share.name"))
    @app_commands.describe(article=described("option.article.description"), share=described("option.share.description"))
    @app_commands.guild_only()
    async def poutine(self, interaction: Asking, article: str | None = None, share: bool = False) -> None:
        await self._answer(interaction, article, share, partial(self._section, Kind.ANALOGY))

    @app_commands.command(
        name=named("perspective", "command.perspective.name"),
        description=described("command.perspective.description"),
    )
    @app_commands.rename(
        view=named("view", "option.view.name"),
        article=named("article", "option.article.name"),
        share=named("share", "option.share.name"),
    )
    @app_commands.describe(
        view=described("option.view.description"),
        article=described("option.article.description"),
        share=described("option.share.description"),
    )
    @app_commands.choices(view=VIEWS)
    @app_commands.guild_only()
    async def perspective(
        self, interaction: Asking, view: str, article: str | None = None, share: bool = False
    ) -> None:
        await self._answer(interaction, article, share, partial(self._section, view))

    @app_commands.command(
        name=named("compare", "command.compare.name"), description=described("command.compare.description")
    )
    @app_commands.rename(article=named("article", "option.article.name"), share=named("share", "option.share.name"))
    @app_commands.describe(article=described("option.article.description"), share=described("option.share.description"))
    @app_commands.guild_only()
    async def compare(self, interaction: Asking, article: str | None = None, share: bool = False) -> None:
        await self._answer(interaction, article, share, self._comparison)

    @app_commands.command(
        name=named("article", "command.article.name"), description=described("command.article.description")
    )
    @app_commands.rename(article=named("article", "option.article.name"), share=named("share", "option.share.name"))
    @app_commands.describe(article=described("option.article.description"), share=described("option.share.description"))
    @app_commands.guild_only()
    async def article(self, interaction: Asking, article: str | None = None, share: bool = False) -> None:
        await self._answer(interaction, article, share, article_answer)

    @app_commands.command(
        name=named("articles", "command.articles.name"), description=described("command.articles.description")
    )
    @app_commands.rename(search=named("search", "option.search.name"))
    @app_commands.describe(search=described("option.search.description"))
    @app_commands.guild_only()
    async def articles(
        self, interaction: Asking, search: app_commands.Range[str, 1, LONGEST_SEARCH] | None = None
    ) -> None:
        async with answering(interaction) as speak:
            shelf = await self._reading.search(place_of(interaction), search)
            await say(interaction, view=shelf_card(shelf, speak))

    @poutine.autocomplete("article")
    @perspective.autocomplete("article")
    @compare.autocomplete("article")
    @article.autocomplete("article")
    async def complete_article(self, interaction: Asking, current: str) -> list[app_commands.Choice[str]]:
        return await article_choices(interaction, self._reading, current)

    def _section(self, kind: str, article: StoredArticle, words: Words) -> discord.ui.LayoutView:
        return section_answer(self._reading.section(article, kind), words)

    def _comparison(self, article: StoredArticle, words: Words) -> discord.ui.LayoutView:
        return comparison(self._reading.compare(article), words)

    async def _answer(self, interaction: Asking, wanted: str | None, share: bool, draw: Draw) -> None:
        async with answering(interaction, private=not share) as speak:
            article = await self._reading.find(place_of(interaction), wanted)
            await say(interaction, view=draw(article, speak), private=not share)


@app_commands.guild_only()
async def perspectives(interaction: Asking, message: discord.Message) -> None:
    """The article that a message shows or links to, with a button for each view."""
    async with answering(interaction) as speak:
        article = await interaction.client.reading.of_message(place_of(interaction), pointed_at(message))
        await say(interaction, view=article_answer(article, speak))


MENU = "Perspectives"


class _TurnButton(discord.ui.DynamicItem[Button], template=r"(?!)"):
    """Any button of ours: it answers in place when it stands in a private answer, else in a new private one."""

    def __init__(self, item: Button, turn: custom_ids.Turn) -> None:
        super().__init__(item)
        self.turn = turn

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(cast(Button, item), custom_ids.parse(match))

    async def draw(self, reading: Reading, place: Place, words: Words) -> discord.ui.LayoutView:
        raise NotImplementedError

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        asking: Asking = interaction
        async with answering(asking, bugs_too=True) as speak:
            await redraw(asking, await self.draw(asking.client.reading, place_of(asking), speak))


class SectionButton(_TurnButton, template=custom_ids.SECTION):
    async def draw(self, reading: Reading, place: Place, words: Words) -> discord.ui.LayoutView:
        article = await reading.by_id(place, self.turn.article_id)
        return section_answer(reading.section(article, self.turn.kind or ""), words, self.turn.page)


class CompareButton(_TurnButton, template=custom_ids.COMPARE):
    async def draw(self, reading: Reading, place: Place, words: Words) -> discord.ui.LayoutView:
        article = await reading.by_id(place, self.turn.article_id)
        return comparison(reading.compare(article), words, self.turn.page)


class ArticleButton(_TurnButton, template=custom_ids.ARTICLE):
    async def draw(self, reading: Reading, place: Place, words: Words) -> discord.ui.LayoutView:
        return article_answer(await reading.by_id(place, self.turn.article_id), words, self.turn.page)


class ChangesButton(_TurnButton, template=custom_ids.CHANGES):
    async def draw(self, reading: Reading, place: Place, words: Words) -> discord.ui.LayoutView:
        return changes_answer(await reading.changes(place, self.turn.article_id), words, self.turn.page)


class OpenMenu(discord.ui.DynamicItem[Menu], template=custom_ids.OPEN):
    """The menu of a digest: each of its articles, in private."""

    def __init__(self, item: Menu) -> None:
        super().__init__(item)

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], _match: re.Match[str], /
    ) -> Self:
        return cls(cast(Menu, item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        asking: Asking = interaction
        async with answering(asking, bugs_too=True) as speak:
            article = await asking.client.reading.by_id(place_of(asking), custom_ids.opened(chosen(self.item)))
            await say(asking, view=article_card(article, speak))


ITEMS = (SectionButton, CompareButton, ArticleButton, ChangesButton, OpenMenu)


async def setup(bot: "CasseCroute") -> None:
    await bot.add_cog(ReadingCommands(bot.reading))
    bot.tree.add_command(app_commands.ContextMenu(name=named(MENU, "command.perspectives.name"), callback=perspectives))
    bot.add_dynamic_items(*ITEMS)


async def teardown(bot: "CasseCroute") -> None:
    bot.remove_dynamic_items(*ITEMS)
    bot.tree.remove_command(MENU, type=discord.AppCommandType.message)
