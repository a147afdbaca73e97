"""What a check hands to storage: the articles it brought, understood, and how far its source got."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.articles.corrections import Labels
from bot.articles.filters import Found
from bot.models import Article, PlannedDelivery, Subscription
from bot.updates.progress import Progress
from bot.updates.traces import Clues, MarkKind


@dataclass(frozen=True, slots=True)
class Announced:
    """An article that is news, as far as planning needs it."""

    article_id: int
    article: Article
    learnt: Mapping[int, Labels] = field(default_factory=dict)
    sifted: Found = field(default_factory=dict)
    seeding: bool = False
    """It is the newest of a source that is read for the first time."""


Plan = Callable[[Sequence[Announced], Sequence[Subscription]], Sequence[PlannedDelivery]]
"""What is to be announced (oldest first) and the source's subscriptions, to the deliveries owed, in sending order."""


@dataclass(frozen=True, slots=True)
class NewArticle:
    identity: str
    content_hash: str
    article: Article
    announce: bool
    clues: Clues | None = None
    also: tuple[str, ...] = ()
    """Other ids under which the same listing has it."""
    story: Mapping[int, MarkKind] = field(default_factory=dict)
    """Marks by which another source's telling of it is found; none for what is not announced."""
    learnt: Mapping[int, Labels] = field(default_factory=dict)
    """By server, what its paragraphs are to the moderators there, as far as their corrections taught it."""
    sifted: Found = field(default_factory=dict)
    """What the filters of its followers find in it, as far as that was looked for before it is stored."""


@dataclass(frozen=True, slots=True)
class ChangedArticle:
    article_id: int
    content_hash: str
    article: Article
    clues: Clues | None = None
    learnt: Mapping[int, Labels] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Update:
    source_id: int
    new: tuple[NewArticle, ...]
    """Oldest first: article ids rise in this order."""
    changed: tuple[ChangedArticle, ...]
    progress: Progress
    aliases: tuple[tuple[int, str], ...] = ()
    """Article id and another id under which the source lists it."""
    seeding: bool = False
    """A first check, of which somebody waits to see a card: it is announced even where another source told it."""
    partial: bool = False
    """More of the same check follows: how far the source got is not stored before all of it is."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one transaction stored. `article_ids` are those of `Update.new`, in its order."""

    article_ids: tuple[int, ...]
    deliveries: int
