"""What somebody's message tells of the article that it shows or talks of. Pure.

Discord sends the whole message with the command of its menu, so that no privileged intent is needed.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import discord

from bot.messages import custom_ids
from bot.messages.links import safe_link
from bot.reading import Pointed

MOST_LINKS = 10
MOST_COMPONENTS = 200

_ADDRESS = re.compile(r"https?://[^\s<>\])]+", re.IGNORECASE)
_ARTICLES = (custom_ids.SECTION, custom_ids.COMPARE, custom_ids.ARTICLE, custom_ids.CHANGES)


def pointed_at(message: discord.Message) -> Pointed:
    parts = list(islice(_walk(message.components), MOST_COMPONENTS))
    ids = (str(part.custom_id) for part in parts if getattr(part, "custom_id", None))
    article_ids = (int(match["article"]) for each in ids if (match := _of_article(each)))
    links = (link for text in _texts(message, parts) for found in _ADDRESS.findall(text) if (link := safe_link(found)))
    return Pointed(
        message.id,
        message.channel.id,
        tuple(dict.fromkeys(article_ids)),
        tuple(islice(dict.fromkeys(links), MOST_LINKS)),
    )


def _of_article(custom_id: str) -> re.Match[str] | None:
    return next((match for template in _ARTICLES if (match := template.fullmatch(custom_id))), None)


def _texts(message: discord.Message, parts: Iterable[Any]) -> Iterator[str]:
    yield message.content
    for embed in message.embeds:
        yield embed.url or ""
        yield embed.description or ""
    for part in parts:
        if isinstance(part, discord.TextDisplay):
            yield part.content


def _walk(components: Iterable[Any]) -> Iterator[Any]:
    for component in components:
        yield component
        yield from _walk(getattr(component, "children", ()))
