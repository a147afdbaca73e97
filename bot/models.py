"""The nouns of Casse-croûte, one type per stage.

Frozen pydantic models are what is stored, exported, printed or read from outside; plain frozen dataclasses live
inside hot paths. Times are aware UTC and end in `_at`; Discord snowflakes and keys end in `_id`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

LANGUAGES = ("fr", "en")
"""The languages the bot itself speaks, the first community's first."""

DEFAULT_TIME_ZONE = "America/Toronto"
"""The first community's: all of Québec but its eastern end goes by it."""


class Kind(StrEnum):
    """The kinds of section that ship with the project; a community may add perspectives of its own as plain strings."""

    SUMMARY = "summary"
    NEUTRAL = "neutral"
    ANALOGY = "analogy"
    OPTIMISTIC = "optimistic"
    PESSIMISTIC = "pessimistic"
    OTHER = "other"


PERSPECTIVES = (Kind.NEUTRAL, Kind.OPTIMISTIC, Kind.PESSIMISTIC)


class SourceKind(StrEnum):
    FEED = "feed"
    PAGE = "page"
    FOLDER = "folder"


class BodyFormat(StrEnum):
    HTML = "html"
    MARKDOWN = "markdown"
    TEXT = "text"


class Block(StrEnum):
    """What a paragraph is in its text: rendering differs, its words do not."""

    TEXT = "text"
    ITEM = "item"
    NUMBERED = "numbered"
    QUOTE = "quote"
    CODE = "code"


class SpanStyle(StrEnum):
    BOLD = "bold"
    ITALIC = "italic"
    STRIKE = "strike"
    CODE = "code"
    LINK = "link"


