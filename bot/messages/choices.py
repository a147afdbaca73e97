"""The other feeds of a page, offered under the answer that says which one is followed. Pure."""

from collections.abc import Sequence
from typing import Any

import discord

from bot.locales import Words
from bot.messages.custom_ids import instead_id
from bot.messages.cutting import cut
from bot.messages.layout import Item
from bot.messages.plain import one_line
from bot.subscriptions import Added, Candidate

MOST = 10
LABEL = DESCRIPTION = VALUE = 100
"""Characters that Discord allows for each part of an option."""


def offered(added: Added) -> Sequence[Candidate]:
    """Candidates that differ in more than their format, and whose address an option can carry."""
    source = added.followed.source
    seen = {source.url, (source.title or "").casefold()}
    distinct: list[Candidate] = []
    for each in added.alternatives:
        title = one_line(each.title or "").casefold()
        if len(each.url) > VALUE or each.url in seen or (title and title in seen):
            continue
        seen.update((each.url, title))
        distinct.append(each)
    return distinct[:MOST]


def instead_row(added: Added, words: Words) -> Item | None:
    choices = offered(added)
    if not choices:
        return None
    options = [
        discord.SelectOption(
            label=cut(one_line(each.title or "") or each.url, LABEL),
            description=cut(each.url, DESCRIPTION) if each.title else None,
            value=each.url,
        )
        for each in choices
    ]
    select = discord.ui.Select[Any](
        custom_id=instead_id(added.followed.subscription.id),
        placeholder=words("config.added.instead"),
        options=options,
    )
    return discord.ui.ActionRow(select)
