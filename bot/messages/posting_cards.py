"""What a moderator reads who published or retracted an article by hand. Pure."""

import discord

from bot.locales import Words
from bot.messages.article_card import title_line
from bot.messages.kinds import BRAND
from bot.messages.layout import container, counted, message, text
from bot.models import Retraction
from bot.postings import Publication, Published, Retracted


def retracted_card(retracted: Retracted, words: Words) -> discord.ui.LayoutView:
    key = "retract.deleted" if retracted.retraction is Retraction.DELETE else "retract.struck"
    told = counted(words, key, retracted.messages) if retracted.messages else words("retract.never_posted")
    lines = [
        "### 🗑️ " + words("retract.done"),
        title_line(retracted.article.article, words, mark="-# "),
        told,
        "-# " + words("retract.undo"),
    ]
    return message(container(BRAND, [text("\n".join(lines))]))


def published_card(published: Published, guild_id: int, words: Words) -> discord.ui.LayoutView:
    channel = f"<#{published.channel_id}>"
    if published.publication is Publication.OWED and published.waits_until is not None:
        when = f"<t:{int(published.waits_until.timestamp())}:F>"
        sentence = words("publish.waits", channel=channel, when=when)
    elif published.publication is Publication.OWED:
        sentence = words("publish.owed", channel=channel)
    else:
        link = f"https://discord.com/channels/{guild_id}/{published.channel_id}/{published.message_id}"
        restored = published.publication is Publication.RESTORED
        sentence = words("publish.restored" if restored else "publish.already", link=link)
    title = title_line(published.article.article, words, mark="-# ")
    return message(container(BRAND, [text(f"{title}\n{sentence}")]))
