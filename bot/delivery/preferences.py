"""How one subscription wants its articles: their shape, when they may be posted, and which ones. Pure.

Stored as JSON, so that a setting costs no migration. What a row does not say is the default, and every default is what
the bot did before the setting existed; what a row says that this process does not understand, because a newer one wrote
it, is left aside.
"""

from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from bot.articles.filters import Filter
from bot.models import Subscription

Shape = Literal["card", "embed", "text"]
Threading = Literal["none", "article"]
First = Literal["newest", "nothing"]
ArchiveMinutes = Literal[60, 1440, 4320, 10080]
"""discord.com/developers/docs/resources/channel, "auto_archive_duration"."""

TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Day = Annotated[int, Field(ge=0, le=6)]
"""Monday is 0."""

DAYS = tuple(range(7))

MOST_ROLES = 5
LONGEST_HEADER = 400
LONGEST_FORUM_TITLE = 100
MOST_PER_HOUR = 1_000
MOST_FILTERS = 20

LONGEST_SLOW_MODE_SECONDS = 21_600
"""discord.com/developers/docs/resources/channel, "rate_limit_per_user"."""

LONGEST_POLL_HOURS = 768
"""discord.com/developers/docs/resources/poll, "Poll Create Request Object"."""


class ChannelKind(StrEnum):
    """What a destination can do, as far as settings are concerned."""

    TEXT = "text"
    ANNOUNCEMENT = "announcement"
    FORUM = "forum"
    THREAD = "thread"


class _Lenient(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Window(_Lenient):
    """When articles may be posted, in the server's time zone; an end before its start is on the next day."""

    days: tuple[Day, ...] = Field(default=DAYS, min_length=1)
    start: TimeOfDay
    end: TimeOfDay


class DigestTime(_Lenient):
    """Articles are gathered, and posted as one message at this time, in the server's time zone."""

    at: TimeOfDay
    day: Day | None = None
    """None for every day."""


class Preferences(_Lenient):
    first: First = "newest"
    """What is posted when the source is read for the first time."""
    shape: Shape = "card"
    publish: bool = False
    """Offer each post of an announcement channel to the servers that follow it."""
    silent: bool = False
    """Post without a notification."""
    roles: tuple[int, ...] = Field(default=(), max_length=MOST_ROLES)
    """Whom each post mentions; nobody else, whatever an article says."""
    header: str | None = Field(default=None, max_length=LONGEST_HEADER)
    """A template (see `templates`) for the text above each post."""

    thread: Threading = "none"
    thread_archive_minutes: ArchiveMinutes = 1440
    thread_slowmode_seconds: int = Field(default=0, ge=0, le=LONGEST_SLOW_MODE_SECONDS)
    questions: bool = True
    """Open each thread and each forum post with two questions."""
    poll: bool = False
    poll_hours: int = Field(default=24, ge=1, le=LONGEST_POLL_HOURS)

    forum_title: str | None = Field(default=None, max_length=LONGEST_FORUM_TITLE)
    """A template (see `templates`); None for the article's own title."""
    forum_tags: bool = True

    quiet: tuple[TimeOfDay, TimeOfDay] | None = None
    """From when until when nothing is posted, in the server's time zone."""
    windows: tuple[Window, ...] = Field(default=(), max_length=20)
    max_per_hour: int | None = Field(default=None, ge=1, le=MOST_PER_HOUR)
    digest: DigestTime | None = None

    filters: tuple[Filter, ...] = Field(default=(), max_length=MOST_FILTERS)


DEFAULT = Preferences()


def preferences_of(subscription: Subscription) -> Preferences:
    return parse(subscription.preferences)


def stored(preferences: Preferences) -> str:
    """What differs from the defaults, so that a default may still change for those who never chose."""
    return preferences.model_dump_json(exclude_defaults=True)


def obstacle(preferences: Preferences, kind: ChannelKind | None) -> str | None:
    """Why these settings cannot work in such a channel, a key under `config.edit.`; None when they can.

    A channel that cannot be seen (`kind` is None) has none.
    """
    thread = preferences.thread == "article"
    checks = (
        (kind is not ChannelKind.ANNOUNCEMENT and preferences.publish, "config.edit.publish_needs_announcements"),
        (kind is ChannelKind.THREAD and thread, "config.edit.thread_in_thread"),
        (kind is ChannelKind.FORUM and thread, "config.edit.thread_in_forum"),
        (kind is not ChannelKind.FORUM and preferences.forum_title is not None, "config.edit.title_needs_forum"),
        (kind is not ChannelKind.FORUM and preferences.poll and not thread, "config.edit.poll_needs_thread"),
    )
    return next((key for broken, key in checks if broken), None) if kind else None


@lru_cache(maxsize=1_024)
def parse(text: str) -> Preferences:
    try:
        fields = from_json(text)
    except ValueError:
        return DEFAULT
    while isinstance(fields, dict):
        try:
            return Preferences.model_validate(fields)
        except ValidationError as error:
            strange = {detail["loc"][0] for detail in error.errors() if detail["loc"]}
            fields = {name: value for name, value in fields.items() if name not in strange}
    return DEFAULT
