"""The text that a subscription puts above its posts, and whom it mentions. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import discord
from babel.dates import format_date

from bot.delivery.digests import Digest
from bot.delivery.preferences import LONGEST_FORUM_TITLE, Preferences
from bot.delivery.templates import fill
from bot.locales import Words, language_name
from bot.messages.article_card import NAME, date_of, shown_title
from bot.messages.cutting import cut
from bot.messages.digest_card import day_of, digest_title
from bot.messages.limits import size
from bot.messages.links import safe_link
from bot.messages.markup import escape_line
from bot.messages.plain import one_line
from bot.models import StoredArticle

HEADER = 900
"""Characters of a header with its values; whoever writes long ones loses values before words."""

HEADER_OF_TEXT = 500
"""The same where two thousand characters must hold everything."""


@dataclass(frozen=True, slots=True)
class _Role:
    """For discord.py, which would write its id as a number; Discord's description wants text."""

    id: str


def header_of(stored: StoredArticle, preferences: Preferences, words: Words, *, room: int = HEADER) -> str:
    """The header's words, then the roles mentioned; empty when there are neither. Values do nothing but be read."""
    article = stored.article
    link = safe_link(article.url)
    values = {
        "title": escape_line(shown_title(article, words)),
        "author": escape_line(cut(one_line(article.author or ""), NAME)),
        "source": escape_line(cut(one_line(stored.source_title), NAME)),
        "date": date_of(article.published_at),
        "language": escape_line(_language(article.language, words)),
        "url": f"<{link}>" if link else "",
    }
    return _header(values, preferences, room)


def header_of_digest(digest: Digest, source_title: str, preferences: Preferences, words: Words) -> str:
    """The same, where what belongs to a single article stays empty."""
    values = {
        "title": escape_line(digest_title(digest, words)),
        "source": escape_line(cut(one_line(source_title), NAME)),
        "date": day_of(digest.day, words),
    }
    return _header(values, preferences, HEADER)


def _header(values: Mapping[str, str], preferences: Preferences, room: int) -> str:
    mentions = " ".join(f"<@&{role}>" for role in preferences.roles)
    told = fill(preferences.header or "", values, room - size(mentions) - 1, size)
    return "\n".join(filter(None, (told, mentions)))


def digest_name(digest: Digest, source_title: str, words: Words) -> str:
    """For a post in a forum."""
    source = cut(one_line(source_title), LONGEST_FORUM_TITLE // 2)
    return cut(" · ".join(filter(None, (digest_title(digest, words), source))), LONGEST_FORUM_TITLE)


def mentions_of(preferences: Preferences) -> discord.AllowedMentions:
    """Those roles and nobody else, whatever any text says."""
    roles: Any = [_Role(str(role)) for role in preferences.roles]
    return discord.AllowedMentions(everyone=False, users=False, roles=roles or False, replied_user=False)


def thread_name(stored: StoredArticle, preferences: Preferences, words: Words) -> str:
    """One line of plain text, cut after a word: names of threads show no Markdown."""
    article = stored.article
    title = cut(one_line(article.title), LONGEST_FORUM_TITLE) or words("card.untitled")
    if not preferences.forum_title:
        return title
    published = article.published_at if date_of(article.published_at) else None
    values = {
        "title": title,
        "author": cut(one_line(article.author or ""), NAME),
        "source": cut(one_line(stored.source_title), NAME),
        "date": format_date(published, "d MMM y", locale=words.language) if published else "",
        "language": _language(article.language, words),
        "url": safe_link(article.url) or "",
    }
    # The title gives way to what stands around it, and is cut rather than left out.
    around = fill(preferences.forum_title, {**values, "title": ""}, 10_000, size)
    values["title"] = cut(title, max(LONGEST_FORUM_TITLE - size(around) - 1, LONGEST_FORUM_TITLE // 2))
    return cut(one_line(fill(preferences.forum_title, values, 10_000)), LONGEST_FORUM_TITLE) or title


def _language(code: str, words: Words) -> str:
    return language_name(code, words.language) or cut(one_line(code), NAME)
