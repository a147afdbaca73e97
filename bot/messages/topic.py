"""What a forum post, or a thread about an article, is called and filed under. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.delivery.preferences import Preferences
from bot.locales import Words, words
from bot.messages.header import thread_name
from bot.messages.kinds import long_name, short_name
from bot.messages.limits import TAGS
from bot.messages.questions import folded
from bot.models import LANGUAGES, Article, StoredArticle


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    archive_minutes: int
    slowmode_seconds: int
    tags: tuple[discord.ForumTag, ...] = ()


def topic_of(
    stored: StoredArticle,
    preferences: Preferences,
    words: Words,
    *,
    tags: Sequence[discord.ForumTag] = (),
    needs_tag: bool = False,
) -> Topic:
    """`tags` are those that the forum has; one that refuses posts without any (`needs_tag`) gets its first."""
    usable = [tag for tag in tags if not tag.moderated]
    chosen = tags_of(stored.article, usable) if preferences.forum_tags else ()
    return Topic(
        thread_name(stored, preferences, words),
        preferences.thread_archive_minutes,
        preferences.thread_slowmode_seconds,
        chosen or (tuple(usable[:1]) if needs_tag else ()),
    )


def tags_of(article: Article, tags: Sequence[discord.ForumTag]) -> tuple[discord.ForumTag, ...]:
    """The forum's tags named like a kind of section that the article has, in any language, or like its categories."""
    called = {folded(category) for category in article.categories}
    for section in article.sections:
        called.add(folded(section.kind))
        for speak in map(words, LANGUAGES):
            called |= {folded(short_name(section.kind, speak)), folded(long_name(section.kind, speak))}
    return tuple(tag for tag in tags if folded(tag.name) in called)[:TAGS]
