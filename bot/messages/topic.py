"""What a forum post, or a thread about an article, is called and filed under. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.delivery.digests import Digest
from bot.delivery.preferences import Preferences
from bot.locales import Words, words
from bot.messages.header import digest_name, thread_name
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
    return _topic(thread_name(stored, preferences, words), [stored], preferences, tags, needs_tag=needs_tag)


def topic_of_digest(
    digest: Digest,
    source_title: str,
    preferences: Preferences,
    words: Words,
    *,
    tags: Sequence[discord.ForumTag],
    needs_tag: bool,
) -> Topic:
    name = digest_name(digest, source_title, words)
    return _topic(name, digest.articles, preferences, tags, needs_tag=needs_tag)


def _topic(
    name: str,
    articles: Sequence[StoredArticle],
    preferences: Preferences,
    tags: Sequence[discord.ForumTag],
    *,
    needs_tag: bool,
) -> Topic:
    usable = [tag for tag in tags if not tag.moderated]
    meant = [tag for stored in articles for tag in tags_of(stored.article, usable)] if preferences.forum_tags else []
    return Topic(
        name,
        preferences.thread_archive_minutes,
        preferences.thread_slowmode_seconds,
        tuple(dict.fromkeys(meant))[:TAGS] or (tuple(usable[:1]) if needs_tag else ()),
    )


def tags_of(article: Article, tags: Sequence[discord.ForumTag]) -> tuple[discord.ForumTag, ...]:
    """The forum's tags named like a kind of section that the article has, in any language, or like its categories."""
    called = {folded(category) for category in article.categories}
    for section in article.sections:
        called.add(folded(section.kind))
        for speak in map(words, LANGUAGES):
            called |= {folded(short_name(section.kind, speak)), folded(long_name(section.kind, speak))}
    return tuple(tag for tag in tags if folded(tag.name) in called)[:TAGS]
