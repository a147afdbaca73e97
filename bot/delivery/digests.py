"""Several articles of one subscription, told in one message. Pure."""

from dataclasses import dataclass
from datetime import date

from bot.models import StoredArticle

LISTED = 25
"""Articles that one message names: as many as its menu has room for. The others are counted."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What a digest tells, as its server sees it."""

    day: date
    """On which it is, or was, posted, in the server's time zone."""
    articles: tuple[StoredArticle, ...]
    """Oldest first; the newest where there are more than are listed."""
    struck: frozenset[int] = frozenset()
    """Ids of those that the server retracted after they were posted."""
    more: int = 0
    """How many older ones it does not name."""

    @property
    def is_empty(self) -> bool:
        return not self.articles and not self.more
