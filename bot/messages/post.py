"""What a delivery is posted as: its shape, and nothing about how it is sent safely (`sender`). Pure."""

from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.delivery.digests import Digest
from bot.delivery.dispatcher import Claimed
from bot.delivery.preferences import Preferences, preferences_of
from bot.locales import Words
from bot.messages.article_card import article_container, shown_title
from bot.messages.digest_card import digest_container, digest_lines
from bot.messages.header import HEADER_OF_TEXT, header_of, header_of_digest, mentions_of
from bot.messages.kinds import RETRACTED
from bot.messages.layout import container, counted, message, text
from bot.messages.limits import CONTENT, TEXT_TOTAL, size
from bot.messages.markup import escape_line, linked
from bot.messages.shapes import embed_shape, text_shape
from bot.models import StoredArticle

NO_MENTIONS = discord.AllowedMentions.none()

REST = 200
"""Room kept for the line of `_with_the_rest`."""


@dataclass(frozen=True, slots=True)
class Post:
    """One message as Discord is asked to show it. Text from a source never gets to mention anybody.

    Components V2 take neither content nor embed beside them; `buttons` stand below either of these.
    """

    view: discord.ui.LayoutView | None = None
    content: str | None = None
    embed: discord.Embed | None = None
    buttons: discord.ui.View | None = None
    mentions: discord.AllowedMentions = NO_MENTIONS
    silent: bool = False


def post_of(claimed: Claimed, words: Words) -> Post:
    """Make it where an event loop runs (see `layout.message`)."""
    preferences = preferences_of(claimed.subscription)
    shape = {"embed": _embed, "text": _text}.get(preferences.shape, _card)
    if claimed.digest is not None:
        post = _digest(claimed.digest, claimed.article.source_title, preferences, words)
    else:
        post = shape(claimed.article, preferences, words)
    post = replace(post, mentions=mentions_of(preferences), silent=preferences.silent)
    return _with_the_rest(post, claimed, words)


def _card(stored: StoredArticle, preferences: Preferences, words: Words) -> Post:
    header = header_of(stored, preferences, words)
    card = article_container(stored, words, room=TEXT_TOTAL - size(header) - REST)
    return Post(message(*(item for item in (text(header), card) if item)))


def _digest(digest: Digest, source_title: str, preferences: Preferences, words: Words) -> Post:
    """In one shape only: a menu that answers, and each article in its own."""
    header = header_of_digest(digest, source_title, preferences, words)
    card = digest_container(digest, source_title, words, room=TEXT_TOTAL - size(header) - REST)
    return Post(message(*(item for item in (text(header), card) if item)))


def _embed(stored: StoredArticle, preferences: Preferences, words: Words) -> Post:
    embed, buttons = embed_shape(stored, words)
    return Post(content=header_of(stored, preferences, words) or None, embed=embed, buttons=buttons)


def _text(stored: StoredArticle, preferences: Preferences, words: Words) -> Post:
    header = header_of(stored, preferences, words, room=HEADER_OF_TEXT)
    content, buttons = text_shape(stored, words, room=CONTENT - size(header) - REST)
    return Post(content="\n".join(filter(None, (header, content))), buttons=buttons)


def send_arguments(post: Post) -> dict[str, Any]:
    """The same for whatever discord.py sends messages by."""
    parts: dict[str, Any] = {"allowed_mentions": post.mentions, "silent": post.silent}
    if post.content is not None:
        parts["content"] = post.content
    if post.embed is not None:
        parts["embed"] = post.embed
    if (view := post.view or post.buttons) is not None:
        parts["view"] = view
    return parts


def bare_post_of(claimed: Claimed, words: Words) -> Post:
    """The least that says what there is to read, for when Discord refuses the rest."""
    article, digest = claimed.article, claimed.digest
    content = (
        f"**{linked(shown_title(article.article, words), article.article.url)}**"
        if digest is None
        else digest_lines(digest, article.source_title, words, room=CONTENT - REST)
    )
    post = Post(content=content, silent=preferences_of(claimed.subscription).silent)
    return _with_the_rest(post, claimed, words)


def struck_post_of(claimed: Claimed, words: Words) -> Post:
    """What is left of an article that its server retracted: its title, struck through. Nothing leads to it any more."""
    title = f"~~{escape_line(shown_title(claimed.article.article, words))}~~"
    note = "-# " + words("retract.note")
    if preferences_of(claimed.subscription).shape == "card":
        return Post(message(container(RETRACTED, [text(f"## {title}\n{note}")])))
    return Post(content=f"**{title}**\n{note}")


def _with_the_rest(post: Post, claimed: Claimed, words: Words) -> Post:
    """After a long silence, one line says how many older articles are not posted."""
    if not claimed.summed_up:
        return post
    line = "-# " + counted(words, "post.summed_up", claimed.summed_up)
    if post.view is not None:
        post.view.add_item(discord.ui.TextDisplay(line))
        return post
    return replace(post, content="\n".join(filter(None, (post.content, line))))
