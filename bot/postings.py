"""Use case: moderators post an article that was not posted, or retract one that was.

A server retracts from itself alone: the article is everybody's, its messages there are the server's. A retracted
article is offered by no command any more; publishing it again takes the retraction back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.errors import RequestRefused
from bot.models import Retraction, StoredArticle
from bot.reading import ArticleTitle, Place, Reading


class Publication(StrEnum):
    """What came of asking for an article to be posted."""

    OWED = "owed"
    """It will be posted in a moment, or when its source's hours allow."""
    RESTORED = "restored"
    """Its message was struck through, and will show the article again."""
    ALREADY = "already"
    PAUSED = "paused"
    """Its source is paused there, so that nothing is posted."""
    NOWHERE = "nowhere"
    """No channel that may be meant follows its source."""
    UNCLEAR = "unclear"
    """Several do."""


@dataclass(frozen=True, slots=True)
class Published:
    article: StoredArticle
    publication: Publication
    channel_id: int | None = None
    message_id: int | None = None
    """The message that shows it already."""
    waits_until: datetime | None = None
    """When what is owed may be posted, by the settings of its source there; None for at once."""


@dataclass(frozen=True, slots=True)
class Retracted:
    article: StoredArticle
    retraction: Retraction
    messages: int
    """How many messages are struck through, or deleted."""


class Desk(Protocol):
    """Articles and messages of servers, as they are stored."""

    async def retract(
        self, guild_id: int, user_id: int, article_id: int, retraction: Retraction, *, now: datetime
    ) -> int:
        """Owe every message of the article in the server its end, and cancel what is still to be posted; how many
        messages there are."""
        ...

    async def publish(
        self, guild_id: int, article: StoredArticle, channel_ids: Sequence[int], *, strictly: bool, now: datetime
    ) -> Published:
        """Owe the article to the first of these channels that follows its source; `strictly` to no other, else to the
        only one of the server that does."""
        ...


class Postings:
    def __init__(
        self,
        reading: Reading,
        everything: Reading,
        desk: Desk,
        *,
        now: Callable[[], datetime],
        notify: Callable[[], None] = lambda: None,
    ) -> None:
        """`everything` reads retracted articles too. `notify` wakes whoever posts and edits messages."""
        self._reading = reading
        self._everything = everything
        self._desk = desk
        self._now = now
        self._notify = notify

    async def retract(self, place: Place, wanted: str | None, user_id: int, retraction: Retraction) -> Retracted:
        """Raises RequestRefused when there is no such article, or it is retracted already."""
        article = await self._reading.find(place, wanted)
        messages = await self._desk.retract(place.guild_id, user_id, article.id, retraction, now=self._now())
        self._notify()
        return Retracted(article, retraction, messages)

    async def publish(self, place: Place, wanted: str, channel_id: int | None) -> Published:
        """In the channel asked for, else in this one, else in the only one that follows the article's source.

        Raises RequestRefused, with what to do instead, when it cannot be posted.
        """
        article = await self._everything.find(place, wanted)
        channel_ids = place.channel_ids if channel_id is None else (channel_id,)
        published = await self._desk.publish(
            place.guild_id, article, channel_ids, strictly=channel_id is not None, now=self._now()
        )
        if published.publication in (Publication.NOWHERE, Publication.UNCLEAR, Publication.PAUSED):
            raise RequestRefused(f"publish.{published.publication.value}", source=article.source_title)
        self._notify()
        return published

    async def complete(self, place: Place, text: str) -> Sequence[ArticleTitle]:
        """What can be published: retracted articles too."""
        return await self._everything.complete(place, text)