class SourceState(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"


class SubscriptionState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    """By a moderator; resumed by a moderator."""
    SUSPENDED = "suspended"
    """By the bot, for a reason it can name; resumed when that reason goes away."""


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    """Given up: the payload was refused or every try was used."""
    CANCELLED = "cancelled"
    """No longer owed: its subscription was removed."""
    GATHERED = "gathered"
    """Part of a digest that is about to be posted: another delivery's message tells of it too."""
    SUMMED_UP = "summed_up"
    """One of too many after a long silence: another delivery's message says how many there are."""
    FILTERED = "filtered"
    """Never owed: its subscription's filters kept it out when it was planned. Kept so that it can be asked why, and so
    that it is not planned again."""


class Retraction(StrEnum):
    """What becomes of the messages of an article that a server retracted."""

    STRIKE = "strike"
    DELETE = "delete"


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _require_aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("times carry their zone")
    return value


Moment = Annotated[datetime, AfterValidator(_require_aware)]


class Image(Frozen):
    url: str
    alt: str | None = None
    """Alternative text as its author wrote it; None when there was none."""


class Span(Frozen):
    """A styled run of a paragraph: characters `start` to `end` (end excluded) of its text."""

    start: int = Field(ge=0)
    end: int = Field(gt=0)
    style: SpanStyle
    url: str | None = None
    """Absolute http(s) address, for links only."""


class Paragraph(Frozen):
    """One paragraph in the author's own words.

    `text` is plain: no markup of any kind, so that it can be compared, searched and printed as it is. What made
    words bold or a link is in `spans`; whoever renders escapes the text and then applies them.
    """

    text: str
    block: Block = Block.TEXT
    spans: tuple[Span, ...] = ()


class Section(Frozen):
    kind: str
    """A `Kind`, or the name of a perspective that a community added."""
    heading: str | None = None
    confidence: float = Field(default=1.0, ge=0, le=1)
    paragraphs: tuple[Paragraph, ...]


class Article(Frozen):
    """An entry understood. Never holds a section of a kind that the labeller was not sure of."""

    title: str
    author: str | None = None
    language: str
    """ISO 639-1, as found in the text; falls back on what the source declared."""
    url: str | None = None
    """Where the article itself can be read."""
    reference_url: str | None = None
    """What the article is about: the address on its "Article en référence" line."""
    image: Image | None = None
    published_at: Moment | None = None
    updated_at: Moment | None = None
    categories: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()

    def section(self, kind: str) -> Section | None:
        return next((section for section in self.sections if section.kind == kind), None)


class Telling(Frozen):
    """The same story in another source."""

    source_title: str
    url: str | None = None


class StoredArticle(Frozen):
    id: int
    source_id: int
    source_title: str
    found_at: Moment
    article: Article
    revised_at: Moment | None = None
    """When its words last changed at its source, since it was found; None while they never did."""
    also_in: tuple[Telling, ...] = ()
    """Where else the server that looks at it follows this story; its first tellings only."""


class Credentials(Frozen):
    """What opens a private feed: one header of each request to the feed's own origin. Never shown, never exported."""

    header: str
    value: SecretStr


class Source(Frozen):
    id: int
    url: str
    kind: SourceKind
    title: str | None = None
    home_url: str | None = None
    language: str | None = None
    state: SourceState = SourceState.ACTIVE
    etag: str | None = None
    last_modified: str | None = None
    seeded_at: Moment | None = None
    """When its first check was stored; None while every entry is still to be seeded rather than announced."""
    next_check_at: Moment
    last_checked_at: Moment | None = None
    last_success_at: Moment | None = None
    last_failure_at: Moment | None = None
    last_failure: str | None = None
    """A `FailureReason`."""
    failures: int = 0
    """Failed checks since the last success."""
    failing_since: Moment | None = None
    """When the first of them was; None while all is well."""
    last_new_at: Moment | None = None
    """When something new was last found, its first check aside."""
    gap_seconds: int | None = None
    """Between two articles, usually; None while that is not known."""
    ttl_seconds: int | None = None
    """How long it asks to be left alone after a check."""
    skip_hours: tuple[int, ...] = ()
    """Hours of the day, UTC, in which it asks to be left alone."""
    skip_days: tuple[int, ...] = ()
    """Days of the week, UTC, Monday 0, likewise."""
    moved_to: str | None = None
    """Where its last answer said that it lives from now on."""
    moved_sightings: int = 0
    """How often in a row it said so."""
    owner_guild_id: int | None = None
    """The one server whose source it is; None for a public address, which all servers share."""
    credentials: Credentials | None = Field(default=None, exclude=True, repr=False)

    @property
    def doubtful(self) -> bool:
        """It failed last time, or was never asked: it may well keep us waiting."""
        return self.failures > 0 or self.last_checked_at is None


class Subscription(Frozen):
    id: int
    source_id: int
    guild_id: int
    channel_id: int
    state: SubscriptionState = SubscriptionState.ACTIVE
    suspended_reason: str | None = None
    created_by: int | None = None
    created_at: Moment
    preferences: str = "{}"
    """JSON, as it is stored: `bot.delivery.preferences` reads it."""
    held_until: Moment | None = None
    """Until when what it is owed waits, by its own settings; past or None when nothing does."""
    held_reason: str | None = None
    """Why: a `bot.delivery.hours.HoldReason`."""


class Server(Frozen):
    """What a Discord server (a guild) has set; None where it left the bot's default."""

    guild_id: int
    language: str | None = None
    time_zone: str | None = None
    """Its IANA name."""
    log_channel_id: int | None = None
    """Where moderators are told what they should know."""


class Delivery(Frozen):
    id: int
    article_id: int
    subscription_id: int
    channel_id: int
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    next_attempt_at: Moment
    tried_at: Moment | None = None
    """From when on Discord may hold a message of it that we were never told of; None before the first try."""
    message_id: int | None = None
    sent_at: Moment | None = None
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """How many sources may be under check at the same time, over all processes."""

    per_host: int
    doubtful_per_host: int
    """Of them, those that are `Source.doubtful`."""
    doubtful: int
    """Over all hosts."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a source as fetched: formats and identity are settled, its text is not yet understood."""

    identity: str
    """Stable within its source: the item's id, else its canonical link, else a hash of its content."""
    title: str | None = None
    url: str | None = None
    author: str | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    body: str = ""
    body_format: BodyFormat = BodyFormat.HTML
    teaser: bool = False
    """True when the source gave a summary only, so that the page behind `url` holds the text."""
    language: str | None = None
    image: Image | None = None
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a source lists at one moment, entries in the source's own order."""

    kind: SourceKind
    title: str | None = None
    home_url: str | None = None
    language: str | None = None
    ttl_seconds: int | None = None
    """How long the source asks to be left alone, where its format can say so."""
    skip_hours: tuple[int, ...] = ()
    """Hours of the day, UTC, in which it asks to be left alone."""
    skip_days: tuple[int, ...] = ()
    """Days of the week, UTC, Monday 0, likewise."""
    hub_url: str | None = None
    self_url: str | None = None
    cut: bool = False
    """The document broke off: it may list less than its source does."""
    entries: tuple[Entry, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class PlannedDelivery:
    """An article owed to a subscription, before it is a row."""

    article_id: int
    subscription_id: int
    filtered: str | None = None
    """The filters that keep it from being sent (`bot.articles.filters.trace_of`); None where none does."""
